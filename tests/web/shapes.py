"""Declares for TypeScript what the page works with: `python tests/web/shapes.py FILE`.

What the service takes and answers stands in its own schema, and which elements there are in the
page: nobody writes either down a second time, so nothing can differ from what there is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs" / "site"))

from http_reference import schema

from service.web.files import FOLDER, PAGE

PLAIN: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def declared(schemas: Mapping[str, Any], html: str) -> str:
    """All schemas in the namespace `Api`, and the page's elements as `Ids`: each id's tag."""
    return "\n".join(
        [
            "declare namespace Api {",
            *(line for name, each in sorted(schemas.items()) for line in _schema(name, each)),
            "}",
            "interface Ids {",
            *(f"  {json.dumps(name)}: {json.dumps(tag)};" for name, tag in ids(html).items()),
            "}",
            "",
        ]
    )


def kind(schema: Mapping[str, Any]) -> str:
    """What may stand there, as TypeScript says it."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(map(kind, schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return " | ".join(map(json.dumps, schema.get("enum", [schema.get("const")])))
    match schema.get("type"):
        case "array":
            return f"({kind(schema['items'])})[]"
        case "object":
            held = schema.get("additionalProperties")
            return f"Record<string, {kind(held) if isinstance(held, Mapping) else 'unknown'}>"
        case plain:
            return PLAIN[plain]


def ids(html: str) -> dict[str, str]:
    """The tag of each element that has an id."""
    found = _Ids()
    found.feed(html)
    return found.tags


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    if "properties" not in schema:
        yield f"  type {name} = {kind(schema)};"
        return
    required = schema.get("required", [])
    yield f"  interface {name} {{"
    for field, each in schema["properties"].items():
        yield f"    {field}{'' if field in required else '?'}: {kind(each)};"
    yield "  }"


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if name := dict(attrs).get("id"):
            self.tags[name] = tag


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    page = (FOLDER / PAGE).read_text("utf-8")
    target.write_text(declared(schema()["components"]["schemas"], page), "utf-8")
