"""Models that an operator made, as the settings name them: checked before anything opens them.

A folder holds a whole checkpoint, or a LoRA adapter with the path of the model that it stands on.
Only safetensors are read: a pickled file may do anything when it is opened.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from service.engines.weight_parts import INDEX, WEIGHTS, weight_parts
from service.errors import BadSettings
from service.modelfolder import MANIFEST, digests

CONFIG: Final = "config.json"
ADAPTER_CONFIG: Final = "adapter_config.json"
ADAPTER_WEIGHTS: Final = "adapter_model.safetensors"
TOKENIZER: Final = "tokenizer.json"
SPELLING_FILES: Final = (TOKENIZER, "tokenizer_config.json", "chat_template.jinja")
"""What decides which tokens a text becomes."""
TOKENIZER_FILES: Final = (*SPELLING_FILES, "special_tokens_map.json", "generation_config.json")
"""What a checkpoint that is made of another takes over as it is."""
PARENT: Final = "base_model_name_or_path"
"""In an adapter's config: where the model is that it stands on."""

_SETTING: Final = "LISTWRIGHT_ENGINE__MODELS"
_LONG_ENOUGH: Final = 8
"""Hexadecimal digits that tell what one team makes apart."""


@dataclass(frozen=True, slots=True)
class MadeModel:
    """A model in a folder."""

    label: str
    """As the settings call it."""
    folder: Path
    digest: str
    """Of what it is made of: other ones under the same name are another model."""
    parent: Path | None = None
    """Of an adapter: where the model is, or was, that it was trained on."""
    tokenizer: str | None = None
    """SHA-256 of the tokenizer.json beside it."""

    @property
    def name(self) -> str:
        """As receipts and servers call it."""
        return f"{self.label}@{self.digest}"


def made_model(label: str, folder: Path) -> MadeModel:
    """The model of a folder whose files are as they were written; BadSettings otherwise."""
    folder = folder.absolute()
    if not folder.is_dir():
        raise bad(label, f"there is no folder {folder}")
    adapter = (folder / ADAPTER_CONFIG).is_file()
    if not adapter and not (folder / CONFIG).is_file():
        raise bad(label, f"{folder} holds neither {CONFIG} nor {ADAPTER_CONFIG}")
    names = _weights(label, folder, (ADAPTER_WEIGHTS,) if adapter else (WEIGHTS, INDEX))
    found = digests(folder)
    _refuse_altered(label, folder, found)
    counted = (ADAPTER_CONFIG,) if adapter else (CONFIG, *SPELLING_FILES)
    return MadeModel(
        label=label,
        folder=folder,
        digest=short_digest(f"{name} {found.get(name)}" for name in (*counted, *names)),
        parent=_parent(label, folder) if adapter else None,
        tokenizer=found.get(TOKENIZER),
    )


def short_digest(facts: Iterable[str]) -> str:
    """The same for the same facts."""
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:_LONG_ENOUGH]


def described(label: str, path: Path) -> dict[str, Any]:
    """What a file of JSON says of a model."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise bad(label, f"{path} cannot be read ({error})") from error
    if not isinstance(said, dict):
        raise bad(label, f"{path} holds no JSON object")
    return said


def copy_tokenizer(source: Path, target: Path) -> None:
    """Put a tokenizer and chat template beside what was made of their checkpoint.

    As they are, byte for byte: catalogues know a tokenizer by its file.
    """
    for name in TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def bad(label: str, what: str, *, hint: str = "") -> BadSettings:
    """The error for a model that cannot be served."""
    return BadSettings(f"{_SETTING}: {label} cannot be served, {what}", hint=hint)


def _weights(label: str, folder: Path, wanted: tuple[str, ...]) -> list[str]:
    """The files that weights may be read from, and what says which holds what.

    By the wanted names alone: where others lie, libraries take a pickled file beside them.
    """
    there = [name for name in wanted if (folder / name).is_file()]
    if not there:
        raise bad(
            label,
            f"{folder} has no weights in safetensors: no {' and no '.join(wanted)}",
            hint="Other formats are not opened: save the model again with safe_serialization.",
        )
    if ADAPTER_WEIGHTS in there:
        return there
    try:
        weight_parts(folder)
    except ValueError as error:
        raise bad(label, str(error)) from error
    # Those beside the wanted ones count as well: of quantised models all are read.
    return sorted({*there, *(path.name for path in folder.glob("*.safetensors"))})


def _parent(label: str, folder: Path) -> Path:
    config = described(label, folder / ADAPTER_CONFIG)
    if config.get("peft_type") != "LORA":
        raise bad(label, f"{folder} holds an adapter that is no LoRA ({config.get('peft_type')})")
    parent = config.get(PARENT)
    if not isinstance(parent, str) or not parent:
        raise bad(label, f"its {ADAPTER_CONFIG} does not say what it stands on ({PARENT})")
    return Path(parent)


def _refuse_altered(label: str, folder: Path, found: dict[str, str]) -> None:
    """Whoever wrote a manifest beside a model wants to know when it is another."""
    if not (folder / MANIFEST).is_file():
        return
    files = described(label, folder / MANIFEST).get("files")
    written = files if isinstance(files, dict) else {}
    altered = sorted(name for name, digest in written.items() if found.get(name) != digest)
    if altered or not written:
        what = f"altered since: {', '.join(altered)}" if altered else "it names no files"
        raise bad(
            label,
            f"{folder} is not as its {MANIFEST} says ({what})",
            hint="Make the model again, or copy its folder anew as a whole.",
        )
