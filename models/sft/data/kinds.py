"""The tasks that a model is taught, and who draws what each of them asks for.

Controls are drawn as the evaluator draws those that it asks about, so that a list which has the
true next item can always obey them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from models.evaluate.recommend.tasks import MAKERS, Maker, Task


class Kind(StrEnum):
    """A task, by its name in configurations, files and figures."""

    SEQUENTIAL = "sequential"
    INCLUDE = "include"
    EXCLUDE = "exclude"
    AT_MOST = "at-most"
    AT_LEAST = "at-least"
    ABOUT = "about"
    SEARCH = "search"
    GENERAL = "general"


LISTS: Final = tuple(kind for kind in Kind if kind is not Kind.GENERAL)
"""The tasks whose answer is a list."""

DRAWN: Final[Mapping[Kind, Maker]] = {
    Kind.SEQUENTIAL: MAKERS[Task.SEQUENTIAL],
    Kind.INCLUDE: MAKERS[Task.INCLUDE],
    Kind.EXCLUDE: MAKERS[Task.EXCLUDE],
    Kind.AT_MOST: MAKERS[Task.AT_MOST],
    Kind.AT_LEAST: MAKERS[Task.AT_LEAST],
    Kind.ABOUT: MAKERS[Task.ABOUT],
    # Who searches for a category wants items of it and no others.
    Kind.SEARCH: MAKERS[Task.INCLUDE],
}
"""How the request of each task is drawn."""
