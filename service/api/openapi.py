"""The API page: bodies are parsed by hand, so they are described by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.api.body import Body

REF: Final = "#/components/schemas/{model}"

EXAMPLES: Final[Mapping[str, object]] = {
    "/recommend": {
        "history": ["P00601"],
        "k": 5,
        "intent": {"query": "a gift for someone who cooks"},
    },
    "/answer": {
        "question": "Which of these keeps rain out?\n1. sun hat\n2. waterproof jacket\n3. scarf",
        "deadline_ms": 5_000,
    },
    "/catalogue/reload": {},
    "/feedback": {"request_id": "4f1c9a0be2d7", "shown": ["P00601"], "clicked": ["P00601"]},
    "/events": {"events": [{"id": "order-1041-line-2", "user_id": "U00042", "item_id": "P00601"}]},
}
"""What is sent to each path that takes a body."""


def describe(app: FastAPI, bodies: Mapping[str, type[Body]]) -> None:
    """Have the app's OpenAPI page show the schema of what is sent to each path."""
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(_page(app, bodies))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _page(app: FastAPI, bodies: Mapping[str, type[Body]]) -> dict[str, Any]:
    page = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schemas = page["components"]["schemas"]
    for path, body in bodies.items():
        schema = body.model_json_schema(ref_template=REF)
        schemas |= schema.pop("$defs", {})
        schemas[body.__name__] = schema
        content = {"schema": {"$ref": REF.format(model=body.__name__)}, "example": EXAMPLES[path]}
        page["paths"][path]["post"]["requestBody"] = {
            "required": True,
            "content": {"application/json": content},
        }
    return page
