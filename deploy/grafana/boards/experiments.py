"""Which variant is better: what users make of its lists, beside what the lists cost."""

# ruff: noqa: E501 - what a panel says is one line
from __future__ import annotations

from typing import Final

from boards.board import Board, Choice, Section
from boards.panels import A_SECOND, COUNT, SECONDS, SHARE, Column, Query, lines, rows
from boards.queries import RANGE, Chosen, part_or_none

CHOSEN: Final = Chosen(("variant",))
LISTS: Final = "listwright_lists_total"
FEEDBACK: Final = "listwright_feedback_total"
REPAIRS: Final = "listwright_repairs_total"
VIOLATIONS: Final = "listwright_violations_total"
CONTROLS: Final = "listwright_controls_total"
SHOWN: Final = 'kind="shown"'
DRAFT: Final = 'of="draft"'
ROAD: Final = "variant, strategy, model, prompt"


def response(kind: str, by: str = "variant") -> str:
    """The share of shown items that were clicked or bought, in the time shown."""
    shown = CHOSEN.grown(FEEDBACK, by, SHOWN)
    part = part_or_none(CHOSEN.grown(FEEDBACK, by, f'kind="{kind}"'), shown)
    return f"clamp_max(({part}) / ({shown} > 0), 1)"


def lately(kind: str) -> str:
    """The same, as it moves."""
    said = CHOSEN.rate(FEEDBACK, "variant", f'kind="{kind}"')
    return f"{said} / {CHOSEN.rate(FEEDBACK, 'variant', SHOWN)}"


def halfwidth(kind: str, by: str = "variant") -> str:
    """Of its 95% interval (Wilson's: that of no click in ten is not nothing)."""
    share, shown = response(kind, by), CHOSEN.grown(FEEDBACK, by, SHOWN)
    spread = f"({share}) * (1 - ({share})) / {shown} + 0.96 / {shown} ^ 2"
    return f"1.96 * sqrt({spread}) / (1 + 3.84 / {shown})"


def per_list(metric: str, where: str = "") -> str:
    """Of a counter, for each list of the variant."""
    lists = CHOSEN.grown(LISTS, "variant")
    part = part_or_none(CHOSEN.grown(metric, "variant", where), lists)
    return f"({part}) / ({lists} > 0)"


def degraded() -> str:
    """The share of a variant's lists that were not made as they should."""
    return per_list(LISTS, 'degraded="true"')


def obedient() -> str:
    """The share of controls that drafts hold."""
    asked = CHOSEN.grown(CONTROLS, "variant", DRAFT)
    held = CHOSEN.grown(CONTROLS, "variant", 'of="draft", holds="true"')
    return f"{held} / ({asked} > 0)"


COMPARED: Final = Section(
    "Variants side by side, over the time shown",
    [
        rows(
            "What users make of them",
            "± is half of the 95% interval. Where two intervals overlap nothing is decided yet: wait, or give the variant a larger share. "
            "Items of one list are not independent, so take the interval for the least it can be.",
            Column("lists", COUNT, CHOSEN.grown(LISTS, "variant")),
            Column("shown", COUNT, CHOSEN.grown(FEEDBACK, "variant", SHOWN)),
            Column("clicked of shown", SHARE, response("clicked")),
            Column("± clicked", SHARE, halfwidth("clicked")),
            Column("bought of shown", SHARE, response("bought")),
            Column("± bought", SHARE, halfwidth("bought")),
        ),
        rows(
            "What they cost",
            "Beside each other: a variant that is clicked more and twice as slow, or half degraded, has not won.",
            Column("p50", SECONDS, CHOSEN.quantile(0.5, "listwright_list_seconds", "variant", RANGE)),
            Column("p95", SECONDS, CHOSEN.quantile(0.95, "listwright_list_seconds", "variant", RANGE)),
            Column("degraded", SHARE, degraded()),
            Column("violations a list", COUNT, per_list(VIOLATIONS, DRAFT)),
            Column("repairs a list", COUNT, per_list(REPAIRS)),
            Column("drafts obey", SHARE, obedient()),
        ),
        rows(
            "By strategy, model and prompt",
            "What of a variant is clicked: the model's own lists, or those that the retrievers made for it.",
            Column("shown", COUNT, CHOSEN.grown(FEEDBACK, ROAD, SHOWN)),
            Column("clicked of shown", SHARE, response("clicked", ROAD)),
            Column("± clicked", SHARE, halfwidth("clicked", ROAD)),
            Column("bought of shown", SHARE, response("bought", ROAD)),
        ),
    ],
)  # fmt: skip

OVER_TIME: Final = Section(
    "Over time",
    [
        lines(
            "Clicked of shown", SHARE,
            "Clicks come later than what they are of: read it over hours, not minutes.",
            Query(
                lately("clicked"),
                "{{variant}}",
            ),
        ),
        lines(
            "Bought of shown", SHARE,
            "The same of what was bought.",
            Query(
                lately("bought"),
                "{{variant}}",
            ),
        ),
        lines(
            "Lists by variant", A_SECOND,
            "Should be as the shares that are set: they are of users, not of requests.",
            Query(CHOSEN.rate(LISTS, "variant"), "{{variant}}"), stacked=True,
        ),
        lines(
            "List latency: p95", SECONDS,
            "From the request until the list was validated.",
            Query(CHOSEN.quantile(0.95, "listwright_list_seconds", "variant"), "{{variant}}"),
        ),
        lines(
            "Violations for each list", COUNT,
            "In drafts: found, and repaired.",
            Query(
                f"{CHOSEN.rate(VIOLATIONS, 'variant', DRAFT)} / {CHOSEN.rate(LISTS, 'variant')}",
                "{{variant}}",
            ),
        ),
        lines(
            "Repairs for each list", COUNT,
            "Items that are not the model's.",
            Query(f"{CHOSEN.rate(REPAIRS, 'variant')} / {CHOSEN.rate(LISTS, 'variant')}", "{{variant}}"),
        ),
    ],
)  # fmt: skip

BOARD: Final = Board(
    uid="listwright-experiments",
    title="experiments",
    says="Variants compared: click-through beside violations, repairs and latency. docs/users.md says how users are parted.",
    choices=[Choice("instance", "listwright_build_info"), Choice("variant", LISTS)],
    sections=[COMPARED, OVER_TIME],
    since="now-24h",
)
