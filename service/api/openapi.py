"""The API page: the body of `/recommend` is parsed by hand, so it is described by hand."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.api.schemas import RecommendBody

REF: Final = "#/components/schemas/{model}"

EXAMPLE: Final = {
    "history": ["P00601"],
    "k": 5,
    "intent": {"query": "a gift for someone who cooks"},
}


def describe(app: FastAPI, body: type[RecommendBody]) -> None:
    """Have the app's OpenAPI page show the request's schema."""
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(_page(app, body))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _page(app: FastAPI, body: type[RecommendBody]) -> dict[str, Any]:
    page = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schema = body.model_json_schema(ref_template=REF)
    schemas = page["components"]["schemas"]
    schemas |= schema.pop("$defs", {})
    schemas[body.__name__] = schema
    content = {"schema": {"$ref": REF.format(model=body.__name__)}, "example": EXAMPLE}
    page["paths"]["/recommend"]["post"]["requestBody"] = {
        "required": True,
        "content": {"application/json": content},
    }
    return page
