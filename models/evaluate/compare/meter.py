"""How fast a model is: what its engine says each call took, summed up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from service.ports import Decoding, Engine, Job, Page, Slate, Weighed, Written
from service.steering.labels import LabelLexicon


@dataclass(slots=True)
class Speed:
    """Reading ends with the first choice; the seconds of decoding are those after it."""

    calls: int = 0
    reading: float = 0.0
    """Seconds until the first choice, of all calls together."""
    tokens: int = 0
    """All but the first: those forced before it too, which engines do not tell apart."""
    decoding: float = 0.0
    """Seconds of those."""

    def note(self, made: Decoding | Written) -> None:
        """Add a call; one that does not say when it made its first choice tells nothing."""
        if made.seconds_to_first is None or not made.tokens:
            return
        self.calls += 1
        self.reading += made.seconds_to_first
        self.tokens += made.tokens - 1
        self.decoding += made.seconds - made.seconds_to_first

    @property
    def rate(self) -> float | None:
        """Tokens a second, the reading of prompts left out; forced ones count as decoded."""
        return self.tokens / self.decoding if self.decoding > 0 and self.tokens else None

    @property
    def read(self) -> float | None:
        """Seconds until the first choice, on average."""
        return self.reading / self.calls if self.calls else None

    def plain(self) -> dict[str, Any]:
        """Its fields, fit for JSON."""
        return asdict(self)


def _nowhere(_speed: Speed) -> None:
    """For what is not kept."""


@dataclass(slots=True)
class Meter:
    """The speed of one row, told after each call to whoever keeps it."""

    speed: Speed = field(default_factory=Speed)
    keep: Callable[[Speed], None] = _nowhere

    def note(self, made: Decoding | Written) -> None:
        """Add a call."""
        self.speed.note(made)
        self.keep(self.speed)


class Metered:
    """An engine that is timed; whoever opened the engine itself closes it."""

    def __init__(self, engine: Engine, meter: Meter, model: str) -> None:
        """`model`: a name that no other model of the comparison has."""
        self._engine = engine
        self._meter = meter
        self._model = model

    @property
    def model(self) -> str:
        """Which model, as written in the receipt."""
        return self._model

    @property
    def labels(self) -> int:
        """How many candidates a prompt must number for it."""
        return self._engine.labels

    async def spell(self, job: Job) -> Decoding:
        """Spell a list."""
        made = await self._engine.spell(job)
        self._meter.note(made)
        return made

    async def write(self, page: Page) -> Written:
        """Write a text."""
        made = await self._engine.write(page)
        self._meter.note(made)
        return made

    async def weigh(self, slate: Slate) -> Weighed:
        """Weigh candidates: a single pass, in which nothing is decoded."""
        return await self._engine.weigh(slate)

    def spelling(self, labels: Sequence[str], *, lines: int, separator: str) -> LabelLexicon:
        """The tokens that spell some labels."""
        return self._engine.spelling(labels, lines=lines, separator=separator)

    def marks(self, most: int) -> tuple[str, ...]:
        """At most so many short labels."""
        return self._engine.marks(most)

    def ahead(self) -> float:
        """How many lists a new one would have to wait for."""
        return self._engine.ahead()

    async def trouble(self) -> str | None:
        """Why a list would not be made now."""
        return await self._engine.trouble()

    async def close(self) -> None:
        """Nothing: it is not opened here."""
