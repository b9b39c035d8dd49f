"""The documentation's pictures: all are there, all are shown, none is heavy."""

from __future__ import annotations

import re

from ground import REPOSITORY

DOCS = REPOSITORY / "docs"
MOST_BYTES = 150_000


def test_each_picture_is_shown_and_each_that_is_shown_exists() -> None:
    shown = {
        target
        for page in DOCS.glob("*.md")
        for target in re.findall(r"!\[[^]]+\]\(pictures/([^)]+)\)", page.read_text("utf-8"))
    }
    assert shown == {path.name for path in (DOCS / "pictures").iterdir()}


def test_none_is_heavy() -> None:
    heavy = [path for path in (DOCS / "pictures").iterdir() if path.stat().st_size > MOST_BYTES]
    assert heavy == []
