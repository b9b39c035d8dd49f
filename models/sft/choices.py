"""What can be chosen of supervised tuning."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, field_validator

from models.evaluate.recommend.metrics import IN_HISTORY, NON_EXIST, REPEAT
from models.evaluate.recommend.rows import RowName
from models.evaluate.recommend.tasks import Task
from models.llm.adapters import EVERY_MATRIX, Lora
from models.llm.loading import Precision
from models.steps.config import Drawn

LOSS: Final = "loss"
"""The figure of validation that every training has."""

FAILED: Final = "failed"
"""Lists that did not come about."""

LESS: Final = frozenset({LOSS, REPEAT, NON_EXIST, IN_HISTORY, FAILED})
"""Of figures whose names end so the less is the better, of all others the more."""


class Tuning(Drawn):
    """How a model is tuned. The slides use rank 4 and alpha 2."""

    rank: int = Field(default=8, ge=1, le=1024, description="Of the adapter's matrices.")
    alpha: float = Field(default=16, gt=0, description="By alpha / rank the adapter counts.")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="Of what the adapter reads.")
    matrices: str | tuple[str, ...] = Field(
        default=EVERY_MATRIX, description="The adapter stands on these: their names' ends."
    )
    learning_rate: float = Field(default=2e-4, gt=0, description="At its highest.")
    schedule: Literal["constant_with_warmup", "linear", "cosine"] = Field(
        default="cosine", description="How it falls after the warm-up."
    )
    warmup: float = Field(default=0.03, ge=0, lt=1, description="Share of the steps it rises in.")
    weight_decay: float = Field(default=0.0, ge=0, description="Of the adapter.")
    clip: float = Field(default=1.0, gt=0, description="The longest gradient that is followed.")
    batch: int = Field(default=2, ge=1, description="Examples in one pass of one process.")
    accumulate: int = Field(default=1, ge=1, description="Passes of one step.")
    epochs: float = Field(default=1.0, gt=0, description="At most so often each example is seen.")
    steps: int = Field(default=0, ge=0, description="At most so many; 0: as the epochs say.")
    evaluate_every: int = Field(default=100, ge=1, description="Steps between two judgements.")
    keep_every: int = Field(
        default=100, ge=1, description="Steps between two checkpoints to go on from."
    )
    patience: int = Field(
        default=3, ge=1, description="Judgements without a better one before it ends."
    )
    best: str = Field(
        default=LOSS,
        description="The figure the best step is kept by: the loss, or one of the lists'"
        " such as `sequential free NDCG@10`.",
    )
    validation_examples: int = Field(
        default=200, ge=0, description="The first so many give the loss; 0: none."
    )
    judged_users: int = Field(
        default=0, ge=0, description="Lists are asked for so many users of the world; 0: none."
    )
    judged_rows: tuple[RowName, ...] = Field(
        default=(RowName.FREE,), min_length=1, description="The roads those lists are made by."
    )
    judged_tasks: tuple[Task, ...] = Field(
        default=(Task.SEQUENTIAL,), min_length=1, description="What those lists are asked for."
    )
    context: int = Field(
        default=2048, ge=2, description="Tokens of the longest example; longer ones are left out."
    )
    precision: Precision = Field(default="bfloat16", description="Of the model's weights.")
    four_bit: bool = Field(default=False, description="QLoRA: the model's matrices in nf4.")
    gradient_checkpointing: bool = Field(
        default=False, description="Compute again what is not held: less memory, slower."
    )
    threads: int = Field(default=1, ge=1, description="Of the CPU, in each process.")

    @field_validator("matrices")
    @classmethod
    def _several(cls, matrices: str | tuple[str, ...]) -> str | tuple[str, ...]:
        """One name alone: peft would take it for a pattern of whole names."""
        if isinstance(matrices, str) and matrices != EVERY_MATRIX:
            return (matrices,)
        return matrices

    @property
    def lora(self) -> Lora:
        """The shape of the adapter."""
        return Lora(self.rank, self.alpha, self.dropout, self.matrices)
