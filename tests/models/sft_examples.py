"""A few examples to tune a tiny model with, in milliseconds a step."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from models.sft.choices import Tuning
from models.sft.data.example import Example, Wanted, write_examples
from models.sft.data.parts import TRAIN, VALIDATION
from service.domain import Prompt

KILLED: Final = Path(__file__).with_name("sft_killed.py")


def example(number: int) -> Example:
    """A list of two."""
    prompt = Prompt("1", "You recommend.", f"I like film {number}.")
    wanted = Wanted(k=2, history=("a",), target="b")
    return Example.of_list("I0", prompt, (f"Film {number + 1}", f"Book {number % 3}"), wanted)


def data_in(
    folder: Path, train: Iterable[int] = range(14), validation: Iterable[int] = range(30, 33)
) -> Path:
    """A folder of both parts."""
    folder.mkdir(parents=True)
    write_examples(folder / TRAIN, map(example, train))
    write_examples(folder / VALIDATION, map(example, validation))
    return folder


def choices(**other: Any) -> Tuning:
    """Six steps of 2 examples, less than an epoch, unless told otherwise."""
    usual = {
        "steps": 6,
        "learning_rate": 5e-3,
        "warmup": 0.0,
        "evaluate_every": 3,
        "keep_every": 2,
        "precision": "float32",
    }
    return Tuning(**(usual | other))


def config_in(folder: Path, chosen: Tuning) -> Path:
    """A file of choices, for a command line."""
    config = folder / "how.toml"
    values = chosen.model_dump().items()
    config.write_text("\n".join(f"{name} = {json.dumps(one)}" for name, one in values))
    return config
