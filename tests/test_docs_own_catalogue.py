"""docs/own-catalogue.md, done as it says, from two CSV files to a list that obeys."""

from __future__ import annotations

import csv
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from blocks import run_of
from ground import REPOSITORY
from page_run import Reader

PAGE = REPOSITORY / "docs" / "own-catalogue.md"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """All of the page done; what it serves goes on."""
    reader = Reader(tmp_path_factory.mktemp("reader"))
    try:
        for block in run_of([PAGE]):
            reader.does(block)
        yield reader
    finally:
        reader.leaves()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(folder: Path) -> list[dict[str, Any]]:
    answer = json.loads((folder / "list.json").read_text("utf-8"))
    return list(answer["items"])


def test_the_files_are_as_large_as_the_page_says(done: Reader) -> None:
    assert len(rows(done.folder / "items.csv")) == 500
    assert len(rows(done.folder / "events.csv")) == 2_000


def test_the_list_obeys_by_the_files_alone(done: Reader) -> None:
    titles = {row["id"]: row for row in rows(done.folder / "items.csv")}
    met = {row["item"] for row in rows(done.folder / "events.csv") if row["user"] == "C007"}
    ids = [item["id"] for item in listed(done.folder)]
    has = [titles[each]["categories"].split("|") for each in ids]
    assert met
    assert (len(ids), len(set(ids)), set(ids) & met) == (10, 10, set())
    assert not any("Gifts" in each for each in has)
    assert sum("Garden" in each for each in has) >= 5
    assert sum("Electronics" in each for each in has) <= 3


def test_the_wish_is_heard(done: Reader) -> None:
    # C007 is one of a hundred; who asks for the garden gets it first.
    assert "Garden" in listed(done.folder)[0]["categories"]


def test_the_page_in_the_browser_is_there(done: Reader) -> None:
    with urllib.request.urlopen(f"http://{done.here}/") as answer:
        assert answer.headers.get_content_type() == "text/html"


def test_every_step_has_its_seconds() -> None:
    steps = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    told = " ".join(steps)
    for step in ("install", "build", "train", "tune", "serve"):
        assert f"| {step}" in told
