"""What users met, as it was sent and acknowledged, to be compared with what is remembered of it.

Each event has a moment of its own, so that it is known in which order all of them have to stand.
Some come late, and some are sent twice: a history follows from its events alone.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
import orjson

from loadtest.traffic.asks import Ask, Kind

AGAIN: Final = 0.1
"""Part of the events that were sent a little before, in the same words."""

LATE: Final = 0.1
"""Part of them that is told as being of an hour ago."""

LATE_MS: Final = 3_600_000
RECENT: Final = 20
BATCH: Final = 200
SIDE_BY_SIDE: Final = 8
MILLISECOND: Final = timedelta(milliseconds=1)

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of the events that were acknowledged."""

    acknowledged: int
    lost: int = 0
    doubled: int = 0
    """How often one counts more than once."""
    misplaced: int = 0
    """Users whose events are all there, in another order than that of their moments."""

    def __add__(self, other: Balance) -> Balance:
        return Balance(
            self.acknowledged + other.acknowledged,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.misplaced + other.misplaced,
        )


@dataclass(slots=True)
class Ledger:
    """All events of one who sends them."""

    seed: int = 1
    met: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The items of what was acknowledged, by user."""
    _sent: dict[str, Event] = field(default_factory=dict)
    _acknowledged: set[str] = field(default_factory=set)
    _count: int = 0
    _recent: deque[Ask] = field(default_factory=lambda: deque(maxlen=RECENT))
    _dice: random.Random = field(init=False)
    _first: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        now = datetime.fromtimestamp(int(time.time()), UTC)
        self._first = now - timedelta(hours=1)

    def entered(self, ask: Ask) -> Ask:
        """What is to be sent: an event with its moment, or one of those before it once more."""
        if ask.kind is not Kind.EVENTS:
            return ask
        if self._recent and self._dice.random() < AGAIN:
            return self._dice.choice(self._recent)
        events = [self._dated(event) for event in ask.body["events"]]
        self._sent |= {event["id"]: event for event in events}
        entered = replace(ask, body={**ask.body, "events": events})
        self._recent.append(entered)
        return entered

    def has(self, ask: Ask) -> bool:
        """Whether all events that are sent were acknowledged before."""
        return self._acknowledged.issuperset(event["id"] for event in ask.body["events"])

    def acknowledge(self, events: Sequence[Event]) -> None:
        """The service has said that they are kept."""
        for event in events:
            self._acknowledged.add(event["id"])
            self.met[event["user_id"]].add(event["item_id"])

    async def settle(self, session: aiohttp.ClientSession) -> None:
        """Send once more what nobody has acknowledged, as whoever gets no answer has to."""
        open_ones = [e for name, e in self._sent.items() if name not in self._acknowledged]
        for batch in (open_ones[at : at + BATCH] for at in range(0, len(open_ones), BATCH)):
            async with session.post("/events", data=orjson.dumps({"events": batch})) as answer:
                answer.raise_for_status()
            self.acknowledge(batch)

    async def kept(self, session: aiohttp.ClientSession) -> Balance:
        """Read all histories back, and compare them."""
        theirs: defaultdict[str, list[Event]] = defaultdict(list)
        for name in self._acknowledged:
            theirs[self._sent[name]["user_id"]].append(self._sent[name])
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def read(user: str, events: list[Event]) -> Balance:
            async with places, session.get(f"/users/{user}/history") as answer:
                answer.raise_for_status()
                told = orjson.loads(await answer.read())
            return compared(events, [item["id"] for item in told["items"]])

        found = await asyncio.gather(*(read(*each) for each in theirs.items()))
        return sum(found, Balance(0))

    def _dated(self, event: Event) -> Event:
        self._count += 1
        at = self._count - (LATE_MS if self._dice.random() < LATE else 0)
        return {**event, "at": (self._first + at * MILLISECOND).isoformat(timespec="milliseconds")}


def compared(events: Collection[Event], told: Sequence[str]) -> Balance:
    """A user's acknowledged events, and the items of the history.

    What the catalogue knew of the user stands before them, but for what they name as well.
    """
    due = [event["item_id"] for event in sorted(events, key=lambda each: (each["at"], each["id"]))]
    wanted = Counter(due)
    found = Counter(item for item in told if item in wanted)
    lost, doubled = (wanted - found).total(), (found - wanted).total()
    misplaced = not lost and not doubled and list(told[len(told) - len(due) :]) != due
    return Balance(len(due), lost, doubled, int(misplaced))
