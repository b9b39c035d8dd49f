"""Rules that were blunted, one thing in one of them at a time, each beside its own tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

COMPARED: Final = re.compile(r" (==|>|<) ")
"""In PromQL as we write it: what labels are picked by has no spaces around it."""

TURNED: Final = {"==": "!=", ">": "<=", "<": ">="}
SHARP: Final = "as it was"
DEAF: Final = "({}) and on() (vector(0) > 0)"


@dataclass(frozen=True, slots=True)
class Blunted:
    """One rule, and what was done to it."""

    alert: str
    how: str
    expr: str

    @property
    def file(self) -> str:
        """What its tests are called."""
        return f"{self.alert} {self.how}.yml"


def blunted(alert: str, expr: str) -> Iterator[Blunted]:
    """As it was, to compare with; never firing; and each of its comparisons the other way round."""
    yield Blunted(alert, SHARP, expr)
    yield Blunted(alert, "deaf", DEAF.format(expr))
    for number, found in enumerate(COMPARED.finditer(expr)):
        turned = f"{expr[: found.start(1)]}{TURNED[found[1]]}{expr[found.end(1) :]}"
        yield Blunted(alert, f"turned {number}", turned)


def written(each: Blunted, rules: Mapping[str, Any], tests: Mapping[str, Any], folder: Path) -> str:
    """Its rule, what that builds on, and the tests that are about it. JSON is YAML too."""
    group = {"name": "blunted", "rules": list(_rules(each, rules))}
    (folder / f"rules of {each.file}").write_text(json.dumps({"groups": [group]}), "utf-8")
    own = {"rule_files": [f"rules of {each.file}"], "tests": list(_tests(each.alert, tests))}
    (folder / each.file).write_text(json.dumps(dict(tests) | own), "utf-8")
    return each.file


def _rules(each: Blunted, rules: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        if "record" in rule and rule["record"] in each.expr:
            yield rule
        elif rule.get("alert") == each.alert:
            yield rule | {"expr": each.expr}


def _tests(alert: str, tests: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for test in tests["tests"]:
        about = [once for once in test["alert_rule_test"] if once["alertname"] == alert]
        if about:
            yield test | {"alert_rule_test": about}
