from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moviegoers import movielens
from toyshop import ToyCatalogue
from word_files import write_dictionary

from models.data.dataset import read_dataset
from models.data.split import Case, leave_one_out, sampled
from models.data.wishes import MISTAKEN, TESTED, TUNED, Rarity, described, wishes_of, words
from models.evaluate.recommend.ground import Ground
from models.evaluate.recommend.meanings import meanings_in
from models.evaluate.recommend.tasks import Posed, Task, lacking, posed, tasks_of
from service.domain import Controls, Intent, Item, Op
from service.steering.plan import Stock, compile_plan
from service.steering.progress import Progress

K = 5
MEANINGS = {
    "Heist": "a robbery",
    "Ghost": "a spirit",
    "Desert": "much sand",
    "Opera": "a sung play",
}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    dataset = read_dataset(movielens(tmp_path_factory.mktemp("films")))
    return Ground(leave_one_out(dataset), ToyCatalogue(dataset.source.items), K, MEANINGS)


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


@pytest.mark.parametrize(
    ("users", "short", "shortened"),
    [
        (10, 1, True),
        (99, 99, True),
        (100, 100, False),
        (1000, 99, True),
        (2000, 199, True),
        (1000, 100, False),
        (2000, 200, False),
    ],
)
def test_histories_are_shortened_unless_many_are_short(
    users: int, short: int, shortened: bool
) -> None:
    cases = [Case(n, np.arange(3 if n < short else 4), 5) for n in range(users)]
    assert (Task.SHORTENED in tasks_of(cases)) == shortened
    assert set(Task) - {*tasks_of(cases)} <= {Task.SHORTENED}


def test_a_task_that_nobody_has_says_why(ground: Ground, tmp_path: Path) -> None:
    bare = [Item(item.id, item.title) for item in ground.dataset.source.items]
    source = replace(ground.dataset.source, items=tuple(bare))
    split = leave_one_out(replace(ground.dataset, source=source))
    without = Ground(split, ToyCatalogue(bare), K, MEANINGS)
    for task in (Task.INCLUDE, Task.ABOUT, Task.WISH, Task.OTHER_WORDS):
        assert posed(without, task, split.test, 1) == ()
        assert lacking(without, task) == f"{task}: the items have no categories"
    unread = replace(ground, meanings={})
    assert posed(unread, Task.OTHER_WORDS, split.test, 1) == ()
    assert "no category is known by other words" in lacking(unread, Task.OTHER_WORDS)
    assert "a list of 40" in lacking(replace(ground, k=40), Task.SEQUENTIAL)


class TestOtherWords:
    def test_the_name_of_the_category_is_not_said(self, ground: Ground) -> None:
        for one in asked(ground, Task.OTHER_WORDS):
            text = one.request.intent.text
            meant = {MEANINGS[name] for name in target_of(ground, one).categories}
            assert sum(words in text for words in meant) == 1
            assert not any(name.lower() in text.lower() for name in MEANINGS)

    def test_synonyms_else_the_definition(self, tmp_path: Path) -> None:
        folder = write_dictionary(tmp_path)
        found = meanings_in(
            folder, ["Coats", "Sun-Hat", "Mug", "Rain Coat", "Qwerty", "&", "A & Mug"]
        )
        assert found == {
            "Coats": "overcoat",
            "Mug": "a tall vessel with a handle to drink from",
            "Rain Coat": "overcoat",
        }

    def test_a_definition_that_says_the_name_is_none(self, tmp_path: Path) -> None:
        folder = write_dictionary(tmp_path)
        assert meanings_in(folder, ["Sun Hat", "Raincoat", "Mug"]).keys() == {"Mug"}

    def test_without_a_dictionary_there_are_none(self, tmp_path: Path) -> None:
        assert meanings_in(tmp_path, ["Coat"]) == {}


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
        item = Item("x", "Odd", tuple(categories))
        intent = wishes_of(item, np.random.default_rng(seed), TESTED)
        if not categories:
            assert intent is None
            return
        assert intent is not None
        assert 1 <= sum(name in intent.text for name in categories) <= 2
        assert not intent.query

    def test_sentences_vary(self) -> None:
        item = Item("x", "Odd", ("Heist",))
        for sentences in (TUNED, TESTED):
            made = {wishes_of(item, np.random.default_rng(seed), sentences) for seed in range(200)}
            assert len(made) == len(sentences) >= 10

    def test_nothing_is_tested_with_a_sentence_that_weights_were_found_with(
        self, ground: Ground
    ) -> None:
        assert not {*TUNED} & {*TESTED}
        said = {one.request.intent.text for one in asked(ground, Task.WISH)}
        for text in said:
            assert any(text.startswith(form.split("{}")[0]) for form in TESTED)
            assert not any(
                text.startswith(head) and text.endswith(tail)
                for head, tail in (form.split("{}") for form in TUNED)
            )

    def test_now_and_then_another_category_is_named(self) -> None:
        item, others = Item("x", "Odd", ("Heist", "Ghost")), ("Ghost", "Opera", "Desert")
        made = [wishes_of(item, np.random.default_rng(seed), others=others) for seed in range(1000)]
        texts = [intent.text for intent in made if intent]
        wrong = [text for text in texts if "Opera" in text or "Desert" in text]
        assert not any("Heist" in text or "Ghost" in text for text in wrong)
        assert abs(len(wrong) / 1000 - MISTAKEN) < 0.02
        none_lacks = [
            wishes_of(item, np.random.default_rng(s), others=("Ghost",)) for s in range(99)
        ]
        assert all("Heist" in i.text or "Ghost" in i.text for i in none_lacks if i)

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


class TestDescribed:
    def test_says_words_of_the_title_as_they_come_and_no_more_than_three(self) -> None:
        item = Item("1", "Light Two-Person Tent with Tall Poles and Pegs")
        fit = words(item.title)
        for seed in range(50):
            intent = described(item, np.random.default_rng(seed), ("so: {}",))
            assert intent is not None
            named = intent.text.removeprefix("so: ").split()
            assert 1 <= len(named) <= 3
            assert [fit.index(word) for word in named] == sorted(fit.index(word) for word in named)

    def test_of_a_title_without_words_is_nothing(self) -> None:
        assert described(Item("1", "7 8"), np.random.default_rng(1)) is None
