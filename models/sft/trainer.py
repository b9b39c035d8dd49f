"""trl's SFTTrainer, on a model that may be sharded, with checkpoints and judgements of our own.

What trl and transformers do is theirs: batches and their order, the loss, the optimizer, its
schedule, going on in the middle of an epoch. Ours is what they write and read: a checkpoint is one
file put in place as a whole, with whole tensors, so it may be gone on from with another number of
processes too, and what fails to be written leaves the one before as it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import torch
from datasets import Dataset
from peft import PeftModel
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule
from transformers import PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from models.sft.checkpoints import Checkpoints, Ours, in_float32, state_in
from models.sft.choices import LOSS
from models.sft.course import Course
from models.sft.lessons import UNLEARNT, Row
from models.sft.sharding import from_each, like, processes, rank, sharded, summed, whole
from models.steps.telling import Moment, Telling

Judge: TypeAlias = Callable[[nn.Module, str], Mapping[str, float]]
"""What a model is worth by the lists it makes; the text names the model as it is now."""

Tensors: TypeAlias = dict[str, Tensor]


class Tuner(Ours, SFTTrainer):  # type: ignore[misc]  # trl is untyped
    """Trains an adapter, and keeps the one that was judged best."""

    def __init__(  # noqa: PLR0913 - what is trained, on what, how, and who hears of it
        self,
        model: PeftModel,
        tokenizer: Any,
        rows: list[Row],
        validation: list[Row],
        config: SFTConfig,
        *,
        course: Course,
        checkpoints: Checkpoints,
        telling: Telling,
        judge: Judge | None = None,
    ) -> None:
        super().__init__(
            model=model,
            args=config,
            train_dataset=Dataset.from_list(rows),
            eval_dataset=Dataset.from_list(validation) if validation else None,
            processing_class=tokenizer,
        )
        self.remove_callback(PrinterCallback)
        self.add_callback(_Clock(course))
        self.course = course
        self.best: Tensors = {}
        """Of the best step so far; with the first process alone."""
        self._checkpoints = checkpoints
        self._telling = telling
        self._judge = judge
        self._tokens_before = course.tokens
        in_float32(self.model)
        sharded(self.model)
        if processes() > 1:
            # Sharded by us, so accelerate is to leave it as it is: this is how it marks its own.
            self.model._is_accelerate_prepared = True  # noqa: SLF001

    def adapter(self) -> Tensors:
        """The trained tensors, whole; to be asked for by every process at once."""
        return {name: whole(one) for name, one in _trained(self.model).items()}

    def stand_at(self, folder: Path) -> None:
        """Have the weights and figures of a checkpoint."""
        state = state_in(folder)
        for name, one in _trained(self.model).items():
            with torch.no_grad():
                one.copy_(like(state["adapter"][name], one))
        self.best = state["best"] if rank() == 0 else {}

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Hear of a step's loss; BadInput if it is no number."""
        super().log(logs, start_time)
        if "loss" in logs:
            tokens = self._tokens_before + int(logs["num_tokens"])
            self.course.learnt(logs["loss"], float(logs["grad_norm"]), tokens)
            self.tell()

    def tell(self) -> None:
        """Say how far it has come."""
        figures = {"loss": self.course.losses[-1]} if self.course.losses else {}
        best = self.course.best
        if best is not None:
            name = self.course.best_by
            figures[f"best {name}"] = self.course.judgements[best][name]
        self._telling(Moment("tune", self.course.step, self.args.max_steps, figures))

    def evaluate(
        self,
        eval_dataset: Any = None,  # noqa: ARG002 - the trainer's own interface
        ignore_keys: Any = None,  # noqa: ARG002
        metric_key_prefix: str = "eval",
    ) -> dict[str, float]:
        """Judge the weights as they are now, and keep them if they are the best so far."""
        training = self.model.training
        self.model.eval()
        figures = {LOSS: self._validation_loss()} if self.eval_dataset is not None else {}
        if self._judge is not None:
            figures |= self._judge(self.model, f"step {self.course.step}")
        self.model.train(training)
        if isinstance(self.model, FSDPModule):
            self.model.reshard()  # what is around the layers waits for a backward pass otherwise
        if self.course.judged(figures):
            best = self.adapter()
            self.best = best if rank() == 0 else {}
        if self.course.over:
            self.control.should_training_stop = True
        return {f"{metric_key_prefix}_{name}": figure for name, figure in figures.items()}

    @torch.no_grad()
    def _validation_loss(self) -> float:
        """Of each token that is to be said, by however many processes and in whatever batches."""
        size, turns = self.args.per_device_eval_batch_size, processes()
        total = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        for start in range(0, len(self.eval_dataset), size * turns):
            mine = start + rank() * size
            rows = [
                self.eval_dataset[row]
                for row in range(mine, min(mine + size, len(self.eval_dataset)))
            ]
            # Every process has to pass through each layer as often as the others.
            batch = self._prepare_inputs(self.data_collator(rows or [self.eval_dataset[0]]))
            if not rows:
                batch["labels"].fill_(UNLEARNT)
            found = self.model(**batch, use_cache=False, fused_lm_head=True)
            total += torch.stack([-found.log_probs.double().sum(), found.label_mask.sum()])
        loss, tokens = summed(total).tolist()
        return float(loss / tokens)

    def _move_model_to_device(self, model: nn.Module, device: torch.device) -> None:
        # What is sharded is placed layer by layer: as a whole it may be more than a GPU holds.
        if processes() == 1:
            super()._move_model_to_device(model, device)

    def _clip_grad_norm(self, model: nn.Module) -> Tensor:
        return whole(super()._clip_grad_norm(model))

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:  # noqa: ARG002
        state = {
            "adapter": self.adapter(),
            "best": self.best,
            "optimizer": _mapped(self.optimizer.state_dict(), whole),
            "scheduler": self.lr_scheduler.state_dict(),
            "course": self.course.state(),
            "dice": from_each(_dice()),
        }
        if rank() == 0:
            self._checkpoints.write(self.course.step, state, self.write_own)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is None:
            return
        state = state_in(Path(checkpoint))
        patterns = [one for group in self.optimizer.param_groups for one in group["params"]]
        moments = state["optimizer"]["state"]
        for index, pattern in enumerate(patterns):
            moments[index] = {
                name: like(one, pattern) if one.shape == pattern.shape else one
                for name, one in moments[index].items()
            }
        self.optimizer.load_state_dict(state["optimizer"])
        self.lr_scheduler.load_state_dict(state["scheduler"])

    def _load_rng_state(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            dice = state_in(Path(checkpoint))["dice"]
            _throw(dice[rank() % len(dice)])


class _Clock(TrainerCallback):  # type: ignore[misc]  # so is transformers
    """Times the steps, and nothing between them."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._began = 0.0

    def on_step_begin(self, *_told: Any, **_more: Any) -> None:
        self._began = time.monotonic()

    def on_step_end(self, *_told: Any, **_more: Any) -> None:
        self._course.seconds += time.monotonic() - self._began


def _trained(model: nn.Module) -> dict[str, nn.Parameter]:
    return {name: one for name, one in model.named_parameters() if one.requires_grad}


def _mapped(tree: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(tree, Tensor):
        return change(tree)
    if isinstance(tree, dict):
        return {name: _mapped(one, change) for name, one in tree.items()}
    return [_mapped(one, change) for one in tree] if isinstance(tree, list | tuple) else tree


def _dice() -> dict[str, Tensor]:
    cuda = {"cuda": torch.cuda.get_rng_state()} if torch.cuda.is_available() else {}
    return {"cpu": torch.get_rng_state()} | cuda


def _throw(dice: Mapping[str, Tensor]) -> None:
    torch.set_rng_state(dice["cpu"])
    if "cuda" in dice and torch.cuda.is_available():
        torch.cuda.set_rng_state(dice["cuda"])
