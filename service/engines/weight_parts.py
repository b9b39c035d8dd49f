"""Which files the weights of a checkpoint are read from: safetensors beside it, and no others.

An index may name any file, which would be opened as what it is called: a pickled one may do
anything then.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

WEIGHTS: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
"""In place of the weights, where they are in several files: which holds what."""


def weight_parts(folder: Path) -> list[str]:
    """Names of files that are there; ValueError says what is wrong with those that are named."""
    if (folder / WEIGHTS).is_file():
        return [WEIGHTS]
    index = folder / INDEX
    named = _named(index)
    for name in named:
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise ValueError(f"{index} names {name}, which is no safetensors file there")
        if not (folder / name).is_file():
            raise ValueError(f"{folder} lacks {name}, which {INDEX} names")
    return named


def _named(index: Path) -> list[str]:
    try:
        said = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{index} cannot be read ({error})") from error
    parts = said.get("weight_map") if isinstance(said, dict) else None
    if not isinstance(parts, dict) or not parts:
        raise ValueError(f"{index} says of no file what it holds")
    return sorted(set(map(str, parts.values())))
