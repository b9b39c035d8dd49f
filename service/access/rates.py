"""How often a key may ask, as an operator writes it."""

from __future__ import annotations

from typing import Annotated, Final

from limits import RateLimitItem, parse
from pydantic import AfterValidator

MOST: Final = 100_000
"""Each request of a window is remembered, to be exact: choose a shorter one for more."""


def rate_of(text: str) -> RateLimitItem:
    """`600/minute`, `20 per second`; ValueError for what is no rate."""
    rate = parse(text)
    if not 1 <= rate.amount <= MOST:
        raise ValueError(f"a rate lets 1 to {MOST:,} requests through")
    return rate


def _readable(text: str) -> str:
    rate_of(text)
    return text


Rate = Annotated[str, AfterValidator(_readable)]
"""What a setting or a file says of it."""
