"""Vectors are computed once for a text, kept within a bound, and as they would be computed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from bookcase import HashEncoder

from service.ports import Encoder
from service.retrieval.encoder_cache import CachedEncoder
from service.steering.arrays import FloatArray

TEXTS = ["warm socks", "a lamp", "warm socks", ""]


class Counting(HashEncoder):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        self.asked += texts
        return super().encode(texts)


def caching(most_bytes: int = 1 << 20) -> tuple[CachedEncoder, Counting, list[bool]]:
    inner, heard = Counting(), list[bool]()
    return CachedEncoder(inner, heard.append, most_bytes), inner, heard


def test_it_is_the_encoder_it_stands_for() -> None:
    cached, inner, _ = caching()
    as_port: Encoder = cached
    assert (as_port.name, as_port.dimension) == (inner.name, inner.dimension)
    for _ in range(2):
        vectors = as_port.encode(TEXTS)
        assert vectors.dtype == np.float32
        assert np.array_equal(vectors, HashEncoder().encode(TEXTS))
    assert as_port.encode([]).shape == (0, inner.dimension)


def test_a_text_is_encoded_once_and_told_as_found_or_not() -> None:
    cached, inner, heard = caching()
    cached.encode(TEXTS)
    assert heard == [False, False, False]
    cached.encode(["a lamp", "a rug", "warm socks"])
    assert inner.asked == ["warm socks", "a lamp", "", "a rug"]
    assert heard[3:] == [True, False, True]


def test_whoever_changes_a_vector_changes_no_one_elses() -> None:
    cached, _, _ = caching()
    cached.encode(["a lamp"])[0, 0] = 9
    cached.encode(["a lamp"])[0, 0] = 9
    assert np.array_equal(cached.encode(["a lamp"]), HashEncoder().encode(["a lamp"]))


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    size = 4 * len("text 0") + 16 * 4
    cached, inner, _ = caching(most_bytes=3 * size)
    cached.encode(["text 0", "text 1", "text 2"])
    cached.encode(["text 0"])
    cached.encode(["text 3"])
    inner.asked.clear()
    cached.encode(["text 0", "text 2", "text 3"])
    assert inner.asked == []
    cached.encode(["text 1"])
    assert inner.asked == ["text 1"]


def test_what_is_larger_than_the_bound_is_encoded_and_not_kept() -> None:
    cached, inner, _ = caching(most_bytes=100)
    for _ in range(2):
        cached.encode(["long " * 100])
    assert len(inner.asked) == 2


def test_threads_share_it() -> None:
    cached, _, _ = caching(most_bytes=2_000)
    texts = [f"text {number}" for number in range(60)]
    expected = HashEncoder().encode(texts)
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda n: cached.encode(texts[n % 7 :]), range(200))
        for number, vectors in enumerate(found):
            assert np.array_equal(vectors, expected[number % 7 :])


@pytest.mark.parametrize("text", ["\ud800", "x" * 10_000])
def test_any_text_can_be_kept(text: str, encoder: Encoder) -> None:
    cached = CachedEncoder(encoder, lambda _found: None)
    for _ in range(2):
        assert np.array_equal(cached.encode([text]), encoder.encode([text]))
