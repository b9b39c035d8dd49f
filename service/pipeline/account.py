"""What of the supplements an answer came of: only afterwards it is sure which of them it saw."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from service.domain import Supplement, SupplementKind
from service.pipeline.inquiry import Inquiry, Made
from service.question import AnswerPath

NOT_READ: Final = "the model that was to read it gave no answer"
NOT_WEIGHED: Final = "nothing of it was shown, and it could not weigh"


def accounted(inquiry: Inquiry, made: Made) -> tuple[Supplement, ...]:
    """The supplements, each told as used only if the answer came of it."""
    told = tuple(_accounted(supplement, made) for supplement in inquiry.gathered.supplements)
    if made.compared is None:
        return told
    others = (supplement for supplement in told if supplement.kind is not made.compared.kind)
    return (*others, made.compared)


def _accounted(supplement: Supplement, made: Made) -> Supplement:
    by_model = made.path is AnswerPath.LLM
    if supplement.kind is SupplementKind.THOUGHT:
        used, why = by_model, NOT_READ
    else:
        shown = by_model and bool(supplement.text)
        used = shown or made.path is AnswerPath.SIMILAR or made.weight > 0 or made.completed > 0
        why = NOT_WEIGHED
    return supplement if used or not supplement.used else replace(supplement, used=False, why=why)
