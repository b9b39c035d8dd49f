from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moviegoers import movielens, seen
from toyshop import ToyCatalogue

from models.data.dataset import read_dataset
from models.data.split import leave_one_out
from models.data.wishes import SENTENCES, Rarity, wishes_of, words
from models.evaluate.recommend.ground import Ground
from models.evaluate.recommend.tasks import Posed, Task, posed, tasks_of
from models.evaluate.recommend.world import sampled
from service.domain import Controls, Intent, Item, Op
from service.steering.plan import Stock, compile_plan
from service.steering.progress import Progress

K = 5


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    dataset = read_dataset(movielens(tmp_path_factory.mktemp("films")))
    return Ground(leave_one_out(dataset), ToyCatalogue(dataset.source.items), K)


def asked(ground: Ground, task: Task, seed: int = 1) -> tuple[Posed, ...]:
    return posed(ground, task, ground.split.test, seed)


def target_of(ground: Ground, one: Posed) -> Item:
    return ground.item(ground.dataset.ids.index(one.target))


@pytest.mark.parametrize("task", list(Task))
class TestEveryTask:
    def test_can_be_met_with_the_target_in_the_list(self, ground: Ground, task: Task) -> None:
        requests = asked(ground, task)
        assert len(requests) > len(ground.split.test) // 2
        for one in requests:
            banned = np.unique(ground.catalogue.rows(one.request.history or ()))
            stock = Stock(ground.catalogue.size, ground.catalogue.postings, banned)
            progress = Progress(compile_plan(stock, one.request.intent.controls, K))
            (row,) = ground.catalogue.rows([one.target])
            assert progress.may_take(int(row))

    def test_seeded_and_each_case_by_itself(self, ground: Ground, task: Task) -> None:
        requests = asked(ground, task)
        assert asked(ground, task) == requests
        few = posed(ground, task, ground.split.test[3:6], 1)
        assert set(few) <= set(requests)
        if task is not Task.SEQUENTIAL:
            assert asked(ground, task, seed=2) != requests

    def test_the_target_is_not_in_the_history(self, ground: Ground, task: Task) -> None:
        for one in asked(ground, task):
            assert one.target not in (one.request.history or ())


class TestWhatIsAsked:
    def test_sequential_knows_the_whole_history_and_no_more(self, ground: Ground) -> None:
        for one, case in zip(asked(ground, Task.SEQUENTIAL), ground.split.test, strict=True):
            ids = [ground.dataset.ids[place] for place in case.history]
            assert list(one.request.history or ()) == ids
            assert one.request.intent == Intent()

    def test_a_shortened_history_is_the_end_of_it(self, ground: Ground) -> None:
        lengths = set()
        for one, case in zip(asked(ground, Task.SHORTENED), ground.split.test, strict=True):
            ids = one.request.history or ()
            lengths.add(len(ids))
            assert list(ids) == [ground.dataset.ids[p] for p in case.history[-len(ids) :]]
        assert lengths == {1, 2, 3}

    def test_include_is_of_the_target_exclude_is_not(self, ground: Ground) -> None:
        for one in asked(ground, Task.INCLUDE):
            (category,) = one.request.intent.controls.include
            assert category in target_of(ground, one).categories
        for one in asked(ground, Task.EXCLUDE):
            (category,) = one.request.intent.controls.exclude
            assert category not in target_of(ground, one).categories

    def test_shares_are_of_the_history_in_tenths(self, ground: Ground) -> None:
        tenths = set()
        for task, op in ((Task.AT_MOST, Op.AT_MOST), (Task.ABOUT, Op.ABOUT)):
            for one in asked(ground, task):
                (share,) = one.request.intent.controls.shares
                assert share.op is op
                tenths.add(share.share)
                places = [ground.dataset.ids.index(i) for i in one.request.history or ()]
                met = {name for place in places for name in ground.item(place).categories}
                assert share.category in met
        assert tenths <= {n / 10 for n in range(1, 10)}
        assert len(tenths) > 4

    def test_controls_without_words_and_words_without_controls(self, ground: Ground) -> None:
        for task in Task:
            for one in asked(ground, task):
                intent = one.request.intent
                assert bool(intent.text or intent.query) == task.words
                assert (intent.controls != Controls()) == task.controlled

    def test_nothing_but_what_is_said_depends_on_the_target(self, ground: Ground) -> None:
        for task in (Task.SEQUENTIAL, Task.SHORTENED):
            moved = [
                type(case)(case.user, case.history, (case.target + 7) % ground.dataset.size)
                for case in ground.split.test
            ]
            before = [one.request for one in asked(ground, task)]
            assert [one.request for one in posed(ground, task, moved, 1)] == before

    def test_no_request_where_no_list_is_long_enough(self, ground: Ground) -> None:
        tall = Ground(ground.split, ground.catalogue, ground.dataset.size)
        assert posed(tall, Task.SEQUENTIAL, ground.split.test, 1) == ()


def test_histories_are_shortened_only_where_none_is_short(tmp_path: Path) -> None:
    for least, shortened in ((4, False), (6, True)):
        dataset = read_dataset(movielens(tmp_path / str(least), seen(least=least)))
        assert (Task.SHORTENED in tasks_of(leave_one_out(dataset))) == shortened


def test_a_sample_of_users_is_seeded_and_in_order(ground: Ground) -> None:
    cases = ground.split.test
    few = sampled(cases, 5, 1)
    assert [case.user for case in few] == sorted(case.user for case in few)
    assert few == sampled(cases, 5, 1)
    assert len({tuple(case.user for case in sampled(cases, 5, seed)) for seed in range(5)}) > 1
    assert sampled(cases, None, 1) == sampled(cases, 10_000, 1) == cases


def test_rare_items_are_those_met_few_times_in_training(ground: Ground) -> None:
    train = np.concatenate(ground.split.train)
    for one in asked(ground, Task.SEQUENTIAL):
        place = ground.dataset.ids.index(one.target)
        assert one.rare == (np.count_nonzero(train == place) < 5)


CATEGORIES = st.lists(
    st.sampled_from(["Heist", "Film-Noir", "Küche & Bad"]), max_size=3, unique=True
)


class TestWishes:
    @given(categories=CATEGORIES, seed=st.integers(0, 99))
    def test_a_sentence_names_one_or_two_of_the_categories(
        self, categories: list[str], seed: int
    ) -> None:
        intent = wishes_of(Item("x", "Odd", tuple(categories)), np.random.default_rng(seed))
        if not categories:
            assert intent is None
            return
        assert intent is not None
        assert 1 <= sum(name in intent.text for name in categories) <= 2
        assert not intent.query

    def test_sentences_vary(self) -> None:
        item = Item("x", "Odd", ("Heist",))
        made = {wishes_of(item, np.random.default_rng(seed)) for seed in range(200)}
        assert len(made) == len(SENTENCES) >= 12

    def test_a_query_is_of_the_rarest_words(self) -> None:
        items = [Item(str(n), title) for n, title in enumerate(["The Red Mug", "The Red Lamp"])]
        rarity = Rarity.among(items)
        made = {rarity.query_of(items[1], np.random.default_rng(s)) for s in range(20)}
        assert {intent.query for intent in made if intent} <= {"lamp", "the lamp", "red lamp"}
        assert len(made) == 2

    def test_a_title_without_words_is_no_query(self) -> None:
        item = Item("x", "9 (1999) II")
        assert words(item.title) == []
        assert Rarity.among([item]).query_of(item, np.random.default_rng(1)) is None
        assert words("千と千尋の神隠し") == ["千と千尋の神隠し"]
