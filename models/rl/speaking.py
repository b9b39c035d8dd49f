"""How likely a policy finds the tokens of answers, and what it had in mind before each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from models.rl.rollout import Rollout


@dataclass(frozen=True, slots=True)
class Spoken:
    """One number for each place of the answers, padding included."""

    logs: Tensor
    """Log-probability of the token."""
    entropy: Tensor
    """Of what else it might have been; no gradient goes through it."""
    states: Tensor
    """The last hidden state before it; no gradient goes through it."""


def spoken(model: PreTrainedModel, rollout: Rollout, temperature: float) -> Spoken:
    """Read answers with a policy, at the temperature they were drawn at."""
    with _heard(model.get_output_embeddings()) as heard:
        found = model(
            input_ids=rollout.tokens,
            attention_mask=rollout.attends,
            position_ids=rollout.positions,
            logits_to_keep=rollout.longest + 1,
            use_cache=False,
        )
    spread = torch.log_softmax(found.logits[:, :-1].float() / temperature, dim=-1)
    logs = spread.gather(-1, rollout.answers.unsqueeze(-1)).squeeze(-1)
    with torch.no_grad():
        entropy = -(spread.exp() * spread).sum(-1)
    (states,) = heard
    return Spoken(logs, entropy, states[:, :-1].detach().float())


def read(model: PreTrainedModel, rollout: Rollout, temperature: float, rows: int) -> Spoken:
    """Read answers without learning from them, so many at a time."""
    with torch.no_grad(), _unmoved(model):
        parts = [
            spoken(model, rollout.part(part), temperature)
            for part in parts_of(torch.arange(len(rollout.tokens)), rows)
        ]
    return Spoken(
        torch.cat([part.logs for part in parts]),
        torch.cat([part.entropy for part in parts]),
        torch.cat([part.states for part in parts]),
    )


def parts_of(order: Tensor, rows: int) -> tuple[Tensor, ...]:
    """So many at a time."""
    found: tuple[Tensor, ...] = torch.split(order, rows)
    return found


@contextmanager
def _heard(output: nn.Module) -> Iterator[list[Tensor]]:
    """What the output layer was given: asking for hidden states would hold those of all layers."""
    given: list[Tensor] = []
    hook = output.register_forward_pre_hook(lambda _layer, args: given.append(args[0]))
    try:
        yield given
    finally:
        hook.remove()


@contextmanager
def _unmoved(model: PreTrainedModel) -> Iterator[None]:
    """Without dropout, then as before."""
    learning = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(learning)
