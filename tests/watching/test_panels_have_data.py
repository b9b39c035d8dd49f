"""A real Prometheus asks a gateway under load: every query of every panel has an answer."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import yaml
from engines.stub_server import MODEL
from ground import REPOSITORY
from panels_read import DASHBOARDS, chosen, queries, substituted
from real_prometheus import RealPrometheus, real_prometheus
from shopping import Shop, shopping
from troubles import alerts, holding, in_trouble, until
from vllm_figures import served as vllm
from watched_gateway import key, watched_gateway

PROMETHEUS = REPOSITORY / "deploy" / "prometheus"
RATE, SPAN = "10s", "1m"
"""What Grafana would put for $__rate_interval and $__range: Prometheus asks each second here."""

UNSPOILT = "what a server spells is walked over by the speller here, and cut where it strays"
STILL = {
    ("engines", "Tokens by kind", "D"): "of a model in the process, which there is none of here",
    ("experiments", "What they cost", "D"): UNSPOILT,
    ("experiments", "Violations for each list", "A"): UNSPOILT,
    ("quality", "Violations found", "A"): UNSPOILT,
    ("quality", "Violations by kind", "A"): UNSPOILT,
    ("quality", "Broken promises", "A"): "never, or there is something to be mended",
}
"""Queries that are to stay at 0 under everything that happens here, and why."""

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


async def test_every_query_of_every_panel_has_an_answer_and_alerts_know_calm_from_trouble(
    tmp_path: Path, cache_dir: Path
) -> None:
    async with watched_gateway(tmp_path, cache_dir) as gateway, vllm() as figures:
        at = gateway.url.removeprefix("http://")
        asked = config(tmp_path, listwright=at, vllm=figures, prometheus="127.0.0.1:{port}")
        with real_prometheus(tmp_path, asked) as prometheus:
            begun = time.time()
            async with shopping(gateway.url) as shop:
                await scraped(prometheus)
                assert holding(prometheus) == []
                assert prometheus.targets() == dict.fromkeys(asked_jobs(asked), "up")
                await in_trouble(gateway, shop, prometheus)
                answered(prometheus, begun)
            offered(prometheus)
            variants_are_told_apart(prometheus)
            words_are_told(prometheus)
    everything_was_asked(shop)


def asked_jobs(asked: dict[str, Any]) -> list[str]:
    return [job["job_name"] for job in asked["scrape_configs"]]


async def scraped(prometheus: RealPrometheus) -> None:
    """Until there is a rate of everything that is asked for."""
    await until(lambda: prometheus.asked(f"rate(listwright_lists_total[{RATE}]) > 0"))
    await asyncio.sleep(3)


def answered(prometheus: RealPrometheus, begun: float) -> None:
    """Each query has had a figure, and one that is not 0 but where it says why not."""
    told = {each: prometheus.over(substituted(each, RATE, SPAN), begun) for each in queries()}
    assert len(told) > 100
    assert not [str(each) for each, figures in told.items() if not figures]
    still = {each for each, figures in told.items() if not any(figures)}
    assert {(each.dashboard, each.panel, each.letter) for each in still} == STILL.keys()


def variants_are_told_apart(prometheus: RealPrometheus) -> None:
    """One that differs by an adapter alone: in what is made, what is clicked, how it obeys."""
    for metric in (
        *("listwright_lists_total", "listwright_list_seconds_count"),
        *("listwright_feedback_total", "listwright_draft_lines_total"),
    ):
        models = {
            variant: prometheus.values(f'{metric}{{variant="{variant}", model!="none"}}', "model")
            for variant in ("calm", "tuned")
        }
        assert models["calm"] == [MODEL]
        (tuned,) = models["tuned"]
        assert tuned.startswith("tuned@")


def offered(prometheus: RealPrometheus) -> None:
    """What dashboards let one choose by is there to be chosen."""
    for board in DASHBOARDS.values():
        for metric, label in chosen(board).values():
            assert prometheus.values(metric, label), (metric, label)
    variants = prometheus.values("listwright_lists_total", "variant")
    assert {"default", "bold", "calm", "tuned"} <= set(variants)


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
