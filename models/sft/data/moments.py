"""Moments: what a user had met, and what was met next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from models.data.split import Case
from models.evaluate.recommend.tasks import dice_of
from service.steering.arrays import IntArray

SHORTEST: Final = 2
"""Meetings of a user with a moment: something is known, and something comes next."""


def moments_of(
    sequences: Sequence[IntArray], users: Sequence[str], most: int, seed: int
) -> Iterator[Case]:
    """Up to so many moments of each user, drawn for each user alone."""
    for user, met in enumerate(sequences):
        if len(met) < SHORTEST:
            continue
        dice = dice_of(seed, "moments", users[user])
        for at in sorted((dice.permutation(len(met) - 1)[:most] + 1).tolist()):
            yield Case(user, met[:at], int(met[at]))
