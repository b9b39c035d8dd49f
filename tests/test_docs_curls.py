"""What the pages send by curl or Python is sent, to a real service over the demo shop."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest
from blocks import Block, blocks_of
from ground import REPOSITORY
from page_run import Reader

from service.demo.write import write_shop
from service.settings import load_settings
from service.wiring import build_catalogue

# It has a test of its own, for its catalogue is its own.
ELSEWHERE = {"own-catalogue.md", "access.md", "catalogue.md"}
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
BLOCKS = [block for page in PAGES if page.name not in ELSEWHERE for block in blocks_of(page)]
SENT = [
    block
    for block in BLOCKS
    if block.language == "python" or (block.language == "bash" and "curl " in block.text)
]
LISTED_BEFORE = ("4f1c9a0be2d7", "P00601", "P00017")
"""The request and the items of a list that a page speaks of as made before."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The demo shop without embeddings, which take long to make; the small model writes."""
    folder = tmp_path_factory.mktemp("shop")
    files = write_shop(folder)
    settings = load_settings({"retrieval": {"similarity": False}})
    build_catalogue(files.items, files.events, folder / "shop", settings)
    reader = Reader(folder, LISTWRIGHT_RETRIEVAL__SIMILARITY="false")
    try:
        reader.serves(".venv/bin/listwright serve --catalogue shop")
        yield reader
    finally:
        reader.leaves()


def made_before(reader: Reader, block: Block) -> Block:
    """The block about a list that was really made, under the id that the page names."""
    name, *items = LISTED_BEFORE
    body = json.dumps({"user_id": "U00042", "k": len(items)}).encode()
    headers = {"Content-Type": "application/json", "X-Request-ID": name}
    request = urllib.request.Request(f"http://{reader.here}/recommend", body, headers)
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own
        listed = [item["id"] for item in json.load(answer)["items"]]
    text = block.text
    for shown, there in zip(items, listed, strict=True):
        text = text.replace(shown, there)
    return replace(block, text=text)


@pytest.mark.parametrize("block", SENT, ids=str)
def test_it_is_answered_as_the_page_says(reader: Reader, block: Block) -> None:
    assert block.why_not is None
    if "/feedback" in block.text:
        block = made_before(reader, block)
    assert reader.does(block)


def test_pages_that_send_something_are_among_them() -> None:
    pages = {block.page.name for block in SENT}
    assert pages >= {"README.md", "start.md", "streaming.md", "answers.md", "users.md"}


def test_what_is_not_run_says_why() -> None:
    marked = [block for page in PAGES for block in blocks_of(page) if block.why_not is not None]
    assert all(len(str(block.why_not).split()) > 3 for block in marked)
    assert len(marked) <= 3
