"""From the bytes of a body to a request: JSON, then its schema."""

from __future__ import annotations

import json
import re
from email.message import Message
from typing import Final, TypeVar

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request

from service.api.body import Body
from service.api.errors import BrokenJson, ClientGone, WrongMediaType
from service.api.extent import check_extent
from service.api.turns import LARGE, Turns
from service.api.wording import PAGE, in_words
from service.errors import BadInput

LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")

MOST_PROBLEMS: Final = 200
"""To tell of more would take this thread longer than to make a list."""

B = TypeVar("B", bound=Body)


async def parsed(request: Request, schema: type[B]) -> B:
    """The request in the body of a call."""
    _check_media_type(request.headers.get("content-type", ""))
    try:
        raw = await request.body()
    except ClientDisconnect as error:
        raise ClientGone("the client hung up while it was sending") from error
    if len(raw) < LARGE:
        return parse(raw, schema)
    turns: Turns = request.app.state.turns
    async with turns.one():
        return parse(raw, schema)


def parse(raw: bytes, schema: type[B]) -> B:
    """The request in some JSON; BadInput that says what is wrong, and where."""
    check_extent(raw, schema)
    try:
        request = schema.model_validate_json(raw)
    except ValidationError as error:
        if error.error_count() > MOST_PROBLEMS:
            said = f"there are {error.error_count():,} things wrong with the body"
            raise BadInput(said, hint=PAGE) from None
        problems = error.errors(include_url=False)
    else:
        _check_names(raw)
        return request
    if problems[0]["type"] == "json_invalid":
        raise _unreadable(raw, problems[0]["ctx"]["error"])
    raise BadInput(in_words(problems), hint=PAGE)


def _check_names(raw: bytes) -> None:
    """A name that comes twice is refused: of two controls one would be dropped without a word.

    So is what JSON has no number for, wherever any value may stand.
    """

    def named_once(pairs: list[tuple[str, object]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise BadInput(f"the body has {twice!r} twice")

    def refused(name: str) -> object:
        raise BadInput(f"the body has {name}, which is no number")

    json.loads(raw, object_pairs_hook=named_once, parse_constant=refused)


def _check_media_type(header: str) -> None:
    message = Message()
    message["content-type"] = header
    subtype = message.get_content_subtype() if header else ""
    if message.get_content_maintype() != "application" or not (
        subtype == "json" or subtype.endswith("+json")
    ):
        raise WrongMediaType(f"the body must be JSON, not {header[:100] or 'of no stated type'}")


def _unreadable(raw: bytes, reason: str) -> BadInput:
    """Half a character is grammatical JSON and still no text: 422. All else is not JSON: 400."""
    try:
        # Python's own parser lets lone surrogates through, so they can be told apart here.
        text = json.dumps(json.loads(raw.decode("utf-8", "surrogatepass")), ensure_ascii=False)
    except (ValueError, RecursionError):
        text = ""
    if LONE_SURROGATE.search(text):
        return BadInput("the body holds a lone surrogate, half a character, which is no text")
    return BrokenJson(f"the body is not JSON: {reason}")
