"""Real development questions, where they lie beside the repository."""

from __future__ import annotations

import json
from pathlib import Path

from asking import asked

from service.question import Task

TASKS = {
    "multiple-choice": Task.MULTIPLE_CHOICE,
    "retrieval": Task.RETRIEVAL,
    "ranking": Task.RANKING,
    "generation": Task.GENERATION,
    "named_entity_recognition": Task.ENTITIES,
}
OPTIONS = [0, 4, 15, 0, 0, 4, 4, 0, 0, 10, 4, 4, 4, 4, 4, 4, 5, 10, 15, 5, 5, 4, 0, 4]


def test_every_question_is_read(shared_data: Path) -> None:
    lines = (shared_data / "shopbench" / "sample.jsonl").read_text(encoding="utf-8").splitlines()
    for line, options in zip(lines, OPTIONS, strict=True):
        row = json.loads(line)
        for task in (None, TASKS[row["task_type"]]):
            question = asked(row["input_field"], task=task)
            assert (question.task, len(question.options)) == (TASKS[row["task_type"]], options)
            assert question.stem
            assert question.focus
            assert question.choose == {"retrieval": 3, "ranking": 5}.get(
                row["task_type"], question.choose
            )
            assert all(span in row["input_field"] for span in question.source.splitlines())
