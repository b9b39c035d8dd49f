"""Two ways to make a list, side by side; what breaks a promise is red and says which."""

from __future__ import annotations

import re

from playwright.async_api import Locator, expect
from visitor import Enter, Visitor

TIGHT = {"include": ["Tea"], "shares": [{"category": "Gifts", "op": "<=", "percent": 25}], "k": 4}


def side(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("region", name=f"Side {name}")


async def compared(visitor: Visitor) -> None:
    await expect(visitor.panel("Compare")).to_contain_text(re.compile(r"\d+ items? in both"))


async def test_the_free_model_breaks_what_the_steered_one_keeps(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"tab": "compare", "wishes": TIGHT}, made=False)
    await visitor.button("Free against steered").click()
    await expect(visitor.button("Stop")).to_be_visible()
    await compared(visitor)
    await expect(visitor.button("Stop")).to_be_hidden()
    free, steered = await visitor.lines("List A"), await visitor.lines("List B")
    broken = [line for line in free if line.red]
    assert broken
    assert all(line.amiss for line in broken)
    assert not any(line.amiss for line in free if not line.red)
    await expect(side(visitor, "A")).to_contain_text(re.compile(r"✗ \d+ violations?: \d+ \w+"))
    amiss = side(visitor, "A").locator(".amiss").first
    red, green, blue = await amiss.evaluate(
        "each => getComputedStyle(each).color.match(/\\d+/g).slice(0, 3).map(Number)"
    )
    assert red > 100 + max(green, blue)
    await expect(side(visitor, "B")).to_contain_text("✓ no violation")
    assert len(steered) == 4
    assert not any(line.red or line.amiss for line in steered)
    assert all("Tea" in line.categories for line in steered)
    assert sum("Gifts" in line.categories for line in steered) <= 1


async def test_weight_0_against_tuned(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"tab": "compare", "wishes": {"k": 4}}, made=False)
    await visitor.button("Weight 0 against tuned").click()
    await compared(visitor)
    assert [
        request.post_data_json["prior_weight"]
        for request in visitor.asked
        if request.url.endswith("/recommend") and "prior_weight" in request.post_data_json
    ] == [0]
    shared = set(await visitor.titles("List A")) & set(await visitor.titles("List B"))
    await expect(visitor.panel("Compare")).to_contain_text(f"{len(shared)} item")
    await expect(visitor.panel("Compare").get_by_text("in both", exact=True)).to_have_count(
        2 * len(shared)
    )
    for name in "AB":
        await expect(side(visitor, name)).to_contain_text("✓ no violation")


async def test_a_comparison_can_be_stopped_and_made_again(enter: Enter) -> None:
    visitor = await enter()
    sides = [{"way": "generate"}, {"way": "retrieve"}]
    await visitor.open({"tab": "compare", "wishes": {"k": 30}, "sides": sides}, made=False)
    await visitor.button("Compare").press("Enter")
    await expect(visitor.lines_in("List A").get_by_role("listitem").first).to_be_visible()
    await visitor.button("Stop").press("Enter")
    await expect(side(visitor, "A")).to_contain_text("Stopped.")
    await expect(visitor.button("Compare")).to_be_focused()
    await visitor.page.get_by_label("A: made by").select_option("retrieve")
    await visitor.button("Compare").click()
    await compared(visitor)
    assert await visitor.titles("List A") == await visitor.titles("List B")


async def test_a_conflict_is_explained_on_both_sides(enter: Enter) -> None:
    visitor = await enter()
    visitor.expects(422)
    await visitor.open(
        {"tab": "compare", "wishes": {"include": ["Tea"], "exclude": ["Tea"]}}, made=False
    )
    await visitor.button("Compare").click()
    for name in "AB":
        await expect(side(visitor, name)).to_contain_text("These controls cannot all hold")
