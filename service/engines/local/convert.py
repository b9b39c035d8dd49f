"""SmolLM2-135M-Instruct from its package to a folder that ONNX Runtime decodes, once.

onnxruntime-genai's builder writes int4 weights with int8 activations. Decoding then needs neither
torch nor transformers.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from service.engines.local.smollm2 import INSTALL, MODEL, gguf, run_converter, unpack
from service.modelfolder import convert, ensure_folder, write_manifest

NAME: Final = f"{MODEL}-int4"
FORMAT: Final = 2  # raise when the converted files change in meaning: old caches are left alone


def ensure_model(cache: Path, tell: Callable[[str], None]) -> Path:
    """The folder of the converted model, converting it the first time."""

    def make(aside: Path) -> None:
        gguf()
        tell(f"Converting the language model {NAME} (once, about half a minute) ...")
        convert("service.engines.local.convert", aside, INSTALL)

    return ensure_folder(cache / f"{NAME}-{FORMAT}", make)


def convert_model(folder: Path) -> None:
    """Write the model and its manifest into the folder. Loads torch into this process."""
    with tempfile.TemporaryDirectory(dir=folder) as between:
        unpack(Path(between))
        build_int4(Path(between), folder)
    write_manifest(folder, {"name": NAME})


def build_int4(model: Path, folder: Path) -> None:
    """Write a checkpoint for ONNX Runtime.

    The builder's command is its interface: its functions change with every release.
    """
    # Only the last token's logits are ever read, so no others are computed.
    extra = ["int4_accuracy_level=4", "prune_lm_head=true"]
    options = ["-p", "int4", "-e", "cpu", "--extra_options", *extra]
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder"]
    subprocess.run(  # noqa: S603 - our own interpreter and an installed module
        [*command, "-i", str(model), "-o", str(folder), *options], check=True
    )
    shutil.rmtree(folder / "cache_dir", ignore_errors=True)


if __name__ == "__main__":
    run_converter("service.engines.local.convert", convert_model)
