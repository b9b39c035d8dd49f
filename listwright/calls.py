"""Each call of the API: how it is asked, how its answer is read, and whether it may be said again.

Nothing here waits. Both clients send what stands here, and read answers by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from listwright.answers import (
    About,
    Answered,
    Catalogue,
    History,
    Item,
    Items,
    Learnt,
    Ready,
    Recommended,
    Recorded,
    Told,
    Verified,
)
from listwright.asked import Event, Feedback, ListAsked, Options, QuestionAsked
from listwright.errors import unreadable

T = TypeVar("T")
M = TypeVar("M", bound=Told)

INTENT: Final = ("text", "query", "include", "exclude")
OPTIONS: Final = ("timeout", "request_id")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One of them."""

    method: str
    path: str
    read: Callable[[bytes], T]
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
    said: dict[str, Any] = dict(asked)
    intent: dict[str, Any] = {name: said.pop(name) for name in INTENT if name in said}
    if "shares" in said:
        intent["shares"] = [share.as_json() for share in said.pop("shares")]
    body = _plain(said) | ({"intent": _plain(intent)} if intent else {})
    if stream:
        body["stream"] = True
    return replace(_post("/recommend", Recommended, body, said), streams=stream)


def answer(question: str, asked: QuestionAsked) -> Call[Answered]:
    """An answer to a question."""
    return _post("/answer", Answered, {"question": question, **_plain(asked)}, asked)


def record(events: Iterable[Event], options: Options) -> Call[Recorded]:
    """Events. Their ids make sure that none counts twice, however often they are sent."""
    return _post("/events", Recorded, {"events": [event.as_json() for event in events]}, options)


def feedback(made: Recommended | str, said: Feedback) -> Call[Learnt]:
    """What became of a list. The service counts each item of it once, so it may be sent again."""
    request_id = made.request_id if isinstance(made, Recommended) else made
    body = {"request_id": request_id, **_plain(said)}
    return _post("/feedback", Learnt, body, said)


def history(user_id: str, options: Options) -> Call[History]:
    """What is remembered of a user."""
    return _get(_history_of(user_id), History, options)


def forget(user_id: str, options: Options) -> Call[None]:
    """Forget a user."""
    return Call(
        "DELETE",
        _history_of(user_id),
        lambda _body: None,
        options=_options(options),
        taken=frozenset({204}),
    )


def item(item_id: str, options: Options) -> Call[Item]:
    """One item."""
    return _get(f"/items/{quote(item_id, safe='')}", Item, options)


def search_items(words: str, limit: int, options: Options) -> Call[tuple[Item, ...]]:
    """Items by words of their titles."""

    def read(body: bytes) -> tuple[Item, ...]:
        return _reader(Items)(body).items

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
    options: Mapping[str, Any],
) -> Call[M]:
    return Call("POST", path, _reader(kind), body=body, options=_options(options))


def _get(path: str, kind: type[M], options: Options) -> Call[M]:
    return Call("GET", path, _reader(kind), options=_options(options))


def _history_of(user_id: str) -> str:
    return f"/users/{quote(user_id, safe='')}/history"


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be sent: no options of the call, and lists where any sequence was given."""
    kept = {name: value for name, value in said.items() if name not in OPTIONS}
    return {
        name: list(value) if isinstance(value, list | tuple | set | frozenset) else value
        for name, value in kept.items()
    }


def _options(given: Mapping[str, Any]) -> Options:
    options = Options()
    if "timeout" in given:
        options["timeout"] = given["timeout"]
    if "request_id" in given:
        options["request_id"] = given["request_id"]
    return options


def _reader(kind: type[M]) -> Callable[[bytes], M]:
    """Reads an answer of some kind; what does not fit is told without what stands in it."""

    def read(body: bytes) -> M:
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, problem["loc"])) or "the answer"
            raise unreadable(f"{place}: {problem['msg']}", 200) from None

    return read
