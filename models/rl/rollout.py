"""Answers drawn from a policy: prompts padded on the left, answers on the right.

Nothing steers what is drawn: it is the mistakes of form that are to be unlearnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from transformers import GenerationConfig, PreTrainedModel


@dataclass(frozen=True, slots=True)
class Rollout:
    """Some answers, with their prompts."""

    tokens: Tensor
    """Prompts, then answers: one row each."""
    attends: Tensor
    """1 where a token is no padding."""
    said: Tensor
    """Of the answers' places, whether they belong to one; the token that ends it does."""

    @property
    def longest(self) -> int:
        """Places of the answers."""
        return self.said.shape[1]

    @property
    def before(self) -> int:
        """Places of the prompts."""
        return self.tokens.shape[1] - self.longest

    @property
    def answers(self) -> Tensor:
        """The answers' tokens, padding included."""
        return self.tokens[:, -self.longest :]

    @property
    def positions(self) -> Tensor:
        """Where each token stands in its own text."""
        return (self.attends.cumsum(dim=1) - 1).clamp(min=0)

    def lists(self) -> list[list[int]]:
        """The answers' tokens, each as long as it is."""
        return [answer[said].tolist() for answer, said in zip(self.answers, self.said, strict=True)]

    def part(self, rows: Tensor) -> Rollout:
        """Some of them, padded as all are."""
        return Rollout(self.tokens[rows], self.attends[rows], self.said[rows])


def padded(prompts: Sequence[Sequence[int]], padding: int) -> tuple[Tensor, Tensor]:
    """Prompts padded on the left, and where they are."""
    width = max(map(len, prompts))
    tokens = torch.full((len(prompts), width), padding)
    attends = torch.zeros_like(tokens)
    for row, prompt in enumerate(prompts):
        tokens[row, width - len(prompt) :] = torch.tensor(prompt)
        attends[row, width - len(prompt) :] = 1
    return tokens, attends


def until(answers: Tensor, end: int) -> Tensor:
    """Which places belong to the answers: all up to the first that ends one."""
    ended = (answers == end).cumsum(dim=1)
    return (ended - (answers == end).long()) == 0


def joined(parts: Sequence[Rollout], padding: int) -> Rollout:
    """Rollouts as one, padded as the widest of them is on either side."""
    before = max(part.before for part in parts)
    longest = max(part.longest for part in parts)
    lacks = [(before - part.before, longest - part.longest) for part in parts]
    sides = list(zip(parts, lacks, strict=True))
    return Rollout(
        torch.cat([pad(part.tokens, lack, value=padding) for part, lack in sides]),
        torch.cat([pad(part.attends, lack) for part, lack in sides]),
        torch.cat([pad(part.said, (0, after)) for part, (_, after) in sides]),
    )


def unsteer(model: PreTrainedModel, end: int) -> None:
    """Have a model say what it finds likely, whatever its checkpoint wants of serving.

    `generate` fills in from the model what it is not told, such as a penalty of repetition: answers
    would be drawn otherwise than they are scored. What is saved of the model has none of this.
    """
    model.generation_config = GenerationConfig(eos_token_id=end, pad_token_id=end)


class NoNumbers(ArithmeticError):
    """The scores of a policy are not finite: nothing can be drawn by them."""


def watch(model: PreTrainedModel) -> None:
    """Have a model raise NoNumbers where it is asked, not taught, and has no numbers to say.

    torch's dice would raise on a processor, and on a GPU end all that the process does there.
    """

    def refuse(_output: nn.Module, _given: object, scores: Tensor) -> None:
        # A token that is never said may have a score of -inf.
        if not torch.is_grad_enabled() and not torch.isfinite(scores.max()):
            raise NoNumbers

    model.get_output_embeddings().register_forward_hook(refuse)


def draw(
    model: PreTrainedModel,
    prompts: Sequence[Sequence[int]],
    end: int,
    longest: int,
    temperature: float,
) -> Rollout:
    """Draw an answer to each prompt from a model without steering, with torch's own dice."""
    tokens, attends = (part.to(model.device) for part in padded(prompts, end))
    how = GenerationConfig(
        do_sample=True,
        temperature=temperature,
        top_k=0,
        top_p=1.0,
        max_new_tokens=longest,
        eos_token_id=end,
        pad_token_id=end,
        use_cache=True,
    )
    with torch.no_grad():
        written = model.generate(input_ids=tokens, attention_mask=attends, generation_config=how)
    said = until(written[:, tokens.shape[1] :], end)
    return Rollout(written, torch.cat([attends, said.long()], dim=1), said)
