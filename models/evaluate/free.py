"""Free decoding: the prompt that is served, and nothing that holds the model to an answer.

The prompt asks for entities one on each line, and for a line of its own after the last of them,
since that is what a speller writes. Scorers read commas. So what a free model lists on lines is
put between commas first: it is not to lose for having done what it was told.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from models.evaluate.form import Form
from models.evaluate.outcomes import Outcome
from models.evaluate.questions import Asked
from service.errors import PromptTooLong
from service.pipeline.answerer import Answerer
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.fitting import SHARES
from service.ports import Engine, Page, Written
from service.prompts.answer import answer_prompt
from service.prompts.entities import LAST_LINE
from service.question import AnswerPath, Question
from service.questions.read import read

LEAST_TOKENS: Final = 64
LABEL_TOKENS: Final = 4
SPAN_TOKENS: Final = 16
WORD_TOKENS: Final = 3


async def answered_freely(parts: Answerer, engine: Engine, asked: Asked, seconds: float) -> Outcome:
    """What the model says by itself, given enough tokens to say an answer."""
    question = read(asked.request())
    watch = Stopwatch(parts.observer)
    with watch.stage("answer"):
        written = await _written(engine, question, Deadline(seconds))
    return Outcome(
        between_commas(written.text) if question.extracts else written.text,
        Form.of(question),
        path=AnswerPath.LLM,
        degraded=written.stopped is not None,
        timings=watch.total(),
    )


async def _written(engine: Engine, question: Question, deadline: Deadline) -> Written:
    """As the pipeline does, of a prompt that is too long less is shown."""
    for share in SHARES:
        page = Page(answer_prompt(question, share=share), tokens(question), deadline)
        with suppress(PromptTooLong):
            return await engine.write(page)
    raise PromptTooLong("the question does not fit into the model's context")


def tokens(question: Question) -> int:
    """How many tokens the longest answer may take, with some to spare."""
    if question.options:
        return max(LEAST_TOKENS, LABEL_TOKENS * question.choose)
    if question.extracts:
        return max(LEAST_TOKENS, SPAN_TOKENS * question.choose)
    return max(LEAST_TOKENS, WORD_TOKENS * question.max_words)


def between_commas(text: str) -> str:
    """A list on lines as one between commas, without the line that says there are no more."""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    if lines[-1:] == [LAST_LINE]:
        lines.pop()
    return ", ".join(line.rstrip(", ") for line in lines)
