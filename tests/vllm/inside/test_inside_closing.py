"""Tokens that end a list, in the edit of the logits: as the speller's own reckoning has them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from service.engines.plugin.mask import mask
from service.engines.plugin.steered import Offer
from service.steering.speller import Choices

WIDTH = 16
TEMPERATURES = (0.0, 0.3, 1.0, 2.0)


def offer(dice: np.random.Generator) -> Choices:
    tokens = np.sort(dice.choice(WIDTH, dice.integers(3, 9), replace=False)).astype(np.int32)
    bonus = -dice.exponential(dice.choice([1, 50]), len(tokens))
    if dice.random() < 0.3:
        return Choices(tokens, bonus)
    closing = dice.random(len(tokens)) < 0.4
    closing[dice.integers(len(tokens))] = True
    closing[-1] = closing.all() != closing[-1]
    bonus[closing] = 0.0
    return Choices(tokens, bonus, closing)


@pytest.mark.parametrize("seed", range(150))
def test_the_same_inside_as_outside(seed: int) -> None:
    dice = np.random.default_rng(seed)
    logits = dice.normal(0, 5, (6, WIDTH)).astype(np.float32)
    rows = np.flatnonzero(dice.random(6) < 0.7).tolist() or [0]
    offers: list[Offer] = [3 if dice.random() < 0.2 else offer(dice) for _ in rows]
    temperatures = dice.choice(TEMPERATURES, len(rows)).tolist()
    edited = torch.from_numpy(logits.copy())
    mask(edited, rows, offers, temperatures)
    for row, each, temperature in zip(rows, offers, temperatures, strict=True):
        if isinstance(each, int):
            assert edited[row].isfinite().nonzero().flatten().tolist() == [each]
            continue
        wanted = each.scores(logits[row][each.tokens].astype(np.float64), temperature)
        np.testing.assert_allclose(edited[row][each.tokens].numpy(), wanted, rtol=1e-5, atol=1e-4)
        assert int(edited[row].isfinite().sum()) == len(each.tokens)


def test_what_is_no_number_leaves_the_end_as_it_is() -> None:
    closing = np.array([False, False, True])
    logits = torch.tensor([[-torch.inf, torch.nan, 2.0]])
    mask(logits, [0], [Choices(np.arange(3), np.array([0.0, -1.0, 0.0]), closing)])
    assert logits.tolist() == [[-torch.inf, -torch.inf, 2.0]]
    logits = torch.full((1, 3), torch.nan)
    mask(logits, [0], [Choices(np.arange(3), np.array([0.0, -1.0, 0.0]), closing)])
    assert logits.tolist() == [[0.0, -1.0, 0.0]]
