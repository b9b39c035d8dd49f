"""The options of Redis as it is deployed: what is measured here is what is run there."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parents[2] / "deploy" / "redis" / "redis.conf"
NOT_HERE: Final = frozenset({"dir", "include"})
"""Where the data lie, and the password, which come with a deployment."""


def redis_options(file: Path = FILE) -> tuple[str, ...]:
    """What a file says of Redis, as arguments of its command."""
    words: list[str] = []
    for line in file.read_text("utf-8").splitlines():
        match shlex.split(line, comments=True):
            case [name, *values] if name not in NOT_HERE:
                words += [f"--{name}", *values]
    return tuple(words)
