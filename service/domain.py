"""The words of the product as frozen data: no I/O, no numpy, no framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

Attribute: TypeAlias = str | int | float | bool
"""What an optional item attribute may hold."""


@dataclass(frozen=True, slots=True)
class Item:
    """What can be recommended."""

    id: str
    title: str
    categories: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


class Op(StrEnum):
    """How a share control bounds its category."""

    AT_MOST = "<="
    AT_LEAST = ">="
    ABOUT = "~"


@dataclass(frozen=True, slots=True)
class Share:
    """A bound on how much of the list one category may take."""

    category: str
    op: Op
    share: float

    @property
    def percent(self) -> str:
        """The share as a person writes it: 29%, not 28.999999999999996%."""
        return f"{(Decimal(str(self.share)) * 100).normalize():f}%"


@dataclass(frozen=True, slots=True)
class Controls:
    """What every item of the list, or the list as a whole, must obey."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """What the user wants now."""

    text: str = ""
    query: str = ""
    controls: Controls = Controls()

    @property
    def words(self) -> str:
        """All that was said in words, a line each: what ends one does not go on in the other."""
        return "\n".join(part for part in (self.query, self.text) if part.strip())


class Strategy(StrEnum):
    """Who makes the list."""

    AUTO = "auto"
    GENERATE = "generate"
    RANK = "rank"
    RETRIEVE = "retrieve"


class OnConflict(StrEnum):
    """What to do when the controls cannot all hold."""

    REJECT = "reject"
    RELAX = "relax"


class Path(StrEnum):
    """Which road made the list."""

    LLM = "llm"
    RANKED = "ranked"
    POPULAR = "popular"


class Source(StrEnum):
    """Which road made one item of the list."""

    LLM = "llm"
    RANKED = "ranked"
    POPULAR = "popular"
    REPAIR = "repair"


class ControlKind(StrEnum):
    """The kinds of control a receipt accounts for."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class ControlOutcome:
    """One control, what it asked of the list and what the list holds."""

    kind: ControlKind
    categories: tuple[str, ...]
    want: str
    got: int
    holds: bool
    op: Op | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What an engine is asked: a constant instruction first, the user's data last."""

    version: str
    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a token is chosen among those the speller allows; temperature 0 is greedy."""

    temperature: float = 0.0
    seed: int = 0


class Origin(StrEnum):
    """Where a list comes from."""

    MADE = "made"
    KEPT = "kept"
    """Made before, for the same question of the same user."""
    SHARED = "shared"
    """Made for somebody who asked the same at the same time."""


DEFAULT_VARIANT: Final = "default"
"""Serves whoever names no other."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the ways to serve: what holds for lists where a request says nothing itself."""

    name: str = DEFAULT_VARIANT
    strategy: Strategy = Strategy.AUTO
    prior_weight: float | None = None
    share: float = 0.0
    """Of those who name no variant; the default one has what the others leave."""
    role: str | None = None
    """Who the model is told to be, in an operator's words."""


DEFAULT_TENANT: Final = "default"
"""Whose users those are of whom nobody says more."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody whom lists are made for; the id means something within the tenant alone."""

    id: str
    tenant: str = DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class KnownUser:
    """Somebody whom a catalogue was built with."""

    id: str
    events: int
    """How many items of its history the catalogue knows."""


@dataclass(frozen=True, slots=True)
class Event:
    """A user has met an item."""

    id: str
    """The sender's own: what is sent again under the same one is the same event."""
    user: User
    item_id: str
    at: int
    """When, in milliseconds since 1970."""


class FeedbackKind(StrEnum):
    """What became of an item that was listed."""

    SHOWN = "shown"
    CLICKED = "clicked"
    BOUGHT = "bought"


@dataclass(frozen=True, slots=True)
class Exposure:
    """A list that was handed out, and how it was made: what feedback is about."""

    variant: str
    strategy: Strategy
    path: Path
    model: str | None
    prompt: str | None
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of an item of a list."""

    kind: FeedbackKind
    item_id: str


class Cot(StrEnum):
    """Who thinks before a list or an answer is made."""

    AUTO = "auto"
    SELF = "self"
    SIDECAR = "sidecar"
    OFF = "off"


class SupplementKind(StrEnum):
    """What small models add."""

    THOUGHT = "thought"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Supplement:
    """What a small model had to say, and whether the prompt showed it."""

    kind: SupplementKind
    used: bool
    why: str
    text: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    """By label, where options were compared."""
    model: str = ""
    cached: bool = False
    failed: bool = False
    """Whether it was wanted, and was late, failed, or made no sense."""
    partial: bool = False
    """Whether it was ended before it was whole."""
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RecommendRequest:
    """One question to the pipeline, already typed and bounded by the API."""

    k: int
    user_id: str | None = None
    tenant: str = DEFAULT_TENANT
    history: tuple[str, ...] | None = None
    intent: Intent = Intent()
    strategy: Strategy = Strategy.AUTO
    prior_weight: float | None = None
    sampling: Sampling = Sampling()
    explain: bool = False
    deadline_ms: int | None = None
    on_conflict: OnConflict = OnConflict.REJECT
    strict_history: bool = False
    variant: str | None = None
    inside: bool = False
    """Whether to tell how the list came about; such a one is made for this request alone."""
    cot: Cot = Cot.AUTO
    wish_weight: float | None = None
    """How much words count, as a multiple of what tuning found."""

    @property
    def user(self) -> User | None:
        """Whom the list is for, if that is known."""
        return None if self.user_id is None else User(self.user_id, self.tenant)


@dataclass(frozen=True, slots=True)
class RecommendedItem:
    """One line of the list."""

    item: Item
    score: float
    source: Source
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The machine-checkable account of one list."""

    k: int
    path: Path
    strategy: Strategy
    """The one that made the list: never `auto`."""
    degraded: bool
    why: str
    exists: int
    repeats: int
    in_history: int
    controls: tuple[ControlOutcome, ...]
    repaired: int
    relaxed: tuple[ControlOutcome, ...]
    history_used: int
    history_unknown: int
    history_digest: str
    catalogue: str
    model: str | None
    prompt: str | None
    prior_weight: float
    retrievers: tuple[str, ...]
    ranker: str | None
    """Version of the trained one among them; None where none has spoken."""
    variant: str = DEFAULT_VARIANT
    wish_weight: float = 1.0
    """How much words counted, as a multiple of what tuning found."""


class AmissKind(StrEnum):
    """What may be wrong with a line that nothing held to a list."""

    NONEXISTENT = "nonexistent"
    REPEAT = "repeat"
    IN_HISTORY = "in_history"
    INCLUDE = "include"
    EXCLUDE = "exclude"
    SURPLUS = "surplus"
    """As many lines as were asked for stand before it."""


@dataclass(frozen=True, slots=True)
class Amiss:
    """One thing that is wrong with a line, and in words for people."""

    kind: AmissKind
    message: str


@dataclass(frozen=True, slots=True)
class FreeLine:
    """A line as a model wrote it, the item that it means, if any, and what is wrong with it."""

    text: str
    item: Item | None
    amiss: tuple[Amiss, ...]


@dataclass(frozen=True, slots=True)
class FreeList:
    """What a model wrote that nothing held, as the validator reads it."""

    request_id: str
    text: str
    lines: tuple[FreeLine, ...]
    k: int
    violations: Mapping[str, int]
    controls: tuple[ControlOutcome, ...]
    model: str
    prompt: str
    timings: Mapping[str, float]
    stopped: str | None = None
    """What ended the text before the model did, if it did."""


@dataclass(frozen=True, slots=True)
class Considered:
    """An item that a list might have begun with."""

    item: Item
    score: float
    """By all retrievers together."""
    by: Mapping[str, float]
    """By each of those that have something to say of it, in its own unit."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a request's road, in milliseconds."""

    name: str
    began: float
    """Since the request's start."""
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Inside:
    """How a list or an answer came about."""

    prompt: Prompt | None
    """What the model was asked for it; None if none was."""
    considered: tuple[Considered, ...] = ()
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The list with its receipt and what each stage cost in milliseconds."""

    request_id: str
    items: tuple[RecommendedItem, ...]
    receipt: Receipt
    timings: Mapping[str, float] = field(default_factory=dict)
    origin: Origin = Origin.MADE
    supplements: tuple[Supplement, ...] = ()
    """What small models were asked to add to the prompt."""
    inside: Inside | None = None
    """Where the request asks for it."""
