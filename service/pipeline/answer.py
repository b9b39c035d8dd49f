"""The road of one answer, readable from top to bottom."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from service.errors import PromiseBroken
from service.pipeline.answerer import Answerer
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.inquiry import Inquiry, Made
from service.pipeline.judge_answer import violations
from service.pipeline.naming import named
from service.pipeline.supplement import Case, gather
from service.pipeline.writing import written
from service.ports import AnswerMade
from service.question import Answered, AnswerRequest, Question
from service.questions.read import read
from service.questions.spans import spans

RESERVE: Final = 0.05
"""Seconds of the deadline kept back for what follows the answer."""

MOST_SPANS: Final = 600
"""Spans of a source that can be named; of a long one only the shorter ones."""


async def answer(parts: Answerer, request: AnswerRequest, request_id: str) -> Answered:
    """An answer that is one: a label, a permutation, a selection, spans of the source, or words."""
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
        answered = _answered(request_id, inquiry, made)
        _report(parts, answered, made)
    return replace(answered, timings=watch.total())


def _case(parts: Answerer, request: AnswerRequest) -> Case:
    question = read(request)
    policy = parts.policy
    return Case(
        request=request,
        question=question,
        candidates=_candidates(question),
        weight=policy.prior_weight if request.prior_weight is None else request.prior_weight,
        shown=policy.similar if request.similar is None else request.similar,
    )


def _candidates(question: Question) -> tuple[str, ...]:
    if question.options:
        return tuple(option.text for option in question.options)
    return spans(question.source, MOST_SPANS) if question.extracts else ()


def _answered(request_id: str, inquiry: Inquiry, made: Made) -> Answered:
    case = inquiry.case
    options = case.question.options
    labels = tuple(options[place].label for place in made.places) if options else ()
    named_spans = () if options else _apart([case.candidates[place] for place in made.places])
    return Answered(
        request_id=request_id,
        question=case.question,
        labels=labels,
        spans=named_spans,
        text=",".join(labels) or ", ".join(named_spans) or made.text,
        path=made.path,
        degraded=made.degraded,
        why=made.why,
        completed=made.completed,
        supplements=inquiry.gathered.supplements,
        model=made.model,
        prompt=made.prompt,
        prior_weight=case.weight,
    )


def _apart(found: list[str]) -> tuple[str, ...]:
    """Spans of which none lies within one that was named before it."""
    kept: list[str] = []
    for span in found:
        if not any(span in other for other in kept):
            kept.append(span)
    return tuple(kept)


def _report(parts: Answerer, answered: Answered, made: Made) -> None:
    """Tell the observer of violations; an answer that has any itself goes no further."""
    broken = violations(answered)
    drafted = {"misspelled": made.misspelled} if made.misspelled else {}
    parts.observer.answered(
        AnswerMade(
            task=answered.question.task,
            path=answered.path,
            degraded=answered.degraded,
            supplements=answered.supplements,
            violations=drafted | broken,
        )
    )
    if broken:
        message = f"the finished answer broke the promise ({', '.join(broken)})"
        raise PromiseBroken(message, hint="This is a bug; please report the request.")
