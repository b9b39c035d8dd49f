"""What a vLLM tells of itself: its own metrics' names, with figures that move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

COUNTED = (
    "vllm:prompt_tokens",
    "vllm:generation_tokens",
    "vllm:prefix_cache_queries",
    "vllm:prefix_cache_hits",
    "vllm:num_preemptions",
)
STANDING = ("vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc")
TIMED = ("vllm:time_to_first_token_seconds",)
LABELS = {"model_name": "stub-model", "engine": "0"}


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """Where they are read, host and port."""
    registry = CollectorRegistry()
    counters = [Counter(name, name, LABELS, registry=registry) for name in COUNTED]
    gauges = [Gauge(name, name, LABELS, registry=registry) for name in STANDING]
    timed = [Histogram(name, name, LABELS, registry=registry) for name in TIMED]

    async def told(_request: web.Request) -> web.Response:
        for counter in counters:
            counter.labels(**LABELS).inc(7)
        for gauge in gauges:
            gauge.labels(**LABELS).set(0.5)
        for histogram in timed:
            histogram.labels(**LABELS).observe(0.2)
        return web.Response(body=generate_latest(registry), content_type="text/plain")

    app = web.Application()
    app.router.add_get("/metrics", told)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)
