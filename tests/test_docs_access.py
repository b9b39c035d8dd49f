"""docs/access.md, then docs/catalogue.md, done as they say: keys, and another version."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest
from blocks import Block, run_of
from bookcase import books, readings, source, tools
from ground import REPOSITORY
from page_run import Reader

from service.access.keyring import read_keyring
from service.catalog.build import build

ACCESS, CATALOGUE = (REPOSITORY / "docs" / name for name in ("access.md", "catalogue.md"))
# No model is loaded, and lists are no longer than the catalogue numbers lines.
PLAIN = {
    "LISTWRIGHT_ENGINE__KIND": "none",
    "LISTWRIGHT_RETRIEVAL__SIMILARITY": "false",
    "LISTWRIGHT_RECOMMEND__MAX_K": "20",
}
SHOWN = re.compile(r"shown this once: (\S+)")
VERSION = re.compile(r'"version":"(\w+)"')


class Keyed:
    """Who carries out both pages, over a catalogue of books, and keeps the keys that are shown."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.keys: list[str] = []
        self.outputs: list[str] = []
        files = source(reader.folder, books(), readings())
        self.before = build(files, reader.folder / "shop", tools(similar=False)).name

    def does(self, block: Block, key: int) -> None:
        """A block, with that one of the keys in the place of `KEY`."""
        if self.keys:
            block = replace(
                block, text=block.text.replace("Bearer KEY", f"Bearer {self.keys[key]}")
            )
        self.outputs.append(self.reader.does(block))
        self.keys += SHOWN.findall(self.reader.told)

    def builds(self) -> str:
        """Another version beside the one that is served."""
        folder = self.reader.folder
        fewer = source(folder, books()[1:], ())
        return build(fewer, folder / "shop", tools(similar=False)).name


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    """All of the first page; what it serves goes on."""
    reader = Reader(tmp_path_factory.mktemp("keyed"), **PLAIN)
    keyed = Keyed(reader)
    try:
        for block in run_of([ACCESS]):
            keyed.does(block, key=0)
        yield keyed
    finally:
        reader.leaves()


def test_each_key_has_the_rights_that_the_page_gives_it(done: Keyed) -> None:
    keyring = read_keyring(done.reader.folder / "keys.toml")
    holders = [keyring.holder(key) for key in done.keys]
    rights = [(each.name, each.admin, each.watch) for each in holders if each is not None]
    assert rights == [
        ("shop-1", False, False),
        ("shop-admin", True, False),
        ("prometheus", False, True),
    ]


def test_a_key_opens_what_is_closed_without_one(done: Keyed) -> None:
    assert VERSION.findall(done.outputs[-1]) == [done.before]
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"http://{done.reader.here}/catalogue")


def test_the_version_that_was_built_is_served_and_then_the_one_before(done: Keyed) -> None:
    after = done.builds()
    (block,) = run_of([CATALOGUE])
    done.does(block, key=1)
    assert VERSION.findall(done.outputs[-1]) == [after, done.before]
