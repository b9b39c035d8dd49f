"""The dashboards in the tree, as Grafana would read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ground import REPOSITORY

GRAFANA: Final = REPOSITORY / "deploy" / "grafana"
DASHBOARDS: Final[Mapping[str, dict[str, Any]]] = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((GRAFANA / "dashboards").glob("*.json"))
}
METRIC: Final = re.compile(r"\b(?:listwright_\w+|vllm:\w+)")


@dataclass(frozen=True, slots=True)
class PanelQuery:
    """One query of one panel."""

    dashboard: str
    panel: str
    letter: str
    expr: str

    def __str__(self) -> str:
        return f"{self.dashboard} / {self.panel} / {self.letter}: {self.expr}"


def panels(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries() -> Iterator[PanelQuery]:
    for name, dashboard in DASHBOARDS.items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield PanelQuery(name, panel["title"], target["refId"], target["expr"])


def chosen(dashboard: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Its variables by name: what they offer, as a metric and a label."""
    found = {}
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            (pair,) = re.findall(r"^label_values\((\w+), (\w+)\)$", variable["query"])
            found[variable["name"]] = pair
    return found


def substituted(query: PanelQuery, rate: str, span: str) -> str:
    """As Grafana asks it where nothing is chosen."""
    variables = DASHBOARDS[query.dashboard]["templating"]["list"]
    values = {each["name"]: each["allValue"] for each in variables if each["type"] == "query"}
    values |= {"__rate_interval": rate, "__range": span}
    return re.sub(r"\$(\w+)", lambda name: values[name[1]], query.expr)
