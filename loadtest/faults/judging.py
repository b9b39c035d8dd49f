"""From an answer as it came to what it is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from loadtest.faults.outcome import OK, SHED, Outcome
from loadtest.traffic.asks import Ask, Kind
from loadtest.traffic.checks import problems
from loadtest.traffic.goods import Goods

LONGEST: Final = 200
"""Characters that are shown of an answer."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that was sent, and its answer as it came."""

    ask: Ask
    met: frozenset[str]
    """What its user was known to have met when it was sent."""
    again: bool
    """Whether it brings events that were acknowledged before it was sent."""
    due: float
    """When it was to be sent."""
    lag_ms: float
    milliseconds: float
    status: int | None
    said: bytes


def judged(one: Taken, goods: Goods) -> Outcome:
    """What came of a request."""
    answer: dict[str, Any] = orjson.loads(one.said) if one.status == OK else {}
    made = answer.get("receipt", answer)
    return Outcome(
        one.ask.kind,
        one.status,
        one.milliseconds,
        one.lag_ms,
        wrong=list(_wrong(one, answer, goods)),
        code=_code(one.said) if one.status in SHED else None,
        path=made.get("path"),
        degraded=bool(made.get("degraded")),
        thought=has_thought(answer),
        catalogue=made.get("catalogue"),
        due=one.due,
        needs_store=one.ask.user is not None or one.ask.kind is Kind.FEEDBACK,
    )


def has_thought(answer: Mapping[str, Any]) -> bool:
    """Whether a small model had a part in an answer."""
    told = answer.get("supplements", ())
    return any(each["kind"] == "thought" and each["used"] for each in told)


def _wrong(one: Taken, answer: Mapping[str, Any], goods: Goods) -> Iterator[str]:
    if one.status == OK:
        yield from problems(one.ask, answer, one.met, goods)
        if one.again and answer.get("new"):
            yield "an event that was acknowledged counts as a new one"
    elif one.status not in SHED:
        yield one.said.decode("utf-8", "replace")[:LONGEST]


def _code(said: bytes) -> str:
    """What the service calls an error; it may have been said by its HTTP server, in plain text."""
    try:
        return str(orjson.loads(said)["error"]["code"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return said.decode("utf-8", "replace")[:LONGEST]
