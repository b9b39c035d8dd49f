"""Training: full-softmax cross-entropy, ended early by NDCG@10 on validation data.

One seed gives the same weights in one thread, also where a training was ended and went on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import nn
from torch.nn import functional

from models.sasrec.batches import Batch, batches, cut
from models.sasrec.checkpoint import Checkpoint
from models.sasrec.config import Config
from models.sasrec.evaluate import Asked, hit_rate, ndcg, ranks
from models.sasrec.net import SasNet, exported, shape_of
from models.sasrec.telling import Moment, Telling, silently
from service.errors import BadInput
from service.retrieval.sasrec_net import Net, Shape
from service.steering.arrays import FloatArray, IntArray

K: Final = 10
LOGITS: Final = 2**25
"""The most that are held at once: a full softmax over many items is taken piece by piece."""


@dataclass(slots=True)
class Trained:
    """A net as good as it became, and how it came to that."""

    shape: Shape
    config: Config
    tensors: dict[str, FloatArray] = field(default_factory=dict)
    best_epoch: int = 0
    ndcg: float = -1.0
    hr: float = 0.0
    losses: list[float] = field(default_factory=list)
    ndcgs: list[float] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """How many are complete."""
        return len(self.losses)

    @property
    def over(self) -> bool:
        """Whether another epoch is not worth its while."""
        patience = self.best_epoch + self.config.patience
        return self.epochs >= min(self.config.epochs, patience)

    @property
    def net(self) -> Net:
        """As serving reads it."""
        return Net(self.shape, self.tensors)


def train(  # noqa: PLR0913, PLR0917 - what is learnt, how, who hears of it, where it is kept
    sequences: Sequence[IntArray],
    validation: Sequence[Asked],
    items: int,
    config: Config,
    telling: Telling = silently,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """A net for items 0, 1, ... trained on sequences of them; BadInput if it comes to nothing."""
    trained = Trained(shape_of(items, config), config)
    with _alone(config.threads):
        course = _Course(trained, telling)
        kept = checkpoint.read() if checkpoint is not None else None
        if kept is not None:
            course.go_on(kept)
        while not trained.over:
            course.epoch(sequences)
            course.judge(validation)
            if checkpoint is not None:
                checkpoint.write(course.state())
            course.tell(over=trained.over)
    return trained


class _Course:
    """A net on its way."""

    def __init__(self, trained: Trained, telling: Telling) -> None:
        self.trained = trained
        self._config = trained.config
        self._telling = telling
        torch.manual_seed(self._config.seed)
        self._net = SasNet(trained.shape, self._config)
        self._optimizer = torch.optim.AdamW(
            self._net.parameters(),
            lr=self._config.learning_rate,
            weight_decay=self._config.weight_decay,
            betas=(0.9, 0.98),
        )

    def epoch(self, sequences: Sequence[IntArray]) -> None:
        """Learn from every sequence once."""
        number = self.trained.epochs + 1
        dice = np.random.default_rng([self._config.seed, number])
        torch.manual_seed(int(dice.integers(2**62)))
        pieces = cut(sequences, self._config.length, dice)
        steps = math.ceil(len(pieces) / self._config.batch)
        total = places = 0.0
        self._net.train()
        for step, batch in enumerate(batches(pieces, self._config.batch)):
            self._pace(number - 1 + step / steps, 1 / steps)
            loss, count = self._step(batch)
            total, places = total + loss, places + count
            if not math.isfinite(total):
                raise _diverged(number)
            self.tell(number, (step, steps), total / places)
        self.trained.losses.append(total / places)

    def judge(self, validation: Sequence[Asked]) -> None:
        """Keep the weights if they are the best so far."""
        tensors = exported(self._net)
        try:
            found = ranks(Net(self.trained.shape, tensors), validation)
        except ValueError as error:
            raise _diverged(self.trained.epochs) from error
        self.trained.ndcgs.append(ndcg(found, K))
        if self.trained.ndcgs[-1] > self.trained.ndcg:
            self.trained.best_epoch = self.trained.epochs
            self.trained.tensors = tensors
            self.trained.ndcg, self.trained.hr = self.trained.ndcgs[-1], hit_rate(found, K)

    def _pace(self, epochs: float, step: float) -> None:
        """Set the learning rate for a step after so many epochs."""
        config = self._config
        rising = min(1.0, (epochs + step) / config.warmup) if config.warmup else 1.0
        falling = 0.5 * (1 + math.cos(math.pi * min(1.0, epochs / config.epochs)))
        rate = rising * (config.last_rate + (1 - config.last_rate) * falling)
        for group in self._optimizer.param_groups:
            group["lr"] = config.learning_rate * rate

    def _step(self, batch: Batch) -> tuple[float, int]:
        """Learn from a batch; the sum of the losses, and of how many places."""
        real = torch.from_numpy(batch.real)
        vectors = self._net(torch.from_numpy(batch.items), real)[real]
        following = torch.from_numpy(batch.following)[real]
        leaf = vectors.detach().requires_grad_()
        self._optimizer.zero_grad()
        loss = 0.0
        at_once = max(1, LOGITS // self.trained.shape.items)
        for some, then in zip(
            torch.split(leaf, at_once), torch.split(following, at_once), strict=True
        ):
            part = functional.cross_entropy(
                some @ self._net.items.weight.T,
                then,
                reduction="sum",
                label_smoothing=self._config.label_smoothing,
            )
            torch.autograd.backward(part / len(following))
            loss += part.item()
        torch.autograd.backward(vectors, leaf.grad)
        nn.utils.clip_grad_norm_(self._net.parameters(), self._config.clip)
        self._optimizer.step()
        return loss, len(following)

    def tell(
        self,
        number: int | None = None,
        step: tuple[int, int] = (1, 1),
        loss: float | None = None,
        *,
        over: bool = False,
    ) -> None:
        """Say how far it has come: to the end of the last epoch unless told otherwise."""
        trained = self.trained
        self._telling(
            Moment(
                epoch=number or trained.epochs,
                epochs=self._config.epochs,
                step=step[0],
                steps=step[1],
                loss=trained.losses[-1] if loss is None else loss,
                ndcg=trained.ndcgs[-1] if trained.ndcgs else 0.0,
                best=max(trained.ndcg, 0.0),
                over=over,
            )
        )

    def state(self) -> dict[str, Any]:
        """All that going on takes."""
        trained = self.trained
        return {
            "net": self._net.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "best": {name: torch.from_numpy(tensor) for name, tensor in trained.tensors.items()},
            "figures": [trained.best_epoch, trained.ndcg, trained.hr],
            "losses": trained.losses,
            "ndcgs": trained.ndcgs,
        }

    def go_on(self, state: dict[str, Any]) -> None:
        """Stand where a state was kept."""
        self._net.load_state_dict(state["net"])
        self._optimizer.load_state_dict(state["optimizer"])
        trained = self.trained
        trained.tensors = {name: tensor.numpy() for name, tensor in state["best"].items()}
        trained.best_epoch, trained.ndcg, trained.hr = state["figures"]
        trained.losses, trained.ndcgs = state["losses"], state["ndcgs"]


def _diverged(epoch: int) -> BadInput:
    message = f"the training diverged in epoch {epoch}: its numbers are no longer finite"
    return BadInput(message, hint="Lower the learning rate.")


@contextmanager
def _alone(threads: int) -> Iterator[None]:
    """Keep to so many threads, and leave the process's own dice as they were."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=[]), threadpool_limits(threads, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)
