"""The API page: bodies are parsed by hand, and keys read before all else, so both stand here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.api.answers import ErrorAnswer
from service.api.body import Body
from service.api.hosts import PROBES
from service.api.roads import ROADS, Right, Road

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
    "/free": {"history": ["P00601"], "k": 5, "intent": {"exclude": ["Kids"]}},
    "/verify": {"answer": {"request_id": "4f1c9a0be2d7", "items": [], "receipt": {"k": 10}}},
    "/catalogue/reload": {},
    "/feedback": {"request_id": "4f1c9a0be2d7", "shown": ["P00601"], "clicked": ["P00601"]},
    "/events": {"events": [{"id": "order-1041-line-2", "user_id": "U00042", "item_id": "P00601"}]},
}
"""What is sent to each path that takes a body."""


EVERYWHERE: Final[Mapping[int, str]] = {
    500: "Something went wrong here; the log has it under the request id",
    503: "Overloaded, ending, or without a part that this needs; `Retry-After` says how long",
}
WITH_BODY: Final[Mapping[int, str]] = {
    400: "The body is not JSON, or its length is said in two ways",
    408: "The body took too long to arrive",
    413: "The body is larger than what is read",
    415: "The body is not declared as JSON",
    499: "The client hung up; nobody reads this",
}
WITH_KEY: Final[Mapping[int, str]] = {
    401: "No key, a wrong one, or more than one",
    403: "The key is not good for this",
    429: "The key asks more often than it may; `Retry-After` says how long to wait",
}
WITHOUT_KEYS: Final[Mapping[int, str]] = {
    421: "The host may be a stranger's; without keys none such is answered",
}
FOR_ADMINS: Final[Mapping[int, str]] = {
    403: "This needs an administrator's key",
    409: "It cannot be served; what was served goes on",
}
ABOUT_ONE: Final[Mapping[int, str]] = {404: "There is no such thing"}

NAMED: Final = frozenset({"/feedback", "/catalogue/reload", "/catalogue/rollback"})
"""What is about one thing though its path names none."""

KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer KEY`"},
    "named": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
"""The two ways to present a key."""


def describe(app: FastAPI, bodies: Mapping[str, type[Body]], *, keyed: bool) -> None:
    """Have the app's OpenAPI page show what is sent to each path, and where a key is asked for."""
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(_page(app, bodies))
            if keyed:
                made["components"]["securitySchemes"] = dict(KEYS)
            for road in ROADS:
                path = _shown(road.path)
                for operation in made["paths"].get(path, {}).values():
                    _tell(operation, road, path, keyed=keyed)
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


def _tell(operation: dict[str, Any], road: Road, path: str, *, keyed: bool) -> None:
    """Of an operation how it refuses, and whether it asks for a key."""
    named = not keyed and path not in PROBES
    keyed = keyed and road.right is not Right.OPEN
    if keyed:
        operation["security"] = [{name: []} for name in KEYS]
    refusals = {
        **EVERYWHERE,
        **(WITH_BODY if "requestBody" in operation else {}),
        **(WITH_KEY if keyed else {}),
        **(WITHOUT_KEYS if named else {}),
        **(FOR_ADMINS if road.right is Right.ADMIN else {}),
        **(ABOUT_ONE if "{" in path or path in NAMED else {}),
    }
    for status, description in refusals.items():
        operation["responses"].setdefault(str(status), _refusal(description))


def _refusal(description: str) -> dict[str, Any]:
    schema = {"$ref": REF.format(model=ErrorAnswer.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _shown(path: str) -> str:
    """A road's path as the page has it, without the kinds of its parameters."""
    return path.replace(":path}", "}")
