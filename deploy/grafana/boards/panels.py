"""Panels that look alike on every dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

from grafana_foundation_sdk.builders import common as look
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models import common, units
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE: Final = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDE: Final = 24
TALL: Final = 8
FLAT: Final = 4
GOOD, POOR, BAD = "green", "orange", "red"

SECONDS: Final = units.Seconds
SHARE: Final = units.PercentUnit
COUNT: Final = units.Short
A_SECOND: Final = units.CountsPerSecond
BYTES: Final = units.BytesIEC
REQUESTS: Final = units.RequestsPerSecond


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, and how its series are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a table, in its unit."""

    title: str
    unit: str
    expr: str


def lines(  # noqa: PLR0913 - a panel has so many sides
    title: str,
    unit: str,
    says: str,
    *queries: Query,
    width: int = 8,
    stacked: bool = False,
    bounds: Mapping[float, str] | None = None,
) -> timeseries.Panel:
    """Figures over time."""
    panel = timeseries.Panel().title(title).description(says).datasource(SOURCE).unit(unit)
    panel.span(width).height(TALL).line_width(1).fill_opacity(30 if stacked else 6).min(0)
    panel.legend(_legend()).tooltip(_tooltip())
    if unit == SHARE:
        panel.axis_soft_max(1)
    if stacked:
        panel.stacking(look.StackingConfig().mode(common.StackingMode.NORMAL))
    if bounds:
        panel.thresholds(_steps(GOOD, bounds))
        panel.thresholds_style(
            look.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)
        )
    for letter, query in zip(ascii_uppercase, queries, strict=False):
        asked = prometheus.Dataquery().expr(query.expr).legend_format(query.legend or "__auto")
        panel.with_target(asked.range().ref_id(letter).datasource(SOURCE))
    return panel


def figure(  # noqa: PLR0913 - as above
    title: str,
    unit: str,
    says: str,
    expr: str,
    *,
    bounds: Mapping[float, str],
    first: str = GOOD,
    width: int = 4,
) -> stat.Panel:
    """One figure, as it stands now: coloured by what it exceeds, `first` below all of that."""
    asked = prometheus.Dataquery().expr(expr).range().ref_id("A").datasource(SOURCE)
    reduce = look.ReduceDataOptions().calcs(["lastNotNull"])
    return (
        stat.Panel()
        .title(title)
        .description(says)
        .datasource(SOURCE)
        .unit(unit)
        .span(width)
        .height(FLAT)
        .thresholds(_steps(first, bounds))
        .color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.AREA)
        .reduce_options(reduce)
        .with_target(asked)
    )


def rows(
    title: str, says: str, *columns: Column, width: int = WIDE, height: int = TALL
) -> table.Panel:
    """A table: a row for each set of labels, a column for each figure."""
    panel = table.Panel().title(title).description(says).datasource(SOURCE).unit(COUNT)
    panel.span(width).height(height).filterable(filterable=True)
    named: dict[str, str] = {}
    for letter, column in zip(ascii_uppercase, columns, strict=False):
        asked = prometheus.Dataquery().expr(column.expr).instant().ref_id(letter)
        panel.with_target(asked.format(PromQueryFormat.TABLE).datasource(SOURCE))
        named[f"Value #{letter}"] = column.title
        panel.override_by_name(
            column.title, [model.DynamicConfigValue(id_val="unit", value=column.unit)]
        )
    # One query alone gives a column without its letter.
    named["Value"] = columns[0].title
    panel.with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    organised = {"excludeByName": {"Time": True}, "renameByName": named}
    panel.with_transformation(model.DataTransformerConfig(id_val="organize", options=organised))
    return panel


def states(
    title: str, says: str, query: Query, words: Mapping[int, tuple[str, str]], width: int = 8
) -> statetimeline.Panel:
    """Which of a few states something was in, and when; each has a word and a colour."""
    asked = prometheus.Dataquery().expr(query.expr).legend_format(query.legend).range()
    told = {
        str(value): model.ValueMappingResult(text=word, color=color, index=value)
        for value, (word, color) in words.items()
    }
    return (
        statetimeline.Panel()
        .title(title)
        .description(says)
        .datasource(SOURCE)
        .unit(COUNT)
        .span(width)
        .height(TALL)
        .show_value(common.VisibilityMode.AUTO)
        .mappings([model.ValueMap(options=told)])
        .with_target(asked.ref_id("A").datasource(SOURCE))
    )


def _steps(first: str, bounds: Mapping[float, str]) -> build.ThresholdsConfig:
    steps = [model.Threshold(value=None, color=first)]
    steps += [model.Threshold(value=value, color=color) for value, color in bounds.items()]
    return build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def _legend() -> look.VizLegendOptions:
    calcs: Sequence[str] = ("lastNotNull", "max")
    return (
        look.VizLegendOptions()
        .display_mode(common.LegendDisplayMode.TABLE)
        .placement(common.LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
        .calcs(list(calcs))
    )


def _tooltip() -> look.VizTooltipOptions:
    return (
        look.VizTooltipOptions()
        .mode(common.TooltipDisplayMode.MULTI)
        .sort(common.SortOrder.DESCENDING)
    )
