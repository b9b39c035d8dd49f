"""What sets the weights of models apart, whatever people call them and wherever they lie."""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where a model lies in a folder

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from models.evaluate.compare.candidates import Candidate, Kind
from models.steps.digest import digest_of
from service.engines.local.convert import NAME


def weights_of(candidate: Candidate, options: Sequence[str]) -> str:
    """What sets a model's weights apart, and with which options a vLLM was told to read them."""
    if candidate.folder is None:
        return candidate.url or NAME
    from models.llm.adapters import parent_of
    from models.llm.checkpoint import is_adapter

    folders = [candidate.folder]
    if is_adapter(candidate.folder):
        folders.append(parent_of(candidate.folder, candidate.base).folder)
    read = options if candidate.kind is Kind.SERVED else ()
    return " ".join([*map(digest_of, folders), *read])


def served_name(candidate: Candidate, options: Sequence[str]) -> str:
    """What a vLLM of its own calls it: no other weights, and none read otherwise, are called so.

    What is learnt of a model is kept under the name that its engine says.
    """
    told = hashlib.sha256(weights_of(candidate, options).encode()).hexdigest()
    return f"{candidate.name}@{told[:12]}"
