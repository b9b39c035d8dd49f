"""Models in torch: read from a folder, written to one."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import torch
from bitsandbytes.nn import Linear4bit
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedModel
from transformers.utils import logging as transformers_logging

from models.llm.checkpoint import Checkpoint
from service.engines.made_model import copy_tokenizer
from service.errors import BadInput

Precision: TypeAlias = Literal["bfloat16", "float32"]

DTYPES: Final = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def load_model(
    checkpoint: Checkpoint, precision: Precision = "bfloat16", *, four_bit: bool = False
) -> PreTrainedModel:
    """The model of a checkpoint; with `four_bit` its matrices in nf4, to stand under an adapter.

    BadInput where it cannot be read, or is of a kind that is not known.
    """
    options: dict[str, Any] = {}
    if four_bit:
        options["quantization_config"] = nf4(precision)
    with quietly(), loading_told(checkpoint.folder):
        loaded: tuple[PreTrainedModel, dict[str, Any]] = AutoModelForCausalLM.from_pretrained(
            checkpoint.folder,
            dtype=DTYPES[precision],
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            **options,
        )
        model, found = loaded
        # They would be drawn by chance. Quantised ones have others in their places.
        if (missing := sorted(found["missing_keys"])) and not checkpoint.quantised:
            raise ValueError(f"{len(missing)} tensors are missing, such as {missing[0]}")
    if four_bit:
        _keep_packing(model)
    return model


def nf4(precision: Precision) -> BitsAndBytesConfig:
    """4-bit weights as QLoRA has them, stored so that they can be sharded like the others."""
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=DTYPES[precision],
        bnb_4bit_quant_storage=DTYPES[precision],
    )


def _keep_packing(model: PreTrainedModel) -> None:
    """Have 4-bit weights stay as they are packed.

    On a CPU with AVX-512 bitsandbytes packs them otherwise in the first pass that is not one of
    training, for good: where a layer is sharded, its parts are then read as what they are not.
    """
    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def save_model(model: PreTrainedModel, parent: Checkpoint, folder: Path) -> None:
    """Write a whole checkpoint, with its parent's tokenizer as it is."""
    with quietly():
        model.save_pretrained(folder, safe_serialization=True)
    copy_tokenizer(parent.folder, folder)


@contextmanager
def loading_told(folder: Path) -> Iterator[None]:
    """BadInput for all that a model's files may have libraries raise."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, ImportError, SafetensorError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise BadInput(
            f"The model in {folder} cannot be loaded: {lines[0]}",
            hint="Its folder has to be complete, and of an architecture that transformers knows.",
        ) from error


@contextmanager
def quietly() -> Iterator[None]:
    """Without the bars and warnings of transformers, which tell people nothing they can mend."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers_logging.set_verbosity(level)
        transformers_logging.enable_progress_bar()
