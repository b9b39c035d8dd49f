"""Whether an answer keeps the promise, counted anew by the client.

Nothing of the service's own validator is used: what it took for right, and is not, shows here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, Final

from loadtest.traffic.asks import Ask, Kind
from loadtest.traffic.goods import Goods
from service.domain import Item

PATHS: Final = frozenset({"llm", "ranked", "popular"})

Json = Mapping[str, Any]


def problems(ask: Ask, answer: Json, met: Collection[str], goods: Goods) -> list[str]:
    """What is wrong with an answer; `met` is what its user was known to have met when it asked."""
    try:
        match ask.kind:
            case Kind.LIST:
                return list(_of_list(ask, answer, met, goods))
            case Kind.QUESTION:
                return list(_of_choice(ask.body, answer))
            case Kind.EVENTS:
                counted = answer["new"] + answer["known"] + answer["late"]
                return [] if counted == len(ask.body["events"]) else ["events are missing"]
            case Kind.FEEDBACK:
                return [] if answer["new"] + answer["known"] else ["feedback is missing"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return [f"this is no answer: {type(error).__name__}: {error}"]


def _of_list(ask: Ask, answer: Json, met: Collection[str], goods: Goods) -> Iterator[str]:
    receipt, lines, body = answer["receipt"], answer["items"], ask.body
    version = receipt["catalogue"]
    ids = [line["id"] for line in lines]
    if version not in goods.versions:
        yield f"there is no catalogue {version}"
        return
    if len(ids) != body["k"]:
        yield f"{len(ids)} items instead of {body['k']}"
    if len(set(ids)) < len(ids):
        yield "an item stands there twice"
    known = goods.seeded(version, ask.user) if ask.user else frozenset(body.get("history", ()))
    if here := (known | frozenset(met)) & frozenset(ids):
        yield f"{len(here)} items are in the history"
    items = [goods.item(version, item_id) for item_id in ids]
    yield from _misquoted(lines, items)
    listed = [item for item in items if item is not None]
    accounts = list(_accounts(body.get("intent") or {}, listed, body["k"]))
    yield from (f"{said['kind']} {said['categories']} is broken" for said, ok in accounts if not ok)
    yield from _misreported(receipt, body["k"], [said for said, _ in accounts])


def _misquoted(lines: Sequence[Json], items: Sequence[Item | None]) -> Iterator[str]:
    for line, item in zip(lines, items, strict=True):
        if item is None:
            yield f"there is no item {line['id']}"
        elif (line["title"], sorted(line["categories"])) != (item.title, sorted(item.categories)):
            yield f"item {line['id']} is told otherwise than it is"


def _accounts(intent: Json, items: Sequence[Item], k: int) -> Iterator[tuple[dict[str, Any], bool]]:
    """Each control that was asked for, what the list holds of it, and whether that will do."""
    if include := list(dict.fromkeys(intent.get("include", ()))):
        got = sum(bool(set(include) & set(item.categories)) for item in items)
        yield {"kind": "include", "categories": include, "got": got}, got == k
    for name in dict.fromkeys(intent.get("exclude", ())):
        got = sum(name in item.categories for item in items)
        yield {"kind": "exclude", "categories": [name], "got": got}, not got
    for asked in intent.get("shares", ()):
        got = sum(asked["category"] in item.categories for item in items)
        said = {"kind": "share", "categories": [asked["category"]], "got": got}
        yield said | {"op": asked["op"], "share": asked["share"]}, _allowed(asked, got, k)


def _allowed(asked: Json, got: int, k: int) -> bool:
    """The share is the decimal that was written, not its nearest binary fraction."""
    exact = Decimal(str(asked["share"])) * k
    match asked["op"]:
        case "<=":
            return got <= exact.to_integral_value(ROUND_FLOOR)
        case ">=":
            return got >= exact.to_integral_value(ROUND_CEILING)
        case _:
            return got == exact.to_integral_value(ROUND_HALF_UP)


def _misreported(receipt: Json, k: int, accounts: Sequence[Json]) -> Iterator[str]:
    """Whether the receipt says what was counted."""
    counted = {"k": k, "exists": k, "repeats": 0, "in_history": 0, "relaxed": []}
    yield from (
        f"the receipt says {name} {receipt[name]}, not {value}"
        for name, value in counted.items()
        if receipt[name] != value
    )
    if receipt["path"] not in PATHS or not isinstance(receipt["degraded"], bool):
        yield "the receipt does not say how the list was made"
    fields = ("kind", "categories", "got", "op", "share")
    told = [{name: each[name] for name in fields if name in each} for each in receipt["controls"]]
    if told != accounts or not all(each["holds"] for each in receipt["controls"]):
        yield "the receipt's controls are not those of the list"


def _of_choice(body: Json, answer: Json) -> Iterator[str]:
    given, labels = answer["answer"], [str(n + 1) for n in range(len(body["options"]))]
    match body["type"]:
        case "multiple_choice":
            right = given["choice"] in labels
        case "ranking":
            right = sorted(given["ranking"]) == sorted(labels)
        case _:
            chosen = given["selection"]
            right = len(set(chosen)) == len(chosen) == body["k"] and set(chosen) <= set(labels)
    if not right:
        yield f"{body['type']} is answered {given}"
