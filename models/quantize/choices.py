"""How a model is quantised, and how a quantised one is read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from models.llm.loading import Precision
from models.steps.config import Choices, Drawn


class AwqChoices(Drawn):
    """Of AWQ with weights of 4 bits."""

    group: Literal[128, 64, 32] | None = Field(
        default=None,
        description="Weights that share a scale; else the largest that divides every matrix.",
    )
    symmetric: bool = Field(default=False, description="Without a zero of each group's own.")
    ignore: list[str] = Field(
        default=["lm_head"], description="Modules left as they are: names, or re:PATTERN."
    )
    layout: Literal["compressed", "autoawq"] = Field(
        default="compressed", description="Of the files: llm-compressor's, or AutoAWQ's."
    )
    examples: int = Field(default=128, ge=1, description="Prompts and answers to calibrate with.")
    held: int = Field(default=16, ge=1, description="More of them, to compare before and after.")
    tokens: int = Field(
        default=4096, ge=1, description="What calibration has to see at least, in all."
    )
    context: int = Field(default=2048, ge=16, description="Longer examples are left out.")
    grid: int = Field(
        default=20, ge=3, description="Ways tried to scale the inputs of each kind of matrix."
    )
    threads: int = Field(default=1, ge=1, description="Of the processor.")


class ReadChoices(Choices):
    """Of a quantised checkpoint that becomes a plain one."""

    precision: Precision = Field(default="bfloat16", description="Of the weights written.")
