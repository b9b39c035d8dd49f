"""Model folders as they are published, Llama-3's way and Phi-3's way, without their weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

from service.engines.text.tokenizer import ChatTokenizer

LLAMA = (
    "{% for message in messages %}{% set content = '<|start_header_id|>' + message['role'] +"
    " '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}"
    "{% endif %}"
)
PHI = (
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ '<|user|>\n' +"
    " message['content'] + '<|end|>\n<|assistant|>\n' }}{% endif %}{% endfor %}"
)


def byte_level() -> Tokenizer:
    """Bytes, as in Llama-3."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({byte: at for at, byte in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    names = ["begin_of_text", "start_header_id", "end_header_id", "eot_id"]
    tokenizer.add_special_tokens([AddedToken(f"<|{name}|>", special=True) for name in names])
    return tokenizer


def sentence_pieces() -> Tokenizer:
    """Characters with a mark for spaces, one put before every text, as in Phi-3."""
    characters = "▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:<|>_"
    pieces = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), *characters]
    vocabulary = {piece: at for at, piece in enumerate(pieces)}
    tokenizer = Tokenizer(
        models.BPE(vocabulary, [], unk_token="<unk>", fuse_unk=True, byte_fallback=True)  # noqa: S106
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    names = ["endoftext", "user", "assistant", "system", "end"]
    # As published: whatever space follows such a token belongs to it.
    specials = [AddedToken(f"<|{name}|>", special=True, rstrip=True) for name in names]
    tokenizer.add_special_tokens(specials)
    return tokenizer


def published(folder: Path, tokenizer: Tokenizer, **config: Any) -> ChatTokenizer:
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    return ChatTokenizer(folder, "published")
