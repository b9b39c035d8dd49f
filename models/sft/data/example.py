"""One example: a prompt as it is served, the answer to learn, and what a list is judged by.

A file of examples has one a line, as JSON. What is written can be read by people, and trained on
by any model: tokens are made of it when training begins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from service.domain import Controls, Intent, Op, Prompt, Share
from service.errors import BadInput

SCHEMA: Final = 1
"""Raised when a field changes in meaning."""

MOST: Final = 1_000
"""Items of a list at most: no settings allow more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list was asked for, by ids of the catalogue: all that a reward needs."""

    k: int
    history: tuple[str, ...]
    """Oldest first, all that is known: a prompt shows the last of them."""
    target: str
    intent: Intent = field(default_factory=Intent)
    """Its controls hold of the list, whether the prompt states them or its words mean them."""


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt and its answer."""

    task: str
    prompt: Prompt
    answer: str
    """Without the token that ends it."""
    titles: tuple[str, ...] = ()
    """Of a list: its lines, as the lexicon spells them. The answer is these, numbered."""
    label: str = ""
    """What examples are selected by."""
    wanted: Wanted | None = None
    """None where no list is asked for."""

    @classmethod
    def of_list(
        cls, task: str, prompt: Prompt, titles: tuple[str, ...], wanted: Wanted, label: str = ""
    ) -> Example:
        """An example whose answer is a list."""
        answer = "".join(f"{line}. {title}\n" for line, title in enumerate(titles, start=1))
        return cls(task, prompt, answer, titles, label or task, wanted)


def is_text(text: str) -> bool:
    """Whether it can be written and said: NUL and half a character are nothing to learn."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def write_examples(path: Path, examples: Iterable[Example]) -> int:
    """Write a file of examples; how many they were."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for example in examples:
            line = {"schema": SCHEMA, **asdict(example)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
    return count


def read_examples(path: Path) -> Iterator[Example]:
    """The examples of a file, as they come; BadInput at a line that is none."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                yield _read(path, number, line)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8: {error}") from error


def _read(path: Path, number: int, line: str) -> Example:
    try:
        return _example(json.loads(line))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadInput(
            f"{path}, line {number} is not an example: {error}",
            hint="Make the file with `python -m models.sft.data`.",
        ) from error


def _example(fields: dict[str, Any]) -> Example:
    if fields["schema"] != SCHEMA:
        raise ValueError(f"it is of schema {fields['schema']}, not {SCHEMA}")
    wanted = fields["wanted"]
    return Example(
        task=_text("task", fields["task"]),
        prompt=Prompt(**{name: _text(name, said) for name, said in fields["prompt"].items()}),
        answer=_said("answer", fields["answer"]),
        titles=tuple(_said("title", title) for title in fields["titles"]),
        label=_text("label", fields["label"]),
        wanted=None if wanted is None else _wanted(wanted),
    )


def _text(name: str, found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError(f"its {name} is no text")
    if not is_text(found):
        raise ValueError(f"its {name} holds NUL or half a character")
    return found


def _said(name: str, found: Any) -> str:
    """What is to be learnt: of nothing a model would learn to say nothing."""
    if not isinstance(found, str) or not found.strip():
        raise ValueError(f"its {name} is no text, or an empty one")
    return _text(name, found)


def _length(found: Any) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= MOST:
        raise ValueError(f"its k is none from 1 to {MOST}")
    return found


def _wanted(fields: dict[str, Any]) -> Wanted:
    intent = fields["intent"]
    controls = intent["controls"]
    return Wanted(
        k=_length(fields["k"]),
        history=tuple(_text("history", item) for item in fields["history"]),
        target=_text("target", fields["target"]),
        intent=Intent(
            text=intent["text"],
            query=intent["query"],
            controls=Controls(
                include=tuple(controls["include"]),
                exclude=tuple(controls["exclude"]),
                shares=tuple(
                    Share(one["category"], Op(one["op"]), one["share"])
                    for one in controls["shares"]
                ),
            ),
        ),
    )
