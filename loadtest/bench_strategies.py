"""Generate, rank and retrieve side by side, over HTTP: speed, tokens, and how good the lists are.

    python -m loadtest.bench_strategies [--catalogue DIR] [--users N] [--engine KIND]

A service on one core of its own makes lists for the same users by each strategy, for one client,
for four and for eight at a time; the clients have the other cores. Each of the three rounds has a
service of its own, and prompts that nobody has read before. What each user met last is left out of
the history and asked for. These are validation users: by them training was stopped and the blends
were fitted, and popularity has counted what is asked for. So NDCG tells the strategies apart here,
and no more: `python -m models.evaluate recommend` tells how good they are. Without --catalogue it
is the demo shop, trained and tuned. A list that came by another strategy, was not whole in time or
was refused for want of time has failed: it gains nothing, and its time counts for no percentile.
NDCG is over the users that every strategy was asked for at least once; where time ran out that is
fewer.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import numpy as np

from loadtest.report import table
from loadtest.served import figure, served, split_cores
from models.data.split import sampled
from models.tune.held import held_out
from service.catalog.artifact import load
from service.cli.console import errors_told
from service.cli.demo import shop
from service.retrieval.ranker import load_ranker, ranker_root
from service.settings import load_settings

K: Final = 10
STRATEGIES: Final = ("generate", "rank", "retrieve")
SIDE_BY_SIDE: Final = (1, 4, 8)
FIRST: Final = 3
"""So many users' lists are made before any counts."""

QUICK: Final = 20
"""Times as many lists are asked of retrieve: it needs them for a 99th percentile."""

DEADLINE_MS: Final = 60_000
SHED: Final = frozenset({429, 503})
"""How the service says that it has too much to do."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A user to make a list for, and what was met next."""

    history: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Load:
    """What came of the lists of one strategy."""

    strategy: str
    clients: int
    milliseconds: Sequence[float]
    """Of lists that came as asked."""
    seconds: float
    gains: Mapping[int, float]
    """Of each user that was asked about, by place."""
    failed: int
    forwarded: float | None
    """Tokens; None where the engine does not tell."""

    @property
    def lists(self) -> int:
        """How many were asked for."""
        return len(self.milliseconds) + self.failed

    def percentile(self, share: float) -> float:
        """Milliseconds below which this share of the lists came; NaN if none did."""
        return float(np.percentile(self.milliseconds, share)) if self.milliseconds else math.nan

    def row(self, users: Collection[int]) -> list[str]:
        """As a line of the table, its NDCG over these users."""
        gains = [self.gains[user] for user in users]
        return [
            f"{self.strategy}, {self.clients} at a time",
            str(self.lists),
            f"{len(self.milliseconds) / self.seconds:.1f}",
            *(_told(self.percentile(share), ".1f") for share in (50, 95, 99)),
            "-" if self.forwarded is None else f"{self.forwarded / max(self.lists, 1):.0f}",
            _told(float(np.mean(gains)) if gains else math.nan, ".4f"),
            str(self.failed),
        ]


def main() -> None:
    """Start the service, load it, and print what came of it."""
    options = _options()
    catalogue = options.catalogue or shop(load_settings(), load_settings().cache.folder / "demo")
    first, asked = _parted(list(_asked(catalogue, options.users + FIRST)))
    cores, others = split_cores()
    os.sched_setaffinity(0, others)
    loads = []
    for clients in SIDE_BY_SIDE:
        with served(catalogue, cores, _variables(options, clients)) as url:
            loads += asyncio.run(_round(url, first, asked, (clients, options.seconds)))
    loads.sort(key=lambda load: STRATEGIES.index(load.strategy))
    print(f"{len(asked)} users, k={K}; the service on core {sorted(cores)}, clients on others")
    together = common(loads)
    print(f"NDCG over {len(together)} validation users: in-sample, popularity has met the targets")
    header = ["", "lists", "lists/s", "p50 ms", "p95", "p99", "forward tokens", "NDCG@10", "failed"]
    table(header, [load.row(together) for load in loads])
    for clients in SIDE_BY_SIDE:
        _say_ratios({load.strategy: load for load in loads if load.clients == clients})


def _parted(asked: Sequence[Ask]) -> tuple[Sequence[Ask], Sequence[Ask]]:
    """Users to warm up with, and those that count; a catalogue of few users lends none."""
    return (asked[:FIRST], asked[FIRST:]) if len(asked) > FIRST else (asked, asked)


def _variables(options: argparse.Namespace, clients: int) -> dict[str, str]:
    """The service's settings; prompts read in another round would make this one free."""
    engine = {"KIND": options.engine, "THREADS": "1", "KEPT": "0"}
    if options.engine_url:
        engine["URL"] = options.engine_url
    if options.engine == "vllm":
        engine["TENANT"] = f"bench {os.getpid()} {clients}"
    return {f"LISTWRIGHT_ENGINE__{name}": value for name, value in engine.items()}


def common(loads: Iterable[Load]) -> frozenset[int]:
    """The users that were asked about in every load."""
    return frozenset.intersection(*(frozenset(load.gains) for load in loads))


async def _round(
    url: str, first: Sequence[Ask], asked: Sequence[Ask], how: tuple[int, float]
) -> list[Load]:
    """Every strategy, by so many clients, each for so many seconds at the longest."""
    clients, seconds = how
    loads = []
    async with aiohttp.ClientSession() as session:
        for strategy in STRATEGIES:
            await loaded(session, url, first, (strategy, 1, seconds))
            loads.append(await loaded(session, url, asked, (strategy, clients, seconds)))
    return loads


async def loaded(
    session: aiohttp.ClientSession, url: str, asked: Sequence[Ask], how: tuple[str, int, float]
) -> Load:
    """Every user once, retrieve many times over; no new list once the time is up."""
    strategy, clients, seconds = how
    rounds = QUICK if strategy == "retrieve" else 1
    queue = iter([user for _ in range(rounds) for user in range(len(asked))])
    spent: list[float] = []
    gains: dict[int, float] = {}
    failed = 0
    before, began = await _forwarded(url), time.perf_counter()

    async def client() -> None:
        nonlocal failed
        for user in queue:
            if time.perf_counter() - began > seconds:
                return
            start = time.perf_counter()
            made = await _list(session, url, asked[user], strategy)
            if made is None or _otherwise(made["receipt"], strategy):
                failed += 1
                gains.setdefault(user, 0.0)
                continue
            spent.append(1e3 * (time.perf_counter() - start))
            gains.setdefault(user, _gain(made, asked[user]))

    await asyncio.gather(*(client() for _ in range(clients)))
    took = time.perf_counter() - began
    forwarded = await _forwarded(url) - before
    # A model that made lists has read something: an engine that does not tell is counted as 0.
    known = forwarded or strategy == "retrieve"
    return Load(strategy, clients, spent, took, gains, failed, forwarded if known else None)


async def _forwarded(url: str) -> float:
    return await asyncio.to_thread(figure, url, "listwright_engine_forward_tokens_total")


async def _list(
    session: aiohttp.ClientSession, url: str, one: Ask, strategy: str
) -> dict[str, Any] | None:
    """The answer; None where the service has too much to do for one."""
    body = {
        "history": one.history,
        "k": K,
        "strategy": strategy,
        "deadline_ms": DEADLINE_MS,
    }
    async with session.post(f"{url}/recommend", json=body) as answer:
        if answer.status in SHED:
            return None
        answer.raise_for_status()
        made: dict[str, Any] = await answer.json()
        return made


def _otherwise(receipt: Mapping[str, Any], strategy: str) -> bool:
    return receipt["strategy"] != strategy or bool(receipt["degraded"])


def _gain(made: dict[str, Any], one: Ask) -> float:
    ids = [item["id"] for item in made["items"]]
    return 1 / math.log2(ids.index(one.target) + 2) if one.target in ids else 0.0


def _asked(catalogue: Path, users: int) -> Iterator[Ask]:
    there = load(catalogue)
    _, cases = held_out(there, load_ranker(ranker_root(catalogue)))
    for case in sampled(cases, users, seed=1):
        met = tuple(there.item(row).id for row in case.history.tolist())
        yield Ask(met, there.item(case.target).id)


def _say_ratios(by: dict[str, Load]) -> None:
    generate = by["generate"].percentile(50)
    for strategy in ("rank", "retrieve"):
        ratio = by[strategy].percentile(50) / generate
        told = _told(ratio, ".3f")
        print(f"{strategy} / generate, p50, {by[strategy].clients} at a time: {told}")


def _told(figure: float, form: str) -> str:
    return "-" if math.isnan(figure) else format(figure, form)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--catalogue", type=Path, help="a built catalogue with a ranker")
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60, help="the longest a load may take")
    parser.add_argument("--engine", default="embedded", help="embedded, vllm or openai")
    parser.add_argument("--engine-url", help="where its server is")
    return parser.parse_args()


if __name__ == "__main__":
    with errors_told():
        main()
