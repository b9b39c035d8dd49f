"""Phones, magnified pages, both themes, and what axe has to say of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from visitor import Enter, Visitor

SHOWN = {
    "strategy": "retrieve",
    "exclude": ["Kitchen", "Tools"],
    "include": ["Gifts", "Outdoor"],
    "shares": [
        {"category": "Gifts", "op": "<=", "percent": 50},
        {"category": "Winter", "op": ">=", "percent": 20},
    ],
}
CONFLICT = SHOWN | {"include": ["Tea"], "exclude": ["Tea"]}
WIDE = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
TOUCHED = "a, button, input, select, textarea, summary, [role=option]"
SMALL = """touched => [...document.querySelectorAll(touched)]
  .map(each => each.matches("[type=radio], [type=checkbox]") ? each.closest("label") : each)
  .filter(each => each.checkVisibility({ visibilityProperty: true }) && !each.matches(".skip"))
  .map(each => [each.getBoundingClientRect(), each.outerHTML.slice(0, 90)])
  .filter(([box]) => box.width < 24 || box.height < 24).map(([, html]) => html)"""


async def complaints(visitor: Visitor) -> list[tuple[str, str]]:
    """What axe finds, light and dark."""
    found = []
    for scheme in ("light", "dark"):
        await visitor.page.emulate_media(color_scheme=scheme)
        results = await Axe().run(visitor.page, options={"resultTypes": ["violations"]})
        found += [
            (f"{scheme}: {each['id']} ({each['impact']})", each["nodes"][0]["html"][:200])
            for each in results.response["violations"]
        ]
    return found


async def dressed(enter: Enter, kept: Any, *, made: bool = True) -> Visitor:
    visitor = await enter(reduced_motion="reduce")
    await visitor.open(kept, made=made)
    return visitor


async def unfolded(visitor: Visitor) -> None:
    """Open what both lists of a comparison fold away, and what is folded away in that."""
    panel = visitor.panel("Compare")
    for folds in ("Receipt, stages, prompt, code", re.compile("^(The request as|What these)")):
        for part in await panel.locator("summary").filter(has_text=folds).all():
            await part.click()


async def test_axe_on_a_list(enter: Enter) -> None:
    visitor = await dressed(enter, {"wishes": SHOWN})
    for part in await visitor.page.locator("summary:visible").all():
        await part.click()
    await visitor.button("Verify").click()
    await expect(visitor.panel().get_by_text("It holds")).to_be_visible()
    assert await complaints(visitor) == []


async def test_axe_on_suggestions(enter: Enter) -> None:
    visitor = await dressed(enter, {"wishes": SHOWN})
    await visitor.field("Only these categories").press_sequentially("g")
    await expect(visitor.options()).not_to_have_count(0)
    await visitor.page.keyboard.press("ArrowDown")
    assert await complaints(visitor) == []


async def test_axe_on_a_conflict_and_on_the_dialog(enter: Enter) -> None:
    visitor = await dressed(enter, {"wishes": CONFLICT})
    visitor.expects(422)
    await expect(visitor.button("Let go of the fewest controls")).to_be_visible()
    assert await complaints(visitor) == []
    await visitor.button("Key").click()
    await expect(visitor.page.get_by_role("dialog")).to_be_visible()
    assert await complaints(visitor) == []


async def test_axe_on_a_comparison(enter: Enter) -> None:
    wishes = {"k": 2, "include": ["Tea"]}
    visitor = await dressed(enter, {"tab": "compare", "wishes": wishes}, made=False)
    await visitor.button("Free against steered").click()
    await expect(visitor.panel("Compare")).to_contain_text(re.compile(r"\d items? in both"))
    await expect(visitor.page.locator(".amiss").first).to_be_visible()
    await unfolded(visitor)
    await expect(visitor.panel("Compare").get_by_role("table", name="Stages")).to_be_visible()
    assert await complaints(visitor) == []


async def test_axe_on_an_answer(enter: Enter) -> None:
    visitor = await dressed(enter, {"tab": "answer"}, made=False)
    async with visitor.making("/answer", "Answer"):
        await visitor.button("Ranking").click()
    for part in await visitor.panel("Answer").locator("summary").all():
        await part.click()
    assert await complaints(visitor) == []


@pytest.mark.parametrize(("width", "height"), [(375, 700), (640, 450)], ids=["phone", "magnified"])
async def test_nothing_is_wider_than_the_window(enter: Enter, width: int, height: int) -> None:
    visitor = await enter(width=width, height=height)
    page = visitor.page
    await visitor.open({"wishes": SHOWN | {"k": 4}})
    for part in await page.locator("summary:visible").all():
        await part.click()
    await visitor.field("Only these categories").press_sequentially("g")
    await expect(visitor.options()).not_to_have_count(0)
    assert await page.evaluate(WIDE) == 0
    assert await page.evaluate(SMALL, TOUCHED) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("tab", name="Compare").click()
    await page.get_by_label("B: made by").select_option("retrieve")
    await page.get_by_label("A: made by").select_option("rank")
    await visitor.button("Compare").click()
    await expect(visitor.panel("Compare")).to_contain_text(re.compile(r"\d items? in both"))
    await unfolded(visitor)
    assert await page.evaluate(WIDE) == 0
    assert await page.evaluate(SMALL, TOUCHED) == []
    await page.get_by_role("tab", name="Answer").click()
    async with visitor.making("/answer", "Answer"):
        await visitor.button("Multiple choice").click()
    for part in await visitor.panel("Answer").locator("summary").all():
        await part.click()
    assert await page.evaluate(WIDE) == 0
    assert await page.evaluate(SMALL, TOUCHED) == []
    await visitor.button("Key").click()
    assert await page.evaluate(WIDE) == 0


async def test_on_a_phone_the_list_comes_into_sight(enter: Enter) -> None:
    visitor = await enter(width=375, height=700)
    await visitor.open({"wishes": SHOWN})
    first = visitor.lines_in("The list").get_by_role("listitem").first
    await expect(first).not_to_be_in_viewport()
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(first).to_be_in_viewport()


async def test_the_theme_is_chosen_and_kept(visitor: Visitor) -> None:
    page = visitor.page

    async def paper() -> float:
        told = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(float, re.findall(r"[\d.]+", told)[:3]))

    light = await paper()
    await page.get_by_role("button", name="Theme: auto").click()
    await page.get_by_role("button", name="Theme: light").click()
    assert await paper() < light / 2
    await page.reload()
    await expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert await paper() < light / 2
    await page.get_by_role("button", name="Theme: dark").click()
    assert await paper() == light
    await page.emulate_media(color_scheme="dark")
    assert await paper() < light / 2


async def test_a_theme_that_is_none_is_not_taken(visitor: Visitor) -> None:
    page = visitor.page
    await page.evaluate("localStorage.setItem('listwright-theme', 'toString')")
    await page.reload()
    await page.get_by_role("button", name="Theme: auto").click()
    await expect(page.get_by_role("button", name="Theme: light")).to_be_visible()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
async def test_who_wants_no_motion_gets_none(enter: Enter, motion: str) -> None:
    visitor = await enter(reduced_motion=motion)
    await visitor.open({"wishes": SHOWN})
    moving = await visitor.page.evaluate(
        """() => [...document.querySelectorAll("main *")].map(getComputedStyle).filter(style =>
          style.animationName !== "none" || parseFloat(style.transitionDuration)).length"""
    )
    assert (moving == 0) == (motion == "reduce")
