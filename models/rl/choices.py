"""What can be chosen of reinforcement."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import Field, model_validator

from models.llm.loading import Precision
from models.steps.config import Drawn
from service.pipeline.freehand import LINE_TOKENS

UNREAD: Final = {
    "ppo": {"group"},
    "grpo": {
        "at_once",
        "gamma",
        "gae_lambda",
        "value_learning_rate",
        "value_steps",
        "value_clip",
        "value_first",
    },
}
"""What an algorithm makes nothing of."""


class Reinforcing(Drawn):
    """How a policy learns from its own lists."""

    algorithm: Literal["ppo", "grpo"] = Field(
        default="ppo", description="PPO with values, or GRPO with groups of answers."
    )
    iterations: int = Field(default=20, ge=1, description="Answers are drawn, then learnt from.")
    rollouts: int = Field(default=16, ge=2, description="Answers an iteration.")
    group: int = Field(default=4, ge=2, description="Of them to the same request; GRPO only.")
    at_once: int | None = Field(
        default=None, ge=1, description="Answers drawn at a time, else all; PPO only."
    )
    temperature: float = Field(default=1.0, gt=0, description="Answers are drawn at.")
    max_new_tokens: int | None = Field(
        default=None, ge=1, description=f"Of an answer; else {LINE_TOKENS} for each line asked for."
    )
    epochs: int = Field(default=2, ge=1, description="How often each answer is learnt from.")
    minibatch: int = Field(default=8, ge=1, description="Answers a step.")
    learning_rate: float = Field(default=3e-4, gt=0, description="Of the adapter.")
    kl: float = Field(
        default=0.05, ge=0, description="Eta: what straying from the tuned model costs, a token."
    )
    clip: float = Field(
        default=0.2, gt=0, description="How far a step may move a token's likelihood."
    )
    rank: int = Field(default=8, ge=1, description="Of the adapter.")
    alpha: float = Field(default=16, gt=0, description="Of the adapter.")
    precision: Precision = Field(default="bfloat16", description="Of the model's own weights.")
    four_bit: bool = Field(default=False, description="The model's matrices in nf4, to learn on.")
    gradient_checkpointing: bool = Field(
        default=False, description="Compute again what is not held: less memory, slower."
    )
    threads: int = Field(default=1, ge=1, description="Of the processor.")
    gamma: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="A later token's reward counts less; PPO only, as all below.",
    )
    gae_lambda: float = Field(default=0.95, ge=0, le=1, description="Rewards over values.")
    value_learning_rate: float = Field(default=1e-2, gt=0, description="Of the value head.")
    value_steps: int = Field(default=30, ge=1, description="Of the value head, an iteration.")
    value_clip: float = Field(
        default=0.5, gt=0, description="How far these may move a value, in spreads of the returns."
    )
    value_first: int = Field(
        default=1, ge=0, description="Iterations in which values alone are learnt."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Minibatches and groups are whole, and nothing was chosen that would not be read."""
        if self.rollouts % self.minibatch:
            raise ValueError(f"{self.rollouts} rollouts are no whole minibatches")
        if self.algorithm == "grpo" and self.rollouts % self.group:
            raise ValueError(f"{self.rollouts} rollouts are no whole groups")
        unread = UNREAD[self.algorithm] & self.model_fields_set
        if unread:
            name = self.algorithm.upper()
            raise ValueError(f"{name} does not read {', '.join(sorted(unread))}: leave it out")
        if self.algorithm == "ppo" and self.value_first >= self.iterations:
            raise ValueError(
                f"of {self.iterations} iterations the first {self.value_first} teach values alone,"
                " so nothing would be learnt: choose more iterations, or a lower value_first"
            )
        return self

    def longest(self, k: int) -> int:
        """Tokens of an answer to requests of at most k lines."""
        return self.max_new_tokens or LINE_TOKENS * k
