"""`listwright answer`: one question in the terminal, and files of them that survive anything."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from operator import ge
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quiz import CHOICE, ENTITIES, RANKING, WRITING, Sage, WordEncoder, answerer
from toyshop import SpellingEngine

import service.cli.answering
import service.cli.answering_files
from service.cli import main
from service.cli.answer_file import AnswerFile
from service.cli.question_file import Line
from service.errors import EngineBusy, EngineFailed
from service.pipeline.answerer import Answerer
from service.ports import Decoding, Job
from service.settings import Settings
from service.steering.arrays import FloatArray
from service.store.cache import MemoryCache
from service.telemetry.observers import Observers

QUESTIONS = [
    {"question": RANKING, "id": "a"},
    {"input_field": CHOICE, "task_type": "multiple-choice", "output_field": 1, "metric": "x"},
    {"question": "Which is warm?", "options": ["ice", "wool which is warm"], "k": 1, "id": 7},
]


class Counting(Sage):
    """A sidecar that knows how many thoughts it had under way at once."""

    running = most = 0

    async def write(self, page: Any) -> Any:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.02)
        self.running -= 1
        return await super().write(page)


class Desk:
    """What the command opens instead of models, and how often."""

    def __init__(self) -> None:
        self.parts = replace(answerer(), engine=None, observer=Observers(()))
        self.opened = 0

    @asynccontextmanager
    async def __call__(self, _: Settings) -> AsyncIterator[Answerer]:
        self.opened += 1
        yield self.parts


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    for module in (service.cli.answering, service.cli.answering_files):
        monkeypatch.setattr(module, "opened_answerer", desk)
    return desk


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith("LISTWRIGHT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return written(tmp_path / "questions.jsonl", QUESTIONS)


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def written(path: Path, lines: Sequence[object]) -> Path:
    raw = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{line}\n" for line in raw), "utf-8")
    return path


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["answer", *map(str, arguments)])
    return int(ended.value.code or 0)


def entries(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.usefixtures("desk")
class TestOne:
    def test_the_answer_comes_first_then_the_account(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(CHOICE) == 0
        told = capsys.readouterr().out
        assert told.startswith(("0\n", "1\n", "2\n"))
        assert "multiple_choice: 1 of 3 options" in told
        assert "similar (words)" in told
        assert "no engine is configured" in told

    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(RANKING, "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["request_id"], told["type"]) == ("cli", "ranking")
        assert told["answer"]["ranking"][0] == "2"

    def test_from_stdin(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RANKING.encode())))
        assert run("-", "--json") == 0
        assert json.loads(capsys.readouterr().out)["type"] == "ranking"

    def test_every_field_has_its_option(
        self, desk: Desk, capsys: pytest.CaptureFixture[str]
    ) -> None:
        desk.parts = replace(desk.parts, engine=SpellingEngine())
        options = ["--option", "ice", "--option", "wool, it is warm", "--type", "retrieval"]
        numbers = ["-k", "1", "--similar", "1", "--prior-weight", "62.5", "--max-words", "9"]
        others = ["--cot", "off", "--without", "role", "--temperature", "0.5", "--seed", "3"]
        asked = ["What is warm?", *options, *numbers, *others, "--deadline-ms", "9000", "--json"]
        assert run(*asked) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["answer"] == {"selection": ["2"]}
        assert told["prior_weight"] == 62.5
        assert told["supplements"][0]["why"] == "it is off"
        assert told["supplements"][1]["text"] == "2"

    def test_what_looks_like_markup_is_shown_as_it_is(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("Which one?", "--option", "[red]it[/] [/b]") == 0
        assert "[red]it[/] [/b]" in capsys.readouterr().out

    def test_other_kinds_are_shown_too(
        self, desk: Desk, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(ENTITIES) == 0
        assert "entities: at most 5 from 'dark red wool scarf'" in capsys.readouterr().out
        desk.parts = replace(desk.parts, engine=SpellingEngine())
        assert run(CHOICE) == 0
        assert "not used: the sidecar is not configured" in capsys.readouterr().out
        desk.parts = replace(desk.parts, sidecar=Sage())
        assert run(CHOICE) == 0
        assert "Ink is what a pen writes with.; the sidecar thought" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((WRITING,), "nothing else can write"),
            (("",), "empty"),
            ((CHOICE, "-k", "9"), "9"),
            ((CHOICE, "--type", "essay"), "type must be 'auto'"),
            ((CHOICE, "--without", "charm"), "without[0] must be one of"),
            (("a\udcff",), "lone surrogate"),
        ],
    )
    def test_what_cannot_be_answered_is_told(
        self, arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(*arguments) == 1
        told = capsys.readouterr()
        assert told.err.startswith("Error: ")
        assert message in told.err
        assert told.out == ""

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            (CHOICE, "--file", "x", "--out", "y"),
            ("--file", "x"),
            (CHOICE, "--out", "y"),
            ("--file", "x", "--out", "y", "--json"),
            ("--file", "x", "--out", "y", "--concurrent", "0"),
        ],
    )
    def test_wrong_usage(self, arguments: tuple[str, ...]) -> None:
        assert run(*arguments) == 2


class TestFile:
    @pytest.mark.parametrize("concurrent", ["1", "8"])
    @pytest.mark.usefixtures("desk")
    def test_one_line_a_question_in_their_order(
        self, questions: Path, answers: Path, concurrent: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked = ("--file", questions, "--out", answers, "--concurrent", concurrent)
        assert run(*asked) == 0
        first, second, third = entries(answers)
        assert [entry["line"] for entry in (first, second, third)] == [1, 2, 3]
        assert (first["id"], third["id"]) == ("a", 7)
        assert "id" not in second
        assert len({entry["digest"] for entry in (first, second, third)}) == 3
        assert first["answer"]["answer"]["ranking"][0] == "2"
        assert second["answer"]["type"] == "multiple_choice"
        assert third["answer"]["answer"] == {"choice": "2"}
        told = capsys.readouterr()
        assert f"3 of 3 questions have an answer: {answers}" in told.out
        assert "answering: 3 of 3" in told.err

    def test_a_second_run_asks_nothing_again(
        self, desk: Desk, questions: Path, answers: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("--file", questions, "--out", answers) == 0
        before = answers.read_bytes()
        assert run("--file", questions, "--out", answers) == 0
        assert answers.read_bytes() == before
        assert desk.opened == 1
        assert "3 of 3 questions have an answer, 3 of them before" in capsys.readouterr().out

    @pytest.mark.usefixtures("desk")
    def test_what_was_changed_is_asked_again(self, questions: Path, answers: Path) -> None:
        assert run("--file", questions, "--out", answers) == 0
        before = entries(answers)
        changed = [{**QUESTIONS[0], "k": 4}, *QUESTIONS[1:]]
        written(questions, changed)
        assert run("--file", questions, "--out", answers) == 0
        after = entries(answers)
        assert after[0]["digest"] != before[0]["digest"]
        assert after[1:] == before[1:]
        assert len(after) == 3

    @pytest.mark.usefixtures("desk")
    def test_so_is_all_when_something_else_is_asked_of_all(
        self, questions: Path, answers: Path
    ) -> None:
        assert run("--file", questions, "--out", answers) == 0
        before = entries(answers)
        assert run("--file", questions, "--out", answers, "--similar", "1") == 0
        assert not {e["digest"] for e in before} & {e["digest"] for e in entries(answers)}

    def test_a_line_goes_before_what_is_asked_of_all(
        self, desk: Desk, tmp_path: Path, answers: Path
    ) -> None:
        desk.parts = replace(desk.parts, engine=SpellingEngine())
        lines = [{"question": CHOICE, "prior_weight": 7}, {"question": CHOICE}]
        asked = written(tmp_path / "q.jsonl", lines)
        assert run("--file", asked, "--out", answers, "--prior-weight", "3") == 0
        assert [entry["answer"]["prior_weight"] for entry in entries(answers)] == [7.0, 3.0]

    def test_errors_are_counted_and_tried_again(
        self, desk: Desk, tmp_path: Path, answers: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lines = ["{", "[]", '{"type": "ranking"}', '{"question": "\\ud800"}', '{"question": 3}']
        bad = [{"question": CHOICE, "k": 8}, {"question": CHOICE, "task_type": "poetry"}]
        asked = written(tmp_path / "q.jsonl", [*lines, *bad, "", {"question": WRITING}, *QUESTIONS])
        assert run("--file", asked, "--out", answers, "--concurrent", "3") == 1
        found = {entry["line"]: entry for entry in entries(answers)}
        assert sorted(found) == [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12]
        codes = [found[line]["error"]["code"] for line in (1, 2, 3, 4, 5, 6, 7, 9)]
        assert codes == ["bad_input"] * 5 + ["unreadable_question", "bad_input", "engine_failed"]
        assert "not JSON" in found[1]["error"]["message"]
        assert "neither a question" in found[3]["error"]["message"]
        assert all("answer" in found[line] for line in (10, 11, 12))
        told = capsys.readouterr()
        assert "3 of 11 questions have an answer" in told.out
        assert "8 of 11 questions got no answer" in told.err
        assert run("--file", asked, "--out", answers) == 1
        assert desk.opened == 2
        assert [entry["line"] for entry in entries(answers)] == sorted(found)

    @pytest.mark.usefixtures("desk")
    def test_a_bug_costs_one_answer(
        self, questions: Path, answers: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = service.cli.answering_files.answer

        async def answer(parts: Answerer, request: Any, request_id: str) -> Any:
            if request_id == "line-2":
                raise KeyError("oh")
            return await real(parts, request, request_id)

        monkeypatch.setattr(service.cli.answering_files, "answer", answer)
        assert run("--file", questions, "--out", answers) == 1
        assert entries(answers)[1]["error"]["code"] == "internal"
        monkeypatch.setattr(service.cli.answering_files, "answer", real)
        assert run("--file", questions, "--out", answers) == 0
        assert [list(entry)[-1] for entry in entries(answers)] == ["answer"] * 3

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("cut", [1, 5, 40, 400])
    def test_a_torn_last_line(self, questions: Path, answers: Path, cut: int) -> None:
        assert run("--file", questions, "--out", answers) == 0
        whole = answers.read_bytes()
        answers.write_bytes(whole[:-cut])
        assert run("--file", questions, "--out", answers) == 0
        assert [without_times(entry) for entry in entries(answers)] == [
            without_times(json.loads(line)) for line in whole.splitlines()
        ]

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize("left", [0, 1, 7, 12])
    def test_hardly_a_beginning(self, questions: Path, answers: Path, left: int) -> None:
        answers.write_bytes(b'{"line": 1, "digest": "0'[:left])
        assert run("--file", questions, "--out", answers) == 0
        assert len(entries(answers)) == 3

    def test_a_signal_leaves_what_can_be_gone_on_with(
        self, desk: Desk, questions: Path, answers: Path
    ) -> None:
        class Interrupted(WordEncoder):
            def encode(self, texts: Sequence[str]) -> FloatArray:
                if self.asked == 2:
                    os.kill(os.getpid(), signal.SIGINT)
                return super().encode(texts)

        parts = desk.parts
        desk.parts = replace(parts, encoder=Interrupted())
        assert run("--file", questions, "--out", answers) == 130
        left = entries(answers)
        assert [entry["line"] for entry in left] == [1, 2]
        desk.parts = parts
        assert run("--file", questions, "--out", answers) == 0
        assert entries(answers)[:2] == left
        assert len(entries(answers)) == 3

    @pytest.mark.usefixtures("desk")
    def test_each_answer_is_there_before_the_next_is_asked_for(
        self, desk: Desk, questions: Path, answers: Path
    ) -> None:
        seen: list[int] = []

        class Looking(WordEncoder):
            def encode(self, texts: Sequence[str]) -> FloatArray:
                seen.append(answers.read_bytes().count(b"\n"))
                return super().encode(texts)

        desk.parts = replace(desk.parts, encoder=Looking())
        assert run("--file", questions, "--out", answers) == 0
        assert seen == [0, 1, 2]

    def test_where_nothing_can_be_written_nothing_is_asked(
        self, desk: Desk, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("--file", questions, "--out", tmp_path / "nowhere" / "a.jsonl") == 1
        assert "No such file or directory" in capsys.readouterr().err
        assert run("--file", questions, "--out", tmp_path) == 1
        assert "is no plain file" in capsys.readouterr().err
        assert run("--file", questions, "--out", "/dev/null") == 1
        assert not Path("/dev/null").is_file()
        assert desk.opened == 0

    def test_a_disk_that_fills_up_ends_the_run_and_is_told(
        self,
        desk: Desk,
        questions: Path,
        answers: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(service.cli.answering_files.AnswerFile, "add", full)
        assert run("--file", questions, "--out", answers, "--concurrent", "2") == 1
        assert "No space left on device" in capsys.readouterr().err
        assert desk.opened == 1

    @pytest.mark.parametrize(
        "foreign", ['{"question": "x"}\n', "some notes\n", "some notes", '{"line": 1}\n']
    )
    def test_a_file_of_something_else_is_left_alone(
        self,
        desk: Desk,
        questions: Path,
        answers: Path,
        foreign: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        answers.write_text(foreign, "utf-8")
        assert run("--file", questions, "--out", answers) == 1
        assert "is no file of answers" in capsys.readouterr().err
        assert answers.read_text("utf-8") == foreign
        assert run("--file", questions, "--out", questions) == 1
        assert len(questions.read_text("utf-8").splitlines()) == 3
        assert desk.opened == 0

    def test_a_wish_that_cannot_be_is_told_before_anything_is_asked(
        self, desk: Desk, questions: Path, answers: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("--file", questions, "--out", answers, "--similar", "99") == 1
        assert "similar must be at most 10" in capsys.readouterr().err
        assert not answers.exists()
        assert desk.opened == 0

    def test_a_file_that_is_not_there(
        self, answers: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("--file", "/nowhere.jsonl", "--out", answers) == 1
        assert "No such file or directory: /nowhere.jsonl" in capsys.readouterr().err

    def test_an_empty_file(
        self, desk: Desk, tmp_path: Path, answers: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("--file", written(tmp_path / "q", []), "--out", answers) == 0
        assert answers.read_bytes() == b""
        assert "0 of 0" in capsys.readouterr().out
        assert desk.opened == 0

    @pytest.mark.usefixtures("desk")
    def test_files_as_other_systems_write_them(self, tmp_path: Path, answers: Path) -> None:
        asked = tmp_path / "q.jsonl"
        asked.write_bytes(b"\xef\xbb\xbf" + json.dumps(QUESTIONS[0]).encode() + b"\r\n")
        assert run("--file", asked, "--out", answers) == 0
        assert len(entries(answers)) == 1

    def test_so_many_at_a_time(self, desk: Desk, tmp_path: Path, answers: Path) -> None:
        counting = Counting()
        desk.parts = replace(desk.parts, engine=SpellingEngine(), sidecar=counting)
        lines = [{"question": f"Which is {n}?", "options": ["a", "b"]} for n in range(9)]
        asked = written(tmp_path / "q.jsonl", lines)
        assert run("--file", asked, "--out", answers, "--concurrent", "3") == 0
        assert counting.most == 3

    @pytest.mark.parametrize(
        ("sidecar", "most"),
        [
            ({}, 5),
            ({"URL": "http://127.0.0.1:9", "CONCURRENT": "1", "QUEUE": "1"}, 2),
            ({"URL": "http://127.0.0.1:9"}, 5),
        ],
    )
    def test_never_more_than_the_engine_and_the_sidecar_take(
        self,
        desk: Desk,
        questions: Path,
        answers: Path,
        sidecar: dict[str, str],
        most: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        counting = Counting()
        desk.parts = replace(desk.parts, engine=SpellingEngine(), sidecar=counting)
        lines = [{"question": f"Which is {n}?", "options": ["a", "b"]} for n in range(9)]
        monkeypatch.setenv("LISTWRIGHT_ENGINE__QUEUE", "3")
        monkeypatch.setenv("LISTWRIGHT_ENGINE__WORKERS", "2")
        for name, value in sidecar.items():
            monkeypatch.setenv(f"LISTWRIGHT_SIDECAR__{name}", value)
        asked = ("--file", written(questions, lines), "--out", answers)
        assert run(*asked, "--concurrent", "1000") == 0
        assert counting.most == most

    @pytest.mark.parametrize(
        "changed",
        [
            ("--engine", "vllm", "--engine-url", "http://127.0.0.1:9"),
            ("LISTWRIGHT_ENGINE__MODEL", "other"),
            ("LISTWRIGHT_ENGINE__CONTEXT", "900"),
            ("LISTWRIGHT_ANSWER__PRIOR_WEIGHT", "3"),
            ("LISTWRIGHT_ANSWER__COT", "self"),
            ("LISTWRIGHT_SIDECAR__URL", "http://127.0.0.1:9"),
            ("LISTWRIGHT_RETRIEVAL__SIMILARITY", "false"),
            ("LISTWRIGHT_RECOMMEND__TEMPERATURE", "1"),
        ],
    )
    def test_all_is_asked_again_when_somebody_else_answers(
        self,
        desk: Desk,
        questions: Path,
        answers: Path,
        changed: tuple[str, ...],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        asked = ("--file", questions, "--out", answers)
        assert run(*asked) == 0
        before = {entry["digest"] for entry in entries(answers)}
        if changed[0].startswith("--"):
            asked += changed
        else:
            monkeypatch.setenv(*changed)
        assert run(*asked) == 0
        assert desk.opened == 2
        after = {entry["digest"] for entry in entries(answers)}
        assert (len(after), after & before) == (3, set())

    def test_how_fast_it_answers_changes_no_answer(
        self, desk: Desk, questions: Path, answers: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert run("--file", questions, "--out", answers) == 0
        monkeypatch.setenv("LISTWRIGHT_ENGINE__THREADS", "7")
        assert run("--file", questions, "--out", answers, "--concurrent", "2") == 0
        assert desk.opened == 1

    def test_degraded_answers_are_told_and_asked_for_again(
        self, desk: Desk, questions: Path, answers: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sound, desk.parts = desk.parts, replace(desk.parts, engine=Down())
        assert run("--file", questions, "--out", answers) == 0
        assert all(entry["answer"]["degraded"] for entry in entries(answers))
        assert "3 of 3 answers are degraded" in capsys.readouterr().err
        desk.parts = sound
        assert run("--file", questions, "--out", answers) == 0
        assert desk.opened == 2
        assert not any(entry["answer"]["degraded"] for entry in entries(answers))
        told = capsys.readouterr()
        assert "before" not in told.out
        assert "degraded" not in told.err


class Down(SpellingEngine):
    """Has its hands full."""

    async def spell(self, job: Job) -> Decoding:
        raise EngineBusy("the engine has its hands full")


class TestNothingIsLost:
    @pytest.fixture
    def degraded(self, desk: Desk, questions: Path, answers: Path) -> list[dict[str, Any]]:
        """What stands in the file: by the model, but not all of it."""
        desk.parts = replace(desk.parts, engine=SpellingEngine(most=1))
        options = ["ice", "wool which is warm", "stone"]
        asked = {"options": options, "type": "ranking"}
        lines = [{"question": f"Which is warm in place {n}?", **asked} for n in range(3)]
        assert run("--file", written(questions, lines), "--out", answers) == 0
        found = entries(answers)
        assert [(e["answer"]["degraded"], e["answer"]["path"]) for e in found] == [
            (True, "llm")
        ] * 3
        return found

    def test_by_a_run_that_cannot_begin(
        self,
        degraded: list[dict[str, Any]],
        questions: Path,
        answers: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def closed(_: Settings) -> object:
            assert entries(answers) == degraded
            raise EngineFailed("no model is here")

        monkeypatch.setattr(service.cli.answering_files, "opened_answerer", closed)
        assert run("--file", questions, "--out", answers) == 1
        assert entries(answers) == degraded
        # Nor what is no answer to what is asked now, as long as there is no other.
        assert run("--file", questions, "--out", answers, "--similar", "1") == 1
        assert entries(answers) == degraded

    def test_by_a_retry_that_fails(
        self,
        desk: Desk,
        degraded: list[dict[str, Any]],
        questions: Path,
        answers: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        real = service.cli.answering_files.answer

        async def answer(parts: Answerer, request: Any, request_id: str) -> Any:
            if request_id == "line-2":
                raise EngineFailed("the model broke")
            return await real(parts, request, request_id)

        desk.parts = replace(desk.parts, engine=SpellingEngine())
        monkeypatch.setattr(service.cli.answering_files, "answer", answer)
        capsys.readouterr()
        assert run("--file", questions, "--out", answers) == 0
        after = entries(answers)
        assert [entry["answer"]["degraded"] for entry in after] == [False, True, False]
        assert after[1] == degraded[1]
        told = capsys.readouterr()
        assert "3 of 3 questions have an answer" in told.out
        assert "1 of 3 answers are degraded" in told.err
        assert "1 of 3 questions had a better answer before" in told.err
        assert "the model broke" in told.err

    def test_by_a_retry_that_similarity_answers(
        self,
        desk: Desk,
        degraded: list[dict[str, Any]],
        questions: Path,
        answers: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        desk.parts = replace(desk.parts, engine=Down())
        assert run("--file", questions, "--out", answers) == 0
        assert entries(answers) == degraded
        told = capsys.readouterr().err
        assert "3 of 3 questions had a better answer before" in told
        assert "the engine has its hands full" in told

    def test_by_being_killed(
        self, desk: Desk, degraded: list[dict[str, Any]], questions: Path, answers: Path
    ) -> None:
        seen: list[bytes] = []

        class Looking(WordEncoder):
            def encode(self, texts: Sequence[str]) -> FloatArray:
                seen.append(answers.read_bytes())
                return super().encode(texts)

        sound = replace(desk.parts, engine=SpellingEngine())
        desk.parts = replace(sound, encoder=Looking(), cache=MemoryCache())
        assert run("--file", questions, "--out", answers) == 0
        assert len(seen) == 3
        desk.parts = sound
        for done, left in enumerate(seen):
            lines = [json.loads(line) for line in left.splitlines()]
            last = {entry["line"]: entry for entry in lines}
            assert [last[n]["answer"]["degraded"] for n in (1, 2, 3)] == [
                n >= done for n in range(3)
            ]
            assert [last[n] for n in range(done + 1, 4)] == degraded[done:]
            answers.write_bytes(left + b'{"line": 3, "dig')
            assert run("--file", questions, "--out", answers) == 0
            after = entries(answers)
            assert [entry["line"] for entry in after] == [1, 2, 3]
            assert not any(entry["answer"]["degraded"] for entry in after)
            assert after[:done] == [last[n] for n in range(1, done + 1)]

    def test_by_being_interrupted(
        self, desk: Desk, degraded: list[dict[str, Any]], questions: Path, answers: Path
    ) -> None:
        class Interrupted(WordEncoder):
            def encode(self, texts: Sequence[str]) -> FloatArray:
                if self.asked == 1:
                    os.kill(os.getpid(), signal.SIGINT)
                return super().encode(texts)

        parts = replace(desk.parts, engine=SpellingEngine(), cache=MemoryCache())
        desk.parts = replace(parts, encoder=Interrupted())
        assert run("--file", questions, "--out", answers) == 130
        after = entries(answers)
        assert [entry["line"] for entry in after] == [1, 2, 3]
        assert not after[0]["answer"]["degraded"]
        assert after[2] == degraded[2]

    def test_by_other_settings_with_which_nobody_answers(
        self, desk: Desk, questions: Path, answers: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked = ("--file", questions, "--out", answers)
        desk.parts = replace(desk.parts, engine=SpellingEngine())
        assert run(*asked) == 0
        whole = entries(answers)
        sound, desk.parts = desk.parts, replace(desk.parts, engine=Down())
        elsewhere = (*asked, "--engine", "vllm", "--engine-url", "http://127.0.0.1:9")
        assert run(*elsewhere) == 1
        assert entries(answers) == whole
        told = capsys.readouterr().err
        assert "3 of 3 questions had a better answer before" in told
        assert "3 of 3 answers were made with other settings" in told
        assert "degraded" not in told
        desk.parts = sound
        assert run(*elsewhere) == 0
        assert not {e["digest"] for e in whole} & {e["digest"] for e in entries(answers)}
        assert "other settings" not in capsys.readouterr().err

    def test_by_lines_that_are_put_in_or_taken_out(
        self, desk: Desk, questions: Path, answers: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        twice = [QUESTIONS[0], *QUESTIONS]
        assert run("--file", written(questions, twice), "--out", answers) == 0
        before = entries(answers)
        more = [{"question": CHOICE}, "", *twice]
        assert run("--file", written(questions, more), "--out", answers) == 0
        after = entries(answers)
        assert after[1:] == [{**entry, "line": entry["line"] + 2} for entry in before]
        assert "5 of 5 questions have an answer, 4 of them before" in capsys.readouterr().out
        assert run("--file", written(questions, QUESTIONS[1:]), "--out", answers) == 0
        assert entries(answers) == [{**entry, "line": entry["line"] - 2} for entry in before[2:]]
        assert desk.opened == 2

    @pytest.mark.usefixtures("degraded")
    def test_what_is_asked_no_more_goes_in_the_end(self, questions: Path, answers: Path) -> None:
        written(questions, [{"question": CHOICE}])
        assert run("--file", questions, "--out", answers) == 0
        assert [entry["answer"]["type"] for entry in entries(answers)] == ["multiple_choice"]


Stock = dict[str, list[int]]
"""By question, what the answers that stand are worth, the best first."""

WORTHS: list[dict[str, Any]] = [
    {"error": {}},
    {"answer": {"degraded": True, "path": "similar"}},
    {"answer": {"degraded": True, "path": "llm"}},
    {"answer": {"degraded": False, "path": "llm"}},
]


def stock_of(path: Path) -> Stock:
    """What the file holds; of several entries for one line the last."""
    found: dict[str, list[int]] = {}
    for told in {told["line"]: told for told in entries(path)}.values():
        rest = {name: told[name] for name in told.keys() & {"error", "answer"}}
        found.setdefault(told["question"], []).append(WORTHS.index(rest))
    return {question: sorted(worths, reverse=True) for question, worths in found.items()}


@dataclass(frozen=True)
class Sitting:
    """A run: what it asks and under which settings, what comes, and how it ends."""

    asked: str
    """A letter is a question, a space a blank line."""
    settings: str
    come: list[tuple[int, int]]
    """Which of the questions, and what its answer is worth."""
    end: str
    torn: int

    def lines(self) -> list[Line]:
        return [
            Line(number, letter.encode(), f"{self.settings} {letter}")
            for number, letter in enumerate(self.asked, start=1)
            if letter.strip()
        ]

    def held(self, path: Path) -> tuple[AnswerFile, list[Line]]:
        """What becomes of the file, in every way that a run can end."""
        lines = self.lines()
        file = AnswerFile(path, lines)
        for place, worth in self.come if lines else []:
            file.add(lines[place % len(lines)].told() | WORTHS[worth])
        if self.end == "clean":
            file.__exit__(None, None, None)
        elif self.end == "failed":
            file.__exit__(EngineFailed, EngineFailed("no"), None)
        else:
            # Of all ends of a run only this one leaves the file untidied, as a kill does.
            file.__exit__(OSError, OSError(), None)
            with path.open("ab") as killed:
                killed.write(json.dumps({"line": 1, "digest": "x"}).encode()[: self.torn])
        return file, lines


SITTING = st.builds(
    Sitting,
    st.text("xyz ", max_size=6),
    st.sampled_from("ab"),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=8),
    st.sampled_from(["clean", "failed", "killed"]),
    st.integers(0, 24),
)


@given(st.lists(SITTING, max_size=6))
def test_no_run_lowers_what_a_question_has(sittings: list[Sitting]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "answers.jsonl"
        before: Stock = {}
        for sitting in sittings:
            file, lines = sitting.held(path)
            if sitting.end == "killed":
                AnswerFile(path, lines).__exit__(OSError, OSError(), None)
            after = stock_of(path)
            many = Counter(line.question for line in lines)
            for question, worths in before.items():
                still = worths[: many[question]] if sitting.end == "clean" else worths
                assert len(after.get(question, [])) >= len(still)
                assert all(map(ge, after.get(question, []), still))
            if sitting.end == "clean":
                check_tidy(path, file, lines)
            before = after


def check_tidy(path: Path, file: AnswerFile, lines: list[Line]) -> None:
    """Only what is asked is left, each where it is asked, and what is whole is asked no more."""
    found = entries(path)
    asked = {line.number: line for line in lines}
    assert [told["line"] for told in found] == sorted({told["line"] for told in found})
    assert all(asked[told["line"]].question == told["question"] for told in found)
    whole = {(told["line"], told["digest"]) for told in found if WORTHS[3].items() <= told.items()}
    assert [file.has(line) for line in lines] == [
        (line.number, line.digest) in whole for line in lines
    ]
    account = file.account()
    answered = [told for told in found if "answer" in told]
    assert account.nothing == len(lines) - len(answered)
    assert account.degraded == sum(told["answer"]["degraded"] for told in answered)
    assert account.older == sum(told["digest"] != asked[told["line"]].digest for told in answered)


def without_times(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without what differs between two runs."""
    told = dict(entry["answer"])
    del told["timings"]
    extras = [
        {name: value for name, value in extra.items() if name not in {"milliseconds", "cached"}}
        for extra in told["supplements"]
    ]
    return {**entry, "answer": {**told, "supplements": extras}}
