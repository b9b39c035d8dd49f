"""Similarity as a supplement: what is compared, what a prompt shows of it, and what is told."""

from __future__ import annotations

from typing import Final

from service.domain import Supplement, SupplementKind
from service.pipeline.answerer import Answerer
from service.pipeline.case import Case, Gathered
from service.pipeline.clock import Deadline
from service.pipeline.resemblance import Resemblance, on_scale, resemblance
from service.pipeline.small_models import Had, had, in_vain, unasked
from service.ports import Encoder
from service.prompts.answer import Seen

SPANS_TOLD: Final = 10


async def similar(parts: Answerer, case: Case, within: Deadline) -> Gathered:
    """What options, or spans, are most like what is asked."""
    if not case.candidates:
        return _without("there are no options to compare")
    if parts.encoder is None:
        missed = bool(case.request.similar)
        return _without("no encoder is configured", failed=missed)
    if not _compares(parts, case):
        return _without("it is off", parts.encoder.name)
    found = await compared(parts, parts.encoder, case, within)
    if found.made is None:
        return Gathered(supplements=(in_vain(SupplementKind.SIMILAR, found, parts.encoder.name),))
    made, options = found.made, case.question.options
    top = tuple(options[place] for place in made.ranking[: case.shown]) if options else ()
    why = f"the prompt shows {len(top)} of {len(case.candidates)}"
    text = ", ".join(option.label for option in top)
    return Gathered(Seen(similar=top), made, (account_of(case, made, found, why, text),))


def _without(why: str, model: str = "", *, failed: bool = False) -> Gathered:
    """Nothing was compared, and why."""
    told = unasked(SupplementKind.SIMILAR, why, model, failed=failed)
    return Gathered(supplements=(told,))


async def compared(
    parts: Answerer, encoder: Encoder, case: Case, within: Deadline
) -> Had[Resemblance]:
    """The candidates, compared with what the question is about, in time or not."""
    return await had(parts.observer, "similar", _compared(parts, encoder, case), within)


def account_of(
    case: Case, made: Resemblance, found: Had[Resemblance], why: str, text: str = ""
) -> Supplement:
    """What is told of a comparison."""
    return Supplement(
        kind=SupplementKind.SIMILAR,
        used=True,
        why=why,
        text=text,
        scores=_scores(case, made),
        model=made.model,
        cached=made.cached,
        milliseconds=found.milliseconds,
    )


async def _compared(parts: Answerer, encoder: Encoder, case: Case) -> Resemblance:
    question = case.question
    if question.ends:
        steps = len(question.options)
        return await on_scale(parts, encoder, question.focus, question.ends, steps)
    about = question.focus if question.options else question.target or question.focus
    return await resemblance(parts, encoder, about, case.candidates)


def _compares(parts: Answerer, case: Case) -> bool:
    """Whether a comparison can have any part in the answer."""
    if parts.engine is None:
        return True
    # A prior weighs only where the speller does.
    return bool(case.weight and not parts.engine.labels) or bool(
        case.shown and case.question.options
    )


def _scores(case: Case, made: Resemblance) -> dict[str, float]:
    """The nearest of them, by label: of a long text there are hundreds of spans."""
    labels = [option.label for option in case.question.options]
    nearest = made.ranking[: len(labels) or SPANS_TOLD]
    return {(labels or case.candidates)[place]: float(made.cosines[place]) for place in nearest}
