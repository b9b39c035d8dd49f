"""What an artifact is, as frozen data beside its files, and whether the files are still that."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from service.catalog.artifact_files import UNREADABLE
from service.errors import DamagedArtifact

FORMAT: Final = 2
"""Raise it whenever the files change in shape or meaning: versions and loading depend on it."""

VERSION: Final = re.compile(r"c[0-9a-f]{12}")
"""What a version, and the folder of its artifact, is called."""

MANIFEST_FILE: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class TokenizerEntry:
    """Whose tokens the lexicon is made of, and how many a title may and does take."""

    name: str
    sha256: str
    limit: int
    longest: int


@dataclass(frozen=True, slots=True)
class EncoderEntry:
    """Whose vectors the embeddings are."""

    name: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of everything there is; `renamed` titles are not spelled as they stand."""

    items: int
    categories: int
    users: int
    events: int
    renamed: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What a file must be."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of a catalogue."""

    version: str
    created_at: str
    counts: Counts
    tokenizer: TokenizerEntry
    encoder: EncoderEntry | None
    files: Mapping[str, FileEntry]
    format: int = FORMAT

    def text(self) -> str:
        """As it is written: with a checksum, so that damage to the manifest shows too."""
        fields = asdict(self)
        digest = hashlib.sha256(_canonical(fields).encode()).hexdigest()
        return _canonical(fields | {"checksum": digest})


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, with an entry for every file now in the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    entries = {
        path.relative_to(folder).as_posix(): FileEntry(path.stat().st_size, _sha256(path))
        for path in paths
    }
    text = replace(manifest, files=entries).text()
    (folder / MANIFEST_FILE).write_text(text, "utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an artifact; DamagedArtifact unless it is exactly what was written."""
    path = folder / MANIFEST_FILE
    try:
        text = path.read_text("utf-8")
        fields = json.loads(text)
        found = fields["format"]
        manifest = _parsed(fields) if found == FORMAT else None
    except FileNotFoundError as error:
        raise DamagedArtifact(f"{folder} is not a built catalogue: it has no manifest") from error
    except (*UNREADABLE, AttributeError) as error:
        raise DamagedArtifact(f"{path} is damaged: {error}") from error
    if manifest is None:
        raise DamagedArtifact(f"{path} is of format {found}; this Listwright reads {FORMAT}")
    if manifest.text() != text:
        raise DamagedArtifact(f"{path} is damaged: its checksum does not fit")
    return manifest


def check_files(folder: Path, manifest: Manifest, *, hashes: bool) -> None:
    """DamagedArtifact if a file is missing or not as it was written; `hashes` reads all of it."""
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise DamagedArtifact(f"{path} is missing")
        size = path.stat().st_size
        if size != entry.bytes:
            raise DamagedArtifact(f"{path} is damaged: {size} bytes, {entry.bytes} were written")
    if not hashes:
        return
    # One after another: Python waits at its end for a pool's threads, and a mount may hang.
    for name, entry in manifest.files.items():
        if _sha256(folder / name) != entry.sha256:
            raise DamagedArtifact(f"{folder / name} is damaged: its SHA-256 is not the manifest's")


def check_tokenizer(manifest: Manifest, name: str, sha256: str) -> None:
    """DamagedArtifact if the lexicon was made for another tokenizer than the engine's."""
    built = manifest.tokenizer
    if sha256 != built.sha256:
        raise DamagedArtifact(
            f"catalogue {manifest.version} was built for the tokenizer {built.name}"
            f" (SHA-256 {built.sha256[:12]}), but the engine's is {name}"
            f" (SHA-256 {sha256[:12]})",
            hint="Build the catalogue again for this engine with `listwright build`,"
            " or start the engine it was built for.",
        )


def _parsed(fields: dict[str, Any]) -> Manifest:
    encoder = fields["encoder"]
    return Manifest(
        version=fields["version"],
        created_at=fields["created_at"],
        counts=Counts(**fields["counts"]),
        tokenizer=TokenizerEntry(**fields["tokenizer"]),
        encoder=EncoderEntry(**encoder) if encoder else None,
        files={name: FileEntry(**entry) for name, entry in fields["files"].items()},
    )


def _canonical(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DamagedArtifact(f"{path} cannot be read: {error.strerror}") from error
