"""How a net is made and trained."""

from __future__ import annotations

from dataclasses import dataclass

from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class Config:
    """All that can be chosen."""

    dimension: int = 64
    layers: int = 2
    heads: int = 2
    length: int = 50
    """How many of the last items the net looks at."""
    spread: float = 0.02
    """Standard deviation of the first vectors."""
    dropout: float = 0.3
    learning_rate: float = 2e-3
    warmup: float = 0.5
    """Epochs until it is reached."""
    last_rate: float = 1.0
    """What is left of it after all epochs; below 1 it falls along a cosine."""
    weight_decay: float = 0.01
    label_smoothing: float = 0.0
    clip: float = 5.0
    """The longest a step's gradient may be."""
    batch: int = 64
    epochs: int = 60
    patience: int = 6
    """Epochs without a better NDCG@10 on validation data, after which training ends."""
    cases: int = 4000
    """The most users who are asked about for that."""
    seed: int = 1
    threads: int = 1
    """With one, the same seed gives the same weights."""

    def __post_init__(self) -> None:
        if self.dimension % self.heads:
            raise BadInput(f"{self.heads} heads cannot share {self.dimension} dimensions")
