"""A chain of thought: what a small model, or the engine itself, says of a matter beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from service.domain import Cot, Prompt, Supplement, SupplementKind
from service.pipeline.clock import Deadline
from service.pipeline.fitting import fitting
from service.pipeline.remembered import digest, recalled, remember
from service.pipeline.small_models import had, in_vain, unasked
from service.ports import Cache, Engine, Observer, Page, Writer, Written
from service.questions.text.words import enough

TOKENS_A_WORD: Final = 8
"""More than words come to in most scripts: the words are counted as they come."""

SLACK: Final = 1.5
"""A thought may be written somewhat longer than it is shown: instructions are taken out of it."""

NOTHING_S: Final = 60.0
"""Seconds for which it is remembered that nothing came of thinking: the writer may mend."""

MARGIN: Final = 0.05
"""Seconds that a writer is told it has less, so that what it has said by then still comes."""

NO_MODEL: Final = "there is no model that could read it"


class Clean(Protocol):
    """Makes what was said fit for a prompt; empty if nothing of it is."""

    def __call__(self, said: str, /, *, cut_off: bool) -> str:
        """The thought, of what may have been cut off."""
        ...


@dataclass(frozen=True, slots=True)
class Matter:
    """What is thought about."""

    ask: Callable[[float], Prompt]
    """The prompt, or with a share of what it shows."""
    clean: Clean
    words: int
    """How long a thought may be."""
    keep_s: float | None = None
    """Seconds for which it is kept; None: as long as the cache has room."""


@dataclass(frozen=True, slots=True)
class Thinker:
    """Who can think, and where thoughts are kept."""

    engine: Engine | None
    sidecar: Writer | None
    cache: Cache | None
    observer: Observer

    def asked(self, cot: Cot) -> tuple[Writer | None, str]:
        """Who thinks, and why that one; or why nobody does."""
        if self.engine is None:
            return None, NO_MODEL
        match cot:
            case Cot.SIDECAR:
                said = "thought" if self.sidecar else "is not configured"
                return self.sidecar, f"the sidecar {said}"
            case Cot.SELF:
                return self.engine, "the engine thought for itself"
            case _:
                return None, "it is off"


@dataclass(frozen=True, slots=True)
class Thought:
    """What was thought, fit for a prompt; empty if nothing of it was."""

    text: str
    model: str
    cached: bool
    stopped: str | None = None
    """What ended it."""
    partial: bool = False
    """Whether that was before it was whole."""


async def thought(
    thinker: Thinker, cot: Cot, matter: Matter, within: Deadline, *, by_name: bool
) -> Supplement:
    """What somebody thinks of a matter, in time; or why nobody does.

    Who is asked for `by_name`, and is not there, is missed.
    """
    writer, why = thinker.asked(cot)
    if writer is None:
        missed = by_name and cot is Cot.SIDECAR and thinker.engine is not None
        return unasked(SupplementKind.THOUGHT, why, failed=missed)
    # What a writer has said when its time is up still counts, so it is told of an earlier end.
    thinking = think(thinker, writer, matter, within.before(MARGIN))
    found = await had(thinker.observer, "thought", thinking, within)
    if found.made is None:
        return in_vain(SupplementKind.THOUGHT, found, writer.model)
    made = found.made
    return Supplement(
        kind=SupplementKind.THOUGHT,
        used=bool(made.text),
        why=_why(made, why),
        text=made.text,
        model=made.model,
        cached=made.cached,
        failed=not made.text,
        partial=made.partial,
        milliseconds=found.milliseconds,
    )


async def think(thinker: Thinker, writer: Writer, matter: Matter, deadline: Deadline) -> Thought:
    """Have a writer think, unless it has thought of this before."""
    cache, observer = thinker.cache, thinker.observer
    if cache is not None:
        known = await recalled("thoughts", cache, _key(writer, matter), observer)
        if known is not None:
            return Thought(known, writer.model, cached=True)
    page, written = await _written(writer, matter, deadline)
    observer.decoded(written, writer.model)
    text = matter.clean(written.text, cut_off=written.stopped is not None)
    whole = written.stopped is None or written.tokens >= page.tokens
    if cache is not None and whole:
        # What was cut short by trouble may come out better the next time. Only now is it sure
        # which model it was: a server says so when it is first asked.
        seconds = matter.keep_s if text else NOTHING_S
        await remember(cache, _key(writer, matter), text, observer, seconds)
    return Thought(text, writer.model, cached=False, stopped=written.stopped, partial=not whole)


def _why(made: Thought, why: str) -> str:
    if not made.text:
        why = "nothing that was said is fit for a prompt"
    return f"{why}; {made.stopped}" if made.stopped else why


def _key(writer: Writer, matter: Matter) -> str:
    prompt, words = matter.ask(1.0), str(matter.words)
    return digest("thought", writer.model, prompt.version, prompt.system, prompt.user, words)


async def _written(writer: Writer, matter: Matter, deadline: Deadline) -> tuple[Page, Written]:
    async def ask(share: float) -> tuple[Page, Written]:
        page = _page(matter, share, deadline)
        return page, await writer.write(page)

    return await fitting(ask)


def _page(matter: Matter, share: float, deadline: Deadline) -> Page:
    most = int(matter.words * SLACK)
    return Page(
        prompt=matter.ask(share),
        tokens=most * TOKENS_A_WORD,
        deadline=deadline,
        enough=lambda text: enough(text, most),
    )
