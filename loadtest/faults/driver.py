"""The load, in a process of its own: open-loop, so that a slow service is not asked less.

    python -m loadtest.faults.driver --url URL --catalogue DIR --seed N

Commands come as lines of JSON on stdin, and what came of each goes to stdout as one line. Requests
are due at moments drawn beforehand, and latencies count from there: whatever makes a request late,
be it this process, shows in them. Answers are checked once the phase is over.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import numpy as np
import orjson
import uvloop

from loadtest.faults.figures import OK, SHED, Figures, Outcome, figures
from loadtest.traffic.asks import Ask, Asker, Kind
from loadtest.traffic.checks import problems
from loadtest.traffic.goods import Goods, goods_in

KEY: Final = "LOADTEST_KEY"
GIVEN_UP_S: Final = 10.0
"""After its deadline an answer is waited for so long."""

KEPT_ALIVE_S: Final = 3.0
"""Idle connections are let go of before the service does it: whoever sends then is cut off."""

POLLED_S: Final = 0.1
"""How often a balancer asks whether the service is ready."""

REMEMBERED: Final = 50
LONGEST: Final = 200
"""Characters that are shown of an answer."""

SIDE_BY_SIDE: Final = 8


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that was sent, and its answer as it came."""

    ask: Ask
    met: frozenset[str]
    """What its user was known to have met when it was sent."""
    status: int | None
    said: bytes
    milliseconds: float
    lag_ms: float


@dataclass(slots=True)
class Driver:
    """Asks, and remembers what the service acknowledged."""

    goods: Goods
    asker: Asker
    session: aiohttp.ClientSession
    acknowledged: dict[str, set[str]] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    lists: deque[Mapping[str, Any]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    ready: bool = True

    async def open(
        self, seconds: float, rate: float, deadline_ms: int, *, until_unready: bool = False
    ) -> Figures:
        """Send requests at random moments, so many a second, whatever becomes of them."""
        asks = self._drawn(int(seconds * rate), deadline_ms)
        dice = np.random.default_rng(len(asks))
        dues = np.sort(dice.uniform(0, seconds, len(asks))).tolist()
        began, sent = time.perf_counter(), []
        polling = asyncio.create_task(self._poll()) if until_unready else None
        for ask, due in zip(asks, dues, strict=True):
            if (wait := began + due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            if not self.ready:
                break
            sent.append(asyncio.create_task(self._send(ask, began + due)))
        await asyncio.gather(*sent)
        if polling is not None:
            polling.cancel()
        self.ready = True
        return self._judged(seconds, deadline_ms)

    async def closed(self, seconds: float, clients: int, deadline_ms: int) -> Figures:
        """So many clients, each of whom asks the next thing once it is answered."""
        began = time.perf_counter()

        async def client() -> None:
            while time.perf_counter() < began + seconds:
                await self._send(self._drawn(1, deadline_ms)[0], time.perf_counter())

        await asyncio.gather(*(client() for _ in range(clients)))
        return self._judged(time.perf_counter() - began, deadline_ms)

    async def lost(self) -> dict[str, int]:
        """How many events were acknowledged, and how many of them are not remembered."""
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def missing(user: str, met: set[str]) -> int:
            async with places, self.session.get(f"/users/{user}/history") as answer:
                answer.raise_for_status()
                told = orjson.loads(await answer.read())
            return len(met - {item["id"] for item in told["items"]})

        found = await asyncio.gather(*(missing(*each) for each in self.acknowledged.items()))
        return {"acknowledged": sum(map(len, self.acknowledged.values())), "lost": sum(found)}

    def _drawn(self, count: int, deadline_ms: int) -> list[Ask]:
        self.asker.deadline_ms = deadline_ms
        return [
            self.asker.ask(self.asker.kind(), random.choice(self.lists) if self.lists else None)
            for _ in range(count)
        ]

    async def _send(self, ask: Ask, due: float) -> None:
        met, lag = frozenset(self.acknowledged.get(ask.user or "", ())), time.perf_counter() - due
        patience = ask.body.get("deadline_ms", 0) / 1e3 + GIVEN_UP_S
        status, said = None, b""
        try:
            async with self.session.post(
                ask.kind.value,
                data=orjson.dumps(ask.body),
                timeout=aiohttp.ClientTimeout(patience),
            ) as answer:
                said = await answer.read()
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            said = f"{type(error).__name__}: {error}".encode()
        spent = time.perf_counter() - due
        self.taken.append(Taken(ask, met, status, said, 1e3 * spent, 1e3 * lag))
        if status == OK:
            self._learn(ask, said)

    def _learn(self, ask: Ask, said: bytes) -> None:
        """At once: whoever asks next of a user has to be told of what was met before."""
        if ask.kind is Kind.EVENTS:
            for event in ask.body["events"]:
                self.acknowledged.setdefault(event["user_id"], set()).add(event["item_id"])
        elif ask.kind is Kind.LIST and len(self.taken) % REMEMBERED == 0:
            self.lists.append(orjson.loads(said))

    async def _poll(self) -> None:
        """As a balancer does: once the service says that it is not ready, it is asked no more."""
        while self.ready:
            async with self.session.get("/readyz") as answer:
                self.ready = answer.status == OK
            await asyncio.sleep(POLLED_S)

    def _judged(self, seconds: float, deadline_ms: int) -> Figures:
        taken, self.taken = self.taken, []
        return figures([self._outcome(one) for one in taken], seconds, deadline_ms)

    def _outcome(self, one: Taken) -> Outcome:
        answer: dict[str, Any] = {}
        wrong: list[str] = []
        if one.status == OK:
            answer = orjson.loads(one.said)
            wrong = problems(one.ask, answer, one.met, self.goods)
        elif one.status not in SHED:
            wrong = [one.said.decode("utf-8", "replace")[:LONGEST]]
        made = answer.get("receipt", answer)
        return Outcome(
            kind=one.ask.kind,
            status=one.status,
            milliseconds=one.milliseconds,
            lag_ms=one.lag_ms,
            wrong=wrong,
            code=_code(one.said) if one.status in SHED else None,
            path=made.get("path"),
            degraded=bool(made.get("degraded")),
            thought=_has_thought(answer),
        )


def _code(said: bytes) -> str:
    """What the service calls an error; it may have been said by its HTTP server, in plain text."""
    try:
        return str(orjson.loads(said)["error"]["code"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return said.decode("utf-8", "replace")[:LONGEST]


def _has_thought(answer: Mapping[str, Any]) -> bool:
    """Whether a small model had a part in an answer."""
    told = answer.get("supplements", ())
    return any(each["kind"] == "thought" and each["used"] for each in told)


async def _serve(options: argparse.Namespace) -> None:
    """Do as each line says, until there are no more."""
    goods = goods_in(options.catalogue)
    headers = {"content-type": "application/json", "x-api-key": os.environ[KEY]}
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_ALIVE_S)
    async with aiohttp.ClientSession(options.url, connector=connector, headers=headers) as session:
        driver = Driver(goods, Asker(goods, options.seed, cot="sidecar"), session)
        while line := await asyncio.to_thread(sys.stdin.readline):
            command = orjson.loads(line)
            # A collection in the middle of a phase would be a pause of ours in its latencies.
            gc.collect()
            gc.disable()
            done = await getattr(driver, command.pop("do"))(**command)
            gc.enable()
            told = asdict(done) if isinstance(done, Figures) else done
            sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
            sys.stdout.buffer.flush()


def main() -> None:
    """Serve the orchestrator until it closes stdin."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", required=True)
    parser.add_argument("--catalogue", required=True, type=Path)
    parser.add_argument("--seed", type=int, default=1)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
