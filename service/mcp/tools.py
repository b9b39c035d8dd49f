"""Tools as an agent sees them: a name, what it is good for, what it takes, what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from service.mcp.inner import OK, Call, Reply

Schema: TypeAlias = dict[str, Any]
Arguments: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """One of them."""

    name: str
    title: str
    description: str
    takes: Schema
    gives: Schema
    call: Callable[[Arguments], Call]
    """The request to our own route that it stands for."""
    text: Callable[[Any], str]
    """An answer in a few lines, for agents that read no structure."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call."""

    text: str
    answer: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    """One of the two; an error is no answer, and does not fit what the tool says it gives."""


def outcome(tool: Tool, reply: Reply) -> Outcome:
    """As the agent hears of it: an error as the API shows it, and when to ask again."""
    said = json.loads(reply.body)
    if reply.status == OK:
        return Outcome(tool.text(said), answer=said)
    error = said["error"]
    words = f"{error['code']}: {error['message'].removesuffix('.')}. {error['hint']}"
    if reply.retry_after is not None:
        error["retry_after"] = reply.retry_after
    return Outcome(words.rstrip(), error=error)


def without(schema: Schema, *fields: str) -> Schema:
    """A schema that lacks some fields: an agent that is not told of them does not send them."""
    left = {name: part for name, part in schema["properties"].items() if name not in fields}
    return schema | {"properties": left}
