"""What calls take: keyword arguments, typed once for both clients. What is left out is not sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypedDict
from uuid import uuid4

from listwright.controls import Share

Strategy = Literal["auto", "generate", "rank", "retrieve"]
OnConflict = Literal["reject", "relax"]
QuestionType = Literal["auto", "multiple_choice", "ranking", "retrieval", "generation", "entities"]
Cot = Literal["auto", "self", "sidecar", "off"]

INTENT: Final = ("text", "query", "include", "exclude", "shares")
"""Arguments that the API takes as parts of one of its own, `intent`."""


class Options(TypedDict, total=False):
    """Of any call."""

    timeout: float
    """Seconds that all tries of this call may take together; left out: the client's."""
    request_id: str
    """What to call the request, in the service's log as well."""


class Drawing(Options, total=False):
    """How the model draws, and by when."""

    temperature: float
    seed: int
    deadline_ms: int
    """How long the service may take; late parts are left out of the answer."""
    variant: str


class Decoding(Drawing, total=False):
    """The same, of a model that something weighs against."""

    prior_weight: float
    """How much the retrievers weigh against the model; 0 is the model alone."""
    cot: Cot
    """Who thinks before the model makes a list or an answer."""
    inside: bool
    """Tell as well what went on inside: the prompt, what was considered, how long stages took.

    Only where the playground is served.
    """


class Wished(TypedDict, total=False):
    """Whom a list is for, and what is wished of it."""

    user_id: str
    """Whose remembered history counts."""
    history: Sequence[str]
    """Ids of the items the user has met, oldest first, instead of what is remembered."""
    k: int
    """How many items the list has: exactly so many."""
    text: str
    """What the user wants, in free words."""
    query: str
    """What the user typed into a search box."""
    include: Sequence[str]
    """Every item has at least one of these categories."""
    exclude: Sequence[str]
    """No item has any of these categories."""
    shares: Sequence[Share]
    """Bounds on parts of the list: `at_most("Gifts", 0.3)`."""


class FreeAsked(Wished, Drawing, total=False):
    """Of `free`."""


class ListAsked(Wished, Decoding, total=False):
    """Of `recommend` and `stream`."""

    strategy: Strategy
    wish_weight: float
    """How much words count beside what the user met, as a multiple of what was tuned."""
    explain: bool
    """Say of each item why it is listed."""
    on_conflict: OnConflict
    """When no list can obey: refuse, or let go of the fewest controls."""
    strict_history: bool
    """Refuse a history that names unknown items; else they are counted."""


class QuestionAsked(Decoding, total=False):
    """Of `answer`, besides the question."""

    type: QuestionType
    """What kind of answer is wanted; left out: as the question reads."""
    options: Sequence[str]
    """If they do not stand in the question."""
    k: int
    """How many options, or at most how many spans, the answer names."""
    similar: int
    """How many of the nearest options the prompt points out."""
    max_words: int
    """Of a written answer."""
    without: Sequence[str]
    """Elements of the prompt to leave out."""


class Feedback(Options, total=False):
    """Of `feedback`: ids of the list's items."""

    shown: Sequence[str]
    clicked: Sequence[str]
    bought: Sequence[str]


@dataclass(frozen=True, slots=True)
class Event:
    """A user has met an item. Sent again, by a retry or by you, it counts once: by its id."""

    user_id: str
    item_id: str
    id: str = field(default_factory=lambda: uuid4().hex)
    """Your own, such as that of an order's line; left out: made here, once."""
    at: datetime | None = None
    """When, with an offset from UTC; left out: when it first comes in."""

    def __post_init__(self) -> None:
        if self.at is not None and not isinstance(self.at, datetime):
            raise TypeError(f"at is a datetime with an offset from UTC, got {_a(self.at)}")

    def as_json(self) -> dict[str, object]:
        """As the API takes it."""
        at = {} if self.at is None else {"at": self.at.isoformat()}
        return {"id": self.id, "user_id": self.user_id, "item_id": self.item_id, **at}


def check_names(kind: type[Any], given: Mapping[str, Any]) -> None:
    """TypeError where an argument is none of a call's: what it says would be lost."""
    for name in given.keys() - kind.__annotations__.keys():
        if name == "intent":
            parts = ", ".join(INTENT)
            raise TypeError(f"intent is said in arguments of its own: {parts}")
        raise TypeError(f"there is no argument {name!r} here")


def check_shares(shares: Sequence[object]) -> None:
    """TypeError where what bounds a share was made by hand."""
    for share in shares:
        if not isinstance(share, Share):
            raise TypeError(f"shares are of at_most, at_least and about, got {_a(share)}")


def _a(value: object) -> str:
    return f"a {type(value).__name__}"
