"""The HTTP reference: each route, what it takes and answers, out of the service's own schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final, cast

from schema_tables import names_in, row_of, table, table_of

from service.access.gate import Access
from service.access.keyring import Keyring
from service.api.app import create_app
from service.api.roads import ROADS, Right, Road
from service.api.service import Bounds, Service
from service.errors import BadRows, BadSettings, ListwrightError
from service.store.limits import MemoryLimits
from service.telemetry.metrics import Metrics

RIGHTS: Final[Mapping[Right, str]] = {
    Right.OPEN: "open to anyone",
    Right.KEY: "a key, where keys are set",
    Right.WATCH: "a key that watches, or an administrator's, where keys are set",
    Right.ADMIN: "an administrator's key, always",
}

_FIRST: Final = (Right.KEY, Right.ADMIN, Right.WATCH, Right.OPEN)

ROUTES: Final = sorted(ROADS, key=lambda road: _FIRST.index(road.right))
"""What programs ask for stands first, and the page with its files and the probes last."""

JSON: Final = "application/json"
ERROR: Final = "ErrorAnswer"

UNSENT: Final = (BadSettings, BadRows)
"""Errors of a start or a build, which no answer names."""

Page = Mapping[str, Any]


def schema() -> dict[str, Any]:
    """The OpenAPI page of a service with keys; no catalogue is opened for it."""
    access = Access(MemoryLimits(), Keyring({}))
    described = SimpleNamespace(access=access, metrics=Metrics())
    return create_app(cast("Service", described), Bounds()).openapi()


def routes() -> str:
    """All routes, and the schemas that several of them speak in, as Markdown."""
    page = schema()
    told = [_overview(), *(_route(road, page) for road in ROUTES)]
    return "\n".join([*told, *_schemas(page)])


def errors() -> str:
    """A table of all errors that an answer may name."""
    met: dict[str, type[ListwrightError]] = {}
    for each in _tree(ListwrightError):
        met.setdefault(each.code, each)
    rows = [
        [
            str(each.status),
            f"`{code}`",
            "yes" if each.retryable else "no",
            (each.__doc__ or "").partition("\n")[0],
            each.default_hint,
        ]
        for code, each in sorted(met.items(), key=lambda named: (named[1].status, named[0]))
        if each not in UNSENT
    ]
    return table(["status", "code", "again later", "meaning", "hint"], rows)


def _tree(root: type[ListwrightError]) -> Iterator[type[ListwrightError]]:
    yield root
    for below in root.__subclasses__():
        if below.__module__.startswith("service."):
            yield from _tree(below)


def _overview() -> str:
    rows = [[f"[`{_title(road)}`](#{_anchor(road)})", RIGHTS[road.right]] for road in ROUTES]
    return table(["route", "right"], rows)


def _route(road: Road, page: Page) -> str:
    heading = f"## `{_title(road)}` {{#{_anchor(road)}}}\n"
    told = [heading, f"Takes: {RIGHTS[road.right]}.\n"]
    operations = page["paths"].get(_shown(road), {})
    for method, operation in operations.items():
        if len(operations) > 1:
            told.append(f"### `{method.upper()} {_shown(road)}`\n")
        told.append(described(operation, page))
    if not operations:
        told.append("Not in the schema: it serves files, or speaks a protocol of its own.\n")
    return "\n".join(told)


def described(operation: Page, page: Page) -> str:
    """What an operation takes and answers, as Markdown."""
    told = [operation.get("description", "") + "\n"]
    if parameters := operation.get("parameters", ()):
        told.append(_parameters(parameters))
    if body := operation.get("requestBody", {}).get("content", {}).get(JSON):
        told += ["**Sent**\n", _fields(body["schema"], page, sent=True)]
        if "example" in body:
            told.append(_block(body["example"]))
    told.append(_answers(operation["responses"]))
    return "\n".join(told)


def _parameters(parameters: Iterable[Page]) -> str:
    rows = []
    for each in parameters:
        needed = {each["name"]} if each.get("required") else set()
        field = {"description": each.get("description", "")} | each["schema"]
        rows.append(row_of(each["name"], field, needed, sent=True))
    return table(["parameter", "type", "bounds", "default", "meaning", "example"], rows)


def _fields(shape: Page, page: Page, *, sent: bool) -> str:
    """A body's own fields at once; those of what it holds stand where the schemas do."""
    for name in names_in(shape):
        return table_of(page["components"]["schemas"][name], sent=sent)
    return table_of(shape, sent=sent)


def _answers(responses: Page) -> str:
    rows = []
    for status, answer in sorted(responses.items()):
        bodies = [_body(kind, each) for kind, each in answer.get("content", {}).items()]
        meaning = answer["description"].replace("Successful Response", "It is done")
        rows.append([status, meaning, " or ".join(bodies)])
    return "**Answered**\n\n" + table(["status", "meaning", "body"], rows)


def _body(kind: str, content: Page) -> str:
    for name in names_in(content.get("schema", {})):
        return f"[{name}](#{name.lower()})"
    return f"`{kind}`"


def _schemas(page: Page) -> Iterator[str]:
    """What bodies hold: bodies that one route alone is sent stand with it, all else here."""
    schemas = page["components"]["schemas"]
    bodies = {
        name
        for operations in page["paths"].values()
        for operation in operations.values()
        for name in list(names_in(operation.get("requestBody", {})))[:1]
    }
    sent = _reached(bodies, schemas)
    yield "## Schemas\n"
    for name, shape in sorted(schemas.items()):
        if name not in bodies:
            yield f"### {name}\n\n{shape.get('description', '')}\n"
            yield _values(shape) if "enum" in shape else table_of(shape, sent=name in sent)


def _reached(names: set[str], schemas: Page) -> set[str]:
    """Those schemas and all that they refer to."""
    found: set[str] = set()
    while names - found:
        found |= names
        names = {below for name in found for below in names_in(schemas[name])}
    return found


def _values(shape: Page) -> str:
    return "One of " + ", ".join(f"`{json.dumps(value)}`" for value in shape["enum"]) + ".\n"


def _block(example: object) -> str:
    return f"```json\n{json.dumps(example, indent=2, ensure_ascii=False)}\n```\n"


def _title(road: Road) -> str:
    return f"{' '.join(sorted(road.methods))} {_shown(road)}"


def _shown(road: Road) -> str:
    return road.path.replace(":path}", "}")


def _anchor(road: Road) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in _shown(road)).split()
    return "-".join([*sorted(each.lower() for each in road.methods), *words]) or "home"
