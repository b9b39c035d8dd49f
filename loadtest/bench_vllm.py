"""Lists from one real vLLM by five roads, in one run: how many valid ones a second, at what cost.

    python -m loadtest.bench_vllm [--sizes 2000 20000 1000000] [--k 10] [--lists 1]

(a) free: written freely, checked, asked for again up to three times, once knowing the history
alone and once with 100 candidates in the prompt; (b) choice: vLLM's own `choice` over all titles, a
request a line; (c) schema: a JSON array of titles out of those 100; (d) plugin: the speller
inside the server; (e) unconstrained: as many tokens as (d), whatever they are.

For each size of catalogue a fresh server, for each peer 1, 4 and 16 requests side by side, each
until so many lists are made or `--seconds` have passed. (d) and (e) take turns, `--rounds` of
them, since the speed of a machine drifts by more than they differ. A peer whose first list takes
longer than `--patience` seconds counts as one that cannot.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from loadtest.real_vllm import with_plugin
from loadtest.report import table
from loadtest.vllm_peers import Made, Peer, Peers
from loadtest.vllm_world import User, World, catalogues, opened
from service.engines.local.checkpoint import ensure_checkpoint
from service.engines.local.smollm2 import MODEL
from service.engines.remote.engine import RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.settings import load_settings

CONCURRENT: Final = (1, 4, 16)
LISTS: Final = {1: 3, 4: 8, 16: 32}
"""How many lists are made at each concurrency, times `--lists`."""
ORDER: Final = "deascb"
PAIR: Final = "de"
"""Who take turns."""
NAMES: Final = {
    "a": "(a) free, 3 tries",
    "s": "(a) with candidates, 3 tries",
    "b": "(b) choice",
    "c": "(c) schema, 3 tries",
    "d": "(d) plugin",
    "e": "(e) unconstrained",
}
SEEDS_APART: Final = 1_000

HEADER: Final = [
    "", "side by side", "lists", "failed", "valid lists/s", "valid %", "tokens/list", "tokens/s",
    "p50 s", "p95 s", "first s", "second s",
]  # fmt: skip


@dataclass
class Run:
    """What one peer took at one concurrency, in all its turns."""

    concurrent: int
    wall: float = 0.0
    seconds: list[float] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    """Lists that nothing came of, by the kind of error."""

    @property
    def asked(self) -> int:
        """How many lists were asked for."""
        return len(self.made) + self.failed.total()

    @property
    def valid_rate(self) -> float:
        """Valid lists a second."""
        return sum(one.valid for one in self.made) / self.wall

    @property
    def token_rate(self) -> float:
        """Tokens a second."""
        return sum(one.tokens for one in self.made) / self.wall

    @property
    def tokens(self) -> float:
        """Tokens a list."""
        return statistics.mean(one.tokens for one in self.made) if self.made else 0.0


@dataclass(eq=False)
class Measured:
    """One peer: its first two lists alone, then its runs; or why there are none."""

    name: str
    peer: Peer
    seed: int
    alone: list[float] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    cannot: str = ""

    def at(self, concurrent: int) -> Run | None:
        """The run at one concurrency."""
        return next((run for run in self.runs if run.concurrent == concurrent), None)

    def rows(self) -> list[list[str]]:
        """Lines of the table."""
        if self.cannot:
            return [[self.name, self.cannot, *[""] * (len(HEADER) - 2)]]
        first, second = (f"{seconds:.2f}" for seconds in self.alone)
        return [self._row(run, first, second) for run in self.runs]

    def _row(self, run: Run, first: str, second: str) -> list[str]:
        ordered = sorted(run.seconds) or [math.nan]
        failed = ", ".join(f"{count} {kind}" for kind, count in run.failed.items())
        return [
            self.name,
            f"{run.concurrent}",
            f"{run.asked}",
            failed or "-",
            f"{run.valid_rate:.3f}",
            f"{100 * sum(one.valid for one in run.made) / run.asked:.0f}",
            f"{run.tokens:.0f}",
            f"{run.token_rate:.0f}",
            f"{statistics.median(ordered):.2f}",
            f"{ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]:.2f}",
            first,
            second,
        ]


@dataclass(frozen=True)
class Bench:
    """How much is measured, how long at most, and how long a first list is waited for."""

    lists: int
    seconds: float
    patience: float

    async def measure(self, world: World, turns: Sequence[Measured], rounds: int) -> None:
        """The first list and the second alone, then each concurrency with users of its own."""
        for one in turns:
            sys.stderr.write(f"{world.catalogue.size:,} titles: {one.name} ...\n")
            await self._begin(world, one)
        able = [one for one in turns if not one.cannot]
        for concurrent in CONCURRENT:
            runs = [Run(concurrent) for _ in able]
            for turn in range(rounds):
                for one, run in zip(able, runs, strict=True):
                    seed = one.seed + rounds * concurrent + turn
                    users = world.users(LISTS[concurrent] * self.lists, seed)
                    await self._run(run, users, one.peer)
            for one, run in zip(able, runs, strict=True):
                one.runs.append(run)

    async def _begin(self, world: World, one: Measured) -> None:
        """Two lists alone; without them it counts as one that cannot."""
        for user in world.users(2, one.seed):
            began = time.perf_counter()
            try:
                await asyncio.wait_for(one.peer(user), self.patience)
            except (TimeoutError, OSError, aiohttp.ClientError) as error:
                after = time.perf_counter() - began
                one.cannot = f"cannot: {type(error).__name__} {error} after {after:.0f} s"[:120]
                return
            one.alone.append(time.perf_counter() - began)

    async def _run(self, run: Run, users: list[User], peer: Peer) -> None:
        waiting = iter(users)
        began = time.perf_counter()

        async def work() -> None:
            for user in waiting:
                asked = time.perf_counter()
                try:
                    run.made.append(await asyncio.wait_for(peer(user), self.patience))
                    run.seconds.append(time.perf_counter() - asked)
                except (TimeoutError, OSError, aiohttp.ClientError) as error:
                    run.failed[type(error).__name__] += 1
                if time.perf_counter() - began > self.seconds:
                    return

        await asyncio.gather(*(work() for _ in range(run.concurrent)))
        run.wall += time.perf_counter() - began


async def compare(
    bench: Bench, url: str, world: World, letters: str, rounds: int
) -> list[Measured]:
    """The chosen peers against one server.

    `choice` comes last, for what it leaves compiling disturbs others. Everyone has users of their
    own: what the server has read for one peer would be in its cache for the next.
    """
    engine = VllmEngine(world.tokenizer, RemoteOptions(url))
    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3.0)
    async with aiohttp.ClientSession(url, timeout=timeout, connector=connector) as session:
        peers = Peers(session, engine, MODEL, world)
        world.item("")  # every title is looked up once, before anything is measured
        measured = {
            letter: Measured(NAMES[letter], _peer(peers, letter), place * SEEDS_APART)
            for place, letter in enumerate(ORDER, start=1)
            if letter in letters
        }
        try:
            # No peer's first list pays for vLLM's own beginnings, nor for the look at the server
            # that the service takes when it starts.
            await engine.trouble()
            await peers.unconstrained(world.users(1, seed=0)[0])
            await bench.measure(world, [measured[each] for each in PAIR if each in letters], rounds)
            for letter in (each for each in measured if each not in PAIR):
                await bench.measure(world, [measured[letter]], 1)
        finally:
            await engine.close()
    return list(measured.values())


def _peer(peers: Peers, letter: str) -> Peer:
    return {
        "d": peers.plugin,
        "e": peers.unconstrained,
        "a": peers.free,
        "s": peers.free_shown,
        "c": peers.schema,
        "b": peers.choice,
    }[letter]


def aims(size: int, measured: Sequence[Measured]) -> None:
    """The ratios that were aimed at, in words."""
    named = {one.name: one for one in measured}
    plugin = named.get(NAMES["d"])
    if plugin is None or plugin.cannot:
        return
    for run in plugin.runs:
        side = f"{size:,} titles, {run.concurrent} side by side"
        for peer in measured:
            if peer is plugin or (other := peer.at(run.concurrent)) is None:
                continue
            if peer.name == NAMES["e"]:
                ratio = run.token_rate / other.token_rate
                print(f"{side}: tokens/s, plugin against unconstrained: {ratio:.2f} (aim 0.95)")
            else:
                print(f"{side}: valid lists/s, plugin against {peer.name}: {_times(run, other)}")
    first, second = plugin.alone
    print(f"{size:,} titles: first list / second {first / second:.2f} (aim, at a million: 1.2)")


def _times(run: Run, other: Run) -> str:
    if other.valid_rate:
        return f"{run.valid_rate / other.valid_rate:.1f} times (aim, against free: 5)"
    return f"it made none of {other.asked}"


def main() -> None:
    """Start a server for each size, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000, 1_000_000])
    parser.add_argument("--peers", default=ORDER, help="letters of peers; s is (a) with candidates")
    parser.add_argument("--k", type=int, default=10, help="items in a list")
    parser.add_argument("--lists", type=int, default=1, help="how many times the usual lists")
    parser.add_argument("--seconds", type=float, default=20.0, help="longest run, about")
    parser.add_argument("--rounds", type=int, default=3, help="turns that (d) and (e) take")
    parser.add_argument("--patience", type=float, default=150.0, help="seconds for a first list")
    chosen = parser.parse_args()
    # A run that is told to end takes its server with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    cache = load_settings().cache.folder
    checkpoint = ensure_checkpoint(cache, print)
    tokenizer = ChatTokenizer(checkpoint, MODEL)
    paths = catalogues(cache / "bench-vllm", chosen.sizes)
    print(f"{platform.machine()}, {os.cpu_count()} cores, {MODEL}, lists of {chosen.k}")
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            server = with_plugin(Path(folder), checkpoint, paths[size].parent)
            server.start()
            try:
                world = opened(paths[size], tokenizer, chosen.k)
                bench = Bench(chosen.lists, chosen.seconds, chosen.patience)
                chosen_peers = compare(bench, server.url, world, chosen.peers, chosen.rounds)
                measured = asyncio.run(chosen_peers)
            finally:
                server.kill()
        rows = [row for one in sorted(measured, key=lambda one: one.name) for row in one.rows()]
        table(HEADER, rows, f"{size:,} titles")
        aims(size, measured)


if __name__ == "__main__":
    main()
