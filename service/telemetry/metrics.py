"""Counters and latencies for Prometheus, in a registry of their own.

Every label takes its values from the code (routes, stages, paths, error classes), never from a
request, so the number of series is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from itertools import product
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

from service.domain import DEFAULT_VARIANT, Exposure, Feedback, Origin, Path, Strategy
from service.ports import AnswerMade, Decoding, ListMade, Recorded, Weighed, Written
from service.question import AnswerPath, Supplement, SupplementKind, Task
from service.telemetry.ranker_gauges import Ranker, RankerGauges

QUICK: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
SLOW: Final = (1.0, 2.5, 5.0, 10.0, 20.0, 60.0)
"""A plan takes a fraction of a millisecond, a list on a small CPU many seconds."""

VIOLATIONS: Final = (
    "count",
    "nonexistent",
    "repeat",
    "in_history",
    "control",
    "misspelled",
    "words",
    "empty",
    "text",
)
"""What the validators can find: shown as 0 until they do, so that an alert can watch it."""

LISTS: Final = (
    (Path.LLM, Strategy.GENERATE),
    (Path.LLM, Strategy.RANK),
    (Path.RANKED, Strategy.RETRIEVE),
    (Path.POPULAR, Strategy.RETRIEVE),
)
"""How lists are made: the path, and the strategy that leads there."""

OUTCOMES: Final = ("used", "cached", "left_out", "off")
"""What becomes of a supplement."""


class Metrics:
    """Hears of stages, lists, answers and requests, and counts them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = self._counter(
            "listwright_requests", "Requests answered", "route", "status"
        )
        self._request_seconds = self._histogram(
            "listwright_request_seconds",
            "Time from a request's first byte to its answer's last",
            "route",
        )
        self._stage_seconds = self._histogram(
            "listwright_stage_seconds", "Time a stage of the pipeline took", "stage"
        )
        self._lists = self._counter(
            "listwright_lists",
            "Lists handed out",
            *("path", "strategy", "degraded", "variant", "origin"),
        )
        self._list_seconds = self._histogram(
            "listwright_list_seconds",
            "Time from a request for a list until it was validated",
            *("path", "strategy", "variant"),
        )
        self._answers = self._counter(
            "listwright_answers", "Questions answered", "task", "path", "degraded"
        )
        self._supplements = self._counter(
            "listwright_supplements",
            "What small models were asked to add to a prompt, and what became of it",
            *("kind", "outcome"),
        )
        self._violations = self._counter(
            "listwright_violations",
            "What the validators found in drafts, lists and answers",
            "kind",
        )
        self._repairs = self._counter("listwright_repairs", "Items the retrievers added to a draft")
        self._tokens = self._counter("listwright_engine_tokens", "Tokens the engine spelled")
        self._passes = self._counter("listwright_engine_passes", "Forward passes it took")
        self._forwarded = self._counter(
            "listwright_engine_forward_tokens",
            "Tokens that went through the embedded model, those of prompts among them",
        )
        self._left_out = self._counter(
            "listwright_left_out",
            "Parts that were late or failed, and were done without",
            *("part", "error"),
        )
        self._feedback = self._counter(
            "listwright_feedback",
            "Listed items of which it was said that they were shown, clicked or bought",
            *("kind", "variant", "path", "strategy"),
        )
        self._events = self._counter(
            "listwright_events", "Events that came in, and what became of them", "outcome"
        )
        self._catalogue = Gauge(
            "listwright_catalogue_items",
            "Items of the catalogue that is served",
            ("version",),
            registry=self._registry,
        )
        self._ranker = RankerGauges()
        self._registry.register(self._ranker)
        self._show_zeros()

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self._registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(name, what, labels, buckets=QUICK + SLOW, registry=self._registry)

    def _show_zeros(self) -> None:
        for kind in VIOLATIONS:
            self._violations.labels(kind)
        for fate in fields(Recorded):
            self._events.labels(fate.name)
        for path, strategy in LISTS:
            self._lists.labels(
                path.value, strategy.value, "false", DEFAULT_VARIANT, Origin.MADE.value
            )
        for task, road in product(Task, AnswerPath):
            self._answers.labels(task.value, road.value, "false")
        for extra, outcome in product(SupplementKind, OUTCOMES):
            self._supplements.labels(extra.value, outcome)

    def stage(self, name: str, seconds: float) -> None:
        """A stage of the pipeline took this long."""
        self._stage_seconds.labels(name).observe(seconds)

    def listed(self, made: ListMade) -> None:
        """A list was made."""
        degraded = str(made.degraded).lower()
        how = (made.path.value, made.strategy.value)
        self._lists.labels(*how, degraded, made.variant, made.origin.value).inc()
        self._list_seconds.labels(*how, made.variant).observe(made.seconds)
        self._repairs.inc(made.repaired)
        for kind, count in made.violations.items():
            self._violations.labels(kind).inc(count)

    def answered(self, made: AnswerMade) -> None:
        """A question was answered."""
        degraded = str(made.degraded).lower()
        self._answers.labels(made.task.value, made.path.value, degraded).inc()
        for supplement in made.supplements:
            self._supplements.labels(supplement.kind.value, _outcome(supplement)).inc()
        for kind, count in made.violations.items():
            self._violations.labels(kind).inc(count)

    def decoded(self, decoding: Decoding | Written | Weighed) -> None:
        """The engine decoded a list or a text, or weighed candidates."""
        self._tokens.inc(decoding.tokens)
        self._passes.inc(decoding.passes)
        self._forwarded.inc(decoding.forwarded or 0)

    def left_out(self, part: str, error: Exception) -> None:
        """A part was late or failed, and was done without."""
        self._left_out.labels(part, type(error).__name__).inc()

    def requested(self, route: str, status: int, seconds: float) -> None:
        """A request to a route was answered."""
        self._requests.labels(route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def learnt(self, exposure: Exposure, feedback: Sequence[Feedback]) -> None:
        """Something was said of a list."""
        how = (exposure.variant, exposure.path.value, exposure.strategy.value)
        for each in feedback:
            self._feedback.labels(each.kind.value, *how).inc()

    def recorded(self, recorded: Recorded) -> None:
        """Events came in."""
        for outcome, count in asdict(recorded).items():
            self._events.labels(outcome).inc(count)

    def serving(self, version: str, items: int) -> None:
        """This catalogue is served from now on, and no other."""
        self._catalogue.clear()
        self._catalogue.labels(version).set(items)

    def follow(self, ranker: Ranker | None) -> None:
        """Show how this ranker stands from now on, and no other."""
        self._ranker.ranker = ranker

    def exposition(self) -> bytes:
        """Everything counted, in the text format of Prometheus."""
        return generate_latest(self._registry)


def _outcome(supplement: Supplement) -> str:
    if supplement.used:
        return "cached" if supplement.cached else "used"
    return "left_out" if supplement.failed or supplement.text else "off"
