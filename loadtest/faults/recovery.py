"""Whether the service is whole again after a fault: asked until it is, but not for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import aiohttp
import orjson

from loadtest.faults.judging import has_thought
from loadtest.faults.ledger import Balance, Ledger
from loadtest.faults.outcome import OK
from loadtest.traffic.asks import Ask, Asker, Kind
from loadtest.traffic.checks import problems
from loadtest.traffic.goods import Goods

GIVEN_S: Final = 60.0
"""A breaker that has opened again and again rests for up to 37 s, and is tried out then."""

EVERY_S: Final = 0.1
ANSWER_S: Final = 10.0
USER: Final = "probe"
LENGTH: Final = 10

TRIED: Final = (Kind.EVENTS, Kind.LIST, Kind.QUESTION)
"""Of these something is missing where Redis, the engine or the sidecar is ill."""

_Whole: TypeAlias = Callable[[dict[str, Any]], bool]


class NotRecovered(RuntimeError):
    """Something is still missing after all the time that there is."""


class WrongAnswer(RuntimeError):
    """What was answered on the way is not right."""


@dataclass(slots=True)
class Probe:
    """A customer who tries all there is, one thing after another, with events of its own."""

    goods: Goods
    url: str
    key: str
    deadline_ms: int
    given: float = GIVEN_S
    ledger: Ledger = field(default_factory=lambda: Ledger(seed=2))
    asker: Asker = field(init=False)
    _lists: int = 0

    def __post_init__(self) -> None:
        self.asker = Asker(self.goods, 2, self.deadline_ms, USER, "sidecar")

    def session(self) -> aiohttp.ClientSession:
        """To ask with."""
        headers = {"content-type": "application/json", "x-api-key": self.key}
        patience = aiohttp.ClientTimeout(ANSWER_S)
        return aiohttp.ClientSession(self.url, headers=headers, timeout=patience)

    async def recovered(self, since: float) -> float:
        """Seconds until nothing was missing any more; NotRecovered, WrongAnswer."""
        until = time.monotonic() + self.given
        async with self.session() as session:
            while missing := await self._missing(session):
                if time.monotonic() > until:
                    said = "; ".join(missing)
                    raise NotRecovered(f"not whole after {self.given:.0f} s: {said}")
                await asyncio.sleep(EVERY_S)
        return time.monotonic() - since

    async def misses(self, kinds: Collection[Kind]) -> list[str]:
        """What is missing of these, which are asked for once."""
        async with self.session() as session:
            said = [await self._lacks(session, kind) for kind in kinds]
        return [each for each in said if each]

    async def kept(self) -> Balance:
        """What became of its events; those that nobody acknowledged are sent once more before."""
        async with self.session() as session:
            await self.ledger.settle(session)
            return await self.ledger.kept(session)

    async def _missing(self, session: aiohttp.ClientSession) -> list[str]:
        """An event, a model's list for whom it is of, a question with a thought, the breakers."""
        said = [await self._lacks(session, kind) for kind in TRIED]
        return [each for each in (*said, await _degraded(session)) if each]

    def _wish(self, kind: Kind) -> tuple[Ask, _Whole]:
        """What is asked, and whether an answer has all that can be had."""
        match kind:
            case Kind.EVENTS:
                met = self.asker.ask(Kind.EVENTS).body["events"][0] | {"user_id": USER}
                event = Ask(Kind.EVENTS, {"events": [met]}, USER)
                return self.ledger.entered(event), lambda _: True
            case Kind.LIST:
                self._lists += 1
                # With a seed that no list had before, it is none that was made before.
                body = {"user_id": USER, "k": LENGTH, "strategy": "generate", "seed": self._lists}
                body |= {"deadline_ms": self.deadline_ms}
                return Ask(Kind.LIST, body, USER), _is_made_by_the_model
            case _:
                return self.asker.ask(Kind.QUESTION), has_thought

    async def _lacks(self, session: aiohttp.ClientSession, kind: Kind) -> str:
        """Why an answer will not do; empty if it will."""
        ask, whole = self._wish(kind)
        route, met = kind.value, frozenset(self.ledger.met.get(USER, ()))
        try:
            async with session.post(route, data=orjson.dumps(ask.body)) as response:
                status, said = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"{route}: {type(error).__name__}"
        if status != OK:
            return f"{route}: {status} {said.decode('utf-8', 'replace')}"
        answer = orjson.loads(said)
        if wrong := problems(ask, answer, met, self.goods):
            raise WrongAnswer(f"{route}: {'; '.join(wrong)}")
        if ask.kind is Kind.EVENTS:
            self.ledger.acknowledge(ask.body["events"])
        return "" if whole(answer) else f"{route}: it does without something"


def _is_made_by_the_model(answer: dict[str, Any]) -> bool:
    """For this request: one that was made before says nothing of now."""
    receipt = answer["receipt"]
    return answer["origin"] == "made" and receipt["path"] == "llm" and not receipt["degraded"]


async def _degraded(session: aiohttp.ClientSession) -> str:
    """What the service says that it has to do without; a breaker that is not closed is told."""
    try:
        async with session.get("/readyz") as response:
            told = orjson.loads(await response.read())
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"/readyz: {type(error).__name__}"
    return f"/readyz: {'; '.join(told['degraded'])}" if told["degraded"] else ""
