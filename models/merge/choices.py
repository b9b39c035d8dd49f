"""How two models are blended: how much of the other one, by parts of the model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.steps.config import Choices

Part = Annotated[float, Field(ge=0, le=1)]


class SlerpChoices(Choices):
    """0 is all of one model, 1 all of the other."""

    t: Part = Field(
        default=0.5, description="Of all that is not named below, embeddings and norms included."
    )
    t_of: dict[str, Part | Annotated[list[Part], Field(min_length=2)]] = Field(
        default_factory=dict,
        description="Of tensors whose names hold a text, such as self_attn or mlp; several numbers"
        " are spread over the layers from first to last. What is named first counts.",
    )
