"""Candidates named: one option of n, k of n, all of them in an order, or spans of a text."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from service.domain import Prompt
from service.errors import EngineError, EngineFailed, SpellingError
from service.pipeline.answerer import Answerer
from service.pipeline.ballot import Ballot, Count, best, cast
from service.pipeline.comparing import account_of, compared
from service.pipeline.fitting import fitting
from service.pipeline.inquiry import IN_TIME, Inquiry, Made
from service.pipeline.supplement import ONLY_ONE
from service.pipeline.writing import quoted
from service.ports import Engine
from service.prompts.answer import answer_prompt
from service.prompts.entities import LAST_LINE
from service.prompts.options import first_number
from service.question import AnswerPath

OPTIONS_END: Final = ","
SPANS_END: Final = "\n"

SPARE: Final = 0.2
"""Share of the time left that the engine does not get where nothing has been compared yet."""


async def named(parts: Answerer, inquiry: Inquiry) -> Made:
    """What answers a question; by similarity alone where the engine does not."""
    if len(inquiry.case.candidates) == 1:
        return Made((0,), path=AnswerPath.ONLY, why=ONLY_ONE)
    if parts.engine is None:
        return await _nearest(parts, inquiry, "no engine is configured")
    try:
        return await _by_model(parts, parts.engine, _leaving_time(parts, inquiry))
    except (EngineError, SpellingError) as error:
        why = f"the engine gave no answer: {error.message}"
        try:
            made = replace(await _nearest(parts, inquiry, why), degraded=True)
        except EngineFailed:
            # What is wrong is wrong with the engine.
            raise error from None
        parts.observer.left_out("engine", error)
        return made


async def _by_model(parts: Answerer, engine: Engine, inquiry: Inquiry) -> Made:
    # Read once: a look at the server may change it meanwhile.
    numbers = bool(engine.labels)
    if numbers and not inquiry.case.question.options:
        # Too many to number them all in a prompt.
        return await quoted(parts, engine, inquiry)
    ballot = ballot_of(inquiry, numbers=numbers)

    async def ask(share: float) -> Made:
        prompt = _prompt(inquiry, share, numbers=numbers)
        return _made(engine, prompt, ballot, await cast(parts, engine, ballot, prompt, inquiry))

    return await fitting(ask)


def _prompt(inquiry: Inquiry, share: float, *, numbers: bool) -> Prompt:
    case = inquiry.case
    return answer_prompt(
        case.question,
        inquiry.gathered.seen,
        without=case.request.without,
        numbers=numbers,
        share=share,
    )


def _made(engine: Engine, prompt: Prompt, ballot: Ballot, count: Count) -> Made:
    return Made(
        places=count.places,
        why=f"{IN_TIME}; {count.stopped}" if count.stopped else IN_TIME,
        degraded=bool(count.completed or count.stopped),
        completed=count.completed,
        misspelled=count.misspelled,
        weight=0.0 if ballot.numbers else ballot.weight,
        model=engine.model,
        prompt=prompt.version,
    )


async def _nearest(parts: Answerer, inquiry: Inquiry, why: str) -> Made:
    """What the sentence encoder alone would answer."""
    case, found, told = inquiry.case, inquiry.gathered.resemblance, None
    if found is None:
        if parts.encoder is None:
            raise EngineFailed(f"{why}, and there is no encoder to answer in its place")
        had = await compared(parts, parts.encoder, case, inquiry.deadline)
        if had.made is None:
            raise EngineFailed(f"{why}, and nothing could be compared: {had.why}")
        found, told = had.made, account_of(case, had.made, had, "it answers by itself")
    places = best(found.scores, _wanted(inquiry))
    return Made(places, path=AnswerPath.SIMILAR, why=why, model=found.model, compared=told)


def _leaving_time(parts: Answerer, inquiry: Inquiry) -> Inquiry:
    """The inquiry as the engine gets it: some time is left for similarity to answer instead."""
    if parts.encoder is None or inquiry.gathered.resemblance is not None:
        return inquiry
    spare = SPARE * inquiry.deadline.remaining()
    return replace(inquiry, deadline=inquiry.deadline.before(spare))


def _wanted(inquiry: Inquiry) -> int:
    """How many similarity alone would name: it cannot tell how many spans there are."""
    return inquiry.case.question.choose if inquiry.case.question.options else 1


def ballot_of(inquiry: Inquiry, *, numbers: bool = False) -> Ballot:
    """What may be named in answer to a question."""
    case, found = inquiry.case, inquiry.gathered.resemblance
    question = case.question
    scores, weight = (found.scores, case.weight) if found else (None, 0.0)
    if question.options:
        return Ballot(
            labels=tuple(option.label for option in question.options),
            choose=question.choose,
            separator=OPTIONS_END,
            scores=scores,
            weight=weight,
            numbers=numbers,
            first=first_number(question.options),
        )
    choose = min(question.choose, len(case.candidates))
    if choose == 1:
        return Ballot(case.candidates, 1, SPANS_END, scores, weight, whole=False)
    if scores is not None:
        # Whether there is more only the model says, so this counts for nothing.
        scores = np.append(scores, 0.0)
    labels = (*case.candidates, LAST_LINE)
    return Ballot(labels, choose, SPANS_END, scores, weight, closing=len(labels) - 1, whole=False)
