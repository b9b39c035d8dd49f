"""What a model says after each token of given answers, and how far another one is from it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from models.llm.tokens import Tokens
from models.steps.telling import Moment, Telling
from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class Divergence:
    """Of a model's next tokens from another's, over the answers' places."""

    kl_mean: float
    """In nats, from the model before to the one after."""
    kl_max: float
    agreement: float
    """Of the likeliest next tokens."""
    perplexity_before: float
    perplexity_after: float
    places: int


def said(
    model: PreTrainedModel, held: Sequence[Tokens], stage: str, telling: Telling
) -> Iterator[torch.Tensor]:
    """Log-probabilities of every token at every place of each answer."""
    model.eval()
    for count, one in enumerate(held, start=1):
        tokens = torch.tensor([[*one.prompt, *one.answer]], device=model.device)
        with torch.no_grad():
            # The place before a token says what the token will be; the last one says nothing.
            logits = model(input_ids=tokens, logits_to_keep=len(one.answer) + 1).logits[0, :-1]
        telling(Moment(stage, count, len(held)))
        yield logits.float().log_softmax(-1).cpu()


def refuse_no_numbers(logs: Sequence[torch.Tensor], whose: str) -> None:
    """BadInput where scores are not finite: two models that say nothing would agree."""
    if not all(torch.isfinite(one).all() for one in logs):
        raise BadInput(
            f"{whose} finds scores that are no numbers.",
            hint="A weight is none, or too large: take a whole copy, and evaluate it first.",
        )


def divergence(
    before: Sequence[torch.Tensor], after: Iterator[torch.Tensor], held: Sequence[Tokens]
) -> Divergence:
    """Compare what two models said of the same answers.

    BadInput where the one after says nothing.
    """
    kl: list[float] = []
    losses = [0.0, 0.0]
    agreed = 0
    for ours, theirs, one in zip(before, after, held, strict=True):
        refuse_no_numbers([theirs], "The quantised model")
        kl += (ours.exp() * (ours - theirs)).sum(-1).tolist()
        agreed += int((ours.argmax(-1) == theirs.argmax(-1)).sum())
        places = torch.arange(len(one.answer))
        for side, logs in enumerate((ours, theirs)):
            losses[side] -= float(logs[places, torch.tensor(one.answer)].sum())
    count = len(kl)
    return Divergence(
        sum(kl) / count,
        max(kl),
        agreed / count,
        math.exp(losses[0] / count),
        math.exp(losses[1] / count),
        count,
    )
