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


def lexicon_files() -> tuple[str, ...]:
    """The files of the lexicon's arrays, as the manifest names them."""
    return tuple(f"{_FOLDER}/{field.name}.npy" for field in fields(Lexicon))


def map_lexicon(folder: Path) -> Lexicon:
    """The lexicon, mapped."""
    return Lexicon.from_arrays(
        {Path(name).stem: map_array(folder / name) for name in lexicon_files()}
    )


def read_frame(folder: Path) -> Frame:
    """The frame."""
    value = map_json(folder / FRAME_FILE)
    with reading(folder / FRAME_FILE):
        return Frame(tuple(tuple(label) for label in value["labels"]), int(value["end"]))
