"""All that is counted for Prometheus, in a registry of its own.

Every label takes its values from the code, the settings or a model's own name (routes, stages,
paths, variants, error classes), never from a request, so the number of series is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import generate_latest

from service.domain import Exposure, Feedback
from service.errors import ListwrightError
from service.ports import AnswerMade, Decoding, ListMade, Looked, Recorded, Weighed, Written
from service.telemetry.answer_counts import AnswerCounts
from service.telemetry.engine_counts import EngineCounts
from service.telemetry.engine_gauges import EngineGauges, Queued
from service.telemetry.gateway_gauges import GatewayGauges, Valve
from service.telemetry.instruments import Instruments
from service.telemetry.list_counts import ListCounts
from service.telemetry.quality_counts import QualityCounts
from service.telemetry.ranker_gauges import Ranker, RankerGauges
from service.telemetry.request_counts import RequestCounts
from service.telemetry.road_counts import RoadCounts
from service.telemetry.store_counts import StoreCounts
from service.telemetry.supplement_counts import SupplementCounts
from service.telemetry.trouble_gauges import Trouble, TroubleGauges
from service.telemetry.upstream_gauges import Upstream, UpstreamGauges
from service.telemetry.user_counts import UserCounts


class Metrics:
    """Hears of stages, lists, answers and requests, and has each counted where it belongs."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        # Else each series would have another beside it that says when it began.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        make = Instruments(self._registry)
        self._requests, self._road = RequestCounts(make), RoadCounts(make)
        self._lists, self._answers = ListCounts(make), AnswerCounts(make)
        self._quality, self._engine = QualityCounts(make), EngineCounts(make)
        self._users, self._supplements = UserCounts(make), SupplementCounts(make)
        self.store = StoreCounts(make)
        self._build = make.gauge(
            "listwright_build_info", "What runs here: 1, by version and engine", "version", "engine"
        )
        self._catalogue = make.gauge(
            "listwright_catalogue_items", "Items of the catalogue that is served", "version"
        )
        self._ranker, self._queues = RankerGauges(), EngineGauges()
        self._registry.register(self._ranker)
        self._registry.register(self._queues)
        self._upstreams, self._gateway = UpstreamGauges(make), GatewayGauges()
        self._registry.register(self._gateway)
        self._troubles = TroubleGauges()
        self._registry.register(self._troubles)

    def stage(self, name: str, seconds: float) -> None:
        """A stage of the pipeline took this long."""
        self._road.stage(name, seconds)

    def listed(self, made: ListMade) -> None:
        """A list was made, and goes out."""
        self._lists.listed(made)
        self._quality.listed(made)
        self._supplements.added(made.supplements)
        self._road.took("list", made.seconds, made.allowed)

    def answered(self, made: AnswerMade) -> None:
        """A question was answered, and the answer goes out."""
        self._answers.answered(made)
        self._quality.answered(made)
        self._supplements.added(made.supplements)
        self._road.took("answer", made.seconds, made.allowed)

    def withheld(self, made: ListMade | AnswerMade) -> None:
        """It broke the promise: it is none that was handed out, and its quality counts."""
        if isinstance(made, ListMade):
            self._quality.listed(made)
        else:
            self._quality.answered(made)

    def decoded(self, decoding: Decoding | Written | Weighed, model: str) -> None:
        """A model decoded a list or a text, or weighed candidates."""
        self._engine.decoded(decoding, model)

    def left_out(self, part: str, error: Exception) -> None:
        """A part was late or failed, and was done without."""
        self._road.left_out(part, error)
        if isinstance(error, ListwrightError) and error.shed is not None:
            self._requests.shed(error.shed)

    def looked_up(self, cache: str, outcome: Looked) -> None:
        """Something was looked for in a cache."""
        self._road.looked_up(cache, outcome)

    def began(self, route: str) -> None:
        """A request came in."""
        self._requests.began(route)

    def ended(self, route: str) -> None:
        """It is over, whatever came of it."""
        self._requests.ended(route)

    def requested(self, route: str, status: int, seconds: float) -> None:
        """A request to a route was answered."""
        self._requests.requested(route, status, seconds)

    def shed(self, reason: str) -> None:
        """Load was turned away; reasons come from the code."""
        self._requests.shed(reason)

    def learnt(self, exposure: Exposure, feedback: Sequence[Feedback]) -> None:
        """Something was said of a list."""
        self._users.learnt(exposure, feedback)

    def recorded(self, recorded: Recorded) -> None:
        """Events came in."""
        self._users.recorded(recorded)

    def runs(self, version: str, engine: str) -> None:
        """This version of the service, with this kind of engine."""
        self._build.labels(version, engine).set(1)

    def serving(self, version: str, items: int) -> None:
        """This catalogue is served from now on, and no other."""
        self._catalogue.clear()
        self._catalogue.labels(version).set(items)

    def follow(self, ranker: Ranker | None) -> None:
        """Show how this ranker stands from now on, and no other."""
        self._ranker.ranker = ranker

    def watch_parts(self, parts: Mapping[str, Trouble]) -> None:
        """Show whether these are as they were last told to be."""
        self._troubles.parts = parts

    def watch(self, engines: Mapping[str, Queued]) -> None:
        """Show how long the queues of these engines are, by their names."""
        self._queues.engines = engines

    def watch_upstreams(self, upstreams: Mapping[str, Upstream]) -> None:
        """Count what is asked of these servers, and show how they stand."""
        self._upstreams.watch(upstreams)

    def watch_gateway(self, valve: Valve) -> None:
        """Show how many requests are let in."""
        self._gateway.valve = valve

    def exposition(self) -> bytes:
        """Everything counted, in the text format of Prometheus."""
        return generate_latest(self._registry)
