"""What a model likes best at each place, as vLLM tells it beside the tokens that it sends.

Its log-probabilities are those of the model itself, before anything steers them, as long as it is
not started with another `--logprobs-mode`.
"""

from __future__ import annotations

import re
from typing import Any, Final

ASKED: Final[dict[str, Any]] = {"logprobs": 1, "return_tokens_as_token_ids": True}
"""What is asked for beside a list: the one token that is likeliest, by its number."""

_TOKEN: Final = re.compile(r"token_id:(\d{1,9})")


def favourites(told: object, count: int) -> list[int | None]:
    """The likeliest token at each of so many places; None where nothing is told of it."""
    top = told.get("top_logprobs") if isinstance(told, dict) else None
    if not isinstance(top, list) or len(top) != count:
        return [None] * count
    return [_favourite(place) for place in top]


def _favourite(place: object) -> int | None:
    """The token that was taken is told too, and first: it wins where both are as likely."""
    if not isinstance(place, dict):
        return None
    scores = {name: score for name, score in place.items() if isinstance(score, int | float)}
    best = max(scores, key=scores.__getitem__, default="")
    found = _TOKEN.fullmatch(best)
    return int(found[1]) if found else None
