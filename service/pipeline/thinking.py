"""A chain of thought: what a small model, or the engine itself, says of a question beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service.domain import Prompt
from service.pipeline.answerer import Answerer
from service.pipeline.clock import Deadline
from service.pipeline.remembered import digest, recalled, remember
from service.ports import Page, Writer
from service.prompts.thought import cleaned, thought_prompt
from service.question import Question
from service.questions.words import enough

TOKENS_A_WORD: Final = 4
"""More than words come to in most scripts: the words are counted as they come."""

SLACK: Final = 1.5
"""A thought may be written somewhat longer than it is shown: instructions are taken out of it."""


@dataclass(frozen=True, slots=True)
class Thought:
    """What was thought, fit for a prompt; empty if nothing of it was."""

    text: str
    model: str
    cached: bool


async def think(parts: Answerer, writer: Writer, question: Question, deadline: Deadline) -> Thought:
    """Have a writer think, unless it has thought of this question before."""
    prompt, most = thought_prompt(question), parts.policy.thought_words
    key = digest("thought", writer.model, prompt.version, prompt.system, prompt.user, str(most))
    known = await recalled(parts.cache, key, parts.observer)
    if known is not None:
        return Thought(known, writer.model, cached=True)
    written = await writer.write(_page(prompt, most, deadline))
    text = cleaned(written.text, most, question=question)
    if written.stopped is None:
        # What was cut short by trouble may come out better the next time.
        await remember(parts.cache, key, text, parts.observer)
    return Thought(text, writer.model, cached=False)


def _page(prompt: Prompt, words: int, deadline: Deadline) -> Page:
    most = int(words * SLACK)
    return Page(
        prompt=prompt,
        tokens=most * TOKENS_A_WORD,
        deadline=deadline,
        enough=lambda text: enough(text, most),
    )
