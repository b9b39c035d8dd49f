"""A chain of thought: what a small model, or the engine itself, says of a question beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service.domain import Prompt
from service.pipeline.answerer import Answerer, fitting
from service.pipeline.clock import Deadline
from service.pipeline.remembered import digest, recalled, remember
from service.ports import Page, Writer, Written
from service.prompts.thought import cleaned, thought_prompt
from service.question import Question
from service.questions.text.words import enough

TOKENS_A_WORD: Final = 8
"""More than words come to in most scripts: the words are counted as they come."""

SLACK: Final = 1.5
"""A thought may be written somewhat longer than it is shown: instructions are taken out of it."""

NOTHING_S: Final = 60.0
"""Seconds for which it is remembered that nothing came of thinking: the writer may mend."""


@dataclass(frozen=True, slots=True)
class Thought:
    """What was thought, fit for a prompt; empty if nothing of it was."""

    text: str
    model: str
    cached: bool
    stopped: str | None = None
    """What ended it before it was whole."""


async def think(parts: Answerer, writer: Writer, question: Question, deadline: Deadline) -> Thought:
    """Have a writer think, unless it has thought of this question before."""
    most = parts.policy.thought_words
    known = await recalled("thoughts", parts.cache, _key(writer, question, most), parts.observer)
    if known is not None:
        return Thought(known, writer.model, cached=True)
    page, written = await _written(writer, question, most, deadline)
    parts.observer.decoded(written, writer.model)
    cut_off = written.stopped is not None
    text = cleaned(written.text, most, question=question, cut_off=cut_off)
    if written.stopped is None or written.tokens >= page.tokens:
        # What was cut short by trouble may come out better the next time. Only now is it sure
        # which model it was: a server says so when it is first asked.
        key, seconds = _key(writer, question, most), None if text else NOTHING_S
        await remember(parts.cache, key, text, parts.observer, seconds)
    return Thought(text, writer.model, cached=False, stopped=written.stopped)


def _key(writer: Writer, question: Question, words: int) -> str:
    prompt = thought_prompt(question, words)
    return digest("thought", writer.model, prompt.version, prompt.system, prompt.user, str(words))


async def _written(
    writer: Writer, question: Question, words: int, deadline: Deadline
) -> tuple[Page, Written]:
    async def ask(share: float) -> tuple[Page, Written]:
        page = _page(thought_prompt(question, words, share=share), words, deadline)
        return page, await writer.write(page)

    return await fitting(ask)


def _page(prompt: Prompt, words: int, deadline: Deadline) -> Page:
    most = int(words * SLACK)
    return Page(
        prompt=prompt,
        tokens=most * TOKENS_A_WORD,
        deadline=deadline,
        enough=lambda text: enough(text, most),
    )
