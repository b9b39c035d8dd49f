"""What an exported encoder is: a frozen description beside its files, checked when it is loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from service.errors import DamagedArtifact

MODEL_FILE: Final = "model.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
MANIFEST_FILE: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class EncoderManifest:
    """Name and shape of an encoder, and the SHA-256 of each of its files."""

    name: str
    dimension: int
    max_tokens: int
    files: Mapping[str, str]


def write_manifest(folder: Path, name: str, dimension: int, max_tokens: int) -> None:
    """Describe the files now in the folder; written last, so a half-made folder has none."""
    files = {file: _sha256(folder / file) for file in (MODEL_FILE, TOKENIZER_FILE)}
    manifest = EncoderManifest(name, dimension, max_tokens, files)
    text = json.dumps(asdict(manifest), indent=2) + "\n"
    (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> EncoderManifest:
    """The manifest of a folder whose files are as they were written; DamagedArtifact otherwise."""
    try:
        manifest = _parse((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        altered = [
            file
            for file in (MODEL_FILE, TOKENIZER_FILE)
            if _sha256(folder / file) != manifest.files[file]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}") from error
    if altered:
        raise _damaged(folder, f"altered: {', '.join(altered)}")
    return manifest


def _parse(text: str) -> EncoderManifest:
    fields = json.loads(text)
    return EncoderManifest(
        name=str(fields["name"]),
        dimension=int(fields["dimension"]),
        max_tokens=int(fields["max_tokens"]),
        files=dict(fields["files"]),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(folder: Path, what: str) -> DamagedArtifact:
    return DamagedArtifact(
        f"The sentence encoder in {folder} cannot be used ({what}).",
        hint="Delete the folder: it is made again at the next start.",
    )
