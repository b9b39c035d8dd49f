"""Series as tests read them, and metrics that have heard of everything there is to hear."""

from __future__ import annotations

from service.domain import (
    ControlKind,
    ControlOutcome,
    Exposure,
    Feedback,
    FeedbackKind,
    Path,
    Strategy,
    Supplement,
    SupplementKind,
)
from service.errors import EngineBusy, StoreUnavailable
from service.ports import (
    AnswerMade,
    Decoding,
    Drafted,
    ListMade,
    Looked,
    Recorded,
    Spelled,
    Weighed,
    Written,
)
from service.question import AnswerPath, Task
from service.steering.wanted import Wanted
from service.telemetry.metrics import Metrics
from service.telemetry.upstream_gauges import Listener


def lists_made(
    path: str, strategy: str, degraded: str = "false", model: str = "none", prompt: str = "none"
) -> str:
    labels = {
        "degraded": degraded,
        "model": model,
        "origin": "made",
        "path": path,
        "prompt": prompt,
        "strategy": strategy,
        "variant": "default",
    }
    told = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"listwright_lists_total{{{told}}}"


def series(text: str) -> dict[str, float]:
    """Every series of an exposition, with what it stands at."""
    pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def outcome(kind: ControlKind, *, holds: bool) -> ControlOutcome:
    return ControlOutcome(kind, ("Mugs",), "<=1", 1 if holds else 2, holds)


class Queue:
    def ahead(self) -> float:
        return 2.5


class Room:
    """A server, and the way into the gateway: both tell how much goes in."""

    outcomes = ("ok", "failed")
    limit, running, waiting = 8, 2, 1
    breaker_state, opened = 0, 3

    def follow(self, listener: Listener) -> None:
        listener.called("ok", 0.2)
        listener.retried(granted=True)


class Seat:
    def version(self) -> str | None:
        return "r1"

    def trouble(self) -> str | None:
        return None


def a_list(**more: object) -> ListMade:
    asked = outcome(ControlKind.SHARE, holds=True)
    known: dict[str, object] = {
        "path": Path.LLM,
        "strategy": Strategy.GENERATE,
        "degraded": True,
        "repaired": 2,
        "violations": {},
        "seconds": 0.4,
        "allowed": 0.5,
        "model": "m",
        "prompt": "recommend/1",
        "controls": (asked,),
        "relaxed": (outcome(ControlKind.EXCLUDE, holds=False),),
        "drafted": Drafted(5, 3, (outcome(ControlKind.SHARE, holds=False),), {"repeat": 3}),
    }
    return ListMade(**(known | more))  # type: ignore[arg-type]


def an_answer(*supplements: Supplement, misspelled: int = 0, **violations: int) -> AnswerMade:
    drafted = {"misspelled": misspelled} if misspelled else {}
    return AnswerMade(
        Task.RANKING, AnswerPath.LLM, True, supplements, violations, "b", 0.2, 4.0, "m", drafted
    )


def hear_of_everything(metrics: Metrics) -> None:
    """One of each thing that can happen."""
    metrics.runs("1.0", "vllm")
    metrics.serving("v1", 40)
    metrics.follow(Seat())
    metrics.watch_parts({"catalogue": lambda: None, "keys": lambda: "the file has changed"})
    metrics.watch({"engine": Queue()})
    metrics.watch_upstreams({"engine": Room()})
    metrics.watch_gateway(Room())
    metrics.began("/recommend")
    metrics.requested("/recommend", 200, 0.7)
    metrics.stage("plan", 0.002)
    metrics.listed(a_list())
    metrics.answered(an_answer(Supplement(SupplementKind.THOUGHT, used=True, why="")))
    lines = (Spelled(1, None), Spelled(2, None))
    metrics.decoded(
        Decoding(
            lines, tokens=20, passes=8, prompt=100, forced=12, forwarded=112, seconds_to_first=0.1,
            wanted={Wanted.REPEAT: 1},
        ),
        "m",
    )  # fmt: skip
    metrics.decoded(Written("two words", tokens=5, passes=4, prompt=50, seconds_to_first=0.1), "m")
    metrics.decoded(Weighed(scores=None, prompt=70), "m")  # type: ignore[arg-type]
    metrics.left_out("engine", EngineBusy("32 wait already"))
    metrics.looked_up("lists", Looked.HIT)
    metrics.recorded(Recorded(new=1))
    shown = Exposure("b", Strategy.GENERATE, Path.LLM, "m", "recommend/1", ("i1",))
    metrics.learnt(shown, [Feedback(FeedbackKind.CLICKED, "i1")])
    metrics.store.called("history", 0.001, StoreUnavailable("away"))
    metrics.store.travelled()
