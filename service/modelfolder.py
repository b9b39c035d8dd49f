"""Model folders in the cache: converted once, aside, in a process of their own; checked on load.

A converter is a module run as `python -m MODULE FOLDER ...`. It may import torch, which so never
enters the server. The manifest is written last: a folder without one does not count.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from service.errors import BadSettings, DamagedArtifact

MANIFEST: Final = "manifest.json"
TIMEOUT_S: Final = 900

_MADE_AGAIN: Final = "Delete the folder: it is made again at the next start."


def ensure_folder(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, made the first time. Of two processes that make it at once the first wins."""
    folder = folder.absolute()
    if (folder / MANIFEST).exists():
        return folder
    aside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    aside.mkdir(parents=True)
    _sweep(folder)
    try:
        make(aside)
        _place(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _sweep(folder: Path) -> None:
    """Remove what conversions left that were killed: whatever is older than one may take."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        if time.time() - left.stat().st_mtime > 2 * TIMEOUT_S:
            shutil.rmtree(left, ignore_errors=True)


def _place(aside: Path, folder: Path) -> None:
    try:
        aside.rename(folder)
    except OSError:
        if not (folder / MANIFEST).exists():
            raise


def convert(module: str, folder: Path, hint: str, *more: str) -> None:
    """Run a converter quietly; BadSettings with its last line if it fails."""
    root = Path(__file__).resolve().parents[1]  # where `service` can be imported from
    try:
        subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", module, str(folder), *more],
            cwd=root,
            env=os.environ | {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "passive"},
            check=True,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        message = f"{module} took over {TIMEOUT_S} s"
        raise BadSettings(message) from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [f"exit status {error.returncode}"]
        message = f"{module} failed: {lines[-1]}"
        raise BadSettings(message, hint=hint) from error


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Describe the files now in the folder; ValueError if a fact is no JSON, as NaN is none."""
    text = json.dumps({**facts, "files": digests(folder)}, indent=2, allow_nan=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_manifest(folder: Path, hint: str = _MADE_AGAIN) -> dict[str, Any]:
    """The facts of a folder whose files are as they were written; DamagedArtifact otherwise.

    The hint is for folders of the cache: others need another one.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found = digests(folder)
        altered = [name for name, digest in manifest["files"].items() if found[name] != digest]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}", hint) from error
    if altered:
        raise _damaged(folder, f"altered: {', '.join(altered)}", hint)
    return manifest


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file in the folder itself, but for the manifest."""
    paths = (path for path in sorted(folder.iterdir()) if path.name != MANIFEST)
    return {path.name: _sha256(path) for path in paths if path.is_file()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(folder: Path, what: str, hint: str) -> DamagedArtifact:
    return DamagedArtifact(f"{folder} cannot be used ({what})", hint=hint)
