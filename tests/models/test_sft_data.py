"""Instruction data: labels that obey, prompts that are served, and nothing of the test in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moviegoers import GENRES, movielens
from toyshop import Tokenizer, ToyCatalogue

from models.data.dataset import read_dataset
from models.data.split import Case, Split, leave_one_out
from models.data.wishes import AIMLESS_TESTED, AIMLESS_TUNED, TESTED, TUNED
from models.llm.tokens import list_tokens, prompt_tokens
from models.sft.data.choices import Making
from models.sft.data.example import Example, read_examples
from models.sft.data.kinds import LISTS, Kind
from models.sft.data.learnt import Learnt
from models.sft.data.lists import IMPOSSIBLE, TWINS, Lists
from models.sft.data.making import Order, make, parts_of
from models.sft.data.moments import moments_of
from models.sft.data.parts import TOO_LONG, TRAIN, VALIDATION, Context
from models.sft.data.phrases import HELD, LEARNT, Phrases
from models.sft.data.saying import Voice, said
from models.sft.data.teacher import Teacher, best_of
from models.steps.telling import Moment, silently
from service.domain import Controls, Intent, Item, Op, Share
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput
from service.pipeline.validate import judge
from service.ports import RetrievalQuery
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import HISTORY_SHOWN
from service.steering.arrays import FloatArray, IntArray
from service.steering.plan import Stock, compile_plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.select import select
from service.steering.speller import Speller

ROWS = [{"instruction": f"Say {n}.", "output": f"{n}!"} for n in range(30)]


class Films(ToyCatalogue):
    """Finds rows as fast as a built catalogue does."""

    def __init__(self, items: Sequence[Item], tokenizer: Tokenizer | None = None) -> None:
        super().__init__(items, tokenizer)
        self.row_of = {item.id: row for row, item in enumerate(self.items)}
        self.row_lists = {name: super(Films, self).postings(name) for name in self.categories}

    def rows(self, ids: Sequence[str]) -> IntArray:
        return np.array([self.row_of.get(name, -1) for name in ids], dtype=np.int64)

    def postings(self, category: str) -> IntArray:
        return self.row_lists[category]


@dataclass(frozen=True)
class Net:
    """Likes rows by dice of its own after each history, and knows nothing of every seventh."""

    name: str = "sasrec"

    def knows(self, query: RetrievalQuery) -> bool:
        return len(query.history) > 0

    def opinion(self, query: RetrievalQuery) -> NetOpinion:
        return NetOpinion(query.history)


@dataclass(frozen=True)
class NetOpinion:
    history: IntArray

    def best(self, allowed: object, limit: int) -> IntArray:
        raise NotImplementedError

    def of(self, rows: IntArray) -> FloatArray:
        scores = np.random.default_rng(self.history.tolist()).normal(size=1 + int(rows.max()))
        return np.where(rows % 7 == 0, np.nan, scores[rows])


@pytest.fixture(scope="module")
def tokenizer(tiny: Path) -> ChatTokenizer:
    return ChatTokenizer(tiny, "tiny")


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    return leave_one_out(read_dataset(movielens(tmp_path_factory.mktemp("films"))))


@pytest.fixture(scope="module")
def learnt(split: Split, tokenizer: ChatTokenizer) -> Learnt:
    catalogue = Films(split.dataset.source.items, tokenizer)
    return Learnt(split, catalogue, Teacher(catalogue, Net()), "toy", Path("toy"))


def made(
    folder: Path, learnt: Learnt, tokenizer: ChatTokenizer, **chosen: object
) -> tuple[list[Example], list[Example]]:
    folder.mkdir(parents=True, exist_ok=True)
    choices = Making.model_validate(chosen)
    order = Order(learnt, ROWS, Context(tokenizer, choices.context), choices)
    make(folder, order, silently)
    return list(read_examples(folder / TRAIN)), list(read_examples(folder / VALIDATION))


def obeys(example: Example, learnt: Learnt) -> None:
    """What has to hold of every example that is a list."""
    catalogue, wanted = learnt.catalogue, example.wanted
    assert wanted is not None
    titles = {catalogue.spelling(row): row for row in range(catalogue.size)}
    items = [catalogue.item(titles[title]) for title in example.titles]
    assert items[0].id == wanted.target
    assert not judge(items, wanted.k, wanted.history, wanted.intent.controls).violations
    lines = [f"{n}. {title}\n" for n, title in enumerate(example.titles, start=1)]
    assert example.answer == "".join(lines)


def spelled(example: Example, learnt: Learnt, tokenizer: ChatTokenizer) -> None:
    """The answer's tokens are those that the speller lets pass under the request's plan."""
    catalogue, wanted = learnt.catalogue, example.wanted
    assert wanted is not None
    banned = np.unique(catalogue.rows(wanted.history))
    stock = Stock(catalogue.size, catalogue.postings, banned)
    plan = compile_plan(stock, wanted.intent.controls, wanted.k)
    speller = Speller(catalogue.lexicon, catalogue.frame, plan)
    for token in list_tokens(tokenizer, example.titles):
        speller.push(token)
    assert speller.done
    assert [catalogue.spelling(row) for row in speller.rows] == list(example.titles)


@given(
    seed=st.integers(0, 10_000),
    in_words=st.sampled_from((0.0, 0.5, 1.0)),
    fewest=st.integers(1, 8),
    more=st.integers(0, 4),
    history=st.sampled_from((1, 3, 200)),
)
@settings(max_examples=12)
def test_every_list_obeys_and_can_be_spelled(
    seed: int,
    in_words: float,
    fewest: int,
    more: int,
    history: int,
    learnt: Learnt,
    tokenizer: ChatTokenizer,
) -> None:
    choices = Making(
        seed=seed, in_words=in_words, fewest=fewest, longest=fewest + more, history=history
    )
    lists = Lists(learnt.split, learnt.catalogue, learnt.teacher, choices)
    for kind in LISTS:
        for case in learnt.split.validation[:6]:
            example = lists.made(kind, case, Voice(LEARNT, 0.5))
            if example == IMPOSSIBLE:
                continue
            assert isinstance(example, Example)
            obeys(example, learnt)
            spelled(example, learnt, tokenizer)
            wanted = example.wanted
            assert wanted is not None
            assert fewest <= wanted.k <= fewest + more
            assert len(wanted.history) <= history


@pytest.fixture(scope="module")
def both(
    learnt: Learnt, tokenizer: ChatTokenizer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Example], list[Example]]:
    """Everything that is made by default of the invented films."""
    return made(tmp_path_factory.mktemp("made"), learnt, tokenizer)


class TestWhatIsMade:
    def test_has_every_task_in_both_parts(
        self, both: tuple[list[Example], list[Example]], split: Split
    ) -> None:
        for part in both:
            assert {one.task for one in part} == set(Kind)
            assert all(one.label == one.task for one in part)
            for one in part:
                assert (one.wanted is None) == (one.task == Kind.GENERAL)
        train, validation = (Counter(one.task for one in part) for part in both)
        assert train[Kind.SEQUENTIAL] == sum(min(4, len(met) - 1) for met in split.train)
        assert validation[Kind.SEQUENTIAL] == len(split.validation)
        assert (train[Kind.GENERAL], validation[Kind.GENERAL]) == (27, 3)

    def test_learns_from_moments_before_what_is_held_back(
        self, both: tuple[list[Example], list[Example]], learnt: Learnt
    ) -> None:
        ids = learnt.split.dataset.ids
        known = [tuple(ids[place] for place in met) for met in learnt.split.train]
        moments = {(met[:at], met[at]) for met in known for at in range(1, len(met))}
        cases = {
            (tuple(ids[place] for place in case.history), ids[case.target])
            for case in learnt.split.validation
        }
        for part, there in zip(both, (moments, cases), strict=True):
            for one in part:
                if one.wanted is None:
                    continue
                if one.wanted.history:
                    assert (one.wanted.history, one.wanted.target) in there
                else:
                    assert one.task == Kind.SEARCH
                    assert one.wanted.target in {target for _, target in there}
        lengths = {len(one.wanted.history) for one in both[0] if one.wanted is not None}
        assert len(lengths) > 4

    def test_prompts_are_those_that_are_served(
        self, both: tuple[list[Example], list[Example]], learnt: Learnt
    ) -> None:
        titles = {item.id: item.title for item in learnt.split.dataset.source.items}
        for one in (*both[0], *both[1]):
            if one.wanted is None:
                continue
            intent, history = one.wanted.intent, [titles[name] for name in one.wanted.history]
            shown = replace(intent, controls=Controls()) if intent.words else intent
            prompt = recommend_prompt(history[-HISTORY_SHOWN:], shown, one.wanted.k)
            assert one.prompt == prompt

    def test_controls_are_of_the_task_stated_or_said(
        self, both: tuple[list[Example], list[Example]]
    ) -> None:
        ways = Counter[tuple[str, str]]()
        for one in both[0]:
            if one.wanted is None:
                continue
            intent = one.wanted.intent
            controls = intent.controls
            ops = [share.op for share in controls.shares]
            match one.task:
                case Kind.SEQUENTIAL:
                    assert intent == Intent()
                case Kind.INCLUDE | Kind.SEARCH:
                    assert len(controls.include) == 1
                case Kind.EXCLUDE:
                    assert len(controls.exclude) == 1
                case _:
                    expected = {"at-most": Op.AT_MOST, "at-least": Op.AT_LEAST, "about": Op.ABOUT}
                    assert ops == [expected[one.task]]
            named = {*controls.include, *controls.exclude, *(s.category for s in controls.shares)}
            how = "query" if intent.query else "text" if intent.text else "controls"
            assert all(name.lower() in intent.words.lower() for name in named) or not intent.words
            ways[one.task, how] += 1
        for kind in LISTS:
            expected_ways = {
                Kind.SEQUENTIAL: {"controls"},
                Kind.SEARCH: {"query", "text"},
            }.get(kind, {"controls", "text"})
            assert {how for task, how in ways if task == kind} == expected_ways
        histories = Counter(
            bool(one.wanted.history) for one in both[0] if one.task == Kind.SEARCH and one.wanted
        )
        assert min(histories[True], histories[False]) > 10

    def test_the_order_is_mixed(self, both: tuple[list[Example], list[Example]]) -> None:
        assert {one.task for one in both[0][:60]} == set(Kind)

    def test_a_seed_makes_the_same_bytes_and_another_one_others(
        self, learnt: Learnt, tokenizer: ChatTokenizer, tmp_path: Path
    ) -> None:
        for name, seed in (("a", 1), ("b", 1), ("c", 2)):
            made(tmp_path / name, learnt, tokenizer, seed=seed, moments=1, most_validation=8)
        for file in (TRAIN, VALIDATION):
            one, same, other = ((tmp_path / name / file).read_bytes() for name in "abc")
            assert one == same
            assert one != other

    def test_nothing_of_the_test_is_looked_at(
        self, learnt: Learnt, tokenizer: ChatTokenizer, tmp_path: Path
    ) -> None:
        moved = tuple(
            Case(case.user, case.history[:1], (case.target + 11) % learnt.split.dataset.size)
            for case in learnt.split.test
        )
        # The dataset itself holds what is tested: there it is another item as well.
        sequences = tuple(
            np.append(met[:-1], (met[-1] + 11) % learnt.split.dataset.size)
            for met in learnt.split.dataset.sequences
        )
        dataset = replace(learnt.split.dataset, sequences=sequences)
        changed = replace(learnt, split=replace(learnt.split, dataset=dataset, test=moved))
        made(tmp_path / "a", learnt, tokenizer, moments=1)
        made(tmp_path / "b", changed, tokenizer, moments=1)
        for file in (TRAIN, VALIDATION):
            assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()

    def test_what_does_not_fit_is_left_out_and_counted(
        self, learnt: Learnt, tokenizer: ChatTokenizer, tmp_path: Path
    ) -> None:
        choices = Making(context=280, fewest=10, moments=1)
        order = Order(learnt, ROWS, Context(tokenizer, 280), choices)
        figures = make(tmp_path, order, silently)
        left = figures["train"]["left_out"]
        assert left[f"include: {TOO_LONG}"] > 0
        kept = list(read_examples(tmp_path / TRAIN))
        assert figures["train"]["examples"] == len(kept) > 0
        for one in kept:
            answer = tokenizer.encode(one.answer)
            assert len(prompt_tokens(tokenizer, one.prompt)) + len(answer) <= 280
        made_at_all = sum(figures["train"]["of_each"].values()) + sum(left.values())
        parts = parts_of(learnt.split, ROWS, choices)
        assert made_at_all == len(parts[0].jobs)

    def test_progress_is_told_to_the_end(
        self, learnt: Learnt, tokenizer: ChatTokenizer, tmp_path: Path
    ) -> None:
        heard: list[Moment] = []
        order = Order(learnt, [], Context(tokenizer, 2048), Making(tasks=(Kind.SEQUENTIAL,)))
        make(tmp_path, order, heard.append)
        assert {moment.stage for moment in heard} == {"train", "validation"}
        assert heard[-1].done == heard[-1].total > 0


class TestHowMany:
    def test_shares_and_the_most(self, split: Split) -> None:
        choices = Making(
            tasks=(Kind.SEQUENTIAL, Kind.INCLUDE, Kind.ABOUT),
            shares={Kind.INCLUDE: 0.5, Kind.ABOUT: 0},
            most=30,
            most_validation=7,
            moments=1,
        )
        train, validation = parts_of(split, ROWS, choices)
        users = sum(len(met) > 1 for met in split.train)
        counts = Counter(kind for kind, _ in train.jobs)
        assert counts == {Kind.SEQUENTIAL: min(30, users), Kind.INCLUDE: round(users / 2)}
        assert Counter(kind for kind, _ in validation.jobs) == {
            Kind.SEQUENTIAL: 7,
            Kind.INCLUDE: 7,
        }

    def test_moments_of_a_user_are_different_and_his_own(self, split: Split) -> None:
        users = split.dataset.users
        found = list(moments_of(split.train, users, 3, 1))
        assert len({(case.user, len(case.history)) for case in found}) == len(found)
        for case in found:
            met = split.train[case.user]
            assert case.history.tolist() == met[: len(case.history)].tolist()
            assert case.target == met[len(case.history)]
        alone = list(moments_of(split.train[5:6], users[5:6], 3, 1))
        assert [len(c.history) for c in alone] == [len(c.history) for c in found if c.user == 5]

    @pytest.mark.parametrize(
        ("chosen", "told"),
        [
            ({"fewest": 6, "longest": 5}, "6 to 5"),
            ({"shares": {"include": 1.5}}, "1.5"),
            ({"shares": {"general": 0.5}}, "general"),
            ({"tasks": ["dancing"]}, "dancing"),
            ({"tasks": []}, "at least 1"),
        ],
    )
    def test_choices_that_cannot_be(self, chosen: dict[str, object], told: str) -> None:
        with pytest.raises(ValueError, match=told):
            Making.model_validate(chosen)

    def test_of_users_who_met_too_little(
        self, learnt: Learnt, tokenizer: ChatTokenizer, tmp_path: Path
    ) -> None:
        short = replace(learnt.split, train=tuple(met[:1] for met in learnt.split.train))
        order = Order(replace(learnt, split=short), ROWS, Context(tokenizer, 2048), Making())
        with pytest.raises(BadInput, match="Nobody met enough"):
            make(tmp_path, order, silently)


class TestTheTeacher:
    def test_ranks_as_select_does_over_all_scores(self, learnt: Learnt) -> None:
        catalogue, dice = learnt.catalogue, np.random.default_rng(4)
        for turn in range(20):
            history = dice.choice(catalogue.size, 5, replace=False)
            share = Share(GENRES[turn % 4], list(Op)[turn % 3], float(1 + turn % 9) / 10)
            stock = Stock(catalogue.size, catalogue.postings, np.unique(history))
            plan = compile_plan(stock, Controls(shares=(share,)), 6)
            if not plan.feasible:
                continue
            scores = learnt.teacher.scores(history)
            progress = Progress(plan)
            target = next(row for row in range(catalogue.size) if progress.may_take(row))
            progress.take(target)
            select(progress, Prior.over(np.arange(catalogue.size), scores))
            assert learnt.teacher.filled(plan, target, history) == progress.rows

    def test_looks_at_few_rows_of_many(self, learnt: Learnt) -> None:
        plan = compile_plan(
            Stock(learnt.catalogue.size, learnt.catalogue.postings, np.zeros(0, dtype=np.int64)),
            Controls(),
            3,
        )
        scores = learnt.teacher.scores(np.array([1, 2]))
        assert best_of(plan, scores).rows.tolist() == sorted(np.argsort(-scores)[:4].tolist())

    def test_knows_popularity_where_it_knows_nothing(self, learnt: Learnt) -> None:
        nobody = learnt.teacher.scores(np.zeros(0, dtype=np.int64))
        assert nobody.tolist() == learnt.catalogue.popularity.tolist()
        some = learnt.teacher.scores(np.array([3]))
        unknown = np.arange(0, learnt.catalogue.size, 7)
        assert some[unknown].max() < np.delete(some, unknown).min()
        assert np.all(np.diff(some[unknown]) > 0)

    def test_two_items_of_one_title_are_not_taught(self, split: Split) -> None:
        items = [replace(item, title="The Same") for item in split.dataset.source.items[:20]]
        others = split.dataset.source.items[20:]
        catalogue = Films([*items, *others])
        lists = Lists(split, catalogue, Teacher(catalogue), Making(fewest=10))
        cases = [case for case in split.validation if case.target < 20]
        made_of = {lists.made(Kind.SEQUENTIAL, case, Voice(LEARNT, 0)) for case in cases}
        assert TWINS in made_of


class TestWords:
    def test_those_of_validation_are_others(self) -> None:
        learnt = [s for of in LEARNT.wishes.values() for s in of]
        held = [s for of in HELD.wishes.values() for s in of]
        assert not set(learnt) & set(held)
        assert not set(LEARNT.searches) & set(HELD.searches)
        assert not set(LEARNT.amounts) & set(HELD.amounts)
        tested = {s.replace("{}", "{c}") for s in (*TESTED, *AIMLESS_TESTED)}
        assert not tested & {*learnt, *held}
        assert len({*learnt, *held}) == len(learnt) + len(held)
        tuned = {s.replace("{}", "{c}") for s in (*TUNED, *AIMLESS_TUNED)}
        assert not tuned & set(held)

    @pytest.mark.parametrize("phrases", [LEARNT, HELD], ids=["learnt", "held"])
    def test_every_task_has_many_that_name_what_they_must(self, phrases: Phrases) -> None:
        for kind, sentences in phrases.wishes.items():
            shares = kind in {Kind.AT_MOST, Kind.AT_LEAST, Kind.ABOUT}
            assert len(sentences) >= 5
            for sentence in sentences:
                assert "{c}" in sentence
                assert ("{m} of them" in sentence) == shares
        assert set(phrases.wishes) == set(LISTS) - {Kind.SEQUENTIAL}
        assert all("{n}" in amount for amount in phrases.amounts)
        assert all("{c}" in search for search in phrases.searches)

    @given(
        share=st.integers(1, 9), op=st.sampled_from(Op), k=st.integers(1, 20), seed=st.integers(0)
    )
    def test_amounts_mean_the_share(self, share: int, op: Op, k: int, seed: int) -> None:
        kind = {Op.AT_MOST: Kind.AT_MOST, Op.AT_LEAST: Kind.AT_LEAST, Op.ABOUT: Kind.ABOUT}[op]
        controls = Controls(shares=(Share("Opera", op, share / 10),))
        text = said(kind, controls, k, Voice(LEARNT, 0), np.random.default_rng(seed)).text
        numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"]
        numbers += ["nine", "ten", "eleven", "twelve"]
        counts = {Op.AT_MOST: share * k // 10, Op.AT_LEAST: -(-share * k // 10)}
        count = counts.get(op, (2 * share * k + 10) // 20)
        parts = {1: "a tenth", 2: "a fifth", 4: "two fifths", 5: "half"}
        parts |= {6: "three fifths", 8: "four fifths"}
        forms = {f"{share}0%", f"{share}0 percent", f"{numbers[share]} in ten"}
        forms |= {parts[share]} if share in parts else set()
        forms |= {str(count), *numbers[count : count + 1]} if count > 1 else set()
        assert any(f"{form} of them" in text.lower() for form in forms)

    def test_the_length_is_said_as_often_as_chosen(self) -> None:
        dice = np.random.default_rng(1)
        controls = Controls(include=("Opera",))
        texts = [said(Kind.INCLUDE, controls, 7, Voice(LEARNT, 0.5), dice).text for _ in range(400)]
        told = sum("7" in text or "seven" in text.lower() for text in texts)
        assert 150 < told < 250
        assert any("7" in text for text in texts)
        assert any("even" in text for text in texts)


def test_items_without_categories_have_no_controls(
    split: Split, tokenizer: ChatTokenizer, tmp_path: Path
) -> None:
    plain = tuple(Item(item.id, item.title) for item in split.dataset.source.items)
    source = replace(split.dataset.source, items=plain)
    dataset = replace(split.dataset, source=source)
    catalogue = Films(plain)
    fewer = replace(split, dataset=dataset)
    learnt = Learnt(fewer, catalogue, Teacher(catalogue), "toy", Path("toy"))
    order = Order(learnt, [], Context(tokenizer, 2048), Making())
    figures = make(tmp_path, order, silently)
    assert set(figures["train"]["of_each"]) == {Kind.SEQUENTIAL}
    assert figures["train"]["left_out"][f"include: {IMPOSSIBLE}"] > 0
    only = replace(order, choices=Making(tasks=(Kind.INCLUDE,)))
    with pytest.raises(BadInput, match="No example to learn from") as raised:
        make(tmp_path, only, silently)
    assert IMPOSSIBLE in raised.value.message
