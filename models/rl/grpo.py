"""GRPO by trl, with the same rewards: no values, but several answers to the same request.

Each token's advantage is the sum of what is still to come of its answer, every reward being held
against those of its own kind in the group: lines against the group's lines, the list against its
lists, in spreads from their mean. That is GRPO's supervision by steps, a line being a step; trl
has only that by outcomes, so its one advantage an answer is replaced by one a token.

Deviations from the slides, which have PPO:

- Rewards are compared within a group, not with what a value head foretold.
- KL to the tuned model is part of the loss (`beta`), not of the rewards, in trl's form that is
  never negative.
- The loss is the mean over all tokens of a minibatch, as in the PPO beside this.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from datasets import Dataset
from peft import PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from torch import Tensor, nn
from transformers import AutoTokenizer, PreTrainedModel, PrinterCallback, TrainerState
from transformers.trainer import TRAINER_STATE_NAME
from trl import GRPOConfig, GRPOTrainer

from models.llm.adapters import Lora, lora_config
from models.llm.checkpoint import Checkpoint
from models.llm.loading import quietly
from models.rl.asked import Asked, chosen_of
from models.rl.choices import Reinforcing
from models.rl.credit import spread
from models.rl.figures import Iteration, figures_of, moment_of
from models.rl.judging import Judge, Judged
from models.rl.rewards import Rewards
from models.rl.rollout import unsteer
from models.sft.checkpoints import Checkpoints, Ours, in_float32, state_in
from models.steps.telling import Telling

THEIRS: Final = {"kl": "kl", "entropy": "entropy", "clipped": "clip_ratio/region_mean"}
"""Figures that trl finds out, by our names."""


def grouped(judged: Sequence[Judged], group: int, width: int) -> Tensor:
    """The advantage of each token; `group` answers to the same request stand side by side."""
    found = torch.zeros(len(judged), width)
    for start in range(0, len(judged), group):
        part = judged[start : start + group]
        line = _measure([reward for one in part for reward in one.rewards.lines])
        whole = _measure([one.rewards.whole for one in part])
        for row, one in enumerate(part, start=start):
            earned = _earned(one, line, whole)
            found[row, : len(earned)] = earned.flip(0).cumsum(0).flip(0)
    return found


def _measure(rewards: Sequence[float]) -> Callable[[float], float]:
    """How far a reward is from the mean of its kind, in spreads; 0 where all are the same."""
    mean = math.fsum(rewards) / len(rewards)
    spread_of = math.sqrt(math.fsum((one - mean) ** 2 for one in rewards) / len(rewards))
    return lambda reward: (reward - mean) / (spread_of + 1e-4)


def _earned(one: Judged, line: Callable[[float], float], whole: Callable[[float], float]) -> Tensor:
    """Measured rewards where the answer earned them."""
    lines = tuple(map(line, one.rewards.lines))
    measured = Rewards(lines, whole(one.rewards.whole), one.rewards.legal)
    return torch.tensor(spread(measured, one.lines, len(one.tokens)))


class Grouped(Ours, GRPOTrainer):  # type: ignore[misc]  # trl has no types
    """trl's trainer, which reads our tokens, asks our judge, and credits tokens."""

    def __init__(
        self,
        asked: Sequence[Asked],
        judge: Judge,
        checkpoints: Checkpoints,
        telling: Telling,
        **theirs: Any,
    ) -> None:
        self._asked = asked
        self._judge = judge
        self._checkpoints = checkpoints
        self._telling = telling
        self._judged: list[Judged] = []
        self._figures: Iteration = {}
        self._began = time.monotonic()
        # A prompt stands in the data by its number: its tokens are ours, not trl's. Which ones are
        # asked is ours too, and trl stops at once where they are too few for an iteration.
        groups = theirs["args"].generation_batch_size // theirs["args"].num_generations
        count = max(len(asked), groups)
        numbers = Dataset.from_dict({"prompt": [str(number) for number in range(count)]})
        super().__init__(reward_funcs=self._total, train_dataset=numbers, **theirs)
        self.remove_callback(PrinterCallback)
        in_float32(self.model)

    def go_on(self) -> list[Iteration]:
        """Run what is left of all iterations; the figures of each."""
        kept = self._checkpoints.newest()
        if kept is not None:
            self.state = TrainerState.load_from_json(str(kept / TRAINER_STATE_NAME))
        self._tell()
        if kept is not None and self.state.global_step >= self.args.max_steps:
            # The trainer would take one more step before it looks how many there are to take.
            self.stand_at(kept)
        else:
            self.train(resume_from_checkpoint=None if kept is None else str(kept))
        return iterations_of(self.state.log_history)

    def stand_at(self, folder: Path) -> None:
        """Have the weights of a checkpoint."""
        adapter = state_in(folder)["adapter"]
        set_peft_model_state_dict(self.accelerator.unwrap_model(self.model), adapter)

    def _total(
        self, prompts: Sequence[str], completion_ids: Sequence[list[int]], **_others: Any
    ) -> list[float]:
        """All that each answer earned: trl tells it, and `grouped` credits it."""
        asked = [self._asked[int(number)] for number in prompts]
        self._judged = [self._judge.of(*pair) for pair in zip(asked, completion_ids, strict=True)]
        self._figures = figures_of(self._judged, list(map(len, completion_ids)), {})
        return [one.rewards.total for one in self._judged]

    def _tokenize_prompts(
        self, prompts: Sequence[str]
    ) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [list(self._asked[int(number)].prompt) for number in prompts], None, {}

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        # Of what trl would ask only the number counts: each iteration has dice of its own, so that
        # going on needs neither those before nor their place in the data.
        where = (int(self.args.seed), int(self.args.process_index), int(self.state.global_step))
        dice = np.random.default_rng(where)
        torch.manual_seed(int(dice.integers(2**62)))
        group = int(self.num_generations)
        chosen = chosen_of(range(len(self._asked)), len(inputs) // group, dice)
        inputs = [{"prompt": str(number)} for number in chosen for _ in range(group)]
        made: dict[str, Any] = super()._generate_and_score_completions(inputs)
        answers = made["completion_ids"]
        credited = grouped(self._judged, self.num_generations, answers.shape[1])
        return made | {"advantages": credited.to(answers.device)}

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add our figures to trl's, which are kept with the state; tell the iteration."""
        if not self._figures:
            super().log(logs, start_time)
            return
        seconds = time.monotonic() - self._began
        super().log(logs | {f"our/{name}": one for name, one in self._figures.items()}, start_time)
        self.state.log_history[-1]["our/seconds"] = seconds
        self._figures, self._began = {}, time.monotonic()
        self._tell()

    def _tell(self) -> None:
        total = self.args.max_steps // int(self.args.logging_steps)
        self._telling(moment_of("GRPO", iterations_of(self.state.log_history), total))

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:  # noqa: ARG002
        # Not by the trainer itself: what it had half written it would go on from.
        state = {
            "adapter": get_peft_model_state_dict(self.accelerator.unwrap_model(self.model)),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.lr_scheduler.state_dict(),
        }
        self._checkpoints.write(int(self.state.global_step), state, self.write_own)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            state = state_in(Path(checkpoint))
            self.optimizer.load_state_dict(state["optimizer"])
            self.lr_scheduler.load_state_dict(state["scheduler"])

    def _load_rng_state(self, checkpoint: str | None) -> None:
        """Nothing: each iteration has dice of its own."""


def iterations_of(history: Sequence[Mapping[str, float]]) -> list[Iteration]:
    """The figures of each iteration, ours and trl's."""
    return [
        {name.removeprefix("our/"): one[name] for name in one if name.startswith("our/")}
        | {ours: one[theirs] for ours, theirs in THEIRS.items() if theirs in one}
        for one in history
        if "our/reward" in one
    ]


def grpo(  # noqa: PLR0913, PLR0917 - what learns of what, and where it is kept
    model: PreTrainedModel,
    parent: Checkpoint,
    asked: Sequence[Asked],
    judge: Judge,
    choices: Reinforcing,
    state: Path,
    telling: Telling,
) -> tuple[PeftModel, list[Iteration]]:
    """Run all iterations, going on where a state was kept; the policy, and each one's figures."""
    unsteer(model, parent.tokenizer.end)
    with quietly():
        trainer = Grouped(
            asked,
            judge,
            Checkpoints(state / "grpo"),
            telling,
            model=model,
            args=settings(choices, max(one.wanted.k for one in asked), state),
            processing_class=AutoTokenizer.from_pretrained(parent.folder, local_files_only=True),
            peft_config=lora_config(Lora(choices.rank, choices.alpha)),
        )
        done = trainer.go_on()
    return trainer.accelerator.unwrap_model(trainer.model), done


def settings(choices: Reinforcing, k: int, state: Path) -> GRPOConfig:
    """Our choices in trl's words; an iteration is as many of its steps as there are minibatches."""
    batches = choices.rollouts // choices.minibatch
    steps = batches * choices.epochs
    found = GRPOConfig(
        output_dir=str(state),
        seed=choices.seed,
        max_steps=choices.iterations * steps,
        per_device_train_batch_size=choices.minibatch,
        gradient_accumulation_steps=1,
        steps_per_generation=batches,
        num_generations=choices.group,
        num_iterations=choices.epochs,
        max_completion_length=choices.longest(k),
        temperature=choices.temperature,
        beta=choices.kl,
        epsilon=choices.clip,
        loss_type="bnpo",
        learning_rate=choices.learning_rate,
        lr_scheduler_type="constant",
        weight_decay=0.0,
        max_grad_norm=1.0,
        bf16=choices.precision == "bfloat16",
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=choices.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        logging_steps=steps,
        save_steps=steps,
        report_to="none",
        disable_tqdm=True,
    )
    # Of several GPUs the first: the trainer would put a copy on each, which GRPO cannot have.
    found._n_gpu = min(found.n_gpu, 1)  # noqa: SLF001 - there is no other way to say so
    return found
