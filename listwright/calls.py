"""Each call of the API: how it is asked, how its answer is read, and whether it may be said again.

Nothing here waits. Both clients send what stands here, and read answers by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from listwright.answers import (
    About,
    Answered,
    Catalogue,
    FreeList,
    History,
    Item,
    Items,
    KnownUser,
    Learnt,
    Ready,
    Recommended,
    Recorded,
    Told,
    Users,
    Verified,
)
from listwright.asked import (
    INTENT,
    Event,
    Feedback,
    FreeAsked,
    ListAsked,
    Options,
    QuestionAsked,
    check_names,
    check_shares,
)
from listwright.errors import unreadable
from listwright.reply import Reply

T = TypeVar("T")
M = TypeVar("M", bound=Told)

OPTIONS: Final = ("timeout", "request_id")

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")
"""What the service takes as one; in place of any other it makes its own."""

STEPS: Final = frozenset({".", ".."})
"""In a path these are no names but ways to go, however they are written."""

MOST_LETTERS: Final = 2_000
"""Of an id: a path has to hold it."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One of them."""

    method: str
    path: str
    read: Callable[[Reply], T]
    body: Mapping[str, object] | None = None
    query: Mapping[str, str | int] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    repeatable: bool = True
    """Whether it may be said again when nobody knows if it was heard."""
    taken: frozenset[int] = frozenset({200})
    """The statuses that are answers; all others are errors."""
    streams: bool = False


def recommend(asked: ListAsked, *, stream: bool = False) -> Call[Recommended]:
    """A list."""
    body = _wished(asked) | ({"stream": True} if stream else {})
    return replace(_post("/recommend", Recommended, body, asked, ListAsked), streams=stream)


def free(asked: FreeAsked) -> Call[FreeList]:
    """What the model writes when nothing holds it."""
    return _post("/free", FreeList, _wished(asked), asked, FreeAsked)


def answer(question: str, asked: QuestionAsked) -> Call[Answered]:
    """An answer to a question."""
    body = {"question": question, **_plain(asked)}
    return _post("/answer", Answered, body, asked, QuestionAsked)


def record(events: Iterable[Event], options: Options) -> Call[Recorded]:
    """Events. Their ids make sure that none counts twice, however often they are sent."""
    return _post("/events", Recorded, {"events": [event.as_json() for event in events]}, options)


def feedback(made: Recommended | str, said: Feedback) -> Call[Learnt]:
    """What became of a list. The service counts each item of it once, so it may be sent again."""
    request_id = made.request_id if isinstance(made, Recommended) else made
    body = {"request_id": request_id, **_plain(said)}
    return _post("/feedback", Learnt, body, said, Feedback)


def history(user_id: str, options: Options) -> Call[History]:
    """What is remembered of a user."""
    return _get(_history_of(user_id), History, options)


def forget(user_id: str, options: Options) -> Call[None]:
    """Forget a user."""
    return Call(
        "DELETE",
        _history_of(user_id),
        lambda _reply: None,
        options=_options(options),
        taken=frozenset({204}),
    )


def users(limit: int, options: Options) -> Call[tuple[KnownUser, ...]]:
    """Some users."""

    def read(reply: Reply) -> tuple[KnownUser, ...]:
        return _reader(Users)(reply).users

    return Call("GET", "/users", read, query={"limit": limit}, options=_options(options))


def item(item_id: str, options: Options) -> Call[Item]:
    """One item."""
    return _get(f"/items/{_part(item_id)}", Item, options)


def search_items(words: str, limit: int, options: Options) -> Call[tuple[Item, ...]]:
    """Items by words of their titles."""

    def read(reply: Reply) -> tuple[Item, ...]:
        return _reader(Items)(reply).items

    query: dict[str, str | int] = {"q": words, "limit": limit}
    return Call("GET", "/items", read, query=query, options=_options(options))


def catalogue(options: Options) -> Call[Catalogue]:
    """What is served."""
    return _get("/catalogue", Catalogue, options)


def about(options: Options) -> Call[About]:
    """What serves it."""
    return _get("/about", About, options)


def ready(options: Options) -> Call[Ready]:
    """Whether requests are served: a service that is ending says so with 503."""
    return Call(
        "GET",
        "/readyz",
        _reader(Ready),
        options=_options(options),
        taken=frozenset({200, 503}),
    )


def verify(
    answered: Recommended | Mapping[str, Any],
    met: Iterable[str] | None,
    user_id: str | None,
    options: Options,
) -> Call[Verified]:
    """Check a list, as the service said it."""
    said = answered.as_json() if isinstance(answered, Recommended) else dict(answered)
    body: dict[str, object] = {"answer": said}
    if met is not None:
        body["history"] = list(met)
    if user_id is not None:
        body["user_id"] = user_id
    return _post("/verify", Verified, body, options)


def reload(version: str | None, options: Options) -> Call[Catalogue]:
    """Serve another version: said twice, it is the same one."""
    body = {} if version is None else {"version": version}
    return _post("/catalogue/reload", Catalogue, body, options)


def rollback(options: Options) -> Call[Catalogue]:
    """Serve the version before: said twice, it would be the one before that."""
    return replace(_post("/catalogue/rollback", Catalogue, None, options), repeatable=False)


def _post(
    path: str,
    kind: type[M],
    body: Mapping[str, object] | None,
    asked: Mapping[str, Any],
    takes: type[Any] = Options,
) -> Call[M]:
    return Call("POST", path, _reader(kind), body=body, options=_options(asked, takes))


def _get(path: str, kind: type[M], options: Options) -> Call[M]:
    return Call("GET", path, _reader(kind), options=_options(options))


def _history_of(user_id: str) -> str:
    return f"/users/{_part(user_id)}/history"


def _part(name: str) -> str:
    """An id as one part of a path; ValueError where it would lead to something else."""
    if name in STEPS:
        raise ValueError(f"{name!r} is no id that can be asked for: in a path it is a way to go")
    if len(name) > MOST_LETTERS:
        raise ValueError(f"an id has at most {MOST_LETTERS} letters, got {len(name)}")
    return quote(name, safe="")


def _wished(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked of a list: in the body, wishes and controls have a place of their own."""
    said = dict(asked)
    intent: dict[str, Any] = {name: said.pop(name) for name in INTENT if name in said}
    if intent.get("shares") is not None:
        shares = tuple(intent["shares"])
        check_shares(shares)
        intent["shares"] = [share.as_json() for share in shares]
    return _plain(said) | ({"intent": _plain(intent)} if intent else {})


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be sent: no options of the call, and lists where any sequence was given."""
    kept = {name: value for name, value in said.items() if name not in OPTIONS}
    return {
        name: list(value) if isinstance(value, list | tuple | set | frozenset) else value
        for name, value in kept.items()
    }


def _options(given: Mapping[str, Any], takes: type[Any] = Options) -> Options:
    """Those of the call; TypeError where something was given that it does not take."""
    check_names(takes, given)
    options = Options()
    if "timeout" in given:
        options["timeout"] = given["timeout"]
    if "request_id" in given:
        options["request_id"] = _request_id(given["request_id"])
    return options


def _request_id(given: str) -> str:
    if not REQUEST_ID.fullmatch(given):
        raise ValueError("request_id is of up to 128 letters, digits, '.', '_', ':' and '-'")
    return given


def _reader(kind: type[M]) -> Callable[[Reply], M]:
    """Reads an answer of some kind; what does not fit is told without what stands in it."""

    def read(reply: Reply) -> M:
        try:
            return kind.model_validate_json(reply.body)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, problem["loc"])) or "the answer"
            raise unreadable(f"{place}: {problem['msg']}", reply.status, reply.headers) from None

    return read
