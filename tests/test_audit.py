"""What `make audit` says: nothing that was not asked about is called clean."""

from __future__ import annotations

from importlib.metadata import distributions

import pytest
from audit import Verdict, gateway, pruned, told, verdict

NAMES = ["listwright", "a", "b", "c"]


def test_a_gateway_is_made_of_what_it_declares_and_of_what_that_needs() -> None:
    found = gateway(distributions())
    assert {"listwright", "aiohttp", "fastapi", "starlette", "yarl", "numpy"} <= found.keys()
    assert not {"pytest", "torch", "transformers", "ruff", "hypothesis"} & found.keys()
    assert "torch" in gateway(distributions(), ["convert"])


def test_what_was_left_out_of_an_audit_is_not_clean() -> None:
    report = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": []},
            {"name": "b", "skip_reason": "Dependency not found on PyPI"},
        ]
    }
    assert verdict(report, NAMES) == Verdict(("a",), (), ("b", "c"))
    assert verdict(None, NAMES) == Verdict((), (), ("a", "b", "c"))


@pytest.mark.parametrize(("complete", "status"), [(False, 0), (True, 1)])
def test_what_is_not_known_is_named(
    capsys: pytest.CaptureFixture[str], *, complete: bool, status: int
) -> None:
    assert told(verdict(None, NAMES), complete=complete) == status
    assert "not audited: 3, a, b, c" in capsys.readouterr().out


def test_a_known_vulnerability_fails(capsys: pytest.CaptureFixture[str]) -> None:
    report = {"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]}
    found = verdict(report, ["listwright", "a"])
    assert found == Verdict((), ("a (CVE-1)",), ())
    assert told(found, complete=False) == 1
    assert "VULNERABLE: a (CVE-1)" in capsys.readouterr().out


def test_a_bill_of_materials_of_some_components() -> None:
    bom = {
        "specVersion": "1.6",
        "metadata": {"component": {"bom-ref": "root"}},
        "components": [{"name": "A", "bom-ref": "a"}, {"name": "tool", "bom-ref": "t"}],
        "dependencies": [
            {"ref": "root", "dependsOn": ["a", "t"]},
            {"ref": "a"},
            {"ref": "t", "dependsOn": ["a"]},
        ],
    }
    assert pruned(bom, ["listwright", "a"]) == {
        "specVersion": "1.6",
        "metadata": {"component": {"bom-ref": "root"}},
        "components": [{"name": "A", "bom-ref": "a"}],
        "dependencies": [{"ref": "root", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": []}],
    }
