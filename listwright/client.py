"""Listwright's clients: `Client` waits, `AsyncClient` is waited for; else they are the same.

A list of five, of which at most two are electronics:

    from listwright.client import Client, at_most

    with Client("http://127.0.0.1:8080") as shop:
        made = shop.recommend(user_id="u0042", k=5, shares=[at_most("Electronics", 0.4)])
"""

from listwright.asked import Event
from listwright.awaited import AsyncClient, AsyncListStream
from listwright.controls import Share, about, at_least, at_most
from listwright.errors import (
    ConflictingControls,
    ConnectionFailed,
    InvalidRequest,
    ListwrightApiError,
    NotFound,
    RateLimited,
    TimedOut,
    Unauthorised,
    Unavailable,
)
from listwright.tries import Patience
from listwright.waiting import Client, ListStream

__all__ = [
    "AsyncClient",
    "AsyncListStream",
    "Client",
    "ConflictingControls",
    "ConnectionFailed",
    "Event",
    "InvalidRequest",
    "ListStream",
    "ListwrightApiError",
    "NotFound",
    "Patience",
    "RateLimited",
    "Share",
    "TimedOut",
    "Unauthorised",
    "Unavailable",
    "about",
    "at_least",
    "at_most",
]
