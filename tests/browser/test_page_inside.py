"""What is shown of how a list was made: receipt, stages, prompt, candidates."""

from __future__ import annotations

import json
from typing import Any

import pytest
import streams
from playwright.async_api import Route, expect
from visitor import Enter, Visitor

BARS = """table => [...table.querySelectorAll("td.when")].map(cell => {
  const [box, bar] = [cell, cell.querySelector("i")].map(each => each.getBoundingClientRect());
  return bar.left >= box.left - .5 && bar.right <= box.right + .5 && bar.width >= 2;
})"""


async def test_how_a_list_was_made_is_shown(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"wishes": {"strategy": "generate", "k": 4, "text": "for a rainy hike"}})
    panel = visitor.panel()
    await panel.get_by_text("The whole answer as JSON").click()
    answer = json.loads(await panel.locator("pre:visible").inner_text())
    made = panel.get_by_role("region", name="How it was made")
    stages = made.get_by_role("table", name="Stages")
    shown = await stages.get_by_role("rowheader").all_inner_texts()
    assert shown == [stage["name"] for stage in answer["inside"]["stages"]]
    assert len(shown) >= 4
    assert await stages.evaluate(BARS) == [True] * len(shown)
    await made.get_by_text("Considered, similar items among them", exact=True).click()
    considered = made.get_by_role("table", name="The best that the plan allowed")
    await expect(considered.get_by_role("columnheader", name="similarity")).to_be_visible()
    await expect(considered).to_contain_text("similarity is how much an item resembles those met")
    titles = await considered.get_by_role("rowheader").all_inner_texts()
    assert titles == [each["title"] for each in answer["inside"]["considered"]]
    assert len(titles) == 10
    await made.get_by_text("The prompt", exact=True).click()
    await expect(made.get_by_text("for a rainy hike")).to_be_visible()
    assert answer["inside"]["prompt"]["user"] in await made.inner_text()


async def test_the_receipt_tells_what_was_counted(enter: Enter) -> None:
    visitor = await enter()
    shares = [{"category": "Gifts", "op": "<=", "percent": 20}]
    await visitor.open({"wishes": {"strategy": "retrieve", "shares": shares, "include": ["Tea"]}})
    receipt = visitor.panel().get_by_role("region", name="Receipt")
    said = dict(
        zip(
            await receipt.get_by_role("term").all_inner_texts(),
            await receipt.get_by_role("definition").all_inner_texts(),
            strict=True,
        )
    )
    assert said["exist"] == "✓ 10 of 10"
    assert said["stand there twice"] == "✓ none"
    assert said["in the history"] == "✓ none of 12"
    gifts = await visitor.counted("Gifts")
    assert said["Gifts: at most 20%"] == f"✓ {gifts}, wanted at most 2"
    assert said["only Tea"] == "✓ 10, wanted all 10"
    assert said["made by"] == "ranked, retrieve"
    assert not {"how much the words count", "of the history unknown"} & said.keys()
    bars = visitor.panel().get_by_role("list", name="Controls, wanted and got")
    for label in ("Gifts: at most 20%", "only Tea"):
        await expect(bars.get_by_text(label, exact=True)).to_be_visible()
    await visitor.panel().get_by_text("The whole answer as JSON").click()
    raw = json.loads(await visitor.panel().locator("pre:visible").inner_text())["receipt"]
    assert [control["want"] for control in raw["controls"]] == ["=10", "<=2"]


async def test_the_receipt_tells_what_is_out_of_the_way(enter: Enter) -> None:
    """A history that the catalogue does not know, and words that count otherwise than tuned."""
    visitor = await enter()

    async def heavier(route: Route) -> None:
        body = route.request.post_data_json | {"wish_weight": 4}
        await route.continue_(post_data=body)

    await visitor.page.route("**/recommend", heavier)
    met = [{"id": "p041", "title": "Small Teapot"}, {"id": "gone", "title": "Gone"}]
    wishes = {"strategy": "retrieve", "who": "own", "history": met, "text": "tea"}
    await visitor.open({"wishes": wishes})
    receipt = visitor.panel().get_by_role("region", name="Receipt")
    entry = receipt.locator(".entry")
    await expect(entry.filter(has_text="how much the words count")).to_contain_text(
        "4 times as tuned"
    )
    unknown = entry.filter(has_text="of the history unknown")
    await expect(unknown).to_contain_text("1: not in this catalogue")
    await expect(entry.filter(has_text="in the history")).to_contain_text("none of 1")


async def test_why_each_item_is_allowed_and_where_it_came_from_is_shown(visitor: Visitor) -> None:
    for line in await visitor.lines():
        assert "retrievers" in line.text.split()
    await expect(visitor.panel().locator(".status")).to_contain_text("by the retrievers")


@pytest.mark.parametrize("strategy", ["retrieve", "generate"])
async def test_the_reasons_are_those_of_the_answer(enter: Enter, strategy: str) -> None:
    visitor = await enter()
    kept = {"strategy": strategy, "k": 6, "text": "tea on a journey", "exclude": ["Garden"]}
    await visitor.open({"wishes": kept})
    await visitor.panel().get_by_text("The whole answer as JSON").click()
    answer = json.loads(await visitor.panel().locator("pre:visible").inner_text())
    reasons = await visitor.lines_in("The list").locator(".why").all_inner_texts()
    assert reasons == [item["reason"] for item in answer["items"]]
    assert all("in none of the excluded categories" in reason for reason in reasons)
    assert any("your words" in reason for reason in reasons)


async def test_items_of_one_title_are_told_apart(enter: Enter) -> None:
    visitor = await enter()

    def alike(place: int, item: dict[str, Any]) -> None:
        if place in {1, 4}:
            item["title"] = "Sour Curry" if place == 1 else "sour curry"

    await streams.retold(visitor.page, alike)
    await visitor.open({"wishes": {"strategy": "retrieve", "k": 6}})
    every = visitor.lines_in("The list").locator(".line")
    lines = every.filter(has=visitor.page.locator(".id"))
    ids = await lines.locator(".id").all_inner_texts()
    assert len(ids) == 2
    assert len(set(ids)) == 2
    assert all(said.startswith("id ") for said in ids)
    titles = await lines.locator(".title").all_inner_texts()
    assert titles == ["Sour Curry", "sour curry"]


@pytest.mark.parametrize("width", [375, 1280])
async def test_long_words_make_nothing_wider_than_the_window(enter: Enter, width: int) -> None:
    visitor = await enter(width=width)
    word = "Donaudampfschifffahrt" * 25

    def endless(place: int, item: dict[str, Any]) -> None:
        item["categories"] = [word[:512], *item["categories"]]
        item["title"] = f"{place} {word * 4}"[:2000]

    await streams.retold(visitor.page, endless)
    await visitor.open({"wishes": {"strategy": "retrieve", "k": 3}})
    wide = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert await visitor.page.evaluate(wide) == 0
    line = visitor.lines_in("The list").locator(".line").first
    inside = """line => [...line.querySelectorAll("*")].every(each =>
      each.getBoundingClientRect().right <= line.getBoundingClientRect().right)"""
    assert await line.evaluate(inside)
    assert len(await line.locator(".title").inner_text()) < 300
    await line.get_by_text("The whole title").click()
    await expect(line).to_contain_text(f"0 {word * 4}"[:2000])
    assert await visitor.page.evaluate(wide) == 0


async def test_what_was_open_stays_open_in_the_next_list(visitor: Visitor) -> None:
    made = visitor.panel().get_by_role("region", name="How it was made")
    await made.get_by_text("The prompt", exact=True).click()
    await expect(made.get_by_text("No model was asked")).to_be_visible()
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(made.get_by_text("No model was asked")).to_be_visible()
