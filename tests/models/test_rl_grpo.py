"""GRPO: advantages token by token worked out by hand, and trl's trainer learning from them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
from ground import REPOSITORY
from rl_world import ASKED, Liking, bandit, sayer

from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.rl.choices import Reinforcing
from models.rl.figures import Iteration, risen
from models.rl.judging import Judged
from models.rl.rewards import Rewards
from models.steps.telling import Moment, Telling, silently


@pytest.fixture(scope="module")
def grpo(tests_away: None) -> ModuleType:
    import models.rl.grpo  # noqa: PLC0415 - trl looks around when it is imported

    return models.rl.grpo


@pytest.fixture(scope="module")
def tests_away() -> None:
    """trl takes the folder `vllm` beside these tests for the package of that name."""
    kept = list(sys.path)
    sys.path[:] = [path for path in kept if Path(path) != REPOSITORY / "tests"]
    try:
        import trl.trainer.grpo_trainer  # noqa: F401, PLC0415
    finally:
        sys.path[:] = kept


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    return sayer(tmp_path_factory.mktemp("few") / "few", cache_dir)


@pytest.fixture
def learn(
    grpo: ModuleType, few: Path
) -> Callable[[Reinforcing, Path, Telling], tuple[torch.nn.Module, list[Iteration]]]:
    def learnt(
        choices: Reinforcing, state: Path, telling: Telling
    ) -> tuple[torch.nn.Module, list[Iteration]]:
        parent = checkpoint_in(few)
        model = load_model(parent, choices.precision)
        found: tuple[torch.nn.Module, list[Iteration]] = grpo.grpo(
            model, parent, ASKED, Liking(), choices, state, telling
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
        learn: Callable[[Reinforcing, Path, Telling], tuple[torch.nn.Module, list[Iteration]]],
        tmp_path: Path,
    ) -> None:
        told: list[Moment] = []
        choices = bandit(iterations=8, kl=0.01)
        _, done = learn(choices, tmp_path, told.append)
        assert len(done) == len(told) == 8
        assert told[-1].figures["reward"] == done[-1]["reward"]
        before, after = risen(done)
        assert after > before + 0.4

    def test_goes_on_where_it_was_killed(
        self,
        learn: Callable[[Reinforcing, Path, Telling], tuple[torch.nn.Module, list[Iteration]]],
        tmp_path: Path,
    ) -> None:
        choices = bandit(iterations=2)
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
        assert told == [2]
        assert [one["reward"] for one in found] == [one["reward"] for one in expected]
        ours, theirs = resumed.state_dict(), whole.state_dict()
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)

    def test_passes_over_a_checkpoint_that_was_being_written(
        self, grpo: ModuleType, tmp_path: Path
    ) -> None:
        assert grpo.kept_in(tmp_path) is None
        for step, whole in ((4, True), (12, True), (16, False)):
            folder = tmp_path / f"checkpoint-{step}"
            folder.mkdir()
            if whole:
                (folder / grpo.COMPLETE).write_text("{}")
        assert grpo.kept_in(tmp_path) == str(tmp_path / "checkpoint-12")
