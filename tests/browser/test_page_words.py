"""The page's words: explained where they stand, to whoever reads, touches, types or listens."""

from __future__ import annotations

import json
import re

from playwright.async_api import Locator, expect
from visitor import Enter, Visitor

from service.domain import Path, Source, Strategy

SUMMARY = "What these words mean"


def words_in(part: Locator) -> Locator:
    """The region's own; what is within it may have others before."""
    return part.locator("details.words", has_text=SUMMARY).last


async def explained(part: Locator) -> dict[str, str]:
    """What a region says of its words, opened by keyboard."""
    words = words_in(part)
    await words.locator("summary").focus()
    await part.page.keyboard.press("Enter")
    await expect(words.get_by_role("term").first).to_be_visible()
    names = await words.get_by_role("term").all_inner_texts()
    said = await words.get_by_role("definition").all_inner_texts()
    assert all(20 < len(each) < 320 for each in said)
    return dict(zip(names, said, strict=True))


async def opened(enter: Enter) -> tuple[Visitor, dict[str, list[str]]]:
    """A list for which all was asked; the names of what it shows."""
    visitor = await enter()
    wishes = {"strategy": "generate", "k": 3, "text": "gifts for a hike", "cot": "self"}
    await visitor.open({"wishes": wishes})
    await visitor.panel().get_by_text("The whole answer as JSON").click()
    answer = json.loads(await visitor.panel().locator("pre:visible").inner_text())
    return visitor, {
        "stages": [stage["name"] for stage in answer["inside"]["stages"]],
        "retrievers": answer["receipt"]["retrievers"],
    }


async def test_each_word_of_a_list_is_explained(enter: Enter) -> None:
    visitor, shown = await opened(enter)
    how = await explained(visitor.page.get_by_role("group", name="How"))
    assert {*Strategy, "strategy", "prior weight", "thinking first"} <= how.keys()
    receipt = await explained(visitor.panel().get_by_role("region", name="Receipt"))
    assert {"receipt", "repaired", "degraded", "catalogue", "ranker"} <= receipt.keys()
    assert "let go (relaxed)" in receipt
    assert set(Path) <= set(re.findall(r"(\w+):", receipt["made by (path)"]))
    marks = next(name for name in receipt if name.startswith("model, "))
    assert len(marks.split(", ")) == len(Source)
    made = await explained(visitor.panel().get_by_role("region", name="How it was made"))
    assert {*shown["retrievers"], "considered", "inside"} <= made.keys()
    assert {"sasrec", "similarity", "search", "mentions", "popularity"} <= made.keys()
    assert set(shown["stages"]) <= set(re.findall(r"(\w+):", made["stages"]))


async def test_each_word_of_the_other_tabs_is_explained(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"tab": "answer"}, made=False)
    async with visitor.making("/answer", "Answer"):
        await visitor.button("Ranking").click()
    answer = visitor.panel("Answer")
    told = await explained(answer)
    stages = await answer.get_by_role("table", name="Stages").get_by_role("rowheader").all()
    names = {await stage.inner_text() for stage in stages}
    assert names <= set(re.findall(r"(\w+):", told["stages"]))
    assert {"thinking first", "similar", "degraded"} <= told.keys()
    await visitor.page.get_by_role("tab", name="Compare").click()
    told = await explained(visitor.panel("Compare"))
    assert {"free", "steered", "violation", "prior weight", "thinking first"} <= told.keys()


async def test_what_was_read_stays_open_in_the_next_list(visitor: Visitor) -> None:
    receipt = visitor.panel().get_by_role("region", name="Receipt")
    await explained(receipt)
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(receipt.get_by_text("repaired", exact=True).last).to_be_visible()


async def test_nothing_is_told_to_the_pointer_alone(enter: Enter) -> None:
    visitor, _ = await opened(enter)
    assert await visitor.page.locator("main [title]").count() == 0
