"""The name of a version: a hash of all that goes into it, so the same input is the same version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import orjson
import pyarrow as pa

from service.catalog.artifact_items import attributes_json
from service.catalog.build_tools import Tools
from service.catalog.manifest import FORMAT
from service.catalog.read import Events, Source
from service.domain import Item


def version_of(source: Source, tools: Tools) -> str:
    """The version that a source and tools make."""
    digest = hashlib.sha256()
    digest.update(orjson.dumps(_made_with(tools)))
    for item in source.items:
        digest.update(_item(item))
    for part in _events(source.events):
        digest.update(part)
    return f"c{digest.hexdigest()[:12]}"


def _made_with(tools: Tools) -> list[object]:
    similarity = tools.similarity
    encoder = [similarity.encoder.name, similarity.encoder.dimension] if similarity else None
    return [FORMAT, tools.tokenizer.sha256, encoder, tools.title_tokens, tools.max_k]


def _item(item: Item) -> bytes:
    fields = [item.id, item.title, item.categories, attributes_json(item.attributes)]
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def _events(events: Events) -> Iterator[bytes]:
    # The items' dictionary is the source's own ids, which are hashed with the items.
    yield orjson.dumps(events.users.dictionary.to_pylist())
    yield _indices(events.users)
    yield _indices(events.items)
    yield events.timestamps.tobytes()


def _indices(column: pa.DictionaryArray) -> bytes:
    values: bytes = column.indices.to_numpy().tobytes()
    return values
