"""Everything that goes wrong with what a gateway leans on, one after another, and mended again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import yaml
from ground import REPOSITORY
from real_prometheus import RealPrometheus
from shopping import Shop
from watched_gateway import Watched

from service.retrieval.ranker import ranker_root
from service.versions import point

RULES: Final = REPOSITORY / "deploy" / "prometheus" / "alerts.yml"
PATIENCE_S: Final = 40.0
NONSENSE: Final = b"data: <html>\n\n"


def alerts() -> dict[str, str]:
    """What each of them asks."""
    groups: list[dict[str, Any]] = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    return {rule["alert"]: rule["expr"] for rule in rules if "alert" in rule}


def holding(prometheus: RealPrometheus) -> list[str]:
    """Alerts whose condition holds now, however long it would have to."""
    return [name for name, expr in alerts().items() if prometheus.asked(expr)]


async def until(so: Callable[[], object]) -> None:
    """As soon as Prometheus knows it."""
    async with asyncio.timeout(PATIENCE_S):
        while not so():  # noqa: ASYNC110 - Prometheus is asked, and tells nothing by itself
            await asyncio.sleep(0.3)


async def in_trouble(gateway: Watched, shop: Shop, prometheus: RealPrometheus) -> None:
    """Each part by itself; Redis last, without which there is little to be seen of the others."""
    await asyncio.gather(
        engine_in_trouble(gateway, shop, prometheus),
        sidecar_in_trouble(gateway, prometheus),
        published_in_vain(gateway, prometheus),
    )
    gateway.redis.stop()
    await until_holding(
        prometheus,
        *("ListwrightHistoryUnavailable", "ListwrightEventsRefused", "ListwrightStoreUnsafe"),
    )
    gateway.redis.start()
    await until(lambda: not prometheus.asked("listwright_breaker_state > 0"))


async def engine_in_trouble(gateway: Watched, shop: Shop, prometheus: RealPrometheus) -> None:
    """Too much is asked of it, it breaks off, is not ready; then it talks until it is not asked."""
    gateway.stub.silent = 1.5
    await asyncio.gather(shop.crowd(), until_holding(prometheus, "ListwrightQueueLong"))
    gateway.stub.silent = 0.0
    gateway.stub.end_after = 6
    await until_grows(prometheus, "listwright_repairs_total")
    gateway.stub.end_after = None
    gateway.stub.statuses["/v1/completions"] = 503
    await until_grows(prometheus, "listwright_upstream_retries_total")
    gateway.stub.statuses.clear()
    gateway.stub.raw = NONSENSE
    await until_holding(prometheus, "ListwrightBreakerOpen", "ListwrightDegraded")
    gateway.stub.raw = None


async def sidecar_in_trouble(gateway: Watched, prometheus: RealPrometheus) -> None:
    """It talks nonsense."""
    gateway.thinker.raw = NONSENSE
    await until_grows(prometheus, 'listwright_answers_total{degraded="true"}')
    gateway.thinker.raw = None


async def published_in_vain(gateway: Watched, prometheus: RealPrometheus) -> None:
    """Keys that are none, and a ranker that is not there."""
    root = ranker_root(gateway.catalogue)
    root.mkdir(exist_ok=True)
    point(root, "a" * 12)
    keys = gateway.keys.read_text("utf-8")
    gateway.keys.write_text("keys, keys", "utf-8")
    await until(lambda: stuck(prometheus) == {"keys", "ranker"})
    gateway.keys.write_text(keys, "utf-8")
    await until(lambda: stuck(prometheus) == {"ranker"})


async def until_grows(prometheus: RealPrometheus, counter: str) -> None:
    """A series that began late has no rate with its first figure."""
    await until(lambda: prometheus.asked(f"sum(rate({counter}[10s])) > 0"))


def stuck(prometheus: RealPrometheus) -> set[str]:
    """The parts of which an alert tells."""
    return {each["metric"]["part"] for each in prometheus.asked(alerts()["ListwrightPartStuck"])}


async def until_holding(prometheus: RealPrometheus, *names: str) -> None:
    """Until these alerts' conditions hold, whichever else do."""
    await until(lambda: set(names) <= set(holding(prometheus)))
