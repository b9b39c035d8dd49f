"""The routes that show what is served: items, and the catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator

from service.api.answer import as_json
from service.api.answers import CatalogueAnswer, ItemAnswer, ItemsAnswer
from service.api.body import MAX_TEXT, no_nul
from service.api.service import Service
from service.errors import NotFound

ItemId = Annotated[
    str,
    Path(description="The item's id; it may contain slashes.", examples=["P00601"]),
    AfterValidator(no_nul),
]
Words = Annotated[
    str,
    Query(description="Words to look for.", examples=["trail jacket"], max_length=MAX_TEXT),
    AfterValidator(no_nul),
]
Limit = Annotated[int, Query(description="At most so many items.", examples=[5], ge=1, le=100)]


def item_routes(service: Service) -> APIRouter:
    """`GET /items` and `/catalogue`."""
    router = APIRouter(tags=["catalogue"])

    @router.get("/items/{item_id:path}", response_model=ItemAnswer)
    async def one_item(item_id: ItemId) -> Response:
        """One item of the catalogue."""
        row = int(service.catalogue.rows([item_id])[0])
        if row < 0:
            raise NotFound("the catalogue has no item of this id")
        return as_json(ItemAnswer.of(service.catalogue.item(row)))

    @router.get("/items", response_model=ItemsAnswer)
    def find_items(q: Words = "", limit: Limit = 20) -> Response:
        """Items whose titles fit the words."""
        shown = service.catalogue
        found = [shown.item(row) for row in shown.search(q, limit).tolist()]
        return as_json(ItemsAnswer(items=[ItemAnswer.of(item) for item in found]))

    @router.get("/catalogue", response_model=CatalogueAnswer)
    def catalogue() -> Response:
        """The catalogue that is served, with its categories."""
        return as_json(CatalogueAnswer.of(service.catalogue))

    return router
