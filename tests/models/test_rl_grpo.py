"""GRPO: advantages token by token worked out by hand, and trl's trainer learning from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import pytest
import torch
from rl_world import ASKED, Liking, full, groups, no_tests_found, sayer

from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.rl.asked import Asked
from models.rl.choices import Reinforcing
from models.rl.figures import Iteration, risen
from models.rl.judging import Judged
from models.rl.rewards import Rewards
from models.steps.output import room_told
from models.steps.telling import Moment, Telling, silently
from service.errors import BadSettings
from service.modelfolder import read_manifest

Learn: TypeAlias = Callable[[Reinforcing, Path, Telling], tuple[torch.nn.Module, list[Iteration]]]

MANY = ASKED * 2
"""More requests than groups, so that an iteration may end in the midst of trl's epochs."""


@pytest.fixture(scope="module")
def grpo() -> ModuleType:
    with no_tests_found():
        import models.rl.grpo  # noqa: PLC0415 - trl looks around when it is imported

    return models.rl.grpo


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    return sayer(tmp_path_factory.mktemp("few") / "few", cache_dir)


@pytest.fixture
def learn(grpo: ModuleType, few: Path) -> Learn:
    def learnt(
        choices: Reinforcing, state: Path, telling: Telling
    ) -> tuple[torch.nn.Module, list[Iteration]]:
        parent = checkpoint_in(few)
        model = load_model(parent, choices.precision)
        found: tuple[torch.nn.Module, list[Iteration]] = grpo.grpo(
            model, parent, MANY, Liking(), choices, state, telling
        )
        return found

    return learnt


def judged(lines: tuple[float, ...], whole: float, tokens: int, at: tuple[int, ...]) -> Judged:
    return Judged(Rewards(lines, whole, 0), (0.0,) * tokens, at)


class TestGrouped:
    def test_a_token_is_worth_what_is_still_to_come(self, grpo: ModuleType) -> None:
        # Lines of the group: 1, -1, 1, -1: mean 0, spread 1. Lists: 3 and 1: mean 2, spread 1.
        good = judged((1.0, -1.0), 3.0, 3, (0, 2))
        bad = judged((1.0, -1.0), 1.0, 2, (0, 1))
        found = grpo.grouped([good, bad], 2, 4)
        # good: tokens earn 1, 0, -1 + 1; so 1, 0, 0 are still to come. bad: 1, -1 - 1: -1, -2.
        assert found.tolist() == [
            pytest.approx([1.0, 0.0, 0.0, 0.0], abs=1e-3),
            pytest.approx([-1.0, -2.0, 0.0, 0.0], abs=1e-3),
        ]

    def test_where_all_are_alike_nothing_is_learnt(self, grpo: ModuleType) -> None:
        same = judged((-1.0, -1.0), -2.0, 2, (0, 1))
        assert not grpo.grouped([same, same], 2, 2).any()

    def test_groups_are_apart(self, grpo: ModuleType) -> None:
        high, low = (judged((one,), one, 1, (0,)) for one in (1.0, -1.0))
        assert not grpo.grouped([high, high, low, low], 2, 1).any()
        assert grpo.grouped([high, low, high, low], 2, 1).any()


class TestLearning:
    def test_what_is_liked_is_said_more_often(
        self,
        learn: Learn,
        tmp_path: Path,
    ) -> None:
        told: list[Moment] = []
        choices = groups(iterations=8, kl=0.01)
        _, done = learn(choices, tmp_path, told.append)
        assert len(done) == 8
        assert [moment.done for moment in told] == list(range(9))
        assert told[-1].figures["reward"] == done[-1]["reward"]
        before, after = risen(done)
        assert after > before + 0.4

    def test_goes_on_where_it_was_killed(
        self,
        learn: Learn,
        tmp_path: Path,
    ) -> None:
        choices = groups(iterations=2)
        whole, expected = learn(choices, tmp_path / "whole", silently)

        def kill(moment: Moment) -> None:
            if moment.done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            learn(choices, tmp_path / "killed", kill)
        told: list[int] = []
        resumed, found = learn(
            choices, tmp_path / "killed", lambda moment: told.append(moment.done)
        )
        assert told == [1, 2]
        assert rewards_of(found) == rewards_of(expected)
        assert same(resumed, whole)

    def test_does_not_go_on_where_it_was_done(self, learn: Learn, tmp_path: Path) -> None:
        choices = groups(iterations=1)
        ended, expected = learn(choices, tmp_path, silently)
        told: list[Moment] = []
        again, found = learn(choices, tmp_path, told.append)
        assert [moment.done for moment in told] == [1]
        assert found == expected
        assert same(again, ended)

    def test_passes_over_a_checkpoint_that_is_damaged(
        self,
        learn: Learn,
        tmp_path: Path,
    ) -> None:
        choices = groups(iterations=3)

        def kill(moment: Moment) -> None:
            if moment.done == 3:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            learn(choices, tmp_path, kill)
        *_, last = sorted(tmp_path.rglob("trainer_state.json"))
        last.write_bytes(last.read_bytes()[:100])
        told: list[int] = []
        learn(choices, tmp_path, lambda moment: told.append(moment.done))
        assert told == [1, 2, 3]

    def test_says_that_the_disk_is_full_and_goes_on_from_before(
        self, learn: Learn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        choices = groups(iterations=2)
        whole, expected = learn(choices, tmp_path / "whole", silently)

        def fill(moment: Moment) -> None:
            if moment.done == 2:
                monkeypatch.setattr("models.steps.state.os.fsync", full)

        killed = tmp_path / "killed"
        with pytest.raises(BadSettings, match="the disk is full"), room_told(killed):
            learn(choices, killed, fill)
        (kept,) = (killed / "grpo").iterdir()
        read_manifest(kept)
        monkeypatch.undo()
        told: list[int] = []
        resumed, found = learn(choices, killed, lambda moment: told.append(moment.done))
        assert told == [1, 2]
        assert rewards_of(found) == rewards_of(expected)
        assert same(resumed, whole)

    def test_of_fewer_requests_than_groups_each_is_asked_more_often(
        self, grpo: ModuleType, few: Path, tmp_path: Path
    ) -> None:
        parent = checkpoint_in(few)
        choices = groups(iterations=1)
        model = load_model(parent, "float32")
        _, done = grpo.grpo(model, parent, ASKED[:1], Liking(), choices, tmp_path, silently)
        assert len(done) == 1

    def test_draws_as_it_scores_whatever_is_wanted_of_serving(
        self, grpo: ModuleType, few: Path, tmp_path: Path
    ) -> None:
        parent = checkpoint_in(few)
        model = load_model(parent, "float32")
        model.generation_config.no_repeat_ngram_size = 1
        drawn: list[list[int]] = []

        class Hearing(Liking):
            def of(self, asked: Asked, tokens: Sequence[int]) -> Judged:
                drawn.append(list(tokens))
                return super().of(asked, tokens)

        choices = groups(iterations=1, max_new_tokens=12)
        grpo.grpo(model, parent, ASKED, Hearing(), choices, tmp_path, silently)
        assert any(len(set(tokens)) < len(tokens) for tokens in drawn)

    def test_takes_one_of_several_devices(
        self, grpo: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        theirs = grpo.GRPOConfig.__post_init__

        def many(config: Any) -> None:
            theirs(config)
            config._n_gpu = 4

        monkeypatch.setattr(grpo.GRPOConfig, "__post_init__", many)
        assert grpo.settings(groups(), 1, tmp_path).n_gpu == 1

    @pytest.mark.parametrize("more", [{"four_bit": True}, {"gradient_checkpointing": True}])
    def test_learns_in_less_memory(
        self, grpo: ModuleType, few: Path, tmp_path: Path, more: dict[str, bool]
    ) -> None:
        parent = checkpoint_in(few)
        choices = groups(iterations=2, **more)
        model = load_model(parent, "float32", four_bit=choices.four_bit)
        learnt, done = grpo.grpo(model, parent, ASKED, Liking(), choices, tmp_path, silently)
        assert len(done) == 2
        trained = [one for one in learnt.parameters() if one.requires_grad]
        assert {one.dtype for one in trained} == {torch.float32}


def rewards_of(done: Sequence[Iteration]) -> list[float]:
    return [one["reward"] for one in done]


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in theirs)
