"""Verify: re-check a saved response from the catalogue alone, trusting nothing it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.domain import ControlKind, Controls, Item, Op, Share
from service.errors import BadInput
from service.pipeline.recall import history_digest
from service.pipeline.validate import Verdict, judge
from service.ports import Catalogue


def verify(
    response: Mapping[str, Any], catalogue: Catalogue, history: Sequence[str] | None = None
) -> list[str]:
    """What is wrong with a response; empty if every promise and every figure of it holds.

    A response does not carry the user's history, only a digest of it: that nothing listed is in
    the history can be checked if the history is given too.
    """
    try:
        return list(_problems(response, catalogue, history))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"this is not a response of /recommend: {type(error).__name__} at {error}"
        raise BadInput(message, hint="Save the whole JSON that /recommend returned.") from error


def _problems(
    response: Mapping[str, Any], catalogue: Catalogue, history: Sequence[str] | None
) -> Iterator[str]:
    receipt, lines = response["receipt"], response["items"]
    if receipt["catalogue"] != catalogue.version:
        yield f"made from catalogue {receipt['catalogue']}, checked against {catalogue.version}"
    if history is not None and receipt["history"]["digest"] != history_digest(tuple(history)):
        yield "the history given is not the one the list was made for"
    items = _found(catalogue, [line["id"] for line in lines])
    for line, item in zip(lines, items, strict=True):
        yield from _misquoted(line, item)
    verdict = judge(items, receipt["k"], frozenset(history or ()), _controls(receipt))
    yield from (f"{kind}: {count}" for kind, count in verdict.violations.items())
    yield from _misstated(receipt, verdict)


def _found(catalogue: Catalogue, ids: Sequence[str]) -> list[Item | None]:
    return [catalogue.item(row) if row >= 0 else None for row in catalogue.rows(ids).tolist()]


def _misquoted(line: Mapping[str, Any], item: Item | None) -> Iterator[str]:
    """Whether title and categories of a line are the catalogue's."""
    if item is None:
        yield f"item {line['id']!r} does not exist"
    elif line["title"] != item.title or set(line["categories"]) != set(item.categories):
        yield f"item {item.id!r} is not as the catalogue has it"


def _controls(receipt: Mapping[str, Any]) -> Controls:
    """The controls the receipt claims, as they were asked."""
    include: list[str] = []
    exclude: list[str] = []
    shares: list[Share] = []
    for entry in receipt["controls"]:
        match ControlKind(entry["kind"]):
            case ControlKind.INCLUDE:
                include.extend(entry["categories"])
            case ControlKind.EXCLUDE:
                exclude.extend(entry["categories"])
            case ControlKind.SHARE:
                share = float(entry["share"])
                shares.append(Share(entry["categories"][0], Op(entry["op"]), share))
    return Controls(tuple(include), tuple(exclude), tuple(shares))


def _misstated(receipt: Mapping[str, Any], verdict: Verdict) -> Iterator[str]:
    """Whether the receipt's own figures are what the list holds."""
    for name in ("exists", "repeats"):
        counted = getattr(verdict, name)
        if receipt[name] != counted:
            yield f"the receipt says {name} {receipt[name]}, counted {counted}"
    for entry, outcome in zip(receipt["controls"], verdict.controls, strict=True):
        if (entry["want"], entry["got"], entry["holds"]) != (
            outcome.want,
            outcome.got,
            outcome.holds,
        ):
            yield (
                f"the receipt says {entry['category']!r} wanted {entry['want']} and got"
                f" {entry['got']}, counted {outcome.got} of {outcome.want}"
            )
