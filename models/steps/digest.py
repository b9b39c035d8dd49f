"""Digests of what goes into a step: files, and folders that a step made."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from service.errors import DamagedArtifact
from service.modelfolder import MANIFEST, read_manifest
from service.retrieval.ranker_facts import WEIGHTS_FILE

_HINT: Final = "Copy the folder anew as a whole, or make it again."


def digest_of(path: Path) -> str:
    """Of a file its content's; of a folder that of the files its manifest names, else of them all.

    All of it is read: DamagedArtifact where a file is not as the manifest says, for the digest
    would be that of another model.
    """
    if path.is_file():
        return _of_file(path)
    if said := said_digest(path):
        manifest_of(path)
        return said
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file():
            digest.update(f"{file.relative_to(path)} {_of_file(file)}\n".encode())
    return digest.hexdigest()


def manifest_of(folder: Path) -> dict[str, Any]:
    """What is told of a folder; DamagedArtifact where a file is not as its manifest says.

    Nothing makes such a folder again by itself: it may be a person's own data.
    """
    return read_manifest(folder, _HINT)


def ranker_digest(version: Path) -> str:
    """Of the folder of a ranker's version its weights': a tuning beside them makes it no other."""
    return digest_of(version / WEIGHTS_FILE)


def said_digest(folder: Path) -> str | None:
    """The digest of a folder if its files are as its manifest says: at once, for none is read.

    None where there is no manifest, or it is not one of ours.
    """
    files = _as_written(folder)
    # Wherever the folder stands, and however long it took to make.
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest() if files else None


def _as_written(folder: Path) -> dict[str, Any]:
    """The files of a manifest, unaltered; none where there is none, or it is not one of ours."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return {}
    try:
        said = json.loads(manifest.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedArtifact(f"{manifest} is not JSON: {error}", hint=_HINT) from error
    files = said.get("files") if isinstance(said, dict) else None
    return files if isinstance(files, dict) else {}


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
