"""Verify: re-check a saved response from the catalogue alone, trusting nothing it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from service.domain import ControlKind, Controls, Item, Op, Path, Share, Source, Strategy
from service.errors import BadInput
from service.pipeline.recall import history_digest
from service.pipeline.stated import ill_stated, scored_wrongly
from service.pipeline.validate import judge, outcomes
from service.ports import Catalogue

LEADING_TO: Final[Mapping[Path, frozenset[Strategy]]] = {
    Path.LLM: frozenset({Strategy.GENERATE, Strategy.RANK}),
    Path.RANKED: frozenset({Strategy.RETRIEVE}),
    Path.POPULAR: frozenset({Strategy.RETRIEVE}),
}
"""The strategies that a list of each path may be of."""

MOST_LINES: Final = 1_000
MOST_CONTROLS: Final = 100
MOST_NAMES: Final = 100
"""What no response goes beyond; each line is held against each control, of each category."""

MOST_SAID: Final = 300
"""Characters of what is told of a problem."""

UNFIT: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What comes of reading something else as a response."""

OTHER: Final = "the history given is not the one the list was made for"

CHANGED: Final = f"{OTHER}: it may have changed since; nothing listed is in it"

WEIGHING: Final = "rank/"
"""How the prompts are called, in every version, by which candidates are weighed."""


def verify(
    response: Mapping[str, Any], catalogue: Catalogue, history: Sequence[str] | None = None
) -> list[str]:
    """What is wrong with a response; empty if every promise of it holds, and all that it counts.

    A response does not carry the user's history, only a digest of it: that nothing listed is in
    the history can be checked if the history is given too. One that has changed since breaks no
    promise as long as nothing listed is in it: of that `noted` tells. Of what no catalogue can
    tell, such as scores, it is seen only whether it can be so.
    """
    try:
        return list(map(_in_short, _problems(response, catalogue, history)))
    except UNFIT as error:
        lacking = f"it has no {error}" if isinstance(error, KeyError) else ""
        said = lacking or f"{type(error).__name__}: {error}"
        message = f"this is not a response of /recommend: {_in_short(said)}"
        raise BadInput(message, hint="Save the whole JSON that /recommend returned.") from error


def noted(response: Mapping[str, Any], history: Sequence[str] | None = None) -> list[str]:
    """What is to be known of a response, though it is nothing wrong; `verify` has read it."""
    if history is None:
        return []
    met, said = frozenset(history), response["receipt"]["history"]["digest"]
    if said == history_digest(tuple(history)):
        return []
    return [] if any(line["id"] in met for line in response["items"]) else [CHANGED]


def _in_short(said: str) -> str:
    """What a response says may be endless, and a problem quotes it."""
    return said if len(said) <= MOST_SAID else f"{said[:MOST_SAID]} …"


def _problems(
    response: Mapping[str, Any], catalogue: Catalogue, history: Sequence[str] | None
) -> Iterator[str]:
    receipt, lines = response["receipt"], response["items"]
    _refuse_endless(receipt, lines)
    if type(receipt["k"]) is not int or receipt["k"] < 1:
        message = "k is not a positive whole number"
        raise ValueError(message)
    if history is None and receipt["history"]["digest"] == history_digest(()):
        history = ()
    if receipt["catalogue"] != catalogue.version:
        yield f"made from catalogue {receipt['catalogue']}, checked against {catalogue.version}"
    items = _found(catalogue, [line["id"] for line in lines])
    for line, item in zip(lines, items, strict=True):
        yield from _misquoted(line, item)
    verdict = judge(items, receipt["k"], frozenset(history or ()), Controls())
    yield from (f"{kind}: {count}" for kind, count in verdict.violations.items())
    yield from _miscounted("exists", receipt["exists"], verdict.exists)
    yield from _miscounted("repeats", receipt["repeats"], verdict.repeats)
    yield from _miscounted("in_history", receipt["in_history"], verdict.in_history)
    listed = [item for item in items if item is not None]
    for entry in receipt["controls"]:
        yield from _misstated(entry, listed, receipt["k"], must_hold=True)
    for entry in receipt["relaxed"]:
        yield from _misstated(entry, listed, receipt["k"], must_hold=False)
    yield from _misattributed(receipt, lines)
    yield from scored_wrongly(receipt)
    yield from ill_stated(response, lines)
    if history is not None:
        met = verdict.in_history > 0
        yield from _misremembered(receipt["history"], catalogue, tuple(history), met=met)


def _refuse_endless(receipt: Mapping[str, Any], lines: Sequence[object]) -> None:
    """No response is so long; to check it would take anyone's time that this one wants to take."""
    accounts = [*receipt["controls"], *receipt["relaxed"]]
    names = max((len(entry["categories"]) for entry in accounts), default=0)
    if len(lines) > MOST_LINES or len(accounts) > MOST_CONTROLS or names > MOST_NAMES:
        raise ValueError("it is longer than any of them")


def _found(catalogue: Catalogue, ids: Sequence[str]) -> list[Item | None]:
    return [catalogue.item(row) if row >= 0 else None for row in catalogue.rows(ids).tolist()]


def _misquoted(line: Mapping[str, Any], item: Item | None) -> Iterator[str]:
    """Whether title and categories of a line are the catalogue's."""
    if item is None:
        yield f"item {line['id']!r} does not exist"
    elif line["title"] != item.title or sorted(line["categories"]) != sorted(item.categories):
        yield f"item {item.id!r} is not as the catalogue has it"


def _miscounted(name: str, said: object, counted: int) -> Iterator[str]:
    if type(said) is not int or said != counted:
        yield f"the receipt says {name} {said}, counted {counted}"


def _misstated(
    entry: Mapping[str, Any], items: Sequence[Item], k: int, *, must_hold: bool
) -> Iterator[str]:
    """Whether one control of the receipt is what the list holds."""
    (outcome,) = outcomes(items, k, _control(entry))
    if entry["category"] != " or ".join(entry["categories"]):
        yield f"the receipt calls {entry['categories']} {entry['category']!r}"
    said = (entry["want"], entry["got"], entry["holds"])
    typed = type(entry["got"]) is int and isinstance(entry["holds"], bool)
    if not typed or said != (outcome.want, outcome.got, outcome.holds):
        yield (
            f"the receipt says {entry['category']!r} wanted {entry['want']} and got"
            f" {entry['got']}, counted {outcome.got} of {outcome.want}"
        )
    if must_hold and not outcome.holds:
        yield f"control: {entry['category']!r} wants {outcome.want}, the list holds {outcome.got}"


def _control(entry: Mapping[str, Any]) -> Controls:
    """One control the receipt claims, as it was asked."""
    names, kind = tuple(map(str, entry["categories"])), ControlKind(entry["kind"])
    if kind is not ControlKind.SHARE and (entry.get("op"), entry.get("share")) != (None, None):
        message = f"a control of the kind {kind} has a share"
        raise ValueError(message)
    match kind:
        case ControlKind.INCLUDE:
            return Controls(include=names)
        case ControlKind.EXCLUDE:
            (name,) = names
            return Controls(exclude=(name,))
        case ControlKind.SHARE:
            (name,) = names
            return Controls(shares=(Share(name, Op(entry["op"]), float(entry["share"])),))


def _misattributed(receipt: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Whether the receipt's strategy, path and repairs fit the sources of the items."""
    path, strategy = Path(receipt["path"]), Strategy(receipt["strategy"])
    if strategy not in LEADING_TO[path]:
        yield f"a list made by {path} is none of the strategy {strategy}"
    yield from _misnamed(receipt["model"], receipt["prompt"], path, strategy)
    sources = [Source(line["source"]) for line in lines]
    yield from _miscounted("repaired", receipt["repaired"], sources.count(Source.REPAIR))
    strange = {source for source in sources if source not in {Source(path), Source.REPAIR}}
    if strange:
        yield f"items of {', '.join(sorted(strange))} in a list made by {path}"


def _misnamed(model: object, prompt: object, path: Path, strategy: Strategy) -> Iterator[str]:
    """Whether model and prompt are such as make a list of this path and strategy."""
    for name, said in (("model", model), ("prompt", prompt)):
        if (said is not None) != (path is Path.LLM):
            yield f"a list made by {path} has {name} {said}"
    if prompt is not None and str(prompt).startswith(WEIGHING) != (strategy is Strategy.RANK):
        yield f"a list of the strategy {strategy} is not made by the prompt {prompt}"


def _misremembered(
    said: Mapping[str, Any], catalogue: Catalogue, history: tuple[str, ...], *, met: bool
) -> Iterator[str]:
    """Whether the receipt's history is the one given; `met`: something listed is in that one."""
    if said["digest"] != history_digest(history):
        if met:
            yield OTHER
        return
    rows = catalogue.rows(history)
    yield from _miscounted("history.used", said["used"], len(set(rows[rows >= 0].tolist())))
    yield from _miscounted("history.unknown", said["unknown"], int((rows < 0).sum()))
