"""All of the page with a keyboard alone, and what is said to who does not see it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect
from visitor import Enter, Visitor

SEEN = """() => {
  const has = document.activeElement;
  // A radio button is drawn by the words beside it.
  const shown = has.matches("[type=radio]") ? has.nextElementSibling : has;
  const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
  const middle = [box.left + box.width / 2, Math.min(box.top + box.height / 2, innerHeight - 1)];
  const top = document.elementFromPoint(...middle);
  return {
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    uncovered: Boolean(top) && [shown, has.parentElement].some(each => each.contains(top)),
  };
}"""

SHARES = [{"category": "Gifts", "op": "<=", "percent": 50}]
MOST_STOPS = 80


async def reach(visitor: Visitor, name: str) -> None:
    """Press Tab until something of that name has the focus, which is seen all the way."""
    passed = []
    for _ in range(MOST_STOPS):
        await visitor.page.keyboard.press("Tab")
        passed.append(await visitor.focused())
        if passed[-1] == "body":
            continue  # Where the page ends, the browser's own buttons begin.
        assert await visitor.page.evaluate(SEEN) == {"outlined": True, "uncovered": True}, passed
        if passed[-1] == name:
            return
    raise AssertionError(f"no {name!r} among {passed}")


async def test_from_load_to_list_pair_and_answer(enter: Enter) -> None:
    visitor = await enter()
    page, keyboard = visitor.page, visitor.page.keyboard
    await visitor.open({"wishes": {"strategy": "retrieve", "k": 4}})
    await reach(visitor, "Only these categories")
    await keyboard.type("Tea")
    await expect(visitor.options()).to_have_count(1)
    await keyboard.press("ArrowDown")
    async with visitor.making():
        await keyboard.press("Enter")
    await reach(visitor, "Bound the share of")
    await keyboard.type("Gif")
    await expect(visitor.options()).to_have_count(1)
    await keyboard.press("Enter")
    assert await visitor.focused() == "Share of Gifts in percent"
    for _ in range(4):
        await keyboard.press("ArrowRight")
    await reach(visitor, "Make the list")
    async with visitor.making():
        await keyboard.press("Enter")
    assert await visitor.focused() == "Make the list"
    lines = await visitor.lines()
    assert all("Tea" in line.categories for line in lines)
    assert sum("Gifts" in line.categories for line in lines) <= 2
    await reach(visitor, "Verify")
    await keyboard.press("Enter")
    await expect(visitor.panel().get_by_text("It holds")).to_be_visible()
    await reach(visitor, "List")
    await keyboard.press("ArrowRight")
    assert await visitor.focused() == "Compare"
    await expect(visitor.panel("Compare")).to_be_visible()
    await reach(visitor, "Retrievers against model")
    await keyboard.press("Enter")
    await expect(visitor.panel("Compare")).to_contain_text(re.compile(r"\d items? in both"))
    assert await visitor.focused() == "Retrievers against model"
    await reach(visitor, "Compare")
    await keyboard.press("ArrowRight")
    assert await visitor.focused() == "Answer"
    await reach(visitor, "Ranking")
    async with visitor.making("/answer", "Answer"):
        await keyboard.press("Enter")
    assert await visitor.focused() == "Ranking"
    await expect(page.get_by_text("The answer is ")).to_be_attached()


@pytest.mark.parametrize("width", [1200, 375])
async def test_nothing_on_the_way_is_a_trap(enter: Enter, width: int) -> None:
    visitor = await enter(width=width, height=700)
    await visitor.open({"wishes": {"strategy": "retrieve", "shares": SHARES, "include": ["Tea"]}})
    for part in await visitor.panel().locator("summary").all():
        await part.click()
    await visitor.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    await reach(visitor, "Skip to the result")
    await reach(visitor, "The whole answer as JSON")
    await reach(visitor, "Skip to the result")


async def test_tabs_are_turned_by_arrows(visitor: Visitor) -> None:
    page = visitor.page
    await page.get_by_role("tab", name="List").focus()
    for key, name in [
        ("ArrowRight", "Compare"),
        ("ArrowRight", "Answer"),
        ("ArrowRight", "List"),
        ("ArrowLeft", "Answer"),
        ("Home", "List"),
        ("End", "Answer"),
    ]:
        await page.keyboard.press(key)
        await expect(page.get_by_role("tab", name=name, selected=True)).to_be_focused()
        await expect(page.get_by_role("tabpanel")).to_have_count(1)
        await expect(visitor.panel(name)).to_be_visible()
        assert (
            await page.get_by_role("tab").evaluate_all(
                "all => all.filter(each => each.tabIndex === 0).length"
            )
            == 1
        )


async def test_who_skips_to_the_result_keeps_the_settings(visitor: Visitor) -> None:
    page = visitor.page
    async with visitor.making():
        await visitor.choose("Only these categories", "Tea")
    address = page.url
    await page.get_by_role("link", name="Skip to the result").press("Enter")
    assert await page.evaluate("document.activeElement.id") == "results"
    assert page.url == address


async def test_an_address_that_is_pasted_into_an_open_page_is_taken(visitor: Visitor) -> None:
    page = visitor.page
    async with visitor.making():
        await visitor.choose("Only these categories", "Tea")
    address = page.url
    async with visitor.making():
        await visitor.button("Remove Tea").click()
    async with visitor.making():
        await page.evaluate("address => { location.href = address; }", address)
    await expect(visitor.button("Remove Tea")).to_be_visible()
    assert visitor.last("/recommend")["intent"] == {"include": ["Tea"]}


async def test_what_comes_is_said(visitor: Visitor) -> None:
    spoken = visitor.page.locator("[role=status]").first
    async with visitor.making():
        await visitor.choose("Only these categories", "Tea")
    await expect(spoken).to_have_text("A list of 10 by the retrievers; every control holds")
    await visitor.button("Remove Tea").press("Enter")
    await expect(spoken).to_have_text("Tea removed")
    await visitor.settled()
    await visitor.button("Verify").press("Enter")
    await expect(spoken).to_contain_text("It holds.")
