"""The tools for agents: their schemas are those of the routes they lead to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from service.api.answered import QuestionAnswer
from service.api.answers import ItemsAnswer
from service.api.body import Body
from service.api.item_routes import Limit, Words
from service.api.lists import RecommendAnswer
from service.api.parsing import parse
from service.errors import BadInput
from service.mcp.inner import Call
from service.mcp.texts import answer_text, items_text, list_text
from service.mcp.tools import Arguments, Tool, without

RECOMMEND: Final = """Recommend exactly `k` items of the catalogue to a user.

The list is valid by construction: every item exists, none comes twice, none is in the user's
history, and every control holds. Nothing of it needs checking or filtering afterwards.

`intent.text` and `intent.query` are wishes: they change what is likely. `intent.include`,
`intent.exclude` and `intent.shares` are controls: they change what is possible. A share bounds
which part of the list one category takes, as in {"category": "Gifts", "op": "<=", "share": 0.3};
`op` is `<=` at most, `>=` at least, `~` exactly, after rounding. Categories must be named exactly
as the catalogue names them: `search_items` shows them. `wish_weight` says how much wishes count
beside what the user met, `prior_weight` how much the retrievers count beside the model.

If no list can obey all controls, the error `conflicting_controls` names those that conflict, and
its hint says what to loosen; with `on_conflict` set to `relax` the fewest are let go, and the
receipt lists them. The receipt counts for each control what it wanted and what the list has."""

ANSWER: Final = """Answer a question about products: with one of some options, an order of them, a
selection of them, words that stand in a given text, or a short text.

Write the question with its options numbered in it, or give them in `options`. The answer always
has the form that was asked for: a label that exists, every label once, as many labels as were
asked for, spans as they stand in the text, words within the limit. What the question lacks, the
error says."""

SEARCH: Final = """Find items of the catalogue by words of their titles: ids for a history, and
categories as controls have to name them. Without words: any items."""

NOT_FOR_AGENTS: Final = ("stream", "inside")
"""Fields for those who watch a list being made. A tool gives one answer, and its lines are few."""


class SearchArguments(Body):
    """What to look for."""

    words: Words = ""
    limit: Limit = 20


def tools(bodies: Mapping[str, type[Body]]) -> tuple[Tool, ...]:
    """The tools; `bodies`: what is sent to each route."""
    return (
        Tool(
            name="recommend",
            title="Recommend a list",
            description=RECOMMEND,
            takes=without(bodies["/recommend"].model_json_schema(), *NOT_FOR_AGENTS),
            gives=RecommendAnswer.model_json_schema(mode="serialization"),
            call=lambda arguments: _posted("/recommend", arguments),
            text=list_text,
        ),
        Tool(
            name="answer",
            title="Answer a question",
            description=ANSWER,
            takes=without(bodies["/answer"].model_json_schema(), *NOT_FOR_AGENTS),
            gives=QuestionAnswer.model_json_schema(mode="serialization"),
            call=lambda arguments: _posted("/answer", arguments),
            text=answer_text,
        ),
        Tool(
            name="search_items",
            title="Search items",
            description=SEARCH,
            takes=SearchArguments.model_json_schema(),
            gives=ItemsAnswer.model_json_schema(mode="serialization"),
            call=_searched,
            text=items_text,
        ),
    )


def _posted(path: str, arguments: Arguments) -> Call:
    for field in NOT_FOR_AGENTS:
        if field in arguments:
            raise BadInput(f"{field} is not a field of this tool")
    return Call("POST", path, body=json.dumps(arguments).encode())


def _searched(arguments: Arguments) -> Call:
    wanted = parse(json.dumps(arguments).encode(), SearchArguments)
    query = urlencode({"q": wanted.words, "limit": wanted.limit})
    return Call("GET", "/items", query=query.encode())
