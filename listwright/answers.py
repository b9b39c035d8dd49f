"""What comes back, as frozen data. The API page tells of each field; its names are the same.

A newer service may say more: that is kept, so that a list can be checked as it was made, and is
otherwise passed over.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict

Attribute: TypeAlias = str | int | float | bool


class Told(BaseModel):
    """One JSON object of an answer."""

    model_config = ConfigDict(extra="allow", frozen=True)

    def as_json(self) -> dict[str, Any]:
        """As the service said it."""
        return self.model_dump(mode="json", exclude_unset=True)


class ListedItem(Told):
    """One line of a list."""

    id: str
    title: str
    categories: tuple[str, ...] = ()
    score: float = 0.0
    source: str = ""
    """`llm`, `ranked`, `popular`, or `repair`."""
    reason: str | None = None


class Control(Told):
    """One control: what it wanted of the list, and what the list holds."""

    kind: str
    """`include`, `exclude` or `share`."""
    category: str
    categories: tuple[str, ...] = ()
    op: str | None = None
    share: float | None = None
    want: str = ""
    got: int = 0
    holds: bool


class HistoryUsed(Told):
    """What was known of the user."""

    used: int
    unknown: int = 0
    digest: str = ""


class Receipt(Told):
    """The account of a list that anyone can check."""

    k: int
    path: str
    """`llm`, `ranked` or `popular`."""
    strategy: str = ""
    degraded: bool = False
    why: str = ""
    exists: int
    repeats: int
    in_history: int
    controls: tuple[Control, ...] = ()
    repaired: int = 0
    relaxed: tuple[Control, ...] = ()
    history: HistoryUsed
    catalogue: str = ""
    model: str | None = None
    prompt: str | None = None
    prior_weight: float = 0.0
    retrievers: tuple[str, ...] = ()
    ranker: str | None = None
    variant: str = ""
    wish_weight: float = 1.0


class Supplement(Told):
    """What a small model had to say."""

    kind: str
    used: bool = False
    why: str = ""
    text: str = ""
    scores: dict[str, float] | None = None
    model: str | None = None
    cached: bool = False
    milliseconds: float = 0.0


class Prompt(Told):
    """What the model was asked."""

    version: str
    system: str = ""
    user: str = ""


class Stage(Told):
    """A stage of the work."""

    name: str
    began: float = 0.0
    milliseconds: float = 0.0


class Considered(Told):
    """An item that stood near the top of the prior."""

    id: str
    title: str = ""
    categories: tuple[str, ...] = ()
    score: float = 0.0
    by: dict[str, float] = {}


class ListInside(Told):
    """What went on while a list was made."""

    prompt: Prompt | None = None
    considered: tuple[Considered, ...] = ()
    stages: tuple[Stage, ...] = ()


class AnswerInside(Told):
    """What went on while a question was answered."""

    prompt: Prompt | None = None
    stages: tuple[Stage, ...] = ()


class Recommended(Told):
    """A list and its receipt."""

    request_id: str
    items: tuple[ListedItem, ...]
    receipt: Receipt
    origin: str = ""
    """`made`, `kept` or `shared`."""
    timings: dict[str, float] = {}
    supplements: tuple[Supplement, ...] = ()
    inside: ListInside | None = None


class Amiss(Told):
    """One thing that is wrong with a line that nothing held."""

    kind: str
    message: str = ""


class FreeLine(Told):
    """A line as the model wrote it, and the item that it means, if there is one."""

    text: str
    id: str | None = None
    title: str | None = None
    categories: tuple[str, ...] = ()
    amiss: tuple[Amiss, ...] = ()


class FreeList(Told):
    """What the model wrote when nothing held it, judged."""

    request_id: str
    text: str
    stopped: str | None = None
    """What cut the text short, if something did."""
    lines: tuple[FreeLine, ...]
    k: int = 0
    violations: dict[str, int] = {}
    controls: tuple[Control, ...] = ()
    model: str = ""
    prompt: str = ""
    timings: dict[str, float] = {}


class Option(Told):
    """One of the answers there are to choose from."""

    label: str
    text: str = ""


class QuestionRead(Told):
    """The question as it was read."""

    type: str
    stem: str = ""
    options: tuple[Option, ...] = ()
    choose: int = 0
    focus: str = ""
    source: str | None = None
    target: str | None = None
    max_words: int | None = None
    notes: tuple[str, ...] = ()


class Given(Told):
    """The answer, in the one field that its type has."""

    choice: str | None = None
    ranking: tuple[str, ...] | None = None
    selection: tuple[str, ...] | None = None
    text: str | None = None
    entities: tuple[str, ...] | None = None


class Answered(Told):
    """The answer to a question."""

    request_id: str
    type: str
    answer: Given
    text: str
    read: QuestionRead
    path: str = ""
    """`llm`, `similar` or `only`."""
    degraded: bool = False
    why: str = ""
    completed: int = 0
    supplements: tuple[Supplement, ...] = ()
    model: str | None = None
    prompt: str | None = None
    prior_weight: float = 0.0
    variant: str = ""
    timings: dict[str, float] = {}
    inside: AnswerInside | None = None


class Item(Told):
    """One item of the catalogue."""

    id: str
    title: str
    categories: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = {}


class Items(Told):
    """Items that were found."""

    items: tuple[Item, ...]


class Category(Told):
    """A category."""

    name: str
    items: int = 0


class Catalogue(Told):
    """The catalogue that is served."""

    version: str
    items: int = 0
    categories: tuple[Category, ...] = ()
    users: int = 0
    events: int = 0
    built_at: str = ""
    tokenizer: str = ""
    encoder: str | None = None


class Recorded(Told):
    """What became of events."""

    new: int
    known: int = 0
    late: int = 0
    unknown_items: int = 0


class Met(Told):
    """An item of a history."""

    id: str
    title: str | None = None


class History(Told):
    """What is remembered of a user, oldest first."""

    user_id: str
    items: tuple[Met, ...]


class KnownUser(Told):
    """A user whom the catalogue knows."""

    id: str
    events: int = 0


class Users(Told):
    """Some of them."""

    users: tuple[KnownUser, ...]


class Learnt(Told):
    """What became of feedback."""

    new: int
    known: int = 0
    variant: str = ""


class Verified(Told):
    """What checking a list came to."""

    holds: bool
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What is to be known besides, such as that the user has met more since."""
    catalogue: str = ""


class About(Told):
    """What the service is made of, and what it can be asked for."""

    version: str
    model: str | None = None
    sidecar: str | None = None
    strategies: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    default_k: int = 0
    max_k: int = 0
    max_free_k: int | None = None
    """How long a list may be that `free` has the model write; None where nothing can write it."""
    deadline_ms: int = 0
    max_deadline_ms: int = 0
    similarity: bool = False
    ranker: str | None = None
    playground: bool = False


class Ready(Told):
    """Whether requests are served, and what has to be done without."""

    ready: bool
    degraded: tuple[str, ...] = ()
