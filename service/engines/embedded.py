"""The embedded engine: a small instruct model in the process, steered token by token, on CPU."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from service.engines.local.decoder import Decoded, Decoder, Prompted, Script, Told
from service.engines.local.kept import KeptPrompts
from service.engines.local.model import Model
from service.engines.local.runtime import Model as OnnxModel
from service.engines.local.turns import Turn, Turns
from service.engines.text.label_spelling import label_spelling
from service.engines.text.lines import Lines
from service.engines.text.list_room import list_room
from service.engines.text.marks import Marks, normalised
from service.engines.text.prose import ROOM, Prose
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineFailed, EngineTimeout
from service.modelfolder import read_manifest
from service.ports import Decoding, Job, Page, Slate, Weighed, Written
from service.steering.labels import LabelLexicon
from service.steering.wanted import Wishes

_PARTIAL = "\ufffd"
"""How a character reads whose last bytes are still to come."""


@dataclass(frozen=True, slots=True)
class EmbeddedOptions:
    """How much of the machine the engine may take."""

    threads: int = 2
    workers: int = 1
    queue: int = 32
    context: int = 8192
    kept: int = 8192


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory, whichever runtime computes it."""

    name: str
    """How receipts and figures call it."""
    model: Model
    tokenizer: ChatTokenizer


class EmbeddedEngine:
    """Lists and texts one at a time for each worker, in a queue with a bound."""

    labels = 0

    def __init__(self, source: Path | Loaded, options: EmbeddedOptions = EmbeddedOptions()) -> None:
        """Of a folder with a converted model, or of one that is in memory already."""
        loaded = source if isinstance(source, Loaded) else _loaded(source, options)
        model = loaded.model
        self.model = loaded.name
        self.tokenizer = loaded.tokenizer
        self._marks = Marks(self.tokenizer)
        self._context = model.context
        script = Script(self.tokenizer.writable(model.vocabulary), self.tokenizer.end)
        kept = KeptPrompts(options.kept)
        decoders = [Decoder(model, script, kept) for _ in range(options.workers)]
        self._turns = Turns(decoders, options.queue)
        # A state of its own, which takes no memory before it is used: so it can stop at any token.
        self._aside = Turns([Decoder(model, script, kept)], options.queue)

    async def spell(self, job: Job) -> Decoding:
        """Spell a list; what is there when the deadline comes, if anything is."""
        turn = Turn(job.deadline)
        lines = Lines(turn.telling(job.tell), job.assignment.separator)
        return await self._turns.take(
            turn, lambda decoder: self._spelled(decoder, job, turn, lines)
        )

    async def write(self, page: Page) -> Written:
        """Write a text; what is there when the deadline comes, if a word is.

        One that is patient is written while nothing else is done.
        """
        turn = Turn(page.deadline)
        turns, goes_on = self._turns, turn.goes_on
        if page.patient:
            turns, goes_on = self._aside, partial(self._turns.quiet, turn)
        return await turns.take(turn, lambda decoder: self._written(decoder, page, turn, goes_on))

    def spelling(self, labels: Sequence[str], *, lines: int, separator: str) -> LabelLexicon:
        """The tokens that spell some labels, each ended by the separator."""
        return label_spelling(self.tokenizer, labels, lines=lines, separator=separator)

    def marks(self, most: int) -> tuple[str, ...]:
        """At most so many labels of one token each."""
        return self._marks.first(most)

    async def weigh(self, slate: Slate) -> Weighed:
        """How likely each mark is to begin the answer."""
        tokens = self._marks.tokens(slate.marks)
        turn = Turn(slate.deadline)
        return await self._turns.take(
            turn, lambda decoder: self._weighed(decoder, slate, tokens, turn)
        )

    def ahead(self) -> float:
        """How many requests a new one would have to wait for."""
        return self._turns.ahead()

    async def trouble(self) -> str | None:
        """Only a closed engine makes no lists; when the queue is full the ranker makes them."""
        return f"the engine {self.model} is closed" if self._turns.closed else None

    async def close(self) -> None:
        """Finish what is under way and let go of the model."""
        await asyncio.gather(self._turns.close(), self._aside.close())

    def _spelled(self, decoder: Decoder, job: Job, turn: Turn, lines: Lines) -> Decoding:
        speller = job.assignment.speller()
        wishes = Wishes(speller, job.assignment.banned)

        def progress(tokens: list[int]) -> None:
            if len(speller.rows) > len(lines.told):
                lines.update(speller.rows, self.tokenizer.decode(tokens))

        room = list_room(job.assignment, self._context)
        prompted = Prompted(*self.tokenizer.render(job.prompt), room)
        told = Told(progress, wishes.note)
        decoded = decoder.decode(prompted, speller, job.sampling, turn.goes_on, told)
        return Decoding(
            lines=tuple(lines.told),
            tokens=len(decoded.tokens),
            passes=decoded.passes,
            forwarded=decoded.forwarded,
            prompt=decoded.prompt,
            stopped=decoded.stopped,
            seconds_to_first=decoded.to_first,
            seconds=time.perf_counter() - decoded.began,
            forced=decoded.forced,
            wanted=wishes.counts,
        )

    def _weighed(self, decoder: Decoder, slate: Slate, tokens: list[int], turn: Turn) -> Weighed:
        prompted = Prompted(*self.tokenizer.render(slate.prompt), room=1)
        logits, decoded = decoder.weigh(prompted, tokens, turn.goes_on)
        if logits is None:
            raise _nothing(decoded, turn, "the prompt was read")
        return Weighed(
            scores=normalised(logits),
            passes=decoded.passes,
            forwarded=decoded.forwarded,
            prompt=decoded.prompt,
            seconds=time.perf_counter() - decoded.began,
        )

    def _written(
        self, decoder: Decoder, page: Page, turn: Turn, goes_on: Callable[[], bool]
    ) -> Written:
        prose = Prose(page.enough)

        def enough(tokens: list[int]) -> bool:
            so_far = self.tokenizer.decode(tokens).rstrip(_PARTIAL)
            prose.grow(so_far[prose.length :])
            return prose.due and prose.ask()

        prompted = Prompted(*self.tokenizer.render(page.prompt), min(page.tokens, ROOM))
        decoded = decoder.write(prompted, page, goes_on, enough)
        if prose.blank:
            raise _nothing(decoded, turn, "the first word")
        return Written(
            text=prose.text,
            tokens=len(decoded.tokens),
            passes=decoded.passes,
            forwarded=decoded.forwarded,
            prompt=decoded.prompt,
            stopped=decoded.stopped,
            seconds_to_first=decoded.to_first,
            seconds=time.perf_counter() - decoded.began,
        )


def _loaded(folder: Path, options: EmbeddedOptions) -> Loaded:
    """The converted model of a folder; DamagedArtifact if its files were altered."""
    name: str = read_manifest(folder)["name"]
    tokenizer = ChatTokenizer(folder, name)
    return Loaded(name, OnnxModel(folder, options.threads, options.context), tokenizer)


def _nothing(decoded: Decoded, turn: Turn, what: str) -> EngineFailed | EngineTimeout:
    """The error for what ended before there was anything of it."""
    if turn.deadline.remaining() <= 0:
        return EngineTimeout(f"the deadline came before {what}")
    return EngineFailed(decoded.stopped or f"the model ended the text before {what}")
