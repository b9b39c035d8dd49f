"""The tensors of a checkpoint one by one, so that none has to fit into memory as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from models.llm.checkpoint import INCOMPLETE, weight_files
from service.engines.weight_parts import INDEX, WEIGHTS
from service.errors import BadInput

SHARD: Final = 4 * 2**30
"""Bytes of a file, about: as many as stay in memory until they are written."""


class Tensors:
    """What the files of a folder hold, by name; read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open = ExitStack()
        self._files: dict[str, Any] = {}
        for path in weight_files(folder):
            try:
                file = self._open.enter_context(safe_open(path, framework="pt"))
            except (OSError, SafetensorError) as error:
                raise BadInput(f"{path} cannot be read: {error}", hint=INCOMPLETE) from error
            self._files |= dict.fromkeys(file.keys(), file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._files))

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, name: str) -> torch.Tensor:
        try:
            found: torch.Tensor = self._files[name].get_tensor(name)
        except KeyError as error:
            raise BadInput(f"{self.folder} has no tensor {name}.") from error
        return found

    def shape(self, name: str) -> tuple[int, ...]:
        """How large one is, without reading it."""
        return tuple(self._files[name].get_slice(name).get_shape())


def write_tensors(
    folder: Path, tensors: Iterable[tuple[str, torch.Tensor]], shard: int = SHARD
) -> None:
    """Write tensors as they come into as many files as it takes, with the index of several."""
    pending: dict[str, torch.Tensor] = {}
    where: dict[str, str] = {}
    size = 0
    for name, tensor in tensors:
        if pending and size + tensor.nbytes > shard:
            _write(folder, pending, where)
            pending, size = {}, 0
        pending[name] = tensor.contiguous()
        size += tensor.nbytes
    if not where:
        save_file(pending, folder / WEIGHTS, {"format": "pt"})
        return
    _write(folder, pending, where)
    index = {"metadata": {}, "weight_map": where}
    (folder / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def weight_bytes(folder: Path) -> int:
    """How much all weights of a folder take."""
    return sum(path.stat().st_size for path in weight_files(folder))


def _write(folder: Path, pending: dict[str, torch.Tensor], where: dict[str, str]) -> None:
    name = f"model-{len(set(where.values())) + 1:05}.safetensors"
    save_file(pending, folder / name, {"format": "pt"})
    where |= dict.fromkeys(pending, name)
