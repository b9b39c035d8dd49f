"""The edit of the logits, row by row against what it is meant to be."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from service.engines.plugin.mask import LARGEST, mask
from service.engines.plugin.steered import Offer
from service.steering.speller import Choices

WIDTH = 12
STRANGE = (math.nan, math.inf, -math.inf)


def expected(row: np.ndarray, offer: Offer) -> np.ndarray:
    tokens = [offer] if isinstance(offer, int) else offer.tokens.tolist()
    bonus = [0.0] if isinstance(offer, int) else offer.bonus.tolist()
    edited = np.full(WIDTH, -math.inf, dtype=np.float32)
    usable = [token for token in tokens if math.isfinite(row[token])]
    for token, added in zip(tokens, bonus, strict=True):
        said = row[token] if token in usable else -math.inf if usable else 0.0
        edited[token] = np.float32(said) + np.float32(max(added, -LARGEST))
    return edited


@pytest.mark.parametrize("seed", range(200))
def test_each_row_keeps_what_its_offer_allows(seed: int) -> None:
    dice = np.random.default_rng(seed)
    logits = dice.normal(0, 5, (dice.integers(1, 7), WIDTH)).astype(np.float32)
    logits[dice.random(logits.shape) < dice.choice([0, 0.3, 0.9])] = dice.choice(STRANGE)
    rows = np.flatnonzero(dice.random(len(logits)) < 0.7).tolist() or [0]
    offers: list[Offer] = []
    for _ in rows:
        tokens = np.sort(dice.choice(WIDTH, dice.integers(2, 6), replace=False)).astype(np.int32)
        bonus = -dice.exponential(3, len(tokens))
        bonus[dice.random(len(tokens)) < 0.1] = -math.inf
        offers.append(int(tokens[0]) if dice.random() < 0.4 else Choices(tokens, bonus))
    edited = torch.from_numpy(logits.copy())
    mask(edited, rows, offers)
    for place, row in enumerate(logits):
        offer = dict(zip(rows, offers, strict=True)).get(place)
        wanted = row if offer is None else expected(row, offer)
        np.testing.assert_array_equal(edited[place].numpy(), wanted)
        if offer is not None:
            assert np.isfinite(edited[place].numpy()).any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_any_kind_of_number(dtype: torch.dtype) -> None:
    logits = torch.zeros(2, WIDTH, dtype=dtype)
    mask(logits, [1], [Choices(np.array([3, 4]), np.array([0.0, -2.0]))])
    assert logits[0].tolist() == [0.0] * WIDTH
    assert logits[1].isfinite().nonzero().flatten().tolist() == [3, 4]
    assert logits[1, 3] - logits[1, 4] == 2


def test_the_largest_logits_survive_what_comes_after() -> None:
    logits = torch.full((1, WIDTH), 3e38)
    mask(logits, [0], [Choices(np.array([3, 4]), np.array([0.0, 0.0]))])
    scaled = logits * 100 / 0.01
    assert scaled[0, 3:5].isfinite().all()
