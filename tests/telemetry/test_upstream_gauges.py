"""What servers make of what they are asked, as Prometheus reads it."""

from __future__ import annotations

from service.engines.remote.breaker import LEAST
from service.engines.remote.heard import Heard
from service.engines.remote.outcome import Outcome
from service.engines.remote.upstream import Upstream
from service.pipeline.clock import Deadline
from service.telemetry.metrics import Metrics


def told(metrics: Metrics) -> dict[str, float]:
    lines = metrics.exposition().decode().splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if line.startswith("listwright_")]
    mine = ("listwright_upstream_", "listwright_breaker_")
    return {name: float(value) for name, value in pairs if name.startswith(mine)}


def calls(name: str, outcome: Outcome) -> str:
    return f'listwright_upstream_calls_total{{outcome="{outcome}",upstream="{name}"}}'


def retries(outcome: str) -> str:
    return f'listwright_upstream_retries_total{{outcome="{outcome}",upstream="engine"}}'


def test_nothing_is_told_where_nobody_is_asked() -> None:
    assert told(Metrics()) == {}


async def test_each_reading_tells_how_it_stands_by_then() -> None:
    metrics, engine, sidecar = Metrics(), Upstream(8, 4), Upstream(2, 1)
    metrics.watch_upstreams({"engine": engine, "sidecar": sidecar})
    before = told(metrics)
    for outcome in Outcome:
        assert before[calls("engine", outcome)] == 0
    assert before['listwright_upstream_limit{upstream="engine"}'] == 8
    assert before['listwright_upstream_limit{upstream="sidecar"}'] == 2
    assert before['listwright_breaker_state{upstream="engine"}'] == 0

    breaker = engine.new_breaker()
    for _ in range(LEAST):
        breaker.leave(breaker.enter(), Outcome.FAILED)
    assert engine.spend()
    async with engine.places.one(Deadline(1)):
        now = told(metrics)
    assert now['listwright_breaker_state{upstream="engine"}'] == 2
    assert now['listwright_breaker_state{upstream="sidecar"}'] == 0
    assert now['listwright_breaker_opened_total{upstream="engine"}'] == 1
    assert now['listwright_upstream_running{upstream="engine"}'] == 1
    assert now['listwright_upstream_waiting{upstream="engine"}'] == 0
    assert now[retries("retried")] == 1
    assert now[retries("no_budget")] == 0
    assert before.keys() == now.keys(), "series are there before they count"


async def test_a_call_is_counted_as_it_ends() -> None:
    metrics, engine = Metrics(), Upstream(8, 4)
    metrics.watch_upstreams({"engine": engine})
    heard = Heard()
    heard.begin()
    heard.end(None)
    engine.note(heard, None)
    engine.note(Heard(), None)
    now = told(metrics)
    assert now[calls("engine", Outcome.OK)] == 1
    assert now[calls("engine", Outcome.ABANDONED)] == 1
    assert now['listwright_upstream_seconds_count{upstream="engine"}'] == 1
