"""PPO: its parts against slow transcriptions, and a policy that learns to say what is liked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from peft import PeftModel
from rl_world import ASKED, END, Liking, bandit, full, sayer
from torch import Tensor

from models.llm.adapters import Lora, with_lora
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.rl.advantages import gae, whitened
from models.rl.asked import Asked, chosen_of
from models.rl.choices import Reinforcing
from models.rl.figures import risen
from models.rl.judging import Judged
from models.rl.losses import clipped_share, policy_loss, value_loss
from models.rl.ppo import Ppo, laid, ppo
from models.rl.rewards import Rewards
from models.rl.rollout import draw, joined, padded, until
from models.rl.speaking import read
from models.rl.value import ValueHead, fit
from models.steps.output import room_told
from models.steps.telling import Moment, silently
from service.errors import BadSettings


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    return sayer(tmp_path_factory.mktemp("few") / "few", cache_dir)


def learner(few: Path, choices: Reinforcing) -> Ppo:
    torch.manual_seed(choices.seed)
    model = load_model(checkpoint_in(few), choices.precision)
    return Ppo(with_lora(model, Lora(choices.rank, choices.alpha)), END, choices)


class Wordy:
    """Every token is worth 1."""

    def of(self, asked: Asked, tokens: Sequence[int]) -> Judged:
        earned = (1.0,) * len(tokens)
        return Judged(Rewards(earned, 0.0, len(tokens)), earned)


rows = st.lists(st.floats(-3, 3), min_size=5, max_size=5)


class TestAdvantages:
    @given(rows, rows, st.integers(1, 5), st.floats(0.5, 1), st.floats(0, 1))
    def test_are_the_decayed_sum_of_surprises(
        self, rewards: list[float], values: list[float], length: int, gamma: float, decay: float
    ) -> None:
        said = torch.tensor([[place < length for place in range(5)]])
        found, returns = gae(torch.tensor([rewards]), torch.tensor([values]), said, gamma, decay)
        for t in range(length):
            total = 0.0
            for later in range(t, length):
                following = values[later + 1] if later + 1 < length else 0.0
                surprise = rewards[later] + gamma * following - values[later]
                total += (gamma * decay) ** (later - t) * surprise
            assert found[0, t].item() == pytest.approx(total, abs=1e-4)
            assert returns[0, t].item() == pytest.approx(total + values[t], abs=1e-4)
        assert not found[0, length:].any()
        assert not returns[0, length:].any()

    def test_are_whitened_over_what_was_said(self) -> None:
        said = torch.tensor([[True, True], [True, False]])
        found = whitened(torch.tensor([[1.0, 3.0], [5.0, 99.0]]), said)
        assert found[1, 1] == 0
        assert found[said].mean().item() == pytest.approx(0, abs=1e-6)
        assert found[said].std(correction=0).item() == pytest.approx(1)


class TestLosses:
    SAID = torch.tensor([[True, True, False]])

    def gradient(self, moved: float, advantage: float) -> float:
        logs = torch.tensor([[moved, 0.0, 0.0]], requires_grad=True)
        advantages = torch.tensor([[advantage, 0.0, 0.0]])
        loss = policy_loss(logs, torch.zeros(1, 3), advantages, self.SAID, 0.2)
        loss.backward()  # type: ignore[no-untyped-call]
        assert logs.grad is not None
        return logs.grad[0, 0].item()

    def test_a_policy_goes_towards_what_was_better(self) -> None:
        assert self.gradient(0.0, 1.0) < 0
        assert self.gradient(0.0, -1.0) > 0

    def test_a_policy_gains_nothing_by_going_further(self) -> None:
        assert self.gradient(0.3, 1.0) == 0
        assert self.gradient(-0.3, -1.0) == 0

    def test_a_policy_that_went_the_wrong_way_comes_back(self) -> None:
        assert self.gradient(-0.3, 1.0) < 0
        assert self.gradient(0.3, -1.0) > 0

    def test_the_clipped_are_counted_where_something_was_said(self) -> None:
        logs = torch.tensor([[0.3, 0.1, 9.0]])
        assert clipped_share(logs, torch.zeros(1, 3), self.SAID, 0.2).item() == 0.5

    def test_a_value_is_held_near_the_one_before(self) -> None:
        def loss(value: float) -> float:
            given = torch.tensor([[value, 0.0, 0.0]])
            returns = torch.tensor([[10.0, 0.0, 99.0]])
            return value_loss(given, torch.zeros(1, 3), returns, self.SAID, 1.0).item()

        assert loss(0.5) < loss(0.0)
        assert loss(5.0) == loss(1.0)
        assert loss(1.0) == pytest.approx((9**2 + 0) / 2 / 2)

    def test_a_head_learns_returns(self) -> None:
        torch.manual_seed(0)
        states = torch.randn(8, 4, 16)
        said = torch.ones(8, 4, dtype=torch.bool)
        head = ValueHead(16)
        assert not head(states).any()
        returns = torch.nn.functional.layer_norm(states, (16,))[..., 0] * 2 - 5
        steps = torch.optim.AdamW(head.parameters(), lr=0.1, weight_decay=0)
        assert fit(head, steps, states, returns, said, 400) < 0.01


class TestRollouts:
    def test_prompts_are_padded_on_the_left(self) -> None:
        tokens, attends = padded([[5, 6, 7], [8]], END)
        assert tokens.tolist() == [[5, 6, 7], [END, END, 8]]
        assert attends.tolist() == [[1, 1, 1], [0, 0, 1]]

    def test_an_answer_ends_with_the_first_token_that_ends_it(self) -> None:
        answers = torch.tensor([[4, END, END], [END, END, END], [4, 5, 6]])
        assert until(answers, END).tolist() == [
            [True, True, False],
            [True, False, False],
            [True, True, True],
        ]

    def test_padding_makes_no_difference(self, few: Path) -> None:
        policy = learner(few, bandit()).model
        torch.manual_seed(3)
        both = draw(policy, [[5, 6, 7, 8, 9, 10], [11]], END, 5, 1.0)
        logs = read(policy, both, 1.0, 2).logs
        for row in range(2):
            tokens = both.tokens[row][both.attends[row].bool()]
            answer = both.lists()[row]
            with torch.no_grad():
                logits = policy(input_ids=tokens.unsqueeze(0)).logits[0]
            alone = torch.log_softmax(logits, -1)[-len(answer) - 1 : -1]
            expected = alone.gather(-1, torch.tensor(answer).unsqueeze(-1)).squeeze(-1)
            assert torch.allclose(logs[row, : len(answer)], expected, atol=1e-5)

    def test_as_one_are_read_as_they_are_alone(self, few: Path) -> None:
        policy = learner(few, bandit()).model
        torch.manual_seed(3)
        short, long = draw(policy, [[5, 6], [7]], END, 3, 1.0), draw(policy, [[8] * 6], END, 5, 1.0)
        both = joined([short, long], END)
        assert both.lists() == short.lists() + long.lists()
        found = read(policy, both, 1.0, 3).logs[both.said]
        alone = [read(policy, one, 1.0, 2).logs[one.said] for one in (short, long)]
        assert torch.allclose(found, torch.cat(alone), atol=1e-5)

    @pytest.mark.parametrize(("at_once", "parts"), [(None, [12]), (5, [5, 5, 2])])
    def test_are_drawn_so_many_at_a_time(
        self, few: Path, monkeypatch: pytest.MonkeyPatch, at_once: int | None, parts: list[int]
    ) -> None:
        policy = learner(few, bandit(rollouts=12, minibatch=4, at_once=at_once))
        drawn: list[int] = []
        theirs = policy.model.generate

        def generate(input_ids: Tensor, **more: Any) -> Tensor:
            drawn.append(len(input_ids))
            found: Tensor = theirs(input_ids=input_ids, **more)
            return found

        monkeypatch.setattr(policy.model, "generate", generate)
        policy.iterate(0, ASKED, Liking())
        assert drawn == parts

    def test_are_drawn_as_they_are_scored_whatever_is_wanted_of_serving(self, few: Path) -> None:
        torch.manual_seed(1)
        model = load_model(checkpoint_in(few), "float32")
        model.generation_config.no_repeat_ngram_size = 1
        policy = Ppo(with_lora(model, Lora(2, 4)), END, bandit()).model
        answers = draw(policy, [[5]] * 16, END, 12, 1.0).lists()
        assert any(len(set(tokens)) < len(tokens) for tokens in answers)

    def test_states_are_those_before_the_output(self, few: Path) -> None:
        policy = learner(few, bandit()).model
        torch.manual_seed(3)
        drawn = draw(policy, [[5, 6], [7]], END, 4, 1.0)
        found = read(policy, drawn, 1.0, 2).states
        with torch.no_grad():
            whole = policy(
                input_ids=drawn.tokens,
                attention_mask=drawn.attends,
                position_ids=drawn.positions,
                output_hidden_states=True,
            ).hidden_states[-1]
        assert torch.allclose(found, whole[:, -drawn.longest - 1 : -1], atol=1e-6)

    def test_a_temperature_sharpens_what_is_drawn_and_read(self, few: Path) -> None:
        policy = learner(few, bandit()).model
        torch.manual_seed(3)
        drawn = draw(policy, [[5]], END, 4, 1.0)
        warm, cold = (read(policy, drawn, heat, 1) for heat in (1.0, 0.1))
        assert (cold.entropy < warm.entropy).all()

    def test_requests_are_repeated_only_when_all_were_there(self) -> None:
        chosen = chosen_of(ASKED, 6, np.random.default_rng(0))
        assert {one.prompt for one in chosen[:4]} == {one.prompt for one in ASKED}
        assert len(chosen) == 6


class TestLearning:
    def test_nothing_has_strayed_at_the_start(self, few: Path) -> None:
        first = learner(few, bandit(kl=5.0)).iterate(0, ASKED, Liking())
        assert first["kl"] == 0
        assert first["clipped"] == 0

    def test_the_first_iteration_may_learn_values_alone(self, few: Path) -> None:
        policy = learner(few, bandit(value_first=1))
        before = adapter(policy.model)
        policy.iterate(0, ASKED, Wordy())
        assert same(before, adapter(policy.model))
        assert policy.head.line.weight.any()
        policy.iterate(1, ASKED, Wordy())
        assert not same(before, adapter(policy.model))

    def test_what_is_liked_is_said_more_often(self, few: Path, tmp_path: Path) -> None:
        told: list[Moment] = []
        done = ppo(learner(few, bandit()), ASKED, Liking(), tmp_path, told.append)
        assert [moment.done for moment in told] == list(range(13))
        assert told[-1].figures["reward"] == done[-1]["reward"]
        before, after = risen(done)
        assert before < 1.5  # of at most four
        assert after > before + 0.5
        assert risen(done, "kl")[1] > 0.2

    def test_where_straying_costs_more_than_it_brings_nothing_strays(
        self, few: Path, tmp_path: Path
    ) -> None:
        done = ppo(learner(few, bandit(kl=5.0)), ASKED, Liking(), tmp_path, silently)
        assert risen(done, "kl")[1] < 0.1

    def test_computing_again_makes_no_difference(self, few: Path) -> None:
        plain = learner(few, bandit())
        again = learner(few, bandit(gradient_checkpointing=True))
        for policy in (plain, again):
            policy.iterate(1, ASKED, Liking())
        assert again.model.is_gradient_checkpointing
        ours, theirs = adapter(again.model), adapter(plain.model)
        assert all(torch.allclose(ours[name], theirs[name], atol=1e-4) for name in theirs)

    def test_learns_on_four_bit_weights(self, few: Path, tmp_path: Path) -> None:
        choices = bandit(four_bit=True)
        torch.manual_seed(choices.seed)
        model = load_model(checkpoint_in(few), "float32", four_bit=True)
        policy = Ppo(with_lora(model, Lora(8, 16)), END, choices)
        before, after = risen(ppo(policy, ASKED, Liking(), tmp_path, silently))
        assert after > before + 0.5

    def test_goes_on_where_it_was_killed(self, few: Path, tmp_path: Path) -> None:
        choices = bandit(iterations=4)
        whole = learner(few, choices)
        expected = ppo(whole, ASKED, Liking(), tmp_path / "whole", silently)

        def kill(moment: Moment) -> None:
            if moment.done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ppo(learner(few, choices), ASKED, Liking(), tmp_path / "killed", kill)
        torch.manual_seed(99)
        resumed = learner(few, choices)
        told: list[int] = []
        found = ppo(
            resumed, ASKED, Liking(), tmp_path / "killed", lambda moment: told.append(moment.done)
        )
        assert told == [2, 3, 4]
        assert [untimed(one) for one in found] == [untimed(one) for one in expected]
        assert same(adapter(whole.model), adapter(resumed.model))

    def test_does_not_go_on_where_it_was_done(self, few: Path, tmp_path: Path) -> None:
        choices = bandit(iterations=2)
        ended = learner(few, choices)
        expected = ppo(ended, ASKED, Liking(), tmp_path, silently)
        again = learner(few, choices)
        told: list[Moment] = []
        assert ppo(again, ASKED, Liking(), tmp_path, told.append) == expected
        assert [moment.done for moment in told] == [2]
        assert same(adapter(again.model), adapter(ended.model))

    def test_says_that_the_disk_is_full_and_goes_on_from_before(
        self, few: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        choices = bandit(iterations=2, value_first=0)
        whole = learner(few, choices)
        expected = ppo(whole, ASKED, Liking(), tmp_path / "whole", silently)

        def fill(moment: Moment) -> None:
            if moment.done == 1:
                monkeypatch.setattr("models.steps.state.os.fsync", full)

        killed = tmp_path / "killed"
        with pytest.raises(BadSettings, match="the disk is full"), room_told(killed):
            ppo(learner(few, choices), ASKED, Liking(), killed, fill)
        assert [one.name for one in killed.iterdir()] == ["ppo.pt"]
        monkeypatch.undo()
        resumed = learner(few, choices)
        told: list[int] = []
        found = ppo(resumed, ASKED, Liking(), killed, lambda moment: told.append(moment.done))
        assert told == [1, 2]
        assert [untimed(one) for one in found] == [untimed(one) for one in expected]
        assert same(adapter(whole.model), adapter(resumed.model))

    def test_earnings_are_laid_where_the_answers_stand(self, few: Path) -> None:
        policy = learner(few, bandit())
        torch.manual_seed(1)
        drawn = draw(policy.model, [[5], [6]], END, 3, 1.0)
        judged = [Liking([int(answer[0])]).of(ASKED[0], answer) for answer in drawn.lists()]
        earned = laid(judged, drawn)
        assert earned.shape == drawn.said.shape
        assert earned[:, 0].tolist() == [1.0, 1.0]
        assert not earned[~drawn.said].any()


def adapter(model: PeftModel) -> dict[str, Tensor]:
    return {
        name: one.detach().clone() for name, one in model.named_parameters() if one.requires_grad
    }


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def untimed(figures: dict[str, float]) -> dict[str, float]:
    return {name: one for name, one in figures.items() if name != "seconds"}
