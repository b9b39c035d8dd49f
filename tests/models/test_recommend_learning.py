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
from models.evaluate.recommend.gains import Gains
from models.evaluate.recommend.learning import GAINS_FILE, trained, tuning_of
from models.evaluate.recommend.world import Making
from service.domain import Strategy
from service.errors import BadInput, EngineFailed
from service.pipeline.parts import Recommender
from service.ports import Decoding, Job
from service.retrieval.ranker import current_version, load_ranker
from service.retrieval.ranker_facts import WEIGHTS_FILE
from service.tuning import Situation, Tuning

MADE_OF = "catalogue, ranker, encoder"


def told(_stage: str, _done: int, _total: int) -> None:
    """Nobody looks."""


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    dice = random.Random(3)
    events = [
        (f"u{user}", f"f{film}", 1000 * user + at)
        for user in range(45)
        for at, film in enumerate(dice.sample(range(40), 16))
    ]
    return leave_one_out(read_dataset(movielens(tmp_path_factory.mktemp("films"), events)))


@pytest.fixture
def parts(split: Split) -> Recommender:
    return recommender(
        items=split.dataset.source.items, engine=SpellingEngine(), store=ToyStore(), retrievers=[]
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where rankers are published."""
    return tmp_path / "ranker"


async def test_weights_are_found_again_only_by_more_users(
    split: Split, parts: Recommender, root: Path
) -> None:
    trained(split, root, "catalogue", told)
    engine = parts.engine
    assert engine is not None
    requests, versions = [], []
    for users in (0, 30, 30, 35, 32, 1000, 1000):
        tuning = await tuning_of(parts, split, root, users, told, MADE_OF)
        found = tuning.of(engine.model, Strategy.GENERATE, Situation("11+"))
        requests.append(0 if found is None else found.requests)
        versions.append(current_version(root))
        assert load_ranker(root).tuning == tuning
    assert requests == [0, 30, 30, 35, 35, 45, 45]
    assert versions[1] == versions[2]
    assert versions[3] == versions[4]
    assert versions[5] == versions[6]
    assert len(set(versions)) == 4


async def test_blends_are_kept_should_the_lists_be_ended(
    split: Split, parts: Recommender, root: Path
) -> None:
    trained(split, root, "catalogue", told)
    dead = replace(parts, engine=DeadEngine())
    with pytest.raises(BadInput, match="a list was to be made by"):
        await tuning_of(dead, split, root, 30, told, MADE_OF)
    fitted, version = load_ranker(root).tuning, current_version(root)
    assert fitted.blends
    assert fitted.measured == ()
    again = await tuning_of(parts, split, root, 0, told, MADE_OF)
    assert (again, current_version(root)) == (fitted, version)


class Dying(SpellingEngine):
    """Writes so many lists."""

    def __init__(self, lists: int = 100_000) -> None:
        super().__init__()
        self.left = lists

    async def spell(self, job: Job) -> Decoding:
        if not self.left:
            raise EngineFailed("it has died")
        self.left -= 1
        return await super().spell(job)


async def test_a_tuning_that_was_killed_goes_on(
    split: Split, parts: Recommender, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def tuned(engine: SpellingEngine, under: Path) -> Tuning:
        trained(split, under, "catalogue", told)
        return await tuning_of(replace(parts, engine=engine), split, under, 30, told, MADE_OF)

    whole = Dying()
    at_once = await tuned(whole, tmp_path_factory.mktemp("other") / "ranker")
    with pytest.raises(BadInput, match="it has died"):
        await tuned(Dying(50), root)
    kept = root.parent / GAINS_FILE
    kept.write_bytes(kept.read_bytes()[:-5])
    rest = Dying()
    assert (await tuned(rest, root)).measured == at_once.measured
    # One whose line is cut short may be written again.
    assert rest.left - whole.left in {49, 50}


async def test_gains_of_other_lists_are_not_taken(parts: Recommender, tmp_path: Path) -> None:
    path = tmp_path / GAINS_FILE
    Gains.of(path, parts, "one catalogue").add("a request", 0.5)
    other = SpellingEngine()
    other.model = "another"
    fewer = replace(parts, policy=replace(parts.policy, candidates=7))
    for some, made_of, asked in (
        (parts, "another catalogue", "a request"),
        (replace(parts, engine=other), "one catalogue", "a request"),
        (fewer, "one catalogue", "a request"),
        (parts, "one catalogue", "another request"),
    ):
        assert Gains.of(path, some, made_of).get(asked) is None
    assert Gains.of(path, parts, "one catalogue").get("a request") == 0.5


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
