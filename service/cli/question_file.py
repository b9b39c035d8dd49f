"""A file of questions: one JSON object a line, as people and competitions write them.

A line's `task_type` counts as its `type`: whoever wants answers says all that is known. The
evaluator (`models.evaluate.questions`) withholds it from the pipeline, as the competition did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from service.api.question_schema import AnswerBody
from service.errors import BadInput
from service.settings import Settings

ALIASES: Final[Mapping[str, str]] = {"question": "input_field", "type": "task_type"}
"""What else a field of the request may be called."""

TYPES: Final[Mapping[str, str]] = {"named_entity_recognition": "entities"}

FIELDS: Final = frozenset(AnswerBody.model_fields)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that may hold a question."""

    number: int
    raw: bytes
    digest: str
    """Of the line, what is asked of all lines, and who answers: a change makes it another."""

    @property
    def question(self) -> str:
        """A digest of the line alone: the same wherever it stands and whoever answers."""
        return hashlib.sha256(self.raw).hexdigest()

    def told(self) -> dict[str, object]:
        """What an answer says of the line it answers."""
        return {"line": self.number, "digest": self.digest, "question": self.question}


def lines_of(file: Path, wish: Mapping[str, object], settings: Settings) -> list[Line]:
    """The lines of a file that are not blank."""
    wished = json.dumps([wish, _answering(settings)], sort_keys=True).encode()
    raw = file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [
        Line(number, line.strip(), hashlib.sha256(wished + b"\n" + line.strip()).hexdigest())
        for number, line in enumerate(raw, start=1)
        if line.strip()
    ]


def body_of(line: Line, wish: Mapping[str, object]) -> tuple[dict[str, object], object]:
    """The request that a line makes, and its id if it has one; BadInput if it makes none.

    What a line says itself goes before what is asked of all of them. Fields that a request does
    not have, such as the right answer, are passed over.
    """
    said = _object(line.raw)
    named = {
        field: said[name]
        for field in FIELDS
        for name in (field, ALIASES.get(field, field))
        if said.get(name) is not None
    }
    if "question" not in named:
        raise BadInput("the line has neither a question nor an input_field")
    if isinstance(kind := named.get("type"), str):
        kind = kind.strip().replace("-", "_").replace(" ", "_")
        named["type"] = TYPES.get(kind, kind)
    return {**wish, **named}, said.get("id")


def _answering(settings: Settings) -> list[object]:
    """What decides how questions are answered, and not only how fast."""
    engine, sidecar = settings.engine, settings.sidecar
    return [
        engine.kind,
        engine.url,
        engine.model,
        str(engine.tokenizer),
        engine.context,
        sidecar.url,
        sidecar.model,
        settings.retrieval.similarity,
        settings.recommend.temperature,
        settings.recommend.default_deadline_ms,
        settings.answer.model_dump(),
    ]


def _object(raw: bytes) -> dict[str, Any]:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the line is not JSON: {error}") from error
    if not isinstance(said, dict):
        raise BadInput("the line is no JSON object")
    return said
