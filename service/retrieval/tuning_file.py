"""A tuning as a file beside the ranker it was found out with: written and read strictly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from service.domain import Strategy
from service.errors import DamagedArtifact
from service.retrieval.ranker_json import (
    UNREADABLE,
    array,
    count,
    fields,
    number,
    numbers,
    parsed,
    share,
)
from service.tuning import LENGTHS, Blend, Measured, Situation, Tuning, Wording

BY_A_MODEL: Final = frozenset({Strategy.GENERATE, Strategy.RANK})
"""The strategies whose lists are a model's, and so are measured as its own."""

MOST: Final = 1e6
"""How much anything may weigh: far more than any fit finds, and sums of it do not overflow."""

_Key = TypeVar("_Key")


def write_tuning(path: Path, tuning: Tuning) -> None:
    """Write a tuning; DamagedArtifact, and no file, if it could not be read again."""
    text = json.dumps(_as_json(tuning), indent=2) + "\n"
    _told(path, text)
    path.write_text(text, encoding="utf-8")


def read_tuning(path: Path) -> Tuning:
    """The tuning in a file; DamagedArtifact unless everything in it is as it must be."""
    try:
        text = path.read_text(encoding="utf-8")
    except UNREADABLE as error:
        raise DamagedArtifact(f"{path} cannot be read: {error}") from error
    return _told(path, text)


def _told(path: Path, text: str) -> Tuning:
    try:
        return _tuning(parsed(text))
    except UNREADABLE as error:
        raise DamagedArtifact(f"{path} is no tuning: {error}") from error


def _as_json(tuning: Tuning) -> dict[str, Any]:
    return {
        "blends": [
            {
                "length": situation.length,
                "words": str(situation.words),
                "weights": dict(blend.weights),
                "unknown": dict(blend.unknown),
            }
            for situation, blend in tuning.blends.items()
        ],
        "measured": [
            {
                "model": one.model,
                "strategy": str(one.strategy),
                "history": one.history,
                "words": one.words,
                "prior_weight": one.prior_weight,
                "ndcg": one.ndcg,
                "requests": one.requests,
                "above": one.above,
                "error": one.error,
            }
            for one in tuning.measured
        ],
    }


def _tuning(value: object) -> Tuning:
    found = fields(value, "blends", "measured")
    blends = [_blend(one) for one in array(found["blends"])]
    measured = [_measured(one) for one in array(found["measured"])]
    _once([situation for situation, _ in blends])
    _once([(one.model, one.strategy, one.history, one.words) for one in measured])
    return Tuning(dict(blends), tuple(measured))


def _blend(value: object) -> tuple[Situation, Blend]:
    found = fields(value, "length", "words", "weights", "unknown")
    length = found["length"]
    if length not in [known for _, known in LENGTHS]:
        raise ValueError(f"no history is called {length!r}")
    situation = Situation(length, Wording(found["words"]))
    return situation, Blend(_weights(found["weights"]), _weights(found["unknown"]))


def _weights(value: object) -> dict[str, float]:
    return {part: _bounded(weight) for part, weight in numbers(value).items()}


def _bounded(weight: float) -> float:
    if abs(weight) > MOST:
        raise ValueError(f"nothing can weigh {weight}")
    return weight


def _measured(value: object) -> Measured:
    found = fields(
        value,
        "model",
        "strategy",
        "history",
        "words",
        "prior_weight",
        "ndcg",
        "requests",
        "above",
        "error",
    )
    prior_weight = _bounded(number(found["prior_weight"]))
    if prior_weight < 0:
        raise ValueError(f"a prior cannot weigh {prior_weight}")
    strategy = Strategy(found["strategy"])
    if strategy not in BY_A_MODEL:
        raise ValueError(f"no model makes lists by {strategy}")
    return Measured(
        model=_text(found["model"]),
        strategy=strategy,
        history=_yes_or_no(found["history"]),
        words=_yes_or_no(found["words"]),
        prior_weight=prior_weight,
        ndcg=share(found["ndcg"]),
        requests=count(found["requests"]),
        above=number(found["above"]),
        error=share(found["error"]),
    )


def _text(value: object) -> str:
    # May be empty: that is the name of no model.
    if not isinstance(value, str):
        raise ValueError(f"expected a text, found {value!r}")  # noqa: TRY004
    return value


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, found {value!r}")  # noqa: TRY004
    return value


def _once(keys: Sequence[_Key]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError("something is said twice")
