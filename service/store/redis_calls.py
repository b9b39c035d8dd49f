"""What is said to Redis: its own commands, and scripts of ours, each for keys of one place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

Command: TypeAlias = tuple[str | int, ...]

NAMES: Final[Mapping[str, str]] = {"DEL": "delete"}
"""Where Redis' own name is not the word."""


@dataclass(frozen=True)
class Script:
    """What Redis does in one go; it remembers scripts by their digest until it is restarted."""

    name: str
    """As it is called where its calls are told."""
    text: str
    again: bool = True
    """Whether it may be said a second time where the first one may have been heard."""

    @cached_property
    def digest(self) -> str:
        """By which it is called."""
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Call:
    """A script, for the keys of one user."""

    script: Script
    keys: Sequence[str]
    values: Sequence[str | int] = ()

    @property
    def name(self) -> str:
        """What it is told as."""
        return self.script.name

    @property
    def key(self) -> str:
        """By which a cluster finds the place; the others lie there as well."""
        return self.keys[0]

    @property
    def again(self) -> bool:
        """Whether it may be said a second time where the first one may have been heard."""
        return self.script.again

    @property
    def command(self) -> Command:
        """As Redis takes it where it knows the script."""
        return ("EVALSHA", self.script.digest, len(self.keys), *self.keys, *self.values)

    @property
    def whole(self) -> Command:
        """As Redis takes it in any case."""
        return ("EVAL", self.script.text, len(self.keys), *self.keys, *self.values)


@dataclass(frozen=True, slots=True)
class Plain:
    """A command that Redis has of its own, for one key; most come to the same twice."""

    command: Command
    again: bool = True
    """Whether it may be said a second time where the first one may have been heard."""

    @property
    def name(self) -> str:
        """What it is told as."""
        return NAMES.get(str(self.command[0]), str(self.command[0]).lower())

    @property
    def key(self) -> str:
        """By which a cluster finds the place."""
        return str(self.command[1])

    @property
    def whole(self) -> Command:
        """There is no other way to say it."""
        return self.command
