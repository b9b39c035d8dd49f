"""Question files: JSON lines, each a question, its right answer, and how the two are compared.

Two kinds of line are read, told apart by their fields. The competition's have `input_field`,
`output_field`, `task_type` and `metric`, and perhaps `task_name` and `track`. This project's own
have `question`, `truth` and `metric`, and perhaps `options`, `type` and `k`.

The pipeline is told a `type` and never a `task_type`, for the competition told that to nobody who
answered. `listwright answer --file` reads the same lines and does tell it: what it answers there
may be better than what is scored here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.evaluate.scores import Metric, Truth
from models.evaluate.truths import truth_of
from service.errors import BadInput
from service.question import AnswerRequest, Task

_KINDS: Final = {"named_entity_recognition": Task.ENTITIES, "multiplechoice": Task.MULTIPLE_CHOICE}
_METRICS: Final = {"hit_rate@3": Metric.HIT_RATE, "rouge-l": Metric.ROUGE_L}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its right answer."""

    line: int
    question: str
    truth: Truth
    metric: Metric
    kind: Task
    """Under which heading it is scored; what a pipeline is told is `type`."""
    options: tuple[str, ...] | None = None
    type: Task | None = None
    k: int | None = None
    task_name: str = ""
    track: str = ""

    @property
    def digest(self) -> str:
        """The same for the same question, whatever its place in a file and its truth."""
        parts = [self.question, self.options, self.type, self.k]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]

    def request(self) -> AnswerRequest:
        """The question as it is asked, all else as the pipeline does best."""
        return AnswerRequest(self.question, task=self.type, options=self.options, k=self.k)


def read_questions(path: Path) -> tuple[Asked, ...]:
    """All questions of a file; BadInput with the line's number if one is none."""
    asked = tuple(
        _line(path, number, line)
        for number, line in enumerate(path.read_bytes().split(b"\n"), start=1)
        if line.strip()
    )
    if not asked:
        raise BadInput(f"{path} holds no questions.")
    return asked


def _line(path: Path, number: int, line: bytes) -> Asked:
    try:
        fields = json.loads(line.decode("utf-8-sig"))
        if not isinstance(fields, dict):
            raise ValueError("it is not a JSON object")  # noqa: TRY004, TRY301 - one kind for all
        return _asked(number, fields)
    except (ValueError, RecursionError) as error:
        why = "it is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        raise BadInput(f"{path}, line {number} is not a question: {why}.") from error


def _asked(number: int, fields: Mapping[str, Any]) -> Asked:
    theirs = "input_field" in fields
    metric = _metric(_needed(fields, "metric"))
    stated = fields.get("task_type" if theirs else "type")
    kind = None if stated is None or stated == "auto" else _kind(stated)
    return Asked(
        line=number,
        question=_question(_needed(fields, "input_field" if theirs else "question")),
        truth=truth_of(_needed(fields, "output_field" if theirs else "truth"), metric),
        metric=metric,
        kind=kind or metric.task,
        # The competition tells its type to the scorer, not to whoever answers.
        type=None if theirs else kind,
        options=None if theirs else _options(fields.get("options")),
        k=None if theirs else _k(fields.get("k")),
        task_name=str(fields.get("task_name") or ""),
        track=str(fields.get("track") or ""),
    )


def _needed(fields: Mapping[str, Any], name: str) -> Any:
    if name not in fields:
        raise ValueError(f"it has no {name!r}")
    return fields[name]


def _question(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("the question must be text that is not empty")
    return value


def _metric(value: Any) -> Metric:
    name = str(value).strip().casefold()
    try:
        return _METRICS.get(name) or Metric(name)
    except ValueError as error:
        known = ", ".join(metric.value for metric in Metric)
        raise ValueError(f"no metric is called {name!r} (there are {known})") from error


def _kind(value: Any) -> Task:
    name = str(value).strip().casefold().replace("-", "_").replace(" ", "_")
    try:
        return _KINDS.get(name) or Task(name)
    except ValueError as error:
        known = ", ".join(Task)
        raise ValueError(f"no type of question is called {name!r} (there are {known})") from error


def _options(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(option, str) for option in value):
        raise ValueError("the options must be a list of texts")
    return tuple(value)


def _k(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ValueError("k must be a whole number above 0")
    return value
