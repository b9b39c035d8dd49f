"""docs/own-catalogue.md, done as it says, from two CSV files to a list that obeys: seen as well."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from blocks import run_of
from ground import REPOSITORY
from page_run import Reader
from playwright.async_api import Browser, expect
from serving import Service
from visitor import visiting

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


async def test_in_the_browser_the_list_obeys_a_slider(done: Reader, browser: Browser) -> None:
    titles = {row["title"] for row in rows(done.folder / "items.csv")}
    service = Service(f"http://{done.here}", done.folder / "serve.log")
    async with visiting(browser, service) as visitor:
        await visitor.open()
        async with visitor.making():
            await visitor.choose("User", "C007")
        assert visitor.last("/recommend")["user_id"] == "C007"
        assert set(await visitor.titles()) <= titles
        async with visitor.making():
            await visitor.choose("Bound the share of", "Garden")
        slider = visitor.page.get_by_role("slider", name="Share of Garden in percent")
        for percent, most in (("60", 6), ("10", 1), ("0", 0)):
            async with visitor.making():
                await slider.fill(percent)
            assert len(await visitor.lines()) == 10
            assert await visitor.counted("Garden") <= most
        async with visitor.making():
            await visitor.page.get_by_label("How Garden is bounded").select_option(label="at least")
        async with visitor.making():
            await slider.fill("70")
        assert await visitor.counted("Garden") >= 7
        gauges = visitor.lines_in("Controls, wanted and got")
        await expect(gauges).to_contain_text("wanted at least 7")


def test_every_step_has_its_seconds() -> None:
    steps = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    told = " ".join(steps)
    for step in ("install", "build", "train", "tune", "serve"):
        assert f"| {step}" in told
