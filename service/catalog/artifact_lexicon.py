"""The lexicon and its frame as files."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Final

from service.catalog.artifact_files import map_array, map_json, reading, save_array, save_json
from service.steering.lexicon import Frame, Lexicon

FRAME_FILE: Final = "frame.json"

_FOLDER: Final = "lexicon"


def save_lexicon(folder: Path, lexicon: Lexicon, frame: Frame) -> None:
    """Write each array of the lexicon, and the frame."""
    for name, array in lexicon.arrays().items():
        save_array(folder / _FOLDER / f"{name}.npy", array)
    save_json(folder / FRAME_FILE, {"labels": frame.labels, "end": frame.end})


def map_lexicon(folder: Path) -> Lexicon:
    """The lexicon, mapped."""
    names = [field.name for field in fields(Lexicon)]
    return Lexicon.from_arrays(
        {name: map_array(folder / _FOLDER / f"{name}.npy") for name in names}
    )


def read_frame(folder: Path) -> Frame:
    """The frame."""
    value = map_json(folder / FRAME_FILE)
    with reading(folder / FRAME_FILE):
        return Frame(tuple(tuple(label) for label in value["labels"]), int(value["end"]))
