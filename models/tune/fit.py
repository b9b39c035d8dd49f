"""Fitting a blend: the weights under which what users did next is likeliest.

A conditional logit over the rows of each request. It is convex, so there is one answer; and what
it maximises is a log-probability, so the blend comes out in nats, on every catalogue alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import minimize

from models.tune.voices import Voices
from service.pipeline.blend import YOUNG, of_young
from service.steering.arrays import FloatArray, IntArray
from service.tuning import Blend

EVEN: Final = 1e-6
"""Spread, of its largest value, of a column that says the same of everything but for rounding: some
scores have 32 bits."""

PULL: Final = 1.0
"""How strongly weights are held near where they began, in nats over all requests together."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """The requests laid end to end: a line for each row, a column for each weight."""

    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    """The parts with a second column: 1 where the part knows nothing of the row."""
    values: FloatArray
    logs: FloatArray
    """How many rows a line stands for, as a logarithm."""
    starts: IntArray
    targets: IntArray

    @property
    def aged(self) -> list[tuple[int, int]]:
        """Where each part stands, and where the same of young rows does."""
        place = {part: at for at, part in enumerate(self.columns)}
        return [
            (at, place[of_young(part)]) for part, at in place.items() if of_young(part) in place
        ]


def matrix_of(voices: Sequence[Voices], parts: Sequence[str]) -> Matrix:
    """What these parts say in these requests."""
    blocks = [np.stack([_column(one, part) for part in parts], axis=1) for one in voices]
    stacked = np.concatenate(blocks)
    silent = np.isnan(stacked)
    unknown = [at for at in range(len(parts)) if silent[:, at].any()]
    sizes = np.array([len(block) for block in blocks])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return Matrix(
        columns=tuple(parts),
        unknown=tuple(parts[at] for at in unknown),
        values=np.hstack([np.where(silent, 0.0, stacked), silent[:, unknown].astype(float)]),
        logs=np.log(np.concatenate([one.standing_for for one in voices])),
        starts=starts,
        targets=starts + np.array([one.place for one in voices]),
    )


def fitted(matrix: Matrix, pull: float = PULL) -> Blend:
    """The blend that makes the targets likeliest of those in which nobody is believed the reverse.

    A weight below zero would only ever fit what the requests at hand lack: it would show users
    who ask for a tent, where few have done so yet, anything but tents.
    """
    values = _of_old(matrix)
    # Columns differ a thousandfold in scale; on one scale the search takes few steps. Of one that
    # is the same everywhere, as in a catalogue of one category, nothing can be learnt.
    spread = values.std(axis=0)
    scale = np.where(spread > EVEN * np.abs(values).max(axis=0), spread, np.inf)
    scaled = replace(matrix, values=values / scale)
    found = minimize(
        _loss,
        np.zeros(values.shape[1]),
        args=(scaled, pull),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None) if part == YOUNG else (0, None) for part in matrix.columns]
        + [(None, None) for _ in matrix.unknown],
    )
    weights = found.x / scale
    for part, young in matrix.aged:
        weights[young] -= weights[part]
    return _blend(matrix, weights)


def _of_old(matrix: Matrix) -> FloatArray:
    """The values, but what a part says of young rows stands in a column of its own alone.

    So both weights can be kept from falling below zero, each by itself.
    """
    values = matrix.values.copy()
    for part, young in matrix.aged:
        values[:, part] -= values[:, young]
    return values


def scores_of(matrix: Matrix, blend: Blend) -> FloatArray:
    """What a blend makes of every line."""
    weights = [blend.weights.get(part, 0.0) for part in matrix.columns]
    weights += [blend.unknown.get(part, 0.0) for part in matrix.unknown]
    scores: FloatArray = matrix.values @ np.array(weights)
    return scores


def ranks(matrix: Matrix, blend: Blend) -> IntArray:
    """How many rows stand before each target; equal ones count half of them, rounded up.

    Of a sample only those drawn count: they are rows that no retriever named among its best.
    """
    scores = scores_of(matrix, blend)
    target = np.repeat(scores[matrix.targets], _sizes(matrix))
    before = np.add.reduceat((scores > target).astype(np.int64), matrix.starts)
    equal = np.add.reduceat((scores == target).astype(np.int64), matrix.starts) - 1
    places: IntArray = before + (equal + 1) // 2
    return places


def surprises(matrix: Matrix, blend: Blend) -> FloatArray:
    """How far from certain each target was, in nats."""
    logs, _ = _logs_of(scores_of(matrix, blend), matrix)
    return -logs[matrix.targets]


def _column(voices: Voices, part: str) -> FloatArray:
    return voices.said.get(part, np.full(len(voices.rows), np.nan))


def _blend(matrix: Matrix, weights: FloatArray) -> Blend:
    of_parts, of_unknown = np.split(weights, [len(matrix.columns)])
    return Blend(
        dict(zip(matrix.columns, of_parts.tolist(), strict=True)),
        dict(zip(matrix.unknown, of_unknown.tolist(), strict=True)),
    )


def _loss(weights: FloatArray, matrix: Matrix, pull: float) -> tuple[float, FloatArray]:
    loss, shares = _loss_of(matrix.values @ weights, matrix)
    requests = len(matrix.starts)
    gradient = matrix.values.T @ shares - matrix.values[matrix.targets].sum(axis=0)
    held = pull * float(weights @ weights) / 2
    return loss + held / requests, (gradient + pull * weights) / requests


def _loss_of(scores: FloatArray, matrix: Matrix) -> tuple[float, FloatArray]:
    """Mean surprise at the targets, and each line's share of its request's probability."""
    logs, shares = _logs_of(scores, matrix)
    return float(-logs[matrix.targets].mean()), shares


def _logs_of(scores: FloatArray, matrix: Matrix) -> tuple[FloatArray, FloatArray]:
    """Each line's log-probability in its request, and its share with all that it stands for."""
    sizes = _sizes(matrix)
    most = np.repeat(np.maximum.reduceat(scores + matrix.logs, matrix.starts), sizes)
    weights = np.exp(scores + matrix.logs - most)
    totals = np.repeat(np.add.reduceat(weights, matrix.starts), sizes)
    return scores - most - np.log(totals), weights / totals


def _sizes(matrix: Matrix) -> IntArray:
    return np.diff([*matrix.starts, len(matrix.values)])
