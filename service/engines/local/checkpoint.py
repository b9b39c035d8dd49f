"""SmolLM2-135M-Instruct as a checkpoint that vLLM serves: bf16, from its package, once.

Its tokenizer is the embedded model's, byte for byte, so one catalogue serves both engines.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from service.engines.local.smollm2 import INSTALL, MODEL, gguf, run_converter, unpack
from service.modelfolder import convert, ensure_folder, write_manifest

NAME: Final = f"{MODEL}-bf16"
FORMAT: Final = 1  # raise when the files change in meaning: old caches are left alone


def ensure_checkpoint(cache: Path, tell: Callable[[str], None]) -> Path:
    """The folder of the checkpoint, unpacking it the first time."""

    def make(aside: Path) -> None:
        gguf()
        tell(f"Unpacking the language model {NAME} for vLLM (once, about 20 seconds) ...")
        convert("service.engines.local.checkpoint", aside, INSTALL)

    return ensure_folder(cache / f"{NAME}-{FORMAT}", make)


def write_checkpoint(folder: Path) -> None:
    """Write the model and its manifest into the folder. Loads torch into this process."""
    unpack(folder)
    write_manifest(folder, {"name": NAME})


if __name__ == "__main__":
    run_converter("service.engines.local.checkpoint", write_checkpoint)
