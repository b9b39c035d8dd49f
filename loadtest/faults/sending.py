"""Sending: what is asked, when, and what is learned from the answers at once.

Requests of an open load are due at moments drawn beforehand, and latencies count from there:
whatever makes a request late, be it this process, shows in them. Answers are judged later.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import numpy as np
import orjson

from loadtest.faults.figures import Figures, figures
from loadtest.faults.judging import Taken, judged
from loadtest.faults.ledger import Balance, Ledger
from loadtest.faults.outcome import OK, Excuse, Window
from loadtest.traffic.asks import Ask, Asker, Kind
from loadtest.traffic.goods import Goods

BY_NAME: Final = "x-api-key"
GIVEN_UP_S: Final = 10.0
"""After its deadline an answer is waited for so long."""

POLLED_S: Final = 0.1
"""How often a balancer asks whether the service is ready."""

REMEMBERED: Final = 50
"""Lists that feedback may be about; one of as many that are told is taken."""

EARLY: Final = 0.5
"""Part of its deadline in which a list has to be there, to be noted for sure."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How requests are sent, to whom, and how long."""

    seconds: float
    deadline_ms: int
    rate: float = 0.0
    clients: int = 0
    until_unready: bool = False
    """As a balancer does: once the service says that it is not ready, it is asked no more."""
    limited: bool = False
    """With the key that may not ask without end."""
    sound: bool = True
    """Whether all that is told can be noted: feedback on it has to be taken later."""


@dataclass(slots=True)
class Driver:
    """Asks, and remembers what the service acknowledged."""

    goods: Goods
    asker: Asker
    session: aiohttp.ClientSession
    few: str = ""
    ledger: Ledger = field(default_factory=Ledger)
    taken: list[Taken] = field(default_factory=list)
    lists: deque[Mapping[str, Any]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    ready: bool = True
    spent: float = 0.0
    """Seconds of the phase that was sent."""

    async def open(self, pace: Pace) -> None:
        """Send requests at random moments, so many a second, whatever becomes of them."""
        asks = self._drawn(int(pace.seconds * pace.rate), pace.deadline_ms)
        dice = np.random.default_rng(len(asks))
        dues = np.sort(dice.uniform(0, pace.seconds, len(asks))).tolist()
        began, sent = time.monotonic(), []
        polling = asyncio.create_task(self._poll()) if pace.until_unready else None
        for ask, due in zip(asks, dues, strict=True):
            if (wait := began + due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            if not self.ready:
                break
            sent.append(asyncio.create_task(self._send(ask, began + due, pace)))
        await asyncio.gather(*sent)
        if polling is not None:
            polling.cancel()
        self.ready, self.spent = True, pace.seconds

    async def closed(self, pace: Pace) -> None:
        """So many clients, each of whom asks the next thing once it is answered."""
        began = time.monotonic()

        async def client() -> None:
            while time.monotonic() < began + pace.seconds:
                (ask,) = self._drawn(1, pace.deadline_ms)
                await self._send(ask, time.monotonic(), pace)

        await asyncio.gather(*(client() for _ in range(pace.clients)))
        self.spent = time.monotonic() - began

    def judged(self, deadline_ms: int, excuse: Excuse, window: Window | None) -> Figures:
        """What came of all that was sent since the last time."""
        outcomes = [judged(one, self.goods) for one in self.taken]
        self.taken = []
        return figures(outcomes, self.spent, deadline_ms, excuse, window)

    async def kept(self) -> Balance:
        """What became of the events; those that nobody acknowledged are sent once more before."""
        await self.ledger.settle(self.session)
        return await self.ledger.kept(self.session)

    def _drawn(self, count: int, deadline_ms: int) -> list[Ask]:
        self.asker.deadline_ms = deadline_ms
        drawn = (
            self.asker.ask(self.asker.kind(), random.choice(self.lists) if self.lists else None)
            for _ in range(count)
        )
        return [self.ledger.entered(ask) for ask in drawn]

    async def _send(self, ask: Ask, due: float, pace: Pace) -> None:
        met = frozenset(self.ledger.met.get(ask.user or "", ()))
        again = ask.kind is Kind.EVENTS and self.ledger.has(ask)
        lag = time.monotonic() - due
        status, said = await self._told(ask, pace)
        spent = time.monotonic() - due
        self.taken.append(Taken(ask, met, again, due, 1e3 * lag, 1e3 * spent, status, said))
        if status == OK:
            self._learn(ask, said, sure=pace.sound and 1e3 * spent < EARLY * pace.deadline_ms)

    async def _told(self, ask: Ask, pace: Pace) -> tuple[int | None, bytes]:
        """Status and body; what went wrong instead of it where there is none."""
        try:
            async with self.session.post(
                ask.kind.value,
                data=orjson.dumps(ask.body),
                headers={BY_NAME: self.few} if pace.limited else None,
                timeout=aiohttp.ClientTimeout(ask.body.get("deadline_ms", 0) / 1e3 + GIVEN_UP_S),
            ) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return None, f"{type(error).__name__}: {error}".encode()

    def _learn(self, ask: Ask, said: bytes, *, sure: bool) -> None:
        """At once: whoever asks next of a user has to be told of what was met before."""
        if ask.kind is Kind.EVENTS:
            self.ledger.acknowledge(ask.body["events"])
        elif ask.kind is Kind.LIST and sure and len(self.taken) % REMEMBERED == 0:
            self.lists.append(orjson.loads(said))

    async def _poll(self) -> None:
        """Whether the service is still ready."""
        while self.ready:
            async with self.session.get("/readyz") as answer:
                self.ready = answer.status == OK
            await asyncio.sleep(POLLED_S)
