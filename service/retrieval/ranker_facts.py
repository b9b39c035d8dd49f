"""What a ranker is, as frozen data in its manifest, sealed so that any change to it shows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from service.errors import DamagedArtifact
from service.modelfolder import MANIFEST, read_manifest, write_manifest
from service.retrieval.ranker_json import (
    UNREADABLE,
    array,
    count,
    fields,
    name,
    number,
    numbers,
    parsed,
    share,
)
from service.retrieval.sasrec_net import Shape

FORMAT: Final = 2
"""Raise it whenever the files change in shape or meaning."""

VERSION: Final = re.compile(r"r[0-9a-f]{12}")
"""What a version, and its folder, is called: a hash of all that it holds."""

WEIGHTS_FILE: Final = "sasrec.safetensors"
IDS_FILE: Final = "ids.json"
TUNING_FILE: Final = "tuning.json"
INDEX_FILE: Final = "index.faiss"
"""Only where there are too many items to score them all."""

RETRAIN: Final = "Train it again with `listwright train`."

LAST: Final = "last"
"""What the users who were asked about met last, of the histories that it was trained on."""

ELSEWHERE: Final = "elsewhere"
"""Nothing of those histories: what it was judged by is in no catalogue that it serves."""

_STAMPS: Final = ("version", "created_at", "checksum")


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to know about a ranker without loading it."""

    catalogue: str
    """The version of the catalogue it was trained on."""
    ids_sha256: str
    shape: Shape
    config: Mapping[str, float]
    """What it was trained with."""
    epochs: int
    """How many it was trained for; the weights are those of the best."""
    best_epoch: int
    losses: tuple[float, ...]
    """The training loss of each epoch."""
    ndcg: float
    """NDCG@10 on validation data."""
    hr: float
    """HR@10 on validation data."""
    held: str = LAST
    """What was held back from training, to judge it by: tuning must ask about the same."""


def ids_digest(ids: Sequence[str]) -> str:
    """A digest by which two rankers can be seen to know the same items."""
    return hashlib.sha256(json.dumps(list(ids)).encode()).hexdigest()


def seal(folder: Path, facts: Facts) -> str:
    """Write the manifest of the files now in the folder; the version they make."""
    content = {"format": FORMAT, **asdict(facts)}
    files = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    version = _version(content | {"files": files})
    stamped = content | {
        "version": version,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    checksum = _digest(stamped | {"files": files})
    write_manifest(folder, stamped | {"checksum": checksum})
    return version


def read_facts(folder: Path) -> tuple[str, Facts]:
    """Version and facts; DamagedArtifact unless folder and files are exactly what was sealed."""
    try:
        manifest = read_manifest(folder)
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        return _checked(manifest, text)
    except DamagedArtifact as error:
        raise DamagedArtifact(error.message, hint=RETRAIN) from error
    except (*UNREADABLE, KeyError, TypeError) as error:
        message = f"the ranker in {folder} cannot be used ({error})"
        raise DamagedArtifact(message, hint=RETRAIN) from error


def _checked(manifest: dict[str, Any], text: str) -> tuple[str, Facts]:
    if manifest["format"] != FORMAT:
        raise ValueError(f"it is of format {manifest['format']}, and {FORMAT} is read here")
    unsummed = {key: value for key, value in manifest.items() if key != "checksum"}
    content = {key: value for key, value in manifest.items() if key not in _STAMPS}
    if (
        json.dumps(parsed(text), indent=2) + "\n" != text
        or manifest["checksum"] != _digest(unsummed)
        or manifest["version"] != _version(content)
    ):
        raise ValueError("its manifest is not as it was written")
    missing = {WEIGHTS_FILE, IDS_FILE, TUNING_FILE} - manifest["files"].keys()
    if missing:
        raise ValueError(f"it has no {min(missing)}")
    return name(manifest["version"]), _facts(content)


def _facts(content: Mapping[str, Any]) -> Facts:
    names = Facts.__dataclass_fields__
    found = fields(dict(content), "format", "files", *names)
    shape = fields(found["shape"], *Shape.__dataclass_fields__)
    readers: dict[str, Callable[[Any], Any]] = {
        "catalogue": name,
        "ids_sha256": name,
        "shape": lambda _: Shape(**{part: count(size) for part, size in shape.items()}),
        "config": numbers,
        "epochs": count,
        "best_epoch": count,
        "losses": lambda losses: tuple(map(number, array(losses))),
        "ndcg": share,
        "hr": share,
        "held": _held,
    }
    return Facts(**{part: read(found[part]) for part, read in readers.items()})


def _held(value: object) -> str:
    if value not in (LAST, ELSEWHERE):
        raise ValueError(f"nothing is held back as {value!r}")
    return str(value)


def _version(content: Mapping[str, Any]) -> str:
    return f"r{_digest(content)[:12]}"


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
