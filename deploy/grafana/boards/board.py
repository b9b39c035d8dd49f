"""A dashboard: rows of panels, what may be chosen on it, and its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from boards.panels import SOURCE

TAG: Final = "listwright"
ANY: Final = ".*"
"""What a choice of all means; it fits series without the label as well."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A label to choose by, at the top of a dashboard."""

    label: str
    metric: str
    """Whose values are offered."""


@dataclass(frozen=True, slots=True)
class Section:
    """A row with a title, and what stands under it."""

    title: str
    panels: Sequence[Builder[model.Panel]]


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard before it is laid out."""

    uid: str
    title: str
    says: str
    choices: Sequence[Choice]
    sections: Sequence[Section]
    since: str = "now-3h"


def built(board: Board) -> model.Dashboard:
    """Laid out, each panel with a number of its own."""
    dashboard = (
        build.Dashboard(f"Listwright: {board.title}")
        .uid(board.uid)
        .description(board.says)
        .tags([TAG])
        .readonly()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .time(board.since, "now")
        .refresh("30s")
        .timezone("browser")
        .link(_neighbours())
        .with_variable(build.DatasourceVariable("datasource").label("Source").type("prometheus"))
    )
    for choice in board.choices:
        dashboard.with_variable(_variable(choice))
    for section in board.sections:
        dashboard.with_row(build.Row(section.title))
        for panel in section.panels:
            dashboard.with_panel(panel)
    return _numbered(dashboard.build())


def _numbered(dashboard: model.Dashboard) -> model.Dashboard:
    for number, panel in enumerate(dashboard.panels or (), start=1):
        panel.id_val = number
    return dashboard


def _variable(choice: Choice) -> build.QueryVariable:
    return (
        build.QueryVariable(choice.label)
        .label(choice.label.capitalize())
        .datasource(SOURCE)
        .query(f"label_values({choice.metric}, {choice.label})")
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(ANY)
        .current(model.VariableOption(selected=True, text=["All"], value=["$__all"]))
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
    )


def _neighbours() -> build.DashboardLink:
    return (
        build.DashboardLink("Listwright")
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(as_dropdown=False)
        .include_vars(include_vars=False)
        .keep_time(keep_time=True)
    )
