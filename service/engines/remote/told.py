"""What a server's answer tells of an error: its words, and names of kinds and fields.

Bodies have many shapes, and may quote the request, what users wrote included. So nothing is looked
at but the places where servers put words and names of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

_DEEPEST: Final = 4
"""Layers around the fields of an error, as `message` around `detail` around a list of faults."""

_WORDS: Final = ("message", "msg")
_LAYERS: Final = ("detail", "message")
_BARE: Final = ("error", "detail")
_NOWHERE: Final = frozenset({"", "none", "null"})


def told(body: bytes) -> Mapping[str, Any]:
    """The message, code, type and param of an error; of several faults those of the first."""
    try:
        said = orjson.loads(body)
    except ValueError:
        return {"message": body.decode("utf-8", "replace")}
    for _ in range(_DEEPEST):
        inner = _inner(said)
        if inner is None:
            break
        said = inner
    return _fields(said)


def _inner(said: Any) -> Any:
    """What a layer is around; None where there is nothing."""
    if isinstance(said, list):
        return said[0] if said else None
    if not isinstance(said, dict):
        return None
    if isinstance(said.get("error"), dict | list):
        return said["error"]
    if any(isinstance(said.get(key), str) for key in _WORDS):
        return None
    return next((said[key] for key in _LAYERS if isinstance(said.get(key), dict | list)), None)


def _fields(said: object) -> Mapping[str, Any]:
    if isinstance(said, str):
        return {"message": said}
    if not isinstance(said, dict):
        return {}
    words = (said.get(key) for key in (*_WORDS, *_BARE))
    return {
        "message": next((each for each in words if isinstance(each, str)), ""),
        "code": said.get("code"),
        "type": said.get("type"),
        "param": _param(said),
    }


def _param(said: Mapping[str, Any]) -> str | None:
    """The field of the request that is at fault, if one is named."""
    param, loc = said.get("param"), said.get("loc")
    if isinstance(param, str):
        return None if param.lower() in _NOWHERE else param
    path = loc if isinstance(loc, list) else []
    return next((part for part in path if isinstance(part, str) and part != "body"), None)
