"""Both ways to learn, by the rewards of lists: a model that errs comes to make better ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from rl_lister import lister, requests
from rl_world import END, no_tests_found, shop

from models.llm.adapters import Lora, load_adapted, save_adapter, with_lora
from models.llm.checkpoint import Checkpoint, checkpoint_in
from models.llm.loading import load_model
from models.rl.asked import Asked
from models.rl.choices import Reinforcing
from models.rl.figures import Iteration, risen
from models.rl.judging import ListJudge
from models.rl.ppo import Ppo, ppo
from models.rl.ranks import ranks_beside
from models.steps.telling import silently
from service.catalog.artifact import load


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Checkpoint:
    return checkpoint_in(lister(tmp_path_factory.mktemp("lister") / "lister", cache_dir))


@pytest.fixture(scope="module")
def judge(parent: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> ListJudge:
    catalogue = shop(tmp_path_factory.mktemp("shops") / "shop", parent.folder)
    loaded = load(catalogue)
    return ListJudge(loaded, ranks_beside(catalogue, loaded), parent.tokenizer)


@pytest.fixture(scope="module")
def asked(parent: Checkpoint) -> list[Asked]:
    return requests(parent.tokenizer)


def choices(**more: object) -> Reinforcing:
    values: dict[str, object] = {
        "iterations": 10,
        "rollouts": 32,
        "minibatch": 16,
        "max_new_tokens": 26,
        "learning_rate": 5e-3,
        "kl": 0.01,
        "precision": "float32",
    }
    return Reinforcing.model_validate(values | more)


def better(done: list[Iteration], saved: Path) -> None:
    """The lists are worth more, more of their lines are legal, and the adapter can be read."""
    assert len(done) == choices().iterations
    for name, more in (("reward", 1.0), ("legal", 0.1)):
        first, last = risen(done, name)
        assert last > first + more
    _, model = load_adapted(saved)
    assert all(bool(torch.isfinite(one).all()) for one in model.parameters())


def test_ppo_makes_better_lists(
    parent: Checkpoint, judge: ListJudge, asked: list[Asked], tmp_path: Path
) -> None:
    chosen = choices()
    torch.manual_seed(chosen.seed)
    model = with_lora(load_model(parent, chosen.precision), Lora(chosen.rank, chosen.alpha))
    done = ppo(Ppo(model, END, chosen), asked, judge, tmp_path / "state", silently)
    save_adapter(model, parent, tmp_path / "out")
    better(done, tmp_path / "out")


def test_grpo_makes_better_lists(
    parent: Checkpoint,
    judge: ListJudge,
    asked: list[Asked],
    tmp_path: Path,
) -> None:
    with no_tests_found():
        from models.rl.grpo import grpo  # noqa: PLC0415 - trl looks around when it is imported

    chosen = choices(algorithm="grpo", group=8)
    model, done = grpo(
        load_model(parent, chosen.precision),
        parent,
        asked,
        judge,
        chosen,
        tmp_path / "state",
        silently,
    )
    save_adapter(model, parent, tmp_path / "out")
    better(done, tmp_path / "out")
