"""The Dockerfile as it stands: its stages, and what each of their lines says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dockerfile_parse import DockerfileParser
from ground import REPOSITORY

DOCKERFILE = REPOSITORY / "Dockerfile"


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction."""

    word: str
    value: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.value)


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands below a FROM."""

    name: str
    base: str
    """Another stage, or an image from elsewhere."""
    lines: list[Line] = field(default_factory=list)

    def last(self, word: str) -> str | None:
        said = [line.value for line in self.lines if line.word == word]
        return said[-1] if said else None


def stages(path: Path = DOCKERFILE) -> dict[str, Stage]:
    """All of them, by name, in their order."""
    found: dict[str, Stage] = {}
    arguments: dict[str, str] = {}
    for line in _lines(path):
        if line.word == "FROM":
            base, _, name = filled(line.value, arguments).partition(" AS ")
            found[name] = Stage(name, base)
        elif not found:
            arguments |= assigned(line.words)
        else:
            list(found.values())[-1].lines.append(line)
    return found


def chain(name: str, among: Mapping[str, Stage]) -> list[Stage]:
    """A stage after those that it is made from."""
    stage = among[name]
    return [*(chain(stage.base, among) if stage.base in among else ()), stage]


def said(name: str, word: str, among: Mapping[str, Stage]) -> str | None:
    """What an instruction says last, in a stage or in those that it is made from."""
    values = [stage.last(word) for stage in chain(name, among)]
    return next((value for value in reversed(values) if value is not None), None)


def environment(
    name: str, among: Mapping[str, Stage], given: Mapping[str, str] = {}
) -> dict[str, str]:
    """What ENV sets up to the end of a stage, over what is there without it."""
    known = dict(given)
    for stage in chain(name, among):
        for line in stage.lines:
            if line.word == "ENV":
                known |= assigned(shlex.split(filled(line.value, known)))
    return known


def filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: known[found[1]], text)


def assigned(words: list[str]) -> dict[str, str]:
    return dict(word.partition("=")[::2] for word in words)


def _lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        parsed: list[dict[str, Any]] = DockerfileParser(fileobj=file).structure
    for each in parsed:
        if each["instruction"] != "COMMENT":
            yield Line(each["instruction"], each["value"])
