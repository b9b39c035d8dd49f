"""PPO with item-level credit: the paper's way, on peft and transformers.

    reward of a token    what its line and the list earned there, less eta * KL to the tuned model
    KL of a token        log-probability under the policy less that under the tuned model, which is
                         the same model with its new adapter switched off

Deviations from the slides, which name PPO and its reward and leave the rest open:

- The value head is a line over the policy's own last hidden states, which it does not teach: with
  one model in memory, the values' large errors at the start cannot spoil what the policy knows.
  So it is fitted by itself, to all answers of an iteration, and for the first iterations alone.
- How far values may move at once is counted in spreads of the returns, since these have no scale of
  their own: a list of ten is worth more than one of three.
- Advantages are whitened over all tokens of an iteration.
- No entropy is rewarded; it is told.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from peft import PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from torch import Tensor

from models.rl.advantages import gae, mean_over, whitened
from models.rl.asked import Asked, chosen_of
from models.rl.choices import Reinforcing
from models.rl.figures import Iteration, figures_of, moment_of
from models.rl.judging import Judge, Judged
from models.rl.losses import clipped_share, policy_loss
from models.rl.rollout import Rollout, draw, joined, unsteer
from models.rl.speaking import Spoken, parts_of, read, spoken
from models.rl.value import ValueHead, fit
from models.steps.state import read_state, write_state
from models.steps.telling import Telling

STATE_FILE: Final = "ppo.pt"
STEEPEST: Final = 1.0
"""Of a gradient: a longer one is shortened."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What an iteration learns from."""

    rollout: Rollout
    before: Tensor
    """Log-probabilities under the policy that drew the answers."""
    advantages: Tensor


class Ppo:
    """A policy under an adapter, its values, and how both learn."""

    def __init__(self, model: PeftModel, end: int, choices: Reinforcing) -> None:
        self.model = model
        self.choices = choices
        self._end = end
        unsteer(model.get_base_model(), end)
        if choices.gradient_checkpointing:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        self.head = ValueHead(int(model.config.get_text_config().hidden_size)).to(model.device)
        learning = [one for one in model.parameters() if one.requires_grad]
        self._learning = learning
        self._steps = torch.optim.AdamW(learning, lr=choices.learning_rate, weight_decay=0.0)
        self._value_steps = torch.optim.AdamW(
            self.head.parameters(), lr=choices.value_learning_rate, weight_decay=0.0
        )

    def iterate(self, number: int, asked: Sequence[Asked], judge: Judge) -> Iteration:
        """Draw answers to some of the requests and learn from them; `number` counts from 0."""
        began = time.monotonic()
        dice = np.random.default_rng([self.choices.seed, number])
        chosen = chosen_of(asked, self.choices.rollouts, dice)
        torch.manual_seed(int(dice.integers(2**62)))
        rollout = self._drawn(chosen)
        answers = rollout.lists()
        judged = [judge.of(*pair) for pair in zip(chosen, answers, strict=True)]
        told = self._learn(rollout, judged, dice, first=number < self.choices.value_first)
        seconds = time.monotonic() - began
        return figures_of(judged, list(map(len, answers)), {**told, "seconds": seconds})

    def state(self) -> dict[str, Any]:
        """All that going on takes."""
        return {
            "adapter": get_peft_model_state_dict(self.model),
            "head": self.head.state_dict(),
            "steps": self._steps.state_dict(),
            "value_steps": self._value_steps.state_dict(),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        set_peft_model_state_dict(self.model, state["adapter"])
        self.head.load_state_dict(state["head"])
        self._steps.load_state_dict(state["steps"])
        self._value_steps.load_state_dict(state["value_steps"])

    def _drawn(self, chosen: Sequence[Asked]) -> Rollout:
        """All at once is fastest, and takes the most memory."""
        size = self.choices.at_once or len(chosen)
        parts = [chosen[start : start + size] for start in range(0, len(chosen), size)]
        self.model.eval()
        rollout = joined([self._answers(part) for part in parts], self._end)
        self.model.train()
        return rollout

    def _answers(self, chosen: Sequence[Asked]) -> Rollout:
        longest = self.choices.longest(max(one.wanted.k for one in chosen))
        prompts = [one.prompt for one in chosen]
        return draw(self.model, prompts, self._end, longest, self.choices.temperature)

    def _learn(
        self,
        rollout: Rollout,
        judged: Sequence[Judged],
        dice: np.random.Generator,
        *,
        first: bool,
    ) -> dict[str, float]:
        """Learn from answers; with `first` what they are worth alone."""
        choices = self.choices
        now = read(self.model, rollout, choices.temperature, choices.minibatch)
        strayed = now.logs - self._tuned(rollout)
        rewards = laid(judged, rollout) - choices.kl * strayed
        with torch.no_grad():
            values = self.head(now.states)
        advantages, returns = gae(rewards, values, rollout.said, choices.gamma, choices.gae_lambda)
        learnt = Learnt(rollout, now.logs, whitened(advantages, rollout.said))
        clipped = 0.0 if first else self._improve(learnt, dice)
        error = self._value(now, returns, rollout.said, first=first)
        return {
            "kl": float(mean_over(strayed, rollout.said)),
            "entropy": float(mean_over(now.entropy, rollout.said)),
            "clipped": clipped,
            "value_loss": error,
        }

    def _tuned(self, rollout: Rollout) -> Tensor:
        """Log-probabilities under the model that the adapter stands on."""
        with self.model.disable_adapter():
            return read(self.model, rollout, self.choices.temperature, self.choices.minibatch).logs

    def _improve(self, learnt: Learnt, dice: np.random.Generator) -> float:
        """Take some steps; the share of tokens that ended up clipped."""
        choices = self.choices
        shares: list[float] = []
        for _ in range(choices.epochs):
            order = torch.from_numpy(dice.permutation(len(learnt.rollout.tokens)))
            shares = [self._step(learnt, rows) for rows in parts_of(order, choices.minibatch)]
        return float(np.mean(shares))

    def _step(self, learnt: Learnt, rows: Tensor) -> float:
        part, before = learnt.rollout.part(rows), learnt.before[rows]
        logs = spoken(self.model, part, self.choices.temperature).logs
        clip = self.choices.clip
        loss = policy_loss(logs, before, learnt.advantages[rows], part.said, clip)
        self._steps.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._learning, STEEPEST)
        self._steps.step()
        return float(clipped_share(logs.detach(), before, part.said, clip))

    def _value(self, now: Spoken, returns: Tensor, said: Tensor, *, first: bool) -> float:
        """Teach the values; the loss after it. At first they may move as far as they have to."""
        choices = self.choices
        clip = math.inf if first else choices.value_clip * float(returns[said].std(correction=0))
        return fit(
            self.head, self._value_steps, now.states, returns, said, choices.value_steps, clip
        )


def laid(judged: Sequence[Judged], rollout: Rollout) -> Tensor:
    """What each token of some answers earned, as the rollout has them."""
    earned = torch.zeros(rollout.said.shape)
    for row, one in enumerate(judged):
        earned[row, : len(one.tokens)] = torch.tensor(one.tokens)
    return earned.to(rollout.tokens.device)


def ppo(
    learner: Ppo, asked: Sequence[Asked], judge: Judge, state: Path, telling: Telling
) -> list[Iteration]:
    """Run all iterations, going on where a state was kept; the figures of each."""
    kept = read_state(state / STATE_FILE)
    done: list[Iteration] = []
    if kept is not None:
        learner.resume(kept)
        done = kept["figures"]
    total = learner.choices.iterations
    telling(moment_of("PPO", done, total))
    for number in range(len(done), total):
        done.append(learner.iterate(number, asked, judge))
        write_state(state / STATE_FILE, {**learner.state(), "figures": done})
        telling(moment_of("PPO", done, total))
    return done
