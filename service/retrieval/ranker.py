"""The ranker: a trained SASRec with its tuning, as an immutable version beside the catalogue.

Versions stand side by side in one folder, and `CURRENT` names the one that is meant. Nothing is
loaded but safetensors, JSON and an index, each of which is first held against its checksum.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import faiss
from safetensors import SafetensorError
from safetensors.numpy import load_file

from service.errors import DamagedArtifact
from service.modelfolder import MANIFEST
from service.retrieval.index import EXACT_ROWS, load_index
from service.retrieval.ranker_facts import (
    IDS_FILE,
    INDEX_FILE,
    RETRAIN,
    TUNING_FILE,
    VERSION,
    WEIGHTS_FILE,
    Facts,
    ids_digest,
    read_facts,
)
from service.retrieval.ranker_json import UNREADABLE, array, name, parsed
from service.retrieval.sasrec_net import Net
from service.retrieval.tuning_file import read_tuning
from service.tuning import Tuning
from service.versions import CURRENT_FILE

FOLDER: Final = "ranker"
"""Beside the versions of a catalogue."""

READABLE: Final = "Check that the folder can be read by whoever runs this."


@dataclass(frozen=True, slots=True, eq=False)
class Ranker:
    """One version, loaded. Read-only, and safe to share between threads."""

    version: str
    facts: Facts
    ids: tuple[str, ...]
    """The id of each item that the net knows."""
    net: Net
    tuning: Tuning
    index: faiss.Index | None
    """Over the items' vectors, where there are too many to score them all."""


def ranker_root(catalogue: Path) -> Path:
    """Where the rankers of a catalogue are: beside its versions, whichever of both is named."""
    is_version = (catalogue / MANIFEST).exists()
    return (catalogue.resolve().parent if is_version else catalogue) / FOLDER


def current_version(root: Path) -> str:
    """The version that CURRENT names; DamagedArtifact if it names none."""
    pointer = root / CURRENT_FILE
    try:
        if pointer.is_fifo():
            # Whoever opened it would wait for good.
            raise DamagedArtifact(f"{pointer} is damaged: it is no file", hint=RETRAIN)
        version = pointer.read_text("ascii").removesuffix("\n")
    except FileNotFoundError as error:
        raise DamagedArtifact(f"there is no ranker in {root}", hint=RETRAIN) from error
    except UNREADABLE as error:
        raise DamagedArtifact(f"{pointer} cannot be read: {error}", hint=RETRAIN) from error
    if not VERSION.fullmatch(version):
        raise DamagedArtifact(f"{pointer} is damaged: it names no version", hint=RETRAIN)
    return version


def load_ranker(path: Path) -> Ranker:
    """A version from its folder, or the current one from the folder of all versions.

    DamagedArtifact if anything of it is not as it was published.
    """
    if _is_version(path):
        return _load(path)
    version = current_version(path)
    ranker = _load(path / version)
    if ranker.version != version:
        message = f"{path / version} holds ranker {ranker.version}"
        raise DamagedArtifact(message, hint=RETRAIN)
    return ranker


def _is_version(path: Path) -> bool:
    try:
        return (path / MANIFEST).exists()
    except OSError as error:
        message = f"the ranker in {path} cannot be read: {error}"
        raise DamagedArtifact(message, hint=READABLE) from error


def _load(folder: Path) -> Ranker:
    version, facts = read_facts(folder)
    try:
        return Ranker(
            version=version,
            facts=facts,
            ids=_ids(folder / IDS_FILE, facts),
            net=Net(facts.shape, load_file(folder / WEIGHTS_FILE)),
            tuning=read_tuning(folder / TUNING_FILE),
            index=_index(folder / INDEX_FILE, facts),
        )
    except DamagedArtifact as error:
        raise DamagedArtifact(error.message, hint=RETRAIN) from error
    except (*UNREADABLE, SafetensorError) as error:
        message = f"the ranker in {folder} cannot be used ({error})"
        raise DamagedArtifact(message, hint=RETRAIN) from error


def _ids(path: Path, facts: Facts) -> tuple[str, ...]:
    ids = tuple(name(one) for one in array(parsed(path.read_text("utf-8"))))
    if len(ids) != facts.shape.items or len(set(ids)) < len(ids):
        raise ValueError(f"{IDS_FILE} does not name each of {facts.shape.items} items once")
    if ids_digest(ids) != facts.ids_sha256:
        raise ValueError(f"{IDS_FILE} names other items than the manifest")
    return ids


def _index(path: Path, facts: Facts) -> faiss.Index | None:
    if facts.shape.items <= EXACT_ROWS:
        return None
    index = load_index(path)
    if (index.ntotal, index.d) != (facts.shape.items, facts.shape.dimension):
        raise ValueError(f"{INDEX_FILE} is over {index.ntotal} vectors of {index.d}")
    return index
