"""What is known of one HTTP exchange, from the first byte to its line in the log."""

from __future__ import annotations

import re
import uuid
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from service.api.roads import road_to
from service.domain import FreeList, Recommendation
from service.errors import ListwrightError
from service.question import Answered

OTHER: Final = "other"
"""For whatever is asked that is no route."""

SANE_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


@dataclass(slots=True)
class Trace:
    """Facts for metrics and logs: never user text, never titles."""

    request_id: str
    status: int = 500
    answered: bool = False
    error: ListwrightError | None = None
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def outcome(self) -> int:
        """The status that tells how it ended: a stream breaks off after it has said 200."""
        return self.error.status if self.error else self.status


def begin(scope: MutableMapping[str, Any]) -> Trace:
    """Start a trace under the caller's request id, if it is a sane one."""
    trace = Trace(request_id(given_id(scope)))
    scope.setdefault("state", {})["trace"] = trace
    return trace


def given_id(scope: MutableMapping[str, Any]) -> bytes:
    """What the caller calls the request."""
    return cast("bytes", dict(scope["headers"]).get(b"x-request-id", b""))


def request_id(given: bytes) -> str:
    """The id of a request: the caller's own, if it is a sane one."""
    return given.decode("ascii") if SANE_ID.fullmatch(given) else uuid.uuid4().hex


def trace_of(scope: MutableMapping[str, Any]) -> Trace:
    """The trace of a request."""
    return cast("Trace", scope["state"]["trace"])


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The route's template, let in or not; raw paths would make a metric a request."""
    road = road_to(scope["path"])
    return OTHER if road is None else road.path


def facts_of(made: Recommendation) -> dict[str, object]:
    """What the log says of a list."""
    receipt = made.receipt
    return {
        "k": receipt.k,
        "path": receipt.path.value,
        "strategy": receipt.strategy.value,
        "variant": receipt.variant,
        "model": receipt.model,
        "degraded": receipt.degraded,
        "repaired": receipt.repaired,
        "controls": len(receipt.controls),
        "relaxed": len(receipt.relaxed),
    }


def facts_of_free(made: FreeList) -> dict[str, object]:
    """What the log says of a list that nothing held."""
    return {
        "k": made.k,
        "lines": len(made.lines),
        "model": made.model,
        "violations": dict(made.violations),
        "controls": len(made.controls),
    }


def facts_of_answer(made: Answered) -> dict[str, object]:
    """What the log says of an answer to a question."""
    return {
        "type": made.question.task.value,
        "options": len(made.question.options),
        "path": made.path.value,
        "variant": made.variant,
        "model": made.model,
        "degraded": made.degraded,
        "completed": made.completed,
        "supplements": [extra.kind.value for extra in made.supplements if extra.used],
    }
