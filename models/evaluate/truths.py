"""Right answers as question files write them: of several JSON types, or JSON within a string."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from models.evaluate.scores import Ids, Label, Metric, Texts, Truth, Weights

LARGEST: Final = 64.0
"""A relevance beyond it would be a mistake, and its gain no longer a number."""


def truth_of(value: Any, metric: Metric) -> Truth:
    """The truth as the metric wants it; ValueError says why it is none."""
    match metric:
        case Metric.ACCURACY:
            return Label(_label(value))
        case Metric.HIT_RATE:
            return Ids(_ids(_listed(value)))
        case Metric.NDCG:
            return Weights(_weights(_listed(value)))
        case Metric.MICRO_F1:
            return Texts(_texts(_listed(value)))
        case _:
            return Texts(_texts(value if isinstance(value, list) else [value]))


def _label(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError(f"the truth {_short(value)} is no label of an option")
    return str(value).strip()


def _listed(value: Any) -> list[Any]:
    """A list; or a string that holds one, as JSON or between commas; or one thing alone."""
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        return [value]
    if not value.lstrip().startswith("["):
        return [part.strip() for part in value.split(",")]
    try:
        listed = json.loads(value)
    except (json.JSONDecodeError, RecursionError):
        listed = None
    if not isinstance(listed, list):
        raise ValueError(f"the truth {_short(value)} is not a list")  # noqa: TRY004 - one kind for all
    return listed


def _ids(values: list[Any]) -> tuple[int, ...]:
    ids = [_number(value) for value in values]
    if not ids or len(set(ids)) < len(ids) or not all(id_.is_integer() for id_ in ids):
        raise ValueError("the truth must hold ids of options, whole numbers and none twice")
    return tuple(map(int, ids))


def _weights(values: list[Any]) -> tuple[float, ...]:
    weights = tuple(map(_number, values))
    if not weights or max(weights) > LARGEST:
        raise ValueError(f"the truth must hold weights, none of them above {LARGEST:g}")
    return weights


def _number(value: Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{_short(value)} in the truth is no number from 0 up")
    return number


def _texts(values: list[Any]) -> tuple[str, ...]:
    if not values or not all(isinstance(value, str) and value.strip() for value in values):
        raise ValueError("the truth must be text that is not empty, or a list of such texts")
    return tuple(values)


def _short(value: Any) -> str:
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:60]}..."  # noqa: PLR2004 - a line's worth
