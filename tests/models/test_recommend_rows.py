"""The rows: each list is by the road that its row is named for, or has failed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest
from moviegoers import movielens
from quiz import Sage
from toyshop import DeadEngine, SpellingEngine, ToyCatalogue, ToyRetriever, ToyStore, recommender

from models.data.dataset import read_dataset
from models.data.split import leave_one_out
from models.evaluate.ledger import Journal
from models.evaluate.recommend.ground import Ground
from models.evaluate.recommend.listed import Listed, ListedForm
from models.evaluate.recommend.metrics import counts
from models.evaluate.recommend.rows import WORDS, Roads, Row, RowName, alone, baseline
from models.evaluate.recommend.run import Asking
from models.evaluate.recommend.summary import ALL, Answers, Lot, Summary, summarised
from models.evaluate.recommend.tables import markdown
from models.evaluate.recommend.tasks import Posed, Task, posed
from models.evaluate.running import How
from service.domain import Cot, Intent, Strategy
from service.errors import BadInput
from service.pipeline.parts import Recommender
from service.tuning import PRIOR_WEIGHT, Measured, Situation, Tuning

K = 4


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    dataset = read_dataset(movielens(tmp_path_factory.mktemp("films")))
    return Ground(leave_one_out(dataset), ToyCatalogue(dataset.source.items), K)


def parts_of(ground: Ground, engine: SpellingEngine | None = None) -> Recommender:
    items = ground.dataset.source.items
    sasrec = ToyRetriever("sasrec")
    return recommender(items=items, engine=engine, retrievers=[sasrec], store=ToyStore())


def roads(ground: Ground, engine: SpellingEngine | None = None) -> Roads:
    return Roads(parts_of(ground, engine), Tuning(), "made of toys")


def asked(ground: Ground, *tasks: Task) -> dict[Task, tuple[Posed, ...]]:
    return {task: posed(ground, task, ground.split.test[:6], 1) for task in tasks}


Lists: TypeAlias = dict[Task, dict[str, list[Listed]]]


def watched(row: Row, task: Task, made: dict[str, list[Listed]]) -> Row:
    """The same row; its lists are noted."""

    async def make(posed_: Posed) -> Listed:
        listed = await row.make(posed_)
        made.setdefault(row.name, []).append(listed)
        return listed

    return replace(row, make=make)


async def ran(ground: Ground, rows: Sequence[Row], *tasks: Task) -> Lists:
    """The lists of rows that do not raise."""
    lists: Lists = {task: {} for task in tasks}
    for task, requests in asked(ground, *tasks).items():
        told = [watched(row, task, lists[task]) for row in rows]
        await asking(ground, told).answers(task, requests)
    return lists


def asking(ground: Ground, rows: Sequence[Row], keep: Path | None = None) -> Asking:
    items = {item.id: item for item in ground.dataset.source.items}
    return Asking(rows, items.__getitem__, Journal(ListedForm(), keep), How(keep=keep))


async def answered(
    ground: Ground, rows: Sequence[Row], *tasks: Task, keep: Path | None = None
) -> dict[Task, Answers]:
    every = asking(ground, rows, keep)
    return {task: await every.answers(task, of) for task, of in asked(ground, *tasks).items()}


async def test_retrieved_rows_obey_save_sasrec_itself(ground: Ground) -> None:
    of = roads(ground)
    rows = [of.row(n) for n in RowName if of.lacking(n) is None]
    assert [row.name for row in rows] == [WORDS[n] for n in RowName if not n.by_model]
    tasks = (Task.INCLUDE, Task.EXCLUDE, Task.ABOUT)
    lists = await ran(ground, rows, *tasks)
    items = {item.id: item for item in ground.dataset.source.items}
    kept = {row.name: 0 for row in rows}
    for task, requests in asked(ground, *tasks).items():
        for name, made in lists[task].items():
            for one, listed in zip(requests, made, strict=True):
                assert listed.failure is None
                assert len(listed.ids) == K
                obeyed = counts(one, listed, items.__getitem__).obeyed
                kept[name] += obeyed == (1 if task.bounded else K)
    whole = sum(map(len, asked(ground, *tasks).values()))
    assert kept.pop(WORDS[RowName.SASREC]) < whole
    assert set(kept.values()) == {whole}


@pytest.mark.parametrize("said", ["They like old films.", ""])
async def test_a_list_whose_thought_failed_is_still_by_its_road(ground: Ground, said: str) -> None:
    parts = parts_of(ground, SpellingEngine())
    policy = replace(parts.policy, cot=Cot.SIDECAR)
    of = Roads(replace(parts, sidecar=Sage(said), policy=policy), Tuning(), "made of toys")
    lists = await ran(ground, [of.row(RowName.PRIOR)], Task.SEQUENTIAL)
    made = lists[Task.SEQUENTIAL][WORDS[RowName.PRIOR]]
    assert len(made) == 6
    assert all(listed.failure is None for listed in made)


async def test_sasrec_filtered_stands_only_where_there_are_controls(ground: Ground) -> None:
    of = roads(ground)
    rows = [of.row(RowName.SASREC), of.row(RowName.FILTERED)]
    lists = await ran(ground, rows, Task.SEQUENTIAL, Task.INCLUDE)
    assert list(lists[Task.SEQUENTIAL]) == [WORDS[RowName.SASREC]] == [baseline(Task.SEQUENTIAL)]
    assert baseline(Task.INCLUDE) == WORDS[RowName.FILTERED]
    assert baseline(Task.NEWCOMER) == WORDS[RowName.POPULARITY]
    assert WORDS[RowName.FILTERED] in lists[Task.INCLUDE]


async def test_popularity_is_popularity_and_sasrec_is_not(ground: Ground) -> None:
    of = roads(ground)
    rows = [of.row(RowName.POPULARITY), of.row(RowName.SASREC)]
    lists = (await ran(ground, rows, Task.SEQUENTIAL))[Task.SEQUENTIAL]
    catalogue = of.parts.catalogue
    popular = [catalogue.item(row).id for row in catalogue.popular_rows.tolist()]
    for one, listed in zip(
        asked(ground, Task.SEQUENTIAL)[Task.SEQUENTIAL], lists[rows[0].name], strict=True
    ):
        unseen = [name for name in popular if name not in (one.request.history or ())]
        assert list(listed.ids) == unseen[:K]
    assert lists[rows[1].name] != lists[rows[0].name]


async def test_the_model_makes_its_rows_and_free_text_is_read_line_by_line(ground: Ground) -> None:
    of = roads(ground, SpellingEngine())
    names = [RowName.FREE, RowName.CONSTRAINED, RowName.PRIOR]
    lists = (await ran(ground, [of.row(name) for name in names], Task.SEQUENTIAL))[Task.SEQUENTIAL]
    assert all(made.failure is None for rows in lists.values() for made in rows)
    # Random words name no film.
    assert {name for made in lists[WORDS[RowName.FREE]] for name in made.ids} == {None}
    for name, weight in ((RowName.CONSTRAINED, 0.0), (RowName.PRIOR, PRIOR_WEIGHT)):
        assert {made.weight for made in lists[WORDS[name]]} == {weight}
        assert {len(made.ids) for made in lists[WORDS[name]]} == {K}


async def test_a_weight_row_is_for_the_sequential_task_alone(ground: Ground) -> None:
    row = roads(ground, SpellingEngine()).weighed(8.0)
    lists = await ran(ground, [row], Task.SEQUENTIAL, Task.INCLUDE)
    assert lists[Task.INCLUDE] == {}
    assert {made.weight for made in lists[Task.SEQUENTIAL][row.name]} == {8.0}


@pytest.mark.parametrize("engine", [DeadEngine(), SpellingEngine(most=2)])
async def test_another_road_or_half_a_list_is_a_failure(
    ground: Ground, engine: SpellingEngine
) -> None:
    rows = [roads(ground, engine).row(name) for name in (RowName.PRIOR, RowName.CONSTRAINED)]
    for tally in (await answered(ground, rows, Task.SEQUENTIAL))[Task.SEQUENTIAL].rows.values():
        assert tally.failed == tally.lists == 6
        assert not tally.counts["lines"].any()


async def test_a_retriever_that_fails_fails_its_rows(ground: Ground) -> None:
    broken = ToyRetriever("sasrec", error=RuntimeError("no weights"))
    of = roads(ground)
    of = replace(of, parts=replace(of.parts, retrievers=(broken,)))
    rows = [of.row(RowName.SASREC), of.row(RowName.POPULARITY)]
    tallies = (await answered(ground, rows, Task.SEQUENTIAL))[Task.SEQUENTIAL].rows
    assert tallies[rows[0].name].failed == 6
    assert tallies[rows[1].name].failed == 0


def test_rows_that_lack_something_are_refused(ground: Ground) -> None:
    of = roads(ground)
    with pytest.raises(BadInput, match="'prior' needs a language model"):
        of.row(RowName.PRIOR)
    bare = replace(of, parts=replace(of.parts, retrievers=()))
    with pytest.raises(BadInput, match="'sasrec' needs a trained SASRec, but there is none"):
        bare.row(RowName.SASREC)
    with pytest.raises(BadInput, match="but nobody met enough"):
        replace(bare, untrained="nobody met enough").row(RowName.FILTERED)


def test_a_part_alone_in_every_situation() -> None:
    for history in (0, 1, 7, 50):
        for wish in (Intent(), Intent(text="warm"), Intent(query="hat")):
            blend = alone("sasrec").blends[Situation.of(history, wish)]
            assert blend.weights["sasrec"] == 1.0
            assert blend.weights["popularity"] < 1e-3


def test_stamps_tell_apart_what_lists_are_made_of(ground: Ground) -> None:
    of = roads(ground, SpellingEngine())
    other = replace(of, made_of="made of other toys")
    names = [name for name in RowName if of.lacking(name) is None]
    assert len({of.row(name).stamp for name in names}) == len(names)
    assert all(of.row(name).stamp != other.row(name).stamp for name in names)
    assert of.weighed(2.0).stamp != of.weighed(4.0).stamp
    louder = SpellingEngine()
    louder.model = "another"
    renamed = replace(of, parts=replace(of.parts, engine=louder))
    assert renamed.row(RowName.PRIOR).stamp != of.row(RowName.PRIOR).stamp
    assert renamed.row(RowName.SASREC).stamp == of.row(RowName.SASREC).stamp


def test_only_lists_that_a_weight_has_a_say_in_are_made_anew_with_it(ground: Ground) -> None:
    of = roads(ground, SpellingEngine())
    assert of.parts.engine is not None
    found = Measured(
        *(of.parts.engine.model, Strategy.GENERATE),
        history=True,
        words=False,
        prior_weight=30.0,
        ndcg=0.1,
        requests=60,
    )
    tuned = replace(of, tuning=Tuning(measured=(found,)))
    names = [name for name in RowName if of.lacking(name) is None]
    changed = {name for name in names if of.row(name).stamp != tuned.row(name).stamp}
    assert changed == {RowName.PRIOR, RowName.AUTO}
    assert of.weighed(3.0).stamp == tuned.weighed(3.0).stamp
    others = Tuning(measured=(replace(found, model="another"),))
    assert replace(of, tuning=others).row(RowName.AUTO).stamp == of.row(RowName.AUTO).stamp


async def test_auto_takes_any_strategy_and_tells_which(ground: Ground) -> None:
    engine = SpellingEngine()
    unmeasured = roads(ground, engine)
    poor = Measured(
        *(engine.model, Strategy.GENERATE),
        history=True,
        words=False,
        prior_weight=4.0,
        ndcg=0.1,
        requests=60,
        above=-0.1,
        error=0.01,
    )
    of_none = Tuning(alone("sasrec").blends, (poor, replace(poor, strategy=Strategy.RANK)))
    measured = replace(unmeasured, tuning=of_none)
    for of, strategy in ((unmeasured, "generate"), (measured, "retrieve")):
        row = of.row(RowName.AUTO)
        made = (await ran(ground, [row], Task.SEQUENTIAL))[Task.SEQUENTIAL][row.name]
        assert {one.chosen for one in made} == {strategy}
        assert all(one.failure is None and len(one.ids) == K for one in made)
        assert {one.weight is None for one in made} == {strategy == "retrieve"}
    row = roads(ground, SpellingEngine(most=2)).row(RowName.AUTO)
    made = (await ran(ground, [row], Task.SEQUENTIAL))[Task.SEQUENTIAL][row.name]
    assert all(one.failure for one in made)


class TestGoingOn:
    """A run that was ended goes on, and comes to the same."""

    def summary(self, rows: Sequence[Row], answers: dict[Task, Answers]) -> Summary:
        return summarised(Lot(K, 6, answers), {"data": "films"}, rows)

    async def test_from_where_it_was_killed(self, ground: Ground, tmp_path: Path) -> None:
        of = roads(ground, SpellingEngine())
        rows = [of.row(name) for name in (RowName.SASREC, RowName.FILTERED, RowName.PRIOR)]
        tasks = (Task.SEQUENTIAL, Task.ABOUT)
        keep = tmp_path / "lists.jsonl"
        whole = await answered(ground, rows, *tasks, keep=keep)
        lines = keep.read_bytes().splitlines(keepends=True)
        keep.write_bytes(b"".join(lines[:9]) + lines[9][:20])
        again = 0

        async def counted(posed_: Posed, row: Row) -> Listed:
            nonlocal again
            again += 1
            return await row.make(posed_)

        told = [replace(row, make=lambda p, row=row: counted(p, row)) for row in rows]
        resumed = await answered(ground, told, *tasks, keep=keep)
        assert again == len(lines) - 9
        ids = [
            [json.loads(line)["ids"] for line in some]
            for some in (lines, keep.read_bytes().splitlines())
        ]
        assert ids[0] == ids[1]
        before, after = (self.summary(rows, answers) for answers in (whole, resumed))
        assert before.form == after.form
        assert [task.slices for task in before.tasks.values()] == [
            task.slices for task in after.tasks.values()
        ]
        kept = await answered(ground, told, *tasks, keep=keep)
        assert again == len(lines) - 9
        assert self.summary(rows, kept) == after

    async def test_failures_are_tried_again(self, ground: Ground, tmp_path: Path) -> None:
        keep = tmp_path / "lists.jsonl"
        of = roads(ground, SpellingEngine())
        row = of.row(RowName.PRIOR)

        async def fails(_posed: Posed) -> Listed:
            raise RuntimeError("not now")

        failed = await answered(
            ground, [replace(row, make=fails)], Task.SEQUENTIAL, Task.ABOUT, keep=keep
        )
        summary = self.summary([row], failed)
        assert summary.failures == {f"{row.name}: RuntimeError: not now": 12}
        figures = summary.tasks[Task.SEQUENTIAL].slices[ALL].rows[row.name]
        assert figures[f"HR@{K}"].value.value == figures["CorrectCount"].value.value == 0
        assert "NonExist" not in figures
        assert "not now" in markdown(summary)
        mended = await answered(ground, [row], Task.SEQUENTIAL, Task.ABOUT, keep=keep)
        assert [of.rows[row.name].failed for of in mended.values()] == [0, 0]
        # What was mended stands, though its failure is in the file as well.
        again = await answered(
            ground, [replace(row, make=fails)], Task.SEQUENTIAL, Task.ABOUT, keep=keep
        )
        assert [of.rows[row.name].failed for of in again.values()] == [0, 0]

    def test_a_file_of_something_else_is_refused(self, ground: Ground, tmp_path: Path) -> None:
        keep = tmp_path / "lists.jsonl"
        keep.write_text('{"row": "x"}\n')
        with pytest.raises(BadInput, match="line 1 is not an outcome"):
            asking(ground, [], keep)
