"""Links: as a viewer of the repository follows them, made such as the site has them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Final

LINK: Final = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")
FENCED: Final = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """A page with all changed but its code blocks."""
    parts = FENCED.split(text)
    return "".join(part if place % 2 else change(part) for place, part in enumerate(parts))


def target_of(page: PurePosixPath, link: str) -> PurePosixPath | None:
    """Which file of the repository a link of a page leads to; None for none of them."""
    path = link.partition("#")[0]
    if not path or "://" in link or link.startswith("mailto:"):
        return None
    return PurePosixPath(os.path.normpath(page.parent / path))


def moved(text: str, page: PurePosixPath, places: Mapping[PurePosixPath, PurePosixPath]) -> str:
    """A page's text with each link to a file that has another place on the site led there."""

    def led(found: re.Match[str]) -> str:
        link = found[1]
        target = target_of(page, link)
        if target is None:
            return link
        _, hash_sign, heading = link.partition("#")
        there = os.path.relpath(places[target], places[page].parent)
        return there + hash_sign + heading

    return outside_code(text, lambda part: LINK.sub(led, part))
