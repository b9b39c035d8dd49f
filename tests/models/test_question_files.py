"""Reading question files: two kinds of line, truths in several shapes, bad lines by number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.evaluate.questions import Asked, read_questions
from models.evaluate.scores import Ids, Label, Metric, Texts, Truth, Weights
from service.errors import BadInput
from service.question import AnswerRequest, Task

THEIRS = {
    "input_field": "Which of these holds soup?\n0. fork\n1. bowl\nAnswer: ",
    "output_field": 1,
    "task_name": "task99",
    "task_type": "multiple-choice",
    "metric": "accuracy",
    "track": "concepts",
}
OURS = {"question": "What holds soup?", "truth": "1", "metric": "accuracy"}


def read(folder: Path, *lines: dict[str, Any] | str | bytes) -> tuple[Asked, ...]:
    written = [json.dumps(line) if isinstance(line, dict) else line for line in lines]
    coded = [line if isinstance(line, bytes) else line.encode() for line in written]
    (folder / "questions.jsonl").write_bytes(b"\n".join(coded))
    return read_questions(folder / "questions.jsonl")


def test_the_competitions_lines(tmp_path: Path) -> None:
    (asked,) = read(tmp_path, THEIRS)
    assert (asked.truth, asked.metric, asked.kind) == (
        Label("1"),
        Metric.ACCURACY,
        Task.MULTIPLE_CHOICE,
    )
    assert (asked.task_name, asked.track) == ("task99", "concepts")
    # Its type is the scorer's to know: the pipeline reads it from the question.
    assert asked.request() == AnswerRequest(THEIRS["input_field"])


def test_our_own_lines(tmp_path: Path) -> None:
    more = {"options": ["fork", "bowl"], "type": "retrieval", "k": 1, "truth": [2]}
    (asked,) = read(tmp_path, OURS | more | {"metric": "hit rate@3"})
    assert asked.request() == AnswerRequest(
        "What holds soup?", task=Task.RETRIEVAL, options=("fork", "bowl"), k=1
    )
    assert asked.truth == Ids((2,))


def test_the_type_may_be_left_to_the_metric(tmp_path: Path) -> None:
    plain, auto, _ = read(tmp_path, OURS, OURS | {"type": "auto"}, THEIRS)
    assert (plain.kind, plain.type) == (auto.kind, auto.type) == (Task.MULTIPLE_CHOICE, None)


@pytest.mark.parametrize(
    ("metric", "written", "truth"),
    [
        ("accuracy", 3, Label("3")),
        ("accuracy", "3", Label("3")),
        ("accuracy", 3.0, Label("3")),
        ("accuracy", "B", Label("B")),
        ("hit rate@3", [4, 3], Ids((4, 3))),
        ("hit rate@3", "[4, 3]", Ids((4, 3))),
        ("hit rate@3", "4, 3", Ids((4, 3))),
        ("hit rate@3", 4, Ids((4,))),
        ("ndcg", [0.01, 1, 0], Weights((0.01, 1.0, 0.0))),
        ("ndcg", "[0.01, 1.0, 0]", Weights((0.01, 1.0, 0.0))),
        ("micro f1", ["wool", "red"], Texts(("wool", "red"))),
        ("micro f1", '["wool", "red"]', Texts(("wool", "red"))),
        ("micro f1", "wool, red", Texts(("wool", "red"))),
        ("rougel", "cute for the price", Texts(("cute for the price",))),
        ("bleu", "[Pack of 2] cap", Texts(("[Pack of 2] cap",))),
        ("sent-transformer", ["a cap", "a hat"], Texts(("a cap", "a hat"))),
        ("Micro F1", "wool", Texts(("wool",))),
    ],
)
def test_truths(tmp_path: Path, metric: str, written: object, truth: Truth) -> None:
    (asked,) = read(tmp_path, OURS | {"metric": metric, "truth": written})
    assert asked.truth == truth


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("{", "it is not JSON"),
        ("[1]", "not a JSON object"),
        (b'{"question": "\xff"}', "utf-8"),
        ("[" * 100_000, ""),
        ({"question": "What?"}, "no 'metric'"),
        ({"metric": "accuracy", "truth": 1}, "no 'question'"),
        ({"question": "What?", "metric": "accuracy"}, "no 'truth'"),
        (OURS | {"question": " "}, "must be text"),
        (OURS | {"metric": "charm"}, "no metric is called 'charm'"),
        (OURS | {"type": "riddle"}, "no type of question is called 'riddle'"),
        (OURS | {"type": ["ranking"]}, "no type of question"),
        (THEIRS | {"task_type": "riddle"}, "no type of question"),
        (OURS | {"options": "fork"}, "options must be a list"),
        (OURS | {"k": 0}, "k must be"),
        (OURS | {"truth": True}, "no label"),
        (OURS | {"truth": []}, "no label"),
        (OURS | {"metric": "hit rate@3", "truth": []}, "whole numbers"),
        (OURS | {"metric": "hit rate@3", "truth": [1, 1]}, "none twice"),
        (OURS | {"metric": "hit rate@3", "truth": [1.5]}, "whole numbers"),
        (OURS | {"metric": "hit rate@3", "truth": "[1"}, "is not a list"),
        (OURS | {"metric": "hit rate@3", "truth": "one"}, "no number"),
        (OURS | {"metric": "ndcg", "truth": [1, -1]}, "no number from 0 up"),
        (OURS | {"metric": "ndcg", "truth": [1e400]}, "no number from 0 up"),
        (OURS | {"metric": "ndcg", "truth": [1000]}, "none of them above"),
        (OURS | {"metric": "ndcg", "truth": [10**400]}, "no number"),
        (OURS | {"metric": "micro f1", "truth": []}, "must be text"),
        (OURS | {"metric": "rougel", "truth": None}, "must be text"),
    ],
)
def test_a_bad_line_is_named_by_its_number(
    tmp_path: Path, bad: dict[str, Any] | str | bytes, why: str
) -> None:
    with pytest.raises(BadInput, match="line 3 is not a question") as told:
        read(tmp_path, THEIRS, "", bad)
    assert why in told.value.message


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no questions"):
        read(tmp_path, "", "  ")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    line = json.dumps(OURS).encode()
    assert len(read(tmp_path, b"\xef\xbb\xbf" + line + b"\r", line + b"\r", b"\r")) == 2


def test_the_same_question_has_the_same_digest_wherever_it_stands(tmp_path: Path) -> None:
    first, again, other = read(tmp_path, OURS, OURS | {"truth": 2}, OURS | {"k": 2})
    assert first.digest == again.digest != other.digest
    assert (first.line, again.line, other.line) == (1, 2, 3)


def test_the_competitions_own_sample_is_read(shared_data: Path) -> None:
    asked = read_questions(shared_data / "shopbench" / "sample.jsonl")
    assert len(asked) == 24
    assert {each.kind for each in asked} == set(Task)
