"""From what stands in a field to what an item or event holds. Unfit says why it cannot be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from service.catalog.clean import clean_category, clean_title, decode_entities
from service.catalog.read_problems import Unfit
from service.domain import Attribute

NO_CATEGORY: Final = "(no genres listed)"
"""MovieLens' way of saying that there is none."""

_NUMBERS: Final = (int, float, Decimal)
_EXACT: Final = 2**53  # from here on a float may stand for several whole numbers
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

STEPS: Final = frozenset({".", ".."})
"""Where paths go on or back: an item or a user of such an id could never be asked for."""

# From which size on a number of seconds must be milli-, micro- or nanoseconds: as seconds, the
# first would be the year 5138; as milliseconds it is 1973.
SCALES: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def identifier(value: object, role: str) -> str:
    """An id as text; whole numbers become their decimal digits."""
    if isinstance(value, str):
        text = value.strip()
        if _CONTROL.search(text):
            raise Unfit(f"{role} holds a control character")
        if text in STEPS:
            raise Unfit(f"{role} is {text!r}, which no path can say")
    elif value is None or value != value:  # noqa: PLR0124 - true of NaN alone
        text = ""
    elif isinstance(value, bool) or not isinstance(value, _NUMBERS):
        raise Unfit(f"{role} is {called(value)}")
    else:
        text = _digits(value, role)
    if not text:
        raise Unfit(f"no {role}")
    return text


def title(value: object) -> str:
    """A cleaned title, never empty."""
    if value is None or value == "":
        raise Unfit("no title")
    if not isinstance(value, str):
        raise Unfit(f"title is {called(value)}")
    text = clean_title(value)
    if not text:
        raise Unfit("no title: nothing of it can be seen")
    return text


def categories(value: object) -> tuple[str, ...] | str:
    """Distinct cleaned names, in order, from a list; or a text that is still to be `parted`."""
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return _distinct(_flat(value))
    if isinstance(value, float) and math.isnan(value):
        return ()
    raise Unfit(f"categories is {called(value)}")


def attribute(value: object) -> Attribute | None:
    """A scalar worth keeping, or None."""
    if isinstance(value, str):
        return clean_title(value) or None
    if isinstance(value, int):  # bool too
        return value
    if isinstance(value, _NUMBERS):
        number = float(value)
        return number if math.isfinite(number) else None
    return value.isoformat() if isinstance(value, date) else None


def timestamp(value: object) -> float:
    """Seconds since 1970 from a number (seconds to nanoseconds) or an ISO 8601 text."""
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        raise Unfit("no timestamp")
    if isinstance(value, str):
        return _scaled(float(value)) if _NUMBER.fullmatch(value) else _moment(value)
    if isinstance(value, datetime):
        return _seconds(value)
    if isinstance(value, date):
        return _seconds(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        raise Unfit(f"timestamp is {called(value)}")
    try:
        return _scaled(float(value))
    except OverflowError:
        raise Unfit("timestamp is not finite") from None


def _digits(value: float | Decimal, role: str) -> str:
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value) or value != int(value):
        raise Unfit(f"{role} is not a whole number: {value}")
    if isinstance(value, float) and abs(value) >= _EXACT:
        raise Unfit(f"{role} is a float too large to be exact: {value}")
    return str(int(value))


def names_with_semicolons(texts: Iterable[str]) -> frozenset[str]:
    """Names that have a `;` in them: what stands so beside others, which a `|` parts."""
    beside = (text for text in texts if "|" in text or "&" in text)
    return frozenset(
        name
        for text in beside
        if "|" in (decoded := _decoded(text))
        for name in _distinct(decoded.split("|"))
        if ";" in name
    )


@lru_cache(maxsize=1 << 16)
def parted(text: str, whole: frozenset[str]) -> tuple[str, ...]:
    """Distinct cleaned names, in order, from a text with `|` or `;` between them.

    Where no `|` is, a `;` parts unless the text is one of the names that are known to have one: it
    would be one category beside others, and two by itself.
    """
    decoded = _decoded(text)
    alone = _distinct([decoded])
    if whole.issuperset(alone):
        return alone
    return _distinct(decoded.split("|" if "|" in decoded else ";"))


def _decoded(text: str) -> str:
    """Decoded before it is parted: the ";" of "Home &amp; Garden" parts nothing."""
    return decode_entities(decode_entities(text))


def _flat(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _flat(value)
        elif value is not None:
            raise Unfit(f"categories holds {called(value)}")


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    cleaned = dict.fromkeys(map(_category, names))
    return tuple(name for name in cleaned if name and name != NO_CATEGORY)


@lru_cache(maxsize=1 << 16)
def _category(name: str) -> str:
    return clean_category(name)


def _moment(text: str) -> float:
    try:
        return _seconds(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise Unfit(f"timestamp is neither a finite number nor ISO 8601: {text[:40]!r}") from None


def _seconds(moment: datetime) -> float:
    # Without a zone it is taken as UTC: the machine that builds must not matter.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _scaled(number: float) -> float:
    if not math.isfinite(number):
        raise Unfit("timestamp is not finite")
    return next((number / by for least, by in SCALES if abs(number) >= least), number)


def called(value: object) -> str:
    """What a message calls a value of this type."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, _NUMBERS):
        return "a number"
    names = {list: "a list", dict: "an object", str: "a text", type(None): "nothing"}
    return names.get(type(value), f"a {type(value).__name__}")
