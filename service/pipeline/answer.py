"""The road of one answer, readable from top to bottom."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Final

from service.domain import Inside
from service.errors import PromiseBroken, UnreadableQuestion
from service.pipeline.account import accounted
from service.pipeline.answerer import Answerer
from service.pipeline.case import Case
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.inquiry import Inquiry, Made
from service.pipeline.judge_answer import violations
from service.pipeline.naming import named
from service.pipeline.supplement import gather
from service.pipeline.variants import serving
from service.pipeline.writing import written
from service.ports import AnswerMade, Observer
from service.question import Answered, AnswerRequest, Question
from service.questions.read import read
from service.questions.text.spans import LONGEST_SPAN, MOST_BYTES, apart, spans
from service.questions.text.words import count

RESERVE: Final = 0.05
"""Seconds of the deadline kept back for what follows the answer."""

MOST_SPANS: Final = 600
"""Spans of a source that can be named; of a long one only the shorter ones."""


async def answer(parts: Answerer, request: AnswerRequest, request_id: str) -> Answered:
    """An answer that is one: a label, a permutation, a selection, spans of the source, or words."""
    parts = serving(parts, request.variant, request_id)
    watch = Stopwatch(parts.observer)
    deadline = Deadline((request.deadline_ms or parts.policy.deadline_ms) / 1e3)
    with watch.stage("read"):
        case = await asyncio.to_thread(_case, parts, request)
    with watch.stage("supplements"):
        gathered = await gather(parts, case, deadline)
    with watch.stage("answer"):
        inquiry = Inquiry(case, gathered, deadline.before(RESERVE))
        made = await (named if case.candidates else written)(parts, inquiry)
    with watch.stage("validate"):
        answered = _answered(request_id, parts.variant.name, inquiry, made)
        drafted = {"misspelled": made.misspelled} if made.misspelled else {}
        told = replace(_account(answered, watch, deadline), drafted=drafted)
        _refuse_broken(parts.observer, told)
        parts.observer.answered(told)
    return replace(answered, timings=watch.total(), inside=_inside(inquiry, watch))


def _case(parts: Answerer, request: AnswerRequest) -> Case:
    question = read(request)
    policy = parts.policy
    candidates = _candidates(question)
    return Case(
        request=request,
        question=_noted(question, candidates),
        candidates=candidates,
        weight=policy.prior_weight if request.prior_weight is None else request.prior_weight,
        shown=policy.similar if request.similar is None else request.similar,
    )


def _candidates(question: Question) -> tuple[str, ...]:
    if question.options:
        return tuple(option.text for option in question.options)
    if not question.extracts:
        return ()
    found = spans(question.source, MOST_SPANS)
    if not found:
        no_words = (
            f"no words of at most {MOST_BYTES} bytes" if count(question.source) else "no words"
        )
        raise UnreadableQuestion(
            f"the text that the answer is to be taken from has {no_words}",
            hint="Put the text behind a label, in a line of its own: Text: ...",
        )
    return found


def _noted(question: Question, candidates: tuple[str, ...]) -> Question:
    """The question, with a note where the source is too long for longer spans to be named."""
    if not question.extracts:
        return question
    longest = max(map(count, candidates))
    # No span reaches from one line, or one cell, into the next.
    widest = max(map(count, re.split(r"[\n\t]", question.source)))
    if longest >= min(LONGEST_SPAN, widest):
        return question
    note = f"Only spans of up to {longest} words, of {MOST_BYTES} bytes at most, can be named."
    return replace(question, notes=(*question.notes, note))


def _answered(request_id: str, variant: str, inquiry: Inquiry, made: Made) -> Answered:
    case = inquiry.case
    options = case.question.options
    labels = tuple(options[place].label for place in made.places) if options else ()
    named_spans = () if options else apart(case.candidates[place] for place in made.places)
    supplements = accounted(inquiry, made)
    return Answered(
        request_id=request_id,
        question=case.question,
        labels=labels,
        spans=named_spans,
        text=",".join(labels) or ", ".join(named_spans) or made.text,
        path=made.path,
        degraded=made.degraded or any(supplement.failed for supplement in supplements),
        why=made.why,
        completed=made.completed,
        supplements=supplements,
        model=made.model,
        prompt=made.prompt,
        prior_weight=made.weight,
        variant=variant,
    )


def _inside(inquiry: Inquiry, watch: Stopwatch) -> Inside | None:
    """How the answer came about, if the request asks for it."""
    if not inquiry.case.request.inside:
        return None
    return Inside(inquiry.asked.prompt, stages=watch.stages())


def _account(answered: Answered, watch: Stopwatch, deadline: Deadline) -> AnswerMade:
    """What the observer is told of an answer, but for its draft."""
    return AnswerMade(
        task=answered.question.task,
        path=answered.path,
        degraded=answered.degraded,
        supplements=answered.supplements,
        violations=violations(answered),
        variant=answered.variant,
        seconds=watch.seconds,
        allowed=deadline.seconds,
        model=answered.model,
    )


def _refuse_broken(observer: Observer, told: AnswerMade) -> None:
    """An answer that has violations itself goes no further, and counts as none that went out."""
    if told.violations:
        observer.withheld(told)
        message = f"the finished answer broke the promise ({', '.join(told.violations)})"
        raise PromiseBroken(message, hint="This is a bug; please report the request.")
