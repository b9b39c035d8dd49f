"""What is shown of how a list was made: receipt, stages, prompt, candidates."""

from __future__ import annotations

import json

from playwright.async_api import expect
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
    assert said["in the history"] == "✓ 0 of 12"
    assert said["share Gifts"] == f"✓ {await visitor.counted('Gifts')}, wanted <=2"
    assert said["include Tea"] == "✓ 10, wanted =10"
    assert said["made by"] == "ranked, retrieve"


async def test_why_each_item_is_allowed_and_where_it_came_from_is_shown(visitor: Visitor) -> None:
    for line in await visitor.lines():
        assert "ranker" in line.text.split()
    reasons = visitor.lines_in("The list").locator(".why")
    assert await reasons.count() == 10


async def test_what_was_open_stays_open_in_the_next_list(visitor: Visitor) -> None:
    made = visitor.panel().get_by_role("region", name="How it was made")
    await made.get_by_text("The prompt", exact=True).click()
    await expect(made.get_by_text("No model was asked")).to_be_visible()
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(made.get_by_text("No model was asked")).to_be_visible()
