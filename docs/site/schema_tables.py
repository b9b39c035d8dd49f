"""Schemas as tables: each field with its type, bounds, default, meaning and an example."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

Schema = Mapping[str, Any]

BOUNDS: Final[Mapping[str, str]] = {
    "minimum": "at least {}",
    "ge": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "le": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "format": "{}",
}
"""How a schema's own words for a bound are told."""

WITHOUT_NUL: Final = "^[^\\u0000]*$"
WITHOUT_NUL_OR_LINES: Final = "^[^\\u0000\\n]*$"
PATTERNS: Final[Mapping[str, str]] = {
    WITHOUT_NUL: "",  # Said once for all texts, where the page begins.
    WITHOUT_NUL_OR_LINES: "one line",
}


def kind_of(schema: Schema) -> str:
    """What may stand there, in words; a schema with a name of its own is linked."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if alternatives := schema.get("anyOf"):
        return " or ".join(map(kind_of, alternatives))
    if values := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return " or ".join(map(_code, values))
    kind = str(schema.get("type", "anything"))
    held = schema.get("items" if kind == "array" else "additionalProperties")
    of = f" of {kind_of(held)}" if isinstance(held, Mapping) else ""
    return f"{'list' if kind == 'array' else kind}{of}"


def bounds_of(schema: Schema) -> Iterator[str]:
    """What bounds it, in words; those of a list's entries after those of the list."""
    for each in schema.get("anyOf", ()):
        yield from bounds_of(each)
    if schema.get("minLength") == 1:
        yield "not empty"
    for word, told in BOUNDS.items():
        if word in schema and (word, schema[word]) != ("minLength", 1):
            yield told.format(_plain(schema[word]))
    if "pattern" in schema and (told := PATTERNS.get(schema["pattern"], f"`{schema['pattern']}`")):
        yield told
    if inner := list(bounds_of(schema["items"])) if "items" in schema else []:
        yield f"each {', '.join(inner)}"


def table_of(schema: Schema, *, sent: bool) -> str:
    """A table of a schema's fields. `sent`: by the client, so there are bounds and defaults."""
    fields = schema.get("properties", {})
    if not fields:
        return "No fields.\n"
    required = set(schema.get("required", ()))
    head = ["field", "type", *(["bounds", "default"] if sent else []), "meaning", "example"]
    rows = [row_of(name, field, required, sent=sent) for name, field in fields.items()]
    return table(head, rows)


def row_of(name: str, field: Schema, required: set[str], *, sent: bool) -> list[str]:
    """One field's cells."""
    bounds = ", ".join(bounds_of(field))
    default = "required" if name in required else _code(field.get("default"))
    example = field.get("examples", [None])[0]
    return [
        f"`{name}`",
        kind_of(field),
        *([bounds, default] if sent else []),
        field.get("description", ""),
        "" if example is None else _code(example),
    ]


def names_in(schema: Any) -> Iterator[str]:
    """Names of the schemas that one refers to, in their order."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield str(schema["$ref"]).rpartition("/")[2]
        for key, value in schema.items():
            if key not in {"example", "examples", "default"}:
                yield from names_in(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from names_in(each)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, whatever stands in its cells."""
    return "\n".join(_row(cells) for cells in (head, ["---"] * len(head), *rows)) + "\n"


def _row(cells: Sequence[str]) -> str:
    # A bar or a line's end inside a cell would end it.
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _code(value: object) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _plain(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
