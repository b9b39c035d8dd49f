from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import ringroad
from bookcase import tools
from rich.console import Console

from models.data.dataset import read_dataset
from models.data.served import Served, last_left_out, served
from models.data.split import Case, leave_one_out, sampled
from models.sasrec.checkpoint import Checkpoint
from models.sasrec.evaluate import UNKNOWN
from models.sasrec.lessons import lessons
from models.sasrec.rankers import ranker_for, ranker_of
from models.sasrec.telling import Moment, shown, through
from service.catalog.artifact import LoadedCatalogue, load
from service.catalog.build import build
from service.catalog.read import read_source
from service.errors import BadCatalogue, BadInput
from service.retrieval.ranker import load_ranker
from service.retrieval.ranker_bound import bound
from service.retrieval.ranker_publish import retuned
from service.retrieval.ranker_watch import RankerWatch
from service.steering.arrays import IntArray
from service.tuning import Blend, Situation, Tuning

FEW = replace(ringroad.SMALL, epochs=2)
TUNING = Tuning({Situation("1-3"): Blend({"sasrec": 1.5, "popularity": 0.5})})


def write_shop(folder: Path, walks: Sequence[IntArray]) -> Path:
    """A shop of the ring's items, in which users walked so; each bought the first thing twice."""
    folder.mkdir(parents=True)
    items = [{"id": name, "title": f"Stop {name}"} for name in (*ringroad.IDS, "lonely", "unmet")]
    events = [
        {"user": f"u{user}", "item": ringroad.IDS[stop], "timestamp": 100 * user + place}
        for user, walk in enumerate(walks)
        for place, stop in enumerate([*walk.tolist(), walk[0]])
    ]
    events.append({"user": "once", "item": "lonely", "timestamp": 1})
    for name, rows in (("items", items), ("events", events)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("data") / "shop", ringroad.walks())


@pytest.fixture(scope="module")
def built(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("catalogues")
    build(read_source(shop, None), out, tools())
    return out


@pytest.fixture(scope="module")
def catalogue(built: Path) -> LoadedCatalogue:
    return load(built)


class TestServed:
    def test_is_what_each_user_met_each_thing_once(self, catalogue: LoadedCatalogue) -> None:
        found = served(catalogue)
        assert found.version == catalogue.version
        assert [catalogue.item(row).id for row in range(catalogue.size)] == list(found.ids)
        met = {tuple(found.ids[row] for row in walk.tolist()) for walk in found.sequences}
        walked = {tuple(ringroad.IDS[stop] for stop in walk) for walk in ringroad.walks()}
        assert met == walked | {("lonely",)}
        assert len(found.sequences) == len(ringroad.walks()) + 1

    def test_of_a_catalogue_without_events_is_nothing(self, shop: Path, tmp_path: Path) -> None:
        build(read_source(shop / "items.jsonl", None), tmp_path / "out", tools())
        assert served(load(tmp_path / "out")).sequences == ()


SEQUENCES = tuple(np.arange(n) for n in (0, 1, 2, 3, 4, 5))


class TestHeldOut:
    def test_is_the_last_of_those_who_met_three(self) -> None:
        train, cases = last_left_out(SEQUENCES, 100, 0)
        assert [len(met) for met in train] == [0, 1, 2, 2, 3, 4]
        assert [(case.user, len(case.history), case.target) for case in cases] == [
            (3, 2, 2),
            (4, 3, 3),
            (5, 4, 4),
        ]

    def test_only_of_those_who_are_asked(self) -> None:
        train, cases = last_left_out(SEQUENCES, 2, 0)
        asked = {case.user for case in cases}
        assert len(asked) == 2
        for user, met in enumerate(SEQUENCES):
            assert len(train[user]) == len(met) - (user in asked)

    def test_cases_are_sampled_in_their_order(self) -> None:
        cases = [Case(n, np.arange(2), n) for n in range(50)]
        some = sampled(cases, 7, 3)
        assert len(some) == 7
        assert [case.user for case in some] == sorted({case.user for case in some})
        assert sampled(cases, 7, 3) == some
        assert sampled(cases, 50, 3) == tuple(cases)


class TestLessons:
    def test_know_only_what_stands_beside_something(self) -> None:
        sequences = [np.array([7, 3])] * 10 + [np.array([5])]
        cases = [Case(0, np.array([7, 5, 3]), 9), Case(1, np.array([5]), 7)] * 5
        lesson = lessons(sequences, cases, 10)
        assert lesson.items.tolist() == [3, 7]
        assert [sequence.tolist() for sequence in lesson.sequences] == [[1, 0]] * 10
        assert lesson.cases[0].history.tolist() == [1, 0]
        assert lesson.cases[0].target == UNKNOWN
        assert (lesson.cases[1].history.tolist(), lesson.cases[1].target) == ([], 1)

    @pytest.mark.parametrize(("users", "asked"), [(9, 50), (50, 9), (0, 0)])
    def test_too_few_are_told(self, users: int, asked: int) -> None:
        sequences = [np.array([1, 2])] * users
        cases = [Case(0, np.array([1, 2]), 3)] * asked
        with pytest.raises(BadInput, match=f"too few events.*{users} users.*{asked} have") as told:
            lessons(sequences, cases, 10)
        assert "at least 10 users" in told.value.hint.lower()


class TestRankers:
    def test_of_a_catalogue_follow_the_ring(
        self, catalogue: LoadedCatalogue, tmp_path: Path
    ) -> None:
        folder = ranker_for(served(catalogue), tmp_path, ringroad.SMALL)
        ranker = load_ranker(tmp_path)
        assert ranker.version == folder.name
        assert ranker.facts.catalogue == catalogue.version
        assert sorted(ranker.ids) == sorted(ringroad.IDS)
        assert ranker.facts.hr > 0.95
        watch = RankerWatch(tmp_path, catalogue)
        made = bound(ranker, catalogue)
        known = made.known(catalogue.rows(["i3", "lonely", "i4", "i5"]))
        assert [ranker.ids[item] for item in known.tolist()] == ["i3", "i4", "i5"]
        scores = made.scores(known).of(np.arange(len(ranker.ids)))
        assert ranker.ids[int(scores.argmax())] == "i6"
        assert watch.current() is not None

    def test_of_a_split_saw_nothing_of_the_test(self, shop: Path, tmp_path: Path) -> None:
        split = leave_one_out(read_dataset(shop))
        folder = ranker_of(split, tmp_path, FEW, catalogue="c1")
        ranker = load_ranker(folder)
        assert ranker.facts.catalogue == "c1"
        assert ranker.facts.epochs == 2
        taught = {split.dataset.ids[n] for met in split.train if len(met) > 1 for n in met}
        assert set(ranker.ids) == taught

    def test_leave_nothing_behind(self, catalogue: LoadedCatalogue, tmp_path: Path) -> None:
        folder = ranker_for(served(catalogue), tmp_path, FEW)
        assert {path.name for path in tmp_path.iterdir()} == {folder.name, "CURRENT"}

    def test_go_on_where_they_were_killed(self, catalogue: LoadedCatalogue, tmp_path: Path) -> None:
        whole = ranker_for(served(catalogue), tmp_path / "whole", ringroad.SMALL)

        def kill(moment: Moment) -> None:
            if moment.epoch == 5:
                raise InterruptedError

        root = tmp_path / "killed"
        with pytest.raises(InterruptedError):
            ranker_for(served(catalogue), root, ringroad.SMALL, kill)
        told: list[Moment] = []
        again = ranker_for(served(catalogue), root, ringroad.SMALL, told.append)
        assert told[0].epoch == 5
        assert again.name == whole.name
        assert {path.name for path in root.iterdir()} == {again.name, "CURRENT"}

    def test_go_on_with_the_tuning_of_the_one_before(
        self, catalogue: LoadedCatalogue, tmp_path: Path
    ) -> None:
        first = ranker_for(served(catalogue), tmp_path, FEW)
        assert load_ranker(tmp_path).tuning == Tuning()

        def meanwhile(moment: Moment) -> None:
            if moment.over:
                retuned(tmp_path, TUNING, version=first.name)

        ranker_for(served(catalogue), tmp_path, replace(FEW, seed=5), meanwhile)
        assert load_ranker(tmp_path).tuning == TUNING
        assert load_ranker(tmp_path).facts.config["seed"] == 5

    def test_begin_without_where_the_one_before_cannot_be_used(
        self, catalogue: LoadedCatalogue, tmp_path: Path
    ) -> None:
        ringroad.publish(tmp_path)
        damaged = retuned(tmp_path, TUNING)
        (damaged / "ids.json").write_text("[]", "utf-8")
        ranker_for(served(catalogue), tmp_path, FEW)
        assert load_ranker(tmp_path).tuning == Tuning()

    def test_of_a_split_know_no_tuning_but_their_own(self, shop: Path, tmp_path: Path) -> None:
        split = leave_one_out(read_dataset(shop))
        ringroad.publish(tmp_path)
        retuned(tmp_path, TUNING)
        ranker_of(split, tmp_path, FEW)
        assert load_ranker(tmp_path).tuning == Tuning()

    @pytest.mark.parametrize("where", ["root", "file"])
    def test_of_a_folder_that_cannot_be_written_to_say_so(
        self, catalogue: LoadedCatalogue, tmp_path: Path, where: str
    ) -> None:
        root = tmp_path / "ranker"
        if where == "root":
            root.write_text("no folder", "utf-8")
        else:
            lesson = lessons(*last_left_out(served(catalogue).sequences, FEW.cases, FEW.seed), 14)
            state = Checkpoint.of(root, lesson.sequences, lesson.cases, FEW).path
            state.with_name(f"{state.name}.{os.getpid()}").mkdir(parents=True)
        with pytest.raises(BadCatalogue, match="cannot be written") as told:
            ranker_for(served(catalogue), root, FEW)
        assert str(root) in told.value.message
        assert "room on its disk" in told.value.hint

    def test_of_too_few_leave_what_was_there(self, tmp_path: Path) -> None:
        before = ringroad.publish(tmp_path)
        few = Served("c0", tuple(ringroad.IDS), tuple(ringroad.walks(5)))
        with pytest.raises(BadInput, match="too few events"):
            ranker_for(few, tmp_path, FEW)
        assert load_ranker(tmp_path).version == before.name


class TestTelling:
    def moments(self) -> list[Moment]:
        return [
            Moment(1, 3, 0, 2, 9.0, 0.0, 0.0),
            Moment(1, 3, 1, 2, 8.0, 0.0, 0.0),
            Moment(1, 3, 2, 2, 7.5, 0.25, 0.25),
            Moment(2, 3, 2, 2, 7.0, 0.125, 0.25, over=True),
        ]

    def test_in_a_terminal_is_a_bar_with_loss_and_ndcg(self) -> None:
        console = Console(file=StringIO(), force_terminal=True, width=120)
        with shown(console) as tell:
            for moment in self.moments():
                tell(moment)
        text = console.file.getvalue()
        assert "epoch 2 of at most 3  loss 7.000  NDCG@10 0.1250  best 0.2500" in text
        assert "━" in text

    def test_elsewhere_is_a_line_an_epoch(self) -> None:
        console = Console(file=StringIO(), force_terminal=False, width=120)
        with shown(console) as tell:
            for moment in self.moments():
                tell(moment)
        lines = console.file.getvalue().splitlines()
        assert [line.split("loss")[1].split()[0] for line in lines] == ["7.500", "7.000"]

    def test_as_a_stage_ends_when_training_does(self) -> None:
        told: list[tuple[str, int, int]] = []
        tell = through(lambda stage, done, total: told.append((stage, done, total)))
        # The end of an epoch says that its one step is done.
        ended = Moment(1, 3, 1, 1, 7.5, 0.25, 0.25)
        for moment in (*self.moments()[:2], ended, *self.moments()[3:]):
            tell(moment)
        assert [done for _, done, _ in told] == [0, 0, 1, 3]
        assert {(stage, total) for stage, _, total in told} == {("train SASRec", 3)}


class TestCommand:
    def run(self, *options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "models.sasrec", *map(str, options)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def test_trains_and_publishes_beside_the_catalogue(self, built: Path, tmp_path: Path) -> None:
        catalogues = Path(shutil.copytree(built, tmp_path / "catalogues"))
        size = ("--dimension", 8, "--length", 6, "--epochs", 2, "--seed", 3)
        done = self.run("--catalogue", catalogues, *size)
        assert done.returncode == 0, done.stderr
        ranker = load_ranker(catalogues / "ranker")
        assert (ranker.facts.config["seed"], ranker.net.shape.dimension) == (3, 8)
        assert ranker.version in done.stdout
        assert "epoch 2 of at most 2" in done.stderr
        assert load(catalogues).version == ranker.facts.catalogue

    def test_tells_what_is_wrong(self, shop: Path, tmp_path: Path) -> None:
        build(read_source(shop / "items.jsonl", None), tmp_path, tools())
        done = self.run("--catalogue", tmp_path)
        assert done.returncode == 1
        assert "Error: there are too few events to train SASRec" in done.stderr
        assert "Traceback" not in done.stderr
        missing = self.run("--catalogue", tmp_path / "nowhere")
        assert missing.returncode == 1
        assert "there is no built catalogue" in missing.stderr
