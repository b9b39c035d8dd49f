"""What a response states that no catalogue can tell: whether it can be so, not whether it is."""

from __future__ import annotations

import re
import reprlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeGuard

from service.domain import Origin, Path, SupplementKind
from service.pipeline.blend import POPULARITY, SASREC, UNTUNED

MOST: Final = sys.float_info.max

DIGEST: Final = re.compile(r"[0-9a-f]{64}")
VARIANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Fits: TypeAlias = Callable[[object], bool]


def ill_stated(response: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What a response states that cannot be, whatever the list."""
    receipt = response["receipt"]
    yield from _unfit("the response", {"supplements": [], **response}, _OF_ALL)
    yield from _unfit("the receipt", {"wish_weight": 1.0, **receipt}, _OF_RECEIPT)
    yield from _unfit("the receipt's history", receipt["history"], _OF_HISTORY)
    for line in lines:
        yield from _unfit(f"item {reprlib.repr(line['id'])}", {"reason": None, **line}, _OF_LINE)


def scored_wrongly(receipt: Mapping[str, Any]) -> Iterator[str]:
    """Whether those who scored the items lead to this path, and to this ranker."""
    path, alone = Path(receipt["path"]), receipt["retrievers"] == [POPULARITY]
    if path is not Path.LLM and alone != (path is Path.POPULAR):
        yield f"a list made by {path} has retrievers {reprlib.repr(receipt['retrievers'])}"
    if receipt["ranker"] is not None and SASREC not in receipt["retrievers"]:
        yield f"the receipt names a ranker, and {SASREC} did not score"


def _unfit(whose: str, said: Mapping[str, Any], wanted: Mapping[str, Fits]) -> Iterator[str]:
    for name, fits in wanted.items():
        if not fits(said[name]):
            yield f"{whose} has {name} {reprlib.repr(said[name])}, which cannot be"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_if_any(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_number(value: object) -> TypeGuard[float]:
    """Whether it is one, and finite; a page may send 1 where it was told 1.0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -MOST <= value <= MOST


def _is_amount(value: object) -> bool:
    return _is_number(value) and value >= 0


def _is_log_probability(value: object) -> bool:
    return _is_number(value) and value <= 0


def _are_timings(value: object) -> bool:
    return isinstance(value, dict) and "total" in value and all(map(_is_amount, value.values()))


def _are_retrievers(value: object) -> bool:
    """Whether these can have scored: popularity, which always does, and others, each once."""
    if not isinstance(value, list) or value[:1] != [POPULARITY]:
        return False
    known = all(isinstance(name, str) and name in UNTUNED.weights for name in value)
    return known and len(set(value)) == len(value)


def _are_supplements(value: object) -> bool:
    """Whether small models can have added these: each kind once, with an account of itself."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return False
    kinds = [each.get("kind") for each in value]
    known = all(kind in list(SupplementKind) for kind in kinds) and len(set(kinds)) == len(kinds)
    return known and all(not _ill_added(each) for each in value)


def _ill_added(supplement: Mapping[str, object]) -> bool:
    told = {"model": None, "scores": {}, **supplement}
    return any(name not in told or not fits(told[name]) for name, fits in _OF_SUPPLEMENT.items())


def _are_scores(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_number, value.values()))


def _is_origin(value: object) -> bool:
    return value in list(Origin)


def _reads_as(pattern: re.Pattern[str]) -> Fits:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_OF_ALL: Final[Mapping[str, Fits]] = {
    "request_id": _is_text,
    "origin": _is_origin,
    "timings": _are_timings,
    "supplements": _are_supplements,
}
_OF_RECEIPT: Final[Mapping[str, Fits]] = {
    "degraded": _is_flag,
    "why": _is_text,
    "model": _is_text_if_any,
    "prompt": _is_text_if_any,
    "prior_weight": _is_amount,
    "wish_weight": _is_amount,
    "retrievers": _are_retrievers,
    "ranker": _is_text_if_any,
    "variant": _reads_as(VARIANT),
}
_OF_SUPPLEMENT: Final[Mapping[str, Fits]] = {
    "used": _is_flag,
    "why": _is_text,
    "text": _is_text,
    "scores": _are_scores,
    "model": _is_text_if_any,
    "cached": _is_flag,
    "milliseconds": _is_amount,
}
_OF_HISTORY: Final[Mapping[str, Fits]] = {
    "used": _is_count,
    "unknown": _is_count,
    "digest": _reads_as(DIGEST),
}
_OF_LINE: Final[Mapping[str, Fits]] = {
    "score": _is_log_probability,
    "reason": _is_text_if_any,
}
