"""All that is served: path, methods, and the right it takes. What is not here is refused.

A route that somebody adds and forgets here is reached by nobody, whatever their key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from starlette.routing import compile_path


class Right(Enum):
    """What a caller must have."""

    OPEN = "open"
    """Nothing: it tells nothing of anybody."""
    KEY = "key"
    """A key, where keys are set, that does not watch alone."""
    WATCH = "watch"
    """A key that may watch, or an administrator's, where keys are set: it tells of all tenants."""
    ADMIN = "admin"
    """An administrator's key, always."""


@dataclass(frozen=True, slots=True)
class Road:
    """A path with the methods it has."""

    path: str
    """As the router writes it."""
    methods: frozenset[str]
    right: Right
    playground: bool = False
    """Whether it is there for the playground alone, and where that is not served no road at all."""
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", compile_path(self.path)[0])

    @property
    def allow(self) -> str:
        """The methods, as the header Allow lists them."""
        return ", ".join(sorted(self.methods))


def _road(right: Right, methods: str, path: str, *, playground: bool = False) -> Road:
    return Road(path, frozenset(methods.split()), right, playground)


ROADS: Final = (
    _road(Right.OPEN, "GET HEAD", "/"),
    # What the page there is made of.
    _road(Right.OPEN, "GET HEAD", "/playground", playground=True),
    _road(Right.OPEN, "GET HEAD", "/playground/{path:path}", playground=True),
    _road(Right.OPEN, "GET HEAD", "/healthz"),
    _road(Right.OPEN, "GET HEAD", "/readyz"),
    _road(Right.OPEN, "GET", "/docs"),
    _road(Right.OPEN, "GET HEAD", "/openapi.json"),
    # What the page at /docs is made of.
    _road(Right.OPEN, "GET HEAD", "/static-offline-docs/{path:path}"),
    _road(Right.WATCH, "GET", "/metrics"),
    _road(Right.KEY, "POST", "/recommend"),
    _road(Right.KEY, "POST", "/answer"),
    _road(Right.KEY, "POST", "/verify"),
    _road(Right.KEY, "POST", "/free", playground=True),
    _road(Right.KEY, "GET", "/about"),
    _road(Right.KEY, "POST", "/mcp"),
    _road(Right.KEY, "POST", "/events"),
    _road(Right.KEY, "GET", "/users", playground=True),
    _road(Right.KEY, "POST", "/feedback"),
    _road(Right.KEY, "GET DELETE", "/users/{user_id:path}/history"),
    _road(Right.KEY, "GET", "/items"),
    _road(Right.KEY, "GET", "/items/{item_id:path}"),
    _road(Right.KEY, "GET", "/catalogue"),
    _road(Right.ADMIN, "POST", "/catalogue/reload"),
    _road(Right.ADMIN, "POST", "/catalogue/rollback"),
)

_EXACT: Final = {road.path: road for road in ROADS if "{" not in road.path}
_BELOW: Final = tuple(road for road in ROADS if "{" in road.path)


def road_to(path: str) -> Road | None:
    """The road that a request's path takes; None where there is none."""
    exact = _EXACT.get(path)
    return exact or next((road for road in _BELOW if road.pattern.fullmatch(path)), None)
