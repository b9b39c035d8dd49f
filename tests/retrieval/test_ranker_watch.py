from __future__ import annotations

import logging
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import ringroad

from service.errors import DamagedArtifact
from service.ports import RetrievalQuery
from service.retrieval import ranker_watch
from service.retrieval.ranker_publish import retuned
from service.retrieval.ranker_watch import AGAIN_S, EVERY_S, RankerWatch
from service.retrieval.sasrec import SasRec
from service.tuning import Blend, Situation, Tuning
from service.versions import CURRENT_FILE

WALK = RetrievalQuery(np.array([3, 4, 5]), "")
ROWS = np.arange(ringroad.ITEMS)
TUNING = Tuning({Situation("none"): Blend({"popularity": 1.0})})


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def watch(root: Path, clock: Clock) -> RankerWatch:
    return RankerWatch(root, ringroad.Rack(ringroad.IDS), clock)


def version(watched: RankerWatch) -> str | None:
    ranker = watched.current()
    return ranker and ranker.ranker.version


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno == logging.ERROR]


def later(watched: RankerWatch, clock: Clock) -> str | None:
    """The version once a second is over and what was found is loaded."""
    clock.now += EVERY_S
    watched.current()
    watched.settled()
    return version(watched)


def test_what_is_there_at_the_start_is_used_at_once(tmp_path: Path, clock: Clock) -> None:
    made = ringroad.publish(tmp_path)
    assert version(watch(tmp_path, clock)) == made.name


def test_what_is_damaged_at_the_start_is_told_and_done_without(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    (ringroad.publish(tmp_path) / "ids.json").write_text("[]", "utf-8")
    watched = watch(tmp_path, clock)
    assert version(watched) is None
    assert watched.tuning() == Tuning()
    trouble = watched.trouble() or ""
    assert "ids.json" in trouble
    assert "cannot be used, so lists are made without: " in trouble
    assert [record.getMessage() for record in errors(caplog)] == [trouble]
    clock.now += 2 * AGAIN_S
    assert later(watched, clock) is None
    assert len(errors(caplog)) == 1
    mended = ringroad.publish(tmp_path)
    assert later(watched, clock) == mended.name
    assert watched.trouble() is None


@pytest.mark.parametrize("first", [True, False])
def test_what_could_not_be_read_just_now_is_tried_again(
    *, first: bool, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = None if first else ringroad.publish(tmp_path, 1).name
    watched = None if first else watch(tmp_path, clock)
    made = ringroad.publish(tmp_path, 2)
    load, busy = ranker_watch.load_ranker, OSError("too many open files")

    def fail(_path: Path) -> object:
        raise DamagedArtifact("cannot be read") from busy

    monkeypatch.setattr(ranker_watch, "load_ranker", fail)
    watched = watched or watch(tmp_path, clock)
    assert later(watched, clock) == before
    assert "cannot be read" in (watched.trouble() or "")
    monkeypatch.setattr(ranker_watch, "load_ranker", load)
    assert later(watched, clock) == before
    clock.now += AGAIN_S
    assert later(watched, clock) == made.name
    assert watched.trouble() is None


def test_a_file_that_is_gone_may_come_back(tmp_path: Path, clock: Clock) -> None:
    made = ringroad.publish(tmp_path)
    aside = made.rename(tmp_path / "elsewhere")
    watched = watch(tmp_path, clock)
    assert version(watched) is None
    aside.rename(made)
    clock.now += AGAIN_S
    assert later(watched, clock) == made.name


def test_a_pointer_that_cannot_be_looked_at_is_told_and_tried_again(
    tmp_path: Path, clock: Clock
) -> None:
    pointer = tmp_path / CURRENT_FILE
    pointer.symlink_to(pointer)
    watched = watch(tmp_path, clock)
    assert version(watched) is None
    assert str(pointer) in (watched.trouble() or "")
    made = ringroad.publish(tmp_path)
    assert later(watched, clock) == made.name
    assert watched.trouble() is None


def test_a_pointer_that_nobody_writes_to_is_not_waited_for(tmp_path: Path, clock: Clock) -> None:
    os.mkfifo(tmp_path / CURRENT_FILE)
    watched = watch(tmp_path, clock)
    assert version(watched) is None
    assert "is no file" in (watched.trouble() or "")
    (tmp_path / CURRENT_FILE).unlink()
    made = ringroad.publish(tmp_path)
    assert later(watched, clock) == made.name


def test_a_folder_that_cannot_be_looked_into_is_named(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    # What the system says of it is an OSError of the kind that one without permission gets.
    root = tmp_path / ("x" * 300)
    watched = watch(root, clock)
    assert version(watched) is None
    assert str(root) in (watched.trouble() or "")
    assert "Traceback" not in caplog.text
    assert len(errors(caplog)) == 1


def test_weights_of_nobody_are_told(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    ringroad.publish(tmp_path)
    made = retuned(tmp_path, Tuning({Situation("none"): Blend({"popularity": 1.0, "luck": 2.0})}))
    rack = ringroad.Rack(ringroad.IDS)
    watched = RankerWatch(tmp_path, rack, clock, speaks=lambda part: part == "popularity")
    assert watched.version() == made.name
    (told,) = (record.getMessage() for record in caplog.records)
    assert told.endswith("passed over: luck")


def test_one_made_for_something_else_is_used_and_told(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    made = ringroad.publish(tmp_path)
    watch(tmp_path, clock)
    assert not caplog.records
    larger = ringroad.Rack([*ringroad.IDS, *(f"x{n}" for n in range(ringroad.ITEMS + 1))])
    larger.version = "cffffffffffff"
    assert version(RankerWatch(tmp_path, larger, clock)) == made.name
    other, few = (record.getMessage() for record in caplog.records)
    assert "cffffffffffff" in other
    assert ringroad.Rack.version in other
    assert "12 of the catalogue's 25 items" in few


def test_a_new_one_is_picked_up_after_a_second(tmp_path: Path, clock: Clock) -> None:
    first = ringroad.publish(tmp_path, 1)
    watched = watch(tmp_path, clock)
    second = ringroad.publish(tmp_path, 2)
    clock.now += EVERY_S / 2
    watched.current()
    watched.settled()
    assert version(watched) == first.name
    assert later(watched, clock) == second.name


def test_the_first_one_may_come_later(tmp_path: Path, clock: Clock) -> None:
    watched = watch(tmp_path / "ranker", clock)
    assert version(watched) is None
    assert watched.tuning() == Tuning()
    assert later(watched, clock) is None
    made = ringroad.publish(tmp_path / "ranker")
    assert later(watched, clock) == made.name


def test_a_ranker_that_is_removed_goes_on(tmp_path: Path, clock: Clock) -> None:
    root = tmp_path / "ranker"
    made = ringroad.publish(root)
    watched = watch(root, clock)
    shutil.rmtree(root)
    assert later(watched, clock) == made.name
    ringroad.publish(root, 1)
    assert later(watched, clock) != made.name


def test_what_was_the_matter_with_a_ranker_goes_with_it(tmp_path: Path, clock: Clock) -> None:
    root = tmp_path / "ranker"
    (ringroad.publish(root) / "ids.json").write_text("[]", "utf-8")
    watched = watch(root, clock)
    assert watched.trouble()
    shutil.rmtree(root)
    assert later(watched, clock) is None
    assert watched.trouble() is None


def test_a_damaged_one_is_told_once_and_the_old_one_goes_on(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first = ringroad.publish(tmp_path, 1)
    watched = watch(tmp_path, clock)
    second = ringroad.publish(tmp_path, 2)
    (second / "tuning.json").write_text("{}", "utf-8")
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert later(watched, clock) == first.name
        (error,) = errors(caplog)
        assert "tuning.json" in error.getMessage()
        assert "the one before goes on" in error.getMessage()
        assert error.getMessage() == watched.trouble()
        mended = ringroad.publish(tmp_path, 2)
        assert later(watched, clock) == mended.name
        assert f"ranker {mended.name} is in use" in caplog.text


def test_while_a_new_one_is_loaded_the_old_one_serves(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ringroad.publish(tmp_path, 1)
    watched = watch(tmp_path, clock)
    second = ringroad.publish(tmp_path, 2)
    gate, load = Event(), ranker_watch.load_ranker

    def slowly(path: Path) -> object:
        assert gate.wait(20)
        return load(path)

    monkeypatch.setattr(ranker_watch, "load_ranker", slowly)
    for _ in range(5):
        clock.now += EVERY_S
        assert version(watched) == first.name
    gate.set()
    watched.settled()
    assert version(watched) == second.name


def test_the_tuning_is_that_of_the_ranker_in_use(tmp_path: Path, clock: Clock) -> None:
    ringroad.publish(tmp_path)
    watched = watch(tmp_path, clock)
    assert watched.tuning() == Tuning()
    retuned(tmp_path, TUNING)
    later(watched, clock)
    assert watched.tuning() == TUNING


def test_an_opinion_stays_with_the_ranker_it_was_made_with(tmp_path: Path, clock: Clock) -> None:
    ringroad.publish(tmp_path, 1)
    watched = watch(tmp_path, clock)
    sasrec = SasRec(watched.current)
    opinion = sasrec.opinion(WALK)
    before = opinion.of(ROWS).tolist()
    ringroad.publish(tmp_path, 2)
    later(watched, clock)
    assert opinion.of(ROWS).tolist() == before
    assert sasrec.opinion(WALK).of(ROWS).tolist() != before


def test_rankers_that_know_other_items_come_and_go_under_load(tmp_path: Path) -> None:
    """With the real clock's second taken away: every call looks."""
    clock = Clock()
    kinds = [ringroad.IDS, [*ringroad.IDS[6:], *(f"x{n}" for n in range(6))]]
    ringroad.publish(tmp_path, 0, kinds[0])
    watched = watch(tmp_path, clock)
    sasrec = SasRec(watched.current)
    over = Event()

    def ask(_worker: int) -> int:
        asked = 0
        while not over.is_set():
            clock.now += EVERY_S
            if not sasrec.knows(WALK):
                continue
            opinion = sasrec.opinion(WALK)
            best = opinion.best(np.ones(len(ROWS), dtype=np.bool_), 5)
            assert np.isfinite(opinion.of(best)).all()
            assert len(best) in {0, 5}
            asked += 1
        return asked

    seen = set()
    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(ask, n) for n in range(4)]
        try:
            for seed in range(1, 13):
                made = ringroad.publish(tmp_path, seed, kinds[seed % 2])
                for _ in range(1000):
                    if version(watched) == made.name:
                        break
                    Event().wait(0.01)
                seen.add(version(watched))
        finally:
            over.set()
        assert all(worker.result() > 0 for worker in workers)
    assert len(seen) == 12
