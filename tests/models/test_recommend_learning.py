"""What the evaluator finds out before it asks: once, and again only for more users."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from moviegoers import movielens
from toyshop import DeadEngine, SpellingEngine, ToyStore, recommender

from models.data.dataset import read_dataset
from models.data.split import Split, leave_one_out
from models.evaluate.recommend.learning import trained, tuning_of
from models.evaluate.recommend.world import Making
from service.domain import Strategy
from service.errors import BadInput
from service.pipeline.parts import Recommender
from service.retrieval.ranker import current_version, load_ranker
from service.retrieval.ranker_facts import WEIGHTS_FILE
from service.tuning import Situation


def told(_stage: str, _done: int, _total: int) -> None:
    """Nobody looks."""


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    dice = random.Random(3)
    events = [
        (f"u{user}", f"f{film}", 1000 * user + at)
        for user in range(25)
        for at, film in enumerate(dice.sample(range(40), 16))
    ]
    return leave_one_out(read_dataset(movielens(tmp_path_factory.mktemp("films"), events)))


@pytest.fixture
def parts(split: Split) -> Recommender:
    return recommender(
        items=split.dataset.source.items, engine=SpellingEngine(), store=ToyStore(), retrievers=[]
    )


async def test_weights_are_found_again_only_by_more_users(
    split: Split, parts: Recommender, tmp_path: Path
) -> None:
    trained(split, tmp_path, "catalogue", told)
    engine = parts.engine
    assert engine is not None
    requests, versions = [], []
    for users in (0, 10, 10, 15, 12, 1000, 1000):
        tuning = await tuning_of(parts, split, tmp_path, users, told)
        found = tuning.of(engine.model, Strategy.GENERATE, Situation("11+"))
        requests.append(0 if found is None else found.requests)
        versions.append(current_version(tmp_path))
        assert load_ranker(tmp_path).tuning == tuning
    assert requests == [0, 10, 10, 15, 15, 25, 25]
    assert versions[1] == versions[2]
    assert versions[3] == versions[4]
    assert versions[5] == versions[6]
    assert len(set(versions)) == 4


async def test_blends_are_kept_should_the_lists_be_ended(
    split: Split, parts: Recommender, tmp_path: Path
) -> None:
    trained(split, tmp_path, "catalogue", told)
    with pytest.raises(BadInput, match="a list was to be made by"):
        await tuning_of(replace(parts, engine=DeadEngine()), split, tmp_path, 10, told)
    fitted, version = load_ranker(tmp_path).tuning, current_version(tmp_path)
    assert fitted.blends
    assert fitted.measured == ()
    again = await tuning_of(parts, split, tmp_path, 0, told)
    assert (again, current_version(tmp_path)) == (fitted, version)


def test_what_is_too_little_to_learn_from_is_no_error(tmp_path: Path) -> None:
    met = [(f"u{user}", f"f{at}", at) for user in range(30) for at in range(3)]
    of_one = leave_one_out(read_dataset(movielens(tmp_path / "films", met)))
    why = trained(of_one, tmp_path / "ranker", "catalogue", told)
    assert why is not None
    assert "too few events to train SASRec: 0 users have two to learn from, 30" in why
    assert not (tmp_path / "ranker").exists()


def test_a_ranker_that_is_damaged_is_not_done_without(split: Split, tmp_path: Path) -> None:
    assert trained(split, tmp_path, "catalogue", told) is None
    assert trained(split, tmp_path, "catalogue", told) is None
    (tmp_path / current_version(tmp_path) / WEIGHTS_FILE).write_bytes(b"no weights")
    with pytest.raises(BadInput) as refused:
        trained(split, tmp_path, "catalogue", told)
    assert str(tmp_path) in refused.value.hint


def test_no_weight_is_tried_unless_it_is_asked_for() -> None:
    assert Making().weighed == 0
