"""Digests of what goes into a step: files, and folders that a step made."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from service.modelfolder import MANIFEST


def digest_of(path: Path) -> str:
    """Of a file its content's; of a folder its manifest's, else that of all its files."""
    if path.is_file():
        return _of_file(path)
    manifest = path / MANIFEST
    if manifest.is_file():
        return _of_manifest(manifest)
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file():
            digest.update(f"{file.relative_to(path)} {_of_file(file)}\n".encode())
    return digest.hexdigest()


def _of_manifest(manifest: Path) -> str:
    """Of the files it names, wherever the folder stands and however long it took to make."""
    files = json.loads(manifest.read_text(encoding="utf-8")).get("files", {})
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
