"""Free decoding: the prompt that is served, and nothing that holds the model to a list.

It is written and read as the service does it; who is served numbered candidates is asked without
them. `READING` says how the text is read. A line that
names nothing stays in its place, as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.domain import RecommendRequest
from service.pipeline.clock import Deadline
from service.pipeline.freehand import Wish
from service.pipeline.freehand import written as by_itself
from service.pipeline.listing import Line, broken, listed_in
from service.ports import Catalogue, Engine, Written
from service.steering.arrays import distinct
from service.steering.plan import Plan, Stock, compile_plan

READING: Final[Mapping[str, str]] = {
    "lines": "where lines are numbered, in numbers that rise from 1, those alone are the list: what"
    " is said before and after it is not held against the model; one such line is enough if one is"
    " asked for, else it takes two. Otherwise every line is, without its bullet",
    "titles": "compared without case, accents, signs and spaces; where several read alike, those"
    " written exactly so are meant, else those that differ by case alone",
    "no such title": "taken for a title that the line lacks only the last parenthesis of, if one"
    " item alone has such a title; else the line is cut at its last ' - ', and looked up again",
    "shared titles": "an item that was not named before and may be listed, the most popular first",
}
"""As it is told beside the figures."""


def unread_in(text: str, k: int) -> list[Line]:
    """The lines among and after those of the list that are none of it."""
    ends = {line.end for line in listed_in(text, k)}
    return [
        line
        for line in broken(text)
        if line.text.strip() and line.end not in ends and line.end > min(ends)
    ]


def allowing(catalogue: Catalogue, request: RecommendRequest) -> Plan:
    """What a list for the request may hold."""
    rows = catalogue.rows(request.history or ())
    stock = Stock(catalogue.size, catalogue.postings, distinct(rows[rows >= 0]))
    return compile_plan(stock, request.intent.controls, request.k)


async def written(
    catalogue: Catalogue, engine: Engine, request: RecommendRequest, seconds: float
) -> Written:
    """What the model says by itself; of a prompt that is too long, less history is shown."""
    rows = catalogue.rows(request.history or ())
    titles = [catalogue.spelling(row) for row in rows[rows >= 0].tolist()]
    wish = Wish(titles, request.intent, request.k)
    said, _ = await by_itself(engine, wish, Deadline(seconds))
    return said
