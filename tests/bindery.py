"""Catalogue versions bound from bare token sequences: what the shelf opens, and no more.

It needs neither pyarrow nor a tokenizer, so tests inside vLLM's environment can use it too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from service.catalog.artifact_categories import save_postings
from service.catalog.artifact_lexicon import save_lexicon
from service.catalog.manifest import (
    Counts,
    Manifest,
    TokenizerEntry,
    write_manifest,
)
from service.domain import Item
from service.steering.lexicon import Frame
from service.steering.lexicon_build import build_lexicon
from service.versions import CURRENT_FILE

TOKENIZER = ("toy", hashlib.sha256(b"toy").hexdigest())


def bind(
    out: Path,
    titles: Sequence[Sequence[int]],
    categories: Sequence[Sequence[str]],
    frame: Frame,
    *,
    tokenizer: tuple[str, str] = TOKENIZER,
) -> str:
    """Write one version, point CURRENT to it and give its name. Rows are the sorted titles."""
    lengths = [len(title) for title in titles]
    flat = np.array([token for title in titles for token in title], dtype=np.int64)
    lexicon, order = build_lexicon(flat, np.cumsum([0, *lengths]))
    facts = repr((sorted(map(tuple, titles)), frame, tokenizer, categories)).encode()
    version = f"c{hashlib.sha256(facts).hexdigest()[:12]}"
    folder = out / version
    folder.mkdir(parents=True)
    save_lexicon(folder, lexicon, frame)
    items = [Item(str(place), str(place), tuple(categories[place])) for place in order.tolist()]
    codes = save_postings(folder, items)
    manifest = Manifest(
        version=version,
        created_at="2026-01-01T00:00:00Z",
        counts=Counts(len(items), len(codes), 0, 0, 0),
        tokenizer=TokenizerEntry(*tokenizer, limit=64, longest=max(lengths)),
        encoder=None,
        files={},
    )
    write_manifest(folder, manifest)
    (out / CURRENT_FILE).write_text(f"{version}\n", "ascii")
    return version
