"""Folders that hold a model: whole checkpoints, and adapters that stand on one.

Only safetensors are read: a pickled file may do anything when it is opened.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from service.engines.made_model import ADAPTER_CONFIG, CONFIG
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.weight_parts import INDEX, WEIGHTS, weight_parts
from service.errors import BadInput

INCOMPLETE: Final = "It may be incomplete: copy it again."

_WITH_TOKENIZER: Final = (
    "A model's folder holds tokenizer.json and tokenizer_config.json: copy them there as they were"
    " published."
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A whole model in a folder, as it was published or as a step wrote it."""

    folder: Path
    architecture: str
    config: dict[str, Any]
    tokenizer: ChatTokenizer

    @property
    def name(self) -> str:
        """How figures and receipts call it."""
        return self.folder.resolve().name

    @property
    def quantised(self) -> str | None:
        """The method its weights were quantised by, if they were."""
        how = self.config.get("quantization_config")
        return str(how.get("quant_method", "unknown")) if how else None

    @property
    def context(self) -> int | None:
        """Tokens that it can read, if it says so; of one that sees as well its text part does."""
        name = "max_position_embeddings"
        said = (self.config.get("text_config") or {}).get(name, self.config.get(name))
        return None if said is None else int(said)


def checkpoint_in(folder: Path) -> Checkpoint:
    """The checkpoint of a folder; BadInput if there is none that can be read safely."""
    config = read_json(folder / CONFIG, folder)
    names = config.get("architectures") or ["unknown"]
    # By these names alone: where others lie, libraries take a pickled file beside them.
    if not any((folder / name).is_file() for name in (WEIGHTS, INDEX)):
        raise BadInput(
            f"{folder} has no weights in safetensors: neither {WEIGHTS} nor {INDEX}.",
            hint="Other formats are not opened: convert the checkpoint first.",
        )
    weight_files(folder)
    tokenizer = ChatTokenizer(folder, folder.resolve().name, hint=_WITH_TOKENIZER)
    return Checkpoint(folder, str(names[0]), config, tokenizer)


def weight_files(folder: Path) -> list[Path]:
    """The files that a checkpoint is read from; others may hold the same weights once more."""
    try:
        return [folder / name for name in weight_parts(folder)]
    except ValueError as error:
        raise BadInput(f"{error}.", hint=INCOMPLETE) from error


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter instead of a whole model."""
    return (folder / ADAPTER_CONFIG).is_file()


def refuse_quantised(checkpoint: Checkpoint, hint: str) -> None:
    """BadInput where weights are in few bits already; the hint says what to name instead."""
    if checkpoint.quantised:
        raise BadInput(f"{checkpoint.folder} is quantised ({checkpoint.quantised}).", hint=hint)


def refuse_other_tokenizer(one: Checkpoint, other: Checkpoint) -> None:
    """BadInput unless both cut texts into the same tokens and call them the same."""
    if one.tokenizer.sha256 != other.tokenizer.sha256:
        raise BadInput(
            f"The tokenizers of {one.folder} and {other.folder} differ.",
            hint="A model is made of others only where they spell alike: take a checkpoint of the"
            " same family, with its tokenizer.json as it was published.",
        )


def read_json(path: Path, folder: Path) -> dict[str, Any]:
    """The JSON object of one of a model's files; BadInput where there is none."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _no_model(path, folder) from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", hint=INCOMPLETE) from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is not JSON: {error}", hint=INCOMPLETE) from error
    if not isinstance(found, dict):
        raise BadInput(f"{path} is no JSON object.", hint=INCOMPLETE)
    return found


def _no_model(lacking: Path, folder: Path) -> BadInput:
    if lacking.name == CONFIG and is_adapter(folder):
        return BadInput(
            f"{folder} is an adapter, and a whole model is needed here.",
            hint="Merge it into its parent first: `python -m models.merge adapter`.",
        )
    return BadInput(
        f"{folder} holds no model: there is no {lacking.name}.",
        hint="Name a folder in the layout of Hugging Face's transformers.",
    )
