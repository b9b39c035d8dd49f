"""What a catalogue is built from in tests: books, a real small tokenizer, an encoder of hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from service.catalog.build import SimilarityTools, Tools
from service.catalog.read import Source, read_source
from service.catalog.read_events import no_events
from service.domain import Item
from service.retrieval.index import build_index, save_index
from service.retrieval.popularity import popularity_scores
from service.steering.arrays import FloatArray, IntArray
from service.steering.lexicon import Frame

SUBJECTS = ["Whales", "Night Trains", "Bread", "Toy Boats", "Letters", "The Tide", "Moss", "Chess"]
KINDS = ["A History of", "The Secret of", "All About", "Notes on", "Learning"]
END = "<|end|>"
START = "<|im_start|>"


class BookTokenizer:
    """Byte-level BPE trained on the words above; its special tokens are never read from text."""

    def __init__(self, name: str = "books", vocabulary: int = 400) -> None:
        self._tokenizer = Tokenizer(models.BPE())
        self._tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        self._tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=[END, START],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        words = [f" {kind} {subject}\n" for kind in KINDS for subject in SUBJECTS]
        self._tokenizer.train_from_iterator(words, trainer)
        self._tokenizer.encode_special_tokens = True
        self.name = name
        self.specials = {END: 0, START: 1}
        self.sha256 = hashlib.sha256(self._tokenizer.to_str().encode()).hexdigest()

    def spell(self, titles: Sequence[str]) -> tuple[IntArray, IntArray]:
        spelled = [self._tokenizer.encode(f" {title}\n").ids for title in titles]
        offsets = np.cumsum([0, *map(len, spelled)])
        return np.array([token for ids in spelled for token in ids], dtype=np.int32), offsets

    def frame(self, lines: int) -> Frame:
        labels = tuple(tuple(self._tokenizer.encode(f"{i + 1}.").ids) for i in range(lines))
        return Frame(labels, self.specials[END])

    def decode(self, tokens: IntArray) -> str:
        text: str = self._tokenizer.decode(tokens.tolist(), skip_special_tokens=False)
        return text


class HashEncoder:
    """A unit vector for each text, made of its hash."""

    def __init__(self, name: str = "hashes", dimension: int = 16) -> None:
        self.name = name
        self.dimension = dimension

    def encode(self, texts: Sequence[str]) -> FloatArray:
        vectors = np.stack([self._vector(text) for text in texts])
        unit: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def _vector(self, text: str) -> FloatArray:
        seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
        return np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)


def write_index(vectors: FloatArray, path: Path) -> None:
    save_index(build_index(vectors), path)


def tools(
    tokenizer: BookTokenizer | None = None,
    encoder: HashEncoder | None = None,
    *,
    similar: bool = True,
    writer: Callable[[FloatArray, Path], None] = write_index,
) -> Tools:
    return Tools(
        tokenizer=tokenizer or BookTokenizer(),
        popularity=popularity_scores,
        similarity=SimilarityTools(encoder or HashEncoder(), writer) if similar else None,
        max_k=20,
    )


def books(count: int = 120) -> list[Item]:
    return [
        Item(
            id=f"b{n}",
            title=f"{KINDS[n % 5]} {SUBJECTS[n % 8]}" + (f", Part {n // 40 + 1}" if n > 39 else ""),
            categories=(SUBJECTS[n % 8], *(["Rare"] if n % 13 == 0 else [])),
            attributes={"pages": 100 + n} if n % 2 else {},
        )
        for n in range(count)
    ]


def readings(count: int = 120, readers: int = 30) -> list[tuple[str, str, float]]:
    """Who read what when; the first books are read most."""
    return [
        (f"reader-{n % readers}", f"b{(n * n) % count // (1 + n % 4)}", 1000.0 + 7 * n)
        for n in range(4 * count)
    ]


def source(
    folder: Path, items: Sequence[Item], events: Iterable[tuple[str, str, float]] = ()
) -> Source:
    """The items and events by the road that users take: as files, read."""
    rows = [
        {"id": x.id, "title": x.title, "categories": x.categories, **x.attributes} for x in items
    ]
    met = [{"user": user, "item": item, "timestamp": time} for user, item, time in events]
    if not met:
        return read_source(_written(folder / "items.jsonl", rows), None)
    return read_source(
        _written(folder / "items.jsonl", rows), _written(folder / "events.jsonl", met)
    )


def bare(*titles: str) -> Source:
    """Titles exactly as they stand, past the cleaning of the readers."""
    items = tuple(Item(f"t{place}", title) for place, title in enumerate(titles))
    return Source(items, no_events(items))


def _written(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path
