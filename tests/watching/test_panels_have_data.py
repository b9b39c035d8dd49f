"""A real Prometheus asks a gateway under load: every query of every panel has an answer."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from ground import REPOSITORY
from panels_read import DASHBOARDS, chosen, queries, substituted
from real_prometheus import RealPrometheus, real_prometheus
from shopping import Shop, shopping
from vllm_figures import served as vllm
from watched_gateway import Watched, key, watched_gateway

PROMETHEUS = REPOSITORY / "deploy" / "prometheus"
RATE, SPAN = "10s", "1m"
"""What Grafana would put for $__rate_interval and $__range: Prometheus asks each second here."""

PATIENCE_S = 40.0
PICKED = re.compile(r"\b(listwright_\w+|up)\{([^}]*)\}")
WORD = re.compile(r'(\w+)!?="([^"$]+)"')


def config(folder: Path, **targets: str) -> dict[str, Any]:
    """That of the repository, but quicker, and with the addresses that things have here."""
    told = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))
    told["global"] |= dict.fromkeys(("scrape_interval", "scrape_timeout"), "1s")
    told["global"]["evaluation_interval"] = "1s"
    told["rule_files"] = [str(PROMETHEUS / name) for name in told["rule_files"]]
    for job in told["scrape_configs"]:
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [targets[job["job_name"]]]}]
        if "authorization" in job:
            (folder / "metrics_key").write_text(key("prometheus"), "utf-8")
            job["authorization"]["credentials_file"] = str(folder / "metrics_key")
    return told  # type: ignore[no-any-return]


def alerts() -> dict[str, str]:
    groups = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    return {rule["alert"]: rule["expr"] for rule in rules if "alert" in rule}


async def test_every_query_of_every_panel_has_an_answer_and_alerts_know_calm_from_trouble(
    tmp_path: Path, cache_dir: Path
) -> None:
    async with watched_gateway(tmp_path, cache_dir) as gateway, vllm() as figures:
        at = gateway.url.removeprefix("http://")
        asked = config(tmp_path, listwright=at, vllm=figures, prometheus="127.0.0.1:{port}")
        with real_prometheus(tmp_path, asked) as prometheus:
            async with shopping(gateway.url) as shop:
                await scraped(prometheus)
                assert holding(prometheus) == []
                assert prometheus.targets() == dict.fromkeys(asked_jobs(asked), "up")
                await in_trouble(gateway, prometheus)
                await answered(prometheus)
            offered(prometheus)
            words_are_told(prometheus)
    everything_was_asked(shop)


def asked_jobs(asked: dict[str, Any]) -> list[str]:
    return [job["job_name"] for job in asked["scrape_configs"]]


async def until(so: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not so():  # noqa: ASYNC110 - Prometheus is asked, and tells nothing by itself
            await asyncio.sleep(0.3)


async def scraped(prometheus: RealPrometheus) -> None:
    """Until there is a rate of everything that is asked for."""
    await until(lambda: prometheus.asked(f"rate(listwright_lists_total[{RATE}]) > 0"))
    await asyncio.sleep(3)


def holding(prometheus: RealPrometheus) -> list[str]:
    """Alerts whose condition holds now, however long it would have to."""
    return [name for name, expr in alerts().items() if prometheus.asked(expr)]


async def in_trouble(gateway: Watched, prometheus: RealPrometheus) -> None:
    """The sidecar talks nonsense, then the engine until its breaker opens; then Redis is killed."""
    gateway.thinker.raw = b"data: <html>\n\n"
    await until(lambda: prometheus.asked('listwright_answers_total{degraded="true"} > 0'))
    gateway.thinker.raw = None
    gateway.stub.raw = b"data: <html>\n\n"
    await until_holding(prometheus, "ListwrightBreakerOpen", "ListwrightDegraded")
    gateway.stub.raw = None
    gateway.redis.stop()
    await until_holding(prometheus, "ListwrightHistoryUnavailable", "ListwrightEventsRefused")
    gateway.redis.start()
    await until(lambda: not prometheus.asked("listwright_breaker_state > 0"))


async def until_holding(prometheus: RealPrometheus, *names: str) -> None:
    await until(lambda: set(names) <= set(holding(prometheus)))


async def answered(prometheus: RealPrometheus) -> None:
    """Each query, by an instant at which it has a figure; what never has one is told."""
    left = list(queries())
    assert len(left) > 100
    for _ in range(20):
        left = [query for query in left if not figures(prometheus, substituted(query, RATE, SPAN))]
        if not left:
            return
        await asyncio.sleep(0.7)
    raise AssertionError("\n".join(map(str, left)))


def figures(prometheus: RealPrometheus, expr: str) -> list[float]:
    """Those that are numbers."""
    values = [float(sample["value"][1]) for sample in prometheus.asked(expr)]
    return [value for value in values if math.isfinite(value)]


def offered(prometheus: RealPrometheus) -> None:
    """What dashboards let one choose by is there to be chosen."""
    for board in DASHBOARDS.values():
        for metric, label in chosen(board).values():
            assert prometheus.values(metric, label), (metric, label)
    variants = prometheus.values("listwright_lists_total", "variant")
    assert {"default", "bold", "calm"} <= set(variants)


def words_are_told(prometheus: RealPrometheus) -> None:
    """A share of what is never told would be 0 for ever. Faults of ours alone are not seen here."""
    exprs = {*(query.expr for query in queries()), *alerts().values()}
    picked = {found for expr in exprs for found in PICKED.findall(expr)}
    words = {(*ask[:1], *word) for ask in picked for word in WORD.findall(ask[1])}
    assert len(words) > 15
    for metric, label, word in words - {("listwright_requests_total", "status", "500")}:
        assert word in prometheus.values(metric, label), (metric, label, word)


def everything_was_asked(shop: Shop) -> None:
    """Else a panel might be filled by zeros alone."""
    for path, status in (
        ("/recommend", 200), ("/recommend", 422), ("/recommend", 429), ("/recommend", 503),
        ("/answer", 200), ("/events", 200), ("/feedback", 200), ("/nowhere", 404),
    ):  # fmt: skip
        assert shop.answered[path, status], (path, status, shop.answered)
    assert not [each for each in shop.answered if each[1] == 500]
