"""What is known of the user: the history, resolved against the catalogue."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from service.domain import RecommendRequest
from service.errors import UnknownItem
from service.pipeline.in_time import in_time
from service.ports import Catalogue, Deadline, HistoryStore
from service.steering.arrays import IntArray, distinct


@dataclass(frozen=True)
class History:
    """Item ids as given, oldest first, and the rows of those the catalogue has."""

    ids: tuple[str, ...]
    rows: IntArray
    unknown: int

    @cached_property
    def banned(self) -> IntArray:
        """The rows no list may hold, each once."""
        return distinct(self.rows)

    @cached_property
    def digest(self) -> str:
        """Identity of the history, so that a receipt can be checked against it later."""
        return history_digest(self.ids)


def history_digest(ids: tuple[str, ...]) -> str:
    """SHA-256 over the ids as a JSON list without spaces, oldest first."""
    text = json.dumps(ids, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def recall(
    catalogue: Catalogue, store: HistoryStore, request: RecommendRequest, deadline: Deadline
) -> History:
    """The history in the request, or else what the store remembers of the user."""
    ids = request.history
    if ids is None:
        ids = ()
        if request.user is not None:
            ids = await in_time(store.history(request.user), deadline.remaining())
    rows = catalogue.rows(ids)
    unknown = [item_id for item_id, row in zip(ids, rows.tolist(), strict=True) if row < 0]
    if unknown and request.strict_history:
        shown = ", ".join(repr(item_id) for item_id in unknown[:3])
        message = f"not in the catalogue, of the history: {shown} ({len(unknown)} in all)"
        raise UnknownItem(message)
    return History(ids, rows[rows >= 0], len(unknown))
