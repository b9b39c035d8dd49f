"""Two plots: what the prior's weight does to the quality of lists, and what quality costs.

On no background and in colours of middle lightness, so that they can be read on white and black.
"""
# ruff: noqa: PLC0415 - matplotlib is of the extra `evaluate`, and slow to import: plots alone need it

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.evaluate.bootstrap import Estimate
from models.evaluate.recommend.metrics import hr, ndcg
from models.evaluate.recommend.rows import WORDS, RowName
from models.evaluate.recommend.summary import ALL, Summary
from models.evaluate.recommend.tasks import Task
from service.errors import BadInput

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

INK: Final = "#808080"
COLOURS: Final = (
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#d55e00",
    "#cc79a7",
    "#0072b2",
    "#999933",
    "#aa4499",
)
MARKERS: Final = "osD^vP*X"


@dataclass(frozen=True, slots=True)
class Point:
    """A figure at a place."""

    at: float
    of: Estimate


def check(tasks: Sequence[Task]) -> None:
    """BadInput if there is nothing to draw with, or what the plots show was not asked for."""
    if tasks and Task.SEQUENTIAL not in tasks:
        raise BadInput(
            f"The plots show the task {Task.SEQUENTIAL.value!r}, which was not asked for.",
            hint="Leave out --plots, or ask for that task too.",
        )
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise BadInput(
            "Plots need matplotlib, which is not installed.",
            hint="Install the extra: pip install -e '.[evaluate]', or leave out --plots.",
        ) from error
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "listwright"


def draw_plots(summary: Summary, folder: Path) -> tuple[Path, ...]:
    """Write the plots that the figures are enough for; `check` comes first."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    if weighed(summary, ndcg(summary.k)):
        drawn.append(_by_weight(summary, folder / "quality-by-weight.svg"))
    drawn.append(_by_latency(summary, folder / "quality-by-latency.svg"))
    return tuple(drawn)


def weighed(summary: Summary, metric: str) -> list[Point]:
    """What lists by the model and the prior reached at each weight that was tried."""
    task = summary.tasks[Task.SEQUENTIAL]
    weights = dict(summary.weights) | {
        row: task.took[row].weight
        for row in (WORDS[RowName.CONSTRAINED], WORDS[RowName.PRIOR])
        if row in task.took
    }
    points = {
        weight: Point(weight, figures[metric].value)
        for row, figures in task.slices[ALL].rows.items()
        if (weight := weights.get(row)) is not None
    }
    return [points[weight] for weight in sorted(points)]


def timed(summary: Summary, metric: str) -> Mapping[str, Point]:
    """What each row reached, at its median of seconds.

    Left out: what only shows weights, and rows of which every list failed.
    """
    task = summary.tasks[Task.SEQUENTIAL]
    return {
        row: Point(median, figures[metric].value)
        for row, figures in task.slices[ALL].rows.items()
        if row not in summary.weights and (median := task.took[row].median) is not None
    }


def _by_weight(summary: Summary, path: Path) -> Path:
    drawing, axes = _plain()
    rows = summary.tasks[Task.SEQUENTIAL].slices[ALL].rows
    for metric, colour in zip((hr(summary.k), ndcg(summary.k)), COLOURS, strict=False):
        points = weighed(summary, metric)
        at = [point.at for point in points]
        axes.plot(at, [p.of.value for p in points], "o-", color=colour, label=f"{metric}, LLM")
        low, high = [p.of.low for p in points], [p.of.high for p in points]
        axes.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
        for row, dashes in ((RowName.RETRIEVE, "--"), (RowName.SASREC, ":")):
            if WORDS[row] in rows:
                value = rows[WORDS[row]][metric].value.value
                label = f"{metric}, {WORDS[row]}"
                axes.axhline(value, color=colour, linestyle=dashes, label=label)
    axes.set_xscale("symlog", base=2, linthresh=1)
    tried = [point.at for point in weighed(summary, ndcg(summary.k))]
    axes.set_xticks(tried, [f"{weight:g}" for weight in tried])
    axes.set_xlabel("weight of the prior (0: the language model alone)")
    axes.set_ylabel("quality, sequential task")
    return _saved(drawing, axes, path)


def _by_latency(summary: Summary, path: Path) -> Path:
    drawing, axes = _plain()
    metric = ndcg(summary.k)
    points = timed(summary, metric)
    for (row, point), (colour, marker) in zip(points.items(), _styles(len(points)), strict=True):
        of = point.of
        axes.errorbar(
            point.at,
            of.value,
            yerr=[[max(0.0, of.value - of.low)], [max(0.0, of.high - of.value)]],
            fmt=marker,
            color=colour,
            label=row,
            capsize=3,
        )
    axes.set_xscale("log")
    axes.set_xlabel("seconds a list, median, on this machine")
    axes.set_ylabel(f"{metric}, sequential task")
    return _saved(drawing, axes, path)


def _styles(count: int) -> Iterator[tuple[str, str]]:
    for place in range(count):
        yield COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]


def _plain() -> tuple[Drawing, Axes]:
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(9, 4.5), layout="constrained")
    axes = drawing.add_subplot()
    axes.patch.set_alpha(0.0)
    axes.tick_params(which="both", colors=INK)
    for part in (axes.xaxis.label, axes.yaxis.label):
        part.set_color(INK)
    for spine in axes.spines.values():
        spine.set_color(INK)
    axes.grid(visible=True, color=INK, alpha=0.25)
    return drawing, axes


def _saved(drawing: Drawing, axes: Axes, path: Path) -> Path:
    axes.set_ylim(bottom=0)
    axes.legend(
        labelcolor=INK, framealpha=0.0, fontsize="small", loc="upper left", bbox_to_anchor=(1, 1)
    )
    # Neither a date nor random names: the same figures make the same file.
    drawing.savefig(path, transparent=True, metadata={"Date": None})
    return path
