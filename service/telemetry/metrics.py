"""Counters and latencies for Prometheus, in a registry of their own.

Every label takes its values from the code (routes, stages, paths, error classes), never from a
request, so the number of series is bounded.
"""

from __future__ import annotations

from itertools import product
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

from service.domain import Path, Strategy
from service.ports import AnswerMade, Decoding, ListMade, Weighed, Written
from service.question import AnswerPath, Supplement, SupplementKind, Task

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
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._registry = registry
        self._requests = Counter(
            "listwright_requests", "Requests answered", ("route", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "listwright_request_seconds",
            "Time from a request's first byte to its answer's last",
            ("route",),
            buckets=QUICK + SLOW,
            registry=registry,
        )
        self._stage_seconds = Histogram(
            "listwright_stage_seconds",
            "Time a stage of the pipeline took",
            ("stage",),
            buckets=QUICK + SLOW,
            registry=registry,
        )
        self._lists = Counter(
            "listwright_lists",
            "Lists made",
            ("path", "strategy", "degraded"),
            registry=registry,
        )
        self._answers = Counter(
            "listwright_answers",
            "Questions answered",
            ("task", "path", "degraded"),
            registry=registry,
        )
        self._supplements = Counter(
            "listwright_supplements",
            "What small models were asked to add to a prompt, and what became of it",
            ("kind", "outcome"),
            registry=registry,
        )
        self._violations = Counter(
            "listwright_violations",
            "What the validators found in drafts, lists and answers",
            ("kind",),
            registry=registry,
        )
        self._repairs = Counter(
            "listwright_repairs", "Items the retrievers added to a draft", registry=registry
        )
        self._tokens = Counter(
            "listwright_engine_tokens", "Tokens the engine spelled", registry=registry
        )
        self._passes = Counter(
            "listwright_engine_passes", "Forward passes it took", registry=registry
        )
        self._forwarded = Counter(
            "listwright_engine_forward_tokens",
            "Tokens that went through the embedded model, those of prompts among them",
            registry=registry,
        )
        self._left_out = Counter(
            "listwright_left_out",
            "Parts that were late or failed, and were done without",
            ("part", "error"),
            registry=registry,
        )
        self._catalogue = Gauge(
            "listwright_catalogue_items",
            "Items of the catalogue that is served",
            ("version",),
            registry=registry,
        )
        self._show_zeros()

    def _show_zeros(self) -> None:
        for kind in VIOLATIONS:
            self._violations.labels(kind)
        for path, strategy in LISTS:
            self._lists.labels(path.value, strategy.value, "false")
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
        self._lists.labels(made.path.value, made.strategy.value, degraded).inc()
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

    def serving(self, version: str, items: int) -> None:
        """This catalogue is served from now on, and no other."""
        self._catalogue.clear()
        self._catalogue.labels(version).set(items)

    def exposition(self) -> bytes:
        """Everything counted, in the text format of Prometheus."""
        return generate_latest(self._registry)


def _outcome(supplement: Supplement) -> str:
    if supplement.used:
        return "cached" if supplement.cached else "used"
    return "left_out" if supplement.failed or supplement.text else "off"
