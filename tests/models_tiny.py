"""A language model of random weights, small enough that a step of training takes milliseconds.

Its tokenizer and chat template are SmolLM2's, so it reads and writes what the real one does.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from service.engines.local.convert import ensure_model
from service.engines.made_model import TOKENIZER_FILES
from service.modelfolder import write_manifest


def tiny_checkpoint(folder: Path, cache: Path, seed: int = 0, **changes: int) -> Path:
    """Write a checkpoint of two layers into a folder."""
    tokenizer = ensure_model(cache, print)
    folder.mkdir(parents=True)
    for name in TOKENIZER_FILES:
        if (tokenizer / name).exists():
            shutil.copyfile(tokenizer / name, folder / name)
    shape = {
        "vocab_size": 49152,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 2048,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 2,
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(LlamaConfig(**(shape | changes), tie_word_embeddings=True))
    model.to(torch.bfloat16).save_pretrained(folder)
    write_manifest(folder, {"name": folder.name})
    return folder
