"""The list tab: sliders, chips and histories, all of which the list obeys."""

from __future__ import annotations

from bazaar import STYLES, THINGS
from playwright.async_api import expect
from visitor import Enter, Visitor


async def test_the_first_list_is_there_at_once(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open()
    lines = await visitor.lines()
    assert len({line.title for line in lines}) == 10
    assert {line.title for line in lines} <= {f"{s} {t}" for s in STYLES for t in THINGS}
    assert all(line.categories for line in lines)


async def test_the_list_obeys_a_slider_that_is_moved(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    await visitor.open({"wishes": {"strategy": "generate", "k": 6}})
    async with visitor.making():
        await visitor.choose("Bound the share of", "Gifts")
    slider = page.get_by_role("slider", name="Share of Gifts in percent")
    await expect(slider).to_be_focused()
    caption = page.get_by_role("list", name="Shares").get_by_role("status")
    await expect(caption).to_have_text("30%: at most 1 of 6")
    assert await visitor.counted("Gifts") <= 1
    async with visitor.making():
        await page.get_by_label("How Gifts is bounded").select_option(label="at least")
    await expect(caption).to_have_text("30%: at least 2 of 6")
    async with visitor.making():
        await slider.fill("65")
    await expect(caption).to_have_text("65%: at least 4 of 6")
    assert await visitor.counted("Gifts") >= 4
    async with visitor.making():
        await page.get_by_label("How Gifts is bounded").select_option(label="about")
    async with visitor.making():
        await slider.fill("40")
    await expect(caption).to_have_text("40%: exactly 2 of 6")
    assert await visitor.counted("Gifts") == 2
    gauges = visitor.lines_in("Controls, wanted and got")
    await expect(gauges).to_contain_text("2 of 6, wanted exactly 2")


async def test_a_slider_moves_by_keys_and_stays_under_them(visitor: Visitor) -> None:
    await visitor.choose("Bound the share of", "Gifts")
    slider = visitor.page.get_by_role("slider", name="Share of Gifts in percent")
    for _ in range(3):
        await visitor.page.keyboard.press("ArrowRight")
    await expect(slider).to_have_value("45")
    await expect(slider).to_be_focused()
    await visitor.settled()
    await expect(visitor.lines_in("Controls, wanted and got")).to_contain_text("at most 45%")


async def test_categories_are_chosen_and_let_go_of_by_keyboard(visitor: Visitor) -> None:
    page, keyboard = visitor.page, visitor.page.keyboard
    async with visitor.making():
        await visitor.choose("Only these categories", "Tea")
    async with visitor.making():
        await visitor.choose("None of these", "Kitch")
    await expect(visitor.field("None of these")).to_be_focused()
    chips = visitor.lines_in("None of these")
    await expect(chips.get_by_role("listitem")).to_have_text(["Kitchen\N{MULTIPLICATION SIGN}"])
    lines = await visitor.lines()
    assert all("Tea" in line.categories and "Kitchen" not in line.categories for line in lines)
    async with visitor.making():
        await keyboard.press("Backspace")
    await expect(chips).to_be_hidden()
    await expect(visitor.field("None of these")).to_be_focused()
    assert visitor.last("/recommend")["intent"] == {"include": ["Tea"]}
    await visitor.choose("None of these", "Gam")
    await visitor.choose("None of these", "Off")
    for gone, focused in [("Games", "Remove Office"), ("Office", "None of these")]:
        async with visitor.making():
            await visitor.button(f"Remove {gone}").press("Enter")
        assert await visitor.focused() == focused
    async with visitor.making():
        await page.get_by_role("button", name="Remove Tea").click()
    assert "intent" not in visitor.last("/recommend")


async def test_a_field_completes_as_comboboxes_do(visitor: Visitor) -> None:
    """https://www.w3.org/WAI/ARIA/apg/patterns/combobox/"""
    field, keyboard = visitor.field("Only these categories"), visitor.page.keyboard
    await field.focus()
    await expect(field).to_have_attribute("aria-expanded", "true")
    await field.press_sequentially("ga")
    await expect(visitor.options()).to_have_count(2)
    shown = [text.split("\n")[0] for text in await visitor.options().all_inner_texts()]
    assert sorted(shown) == ["Games", "Garden"]
    await keyboard.press("ArrowDown")
    await keyboard.press("ArrowDown")
    second = visitor.options().nth(1)
    await expect(second).to_have_attribute("aria-selected", "true")
    assert await field.get_attribute("aria-activedescendant") == await second.get_attribute("id")
    await keyboard.press("Escape")
    await expect(field).to_have_attribute("aria-expanded", "false")
    await expect(visitor.options()).to_have_count(0)
    await expect(field).to_have_value("ga")
    await keyboard.press("ArrowUp")
    await keyboard.press("ArrowUp")
    async with visitor.making():
        await keyboard.press("Enter")
    assert visitor.last("/recommend")["intent"] == {"include": [shown[1]]}


async def test_what_is_not_found_is_said(visitor: Visitor) -> None:
    await visitor.field("Only these categories").press_sequentially("no such thing")
    await expect(visitor.page.get_by_text("Nothing found").first).to_be_visible()
    await expect(visitor.field("Only these categories")).to_have_attribute("aria-expanded", "false")


async def test_a_search_that_fails_is_said_as_that(visitor: Visitor) -> None:
    """Who only listens must not take a service that is gone for a shop without such an item."""
    page = visitor.page
    spoken = page.locator("[role=status]").first
    visitor.provoked.append("Failed to load resource: net::ERR_FAILED")
    await page.route("**/items?*", lambda route: route.abort())
    async with visitor.making():
        await page.get_by_role("radio", name="A history").check()
    field = visitor.field("Add an item they have met")
    await field.press_sequentially("Teapot")
    await expect(spoken).to_have_text("The service cannot be reached.")
    await expect(page.get_by_role("group", name="For whom")).to_contain_text(
        "The service cannot be reached."
    )
    await expect(field).to_have_attribute("aria-expanded", "false")
    await page.unroute("**/items?*")
    await field.press_sequentially("s")
    await expect(spoken).to_have_text("Nothing found")
    await page.keyboard.press("Backspace")
    await expect(visitor.options()).not_to_have_count(0)
    await expect(spoken).to_contain_text("suggestion")


async def test_a_history_is_composed_by_search(visitor: Visitor) -> None:
    async with visitor.making():
        await visitor.page.get_by_role("radio", name="A history").check()
    async with visitor.making():
        await visitor.choose("Add an item they have met", "Small Teapot")
    async with visitor.making():
        await visitor.choose("Add an item they have met", "Blue Flask")
    met = visitor.lines_in("History, oldest first")
    await expect(met.get_by_role("listitem")).to_have_text(
        [f"{title}\N{MULTIPLICATION SIGN}" for title in ("Small Teapot", "Blue Flask")]
    )
    asked = visitor.last("/recommend")
    assert (len(asked["history"]), "user_id" in asked) == (2, False)
    assert not {"Small Teapot", "Blue Flask"} & set(await visitor.titles())
    async with visitor.making():
        await visitor.button("Remove Small Teapot").click()
    assert visitor.last("/recommend")["history"] == asked["history"][1:]


async def test_another_user_and_nobody_are_chosen(visitor: Visitor) -> None:
    page = visitor.page
    await expect(page.locator("summary", has_text="12 items met")).to_be_visible()
    field = visitor.field("User")
    await field.fill("buyer-05")
    await expect(visitor.options()).to_have_count(1)
    async with visitor.making():
        await page.keyboard.press("Enter")
    assert visitor.last("/recommend")["user_id"] == "buyer-05"
    await expect(page.locator("summary", has_text="10 items met")).to_be_visible()
    await field.fill("stranger")
    async with visitor.making():
        await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nobody has seen this user")).to_be_visible()
    async with visitor.making():
        await page.get_by_role("radio", name="Anybody").check()
    assert not {"user_id", "history"} & visitor.last("/recommend").keys()


async def test_words_k_and_weight_are_sent_and_shown(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.live(on=False)
    await page.get_by_label("In words").fill("a warm drink on the train")
    await page.get_by_label("Typed into the search box").fill("flask")
    await page.get_by_role("slider", name="Items").fill("4")
    await page.get_by_label("Strategy").select_option("generate")
    await page.get_by_role("checkbox", name="as it was tuned").uncheck()
    await page.get_by_role("slider", name="Prior weight").fill("0")
    async with visitor.making():
        await visitor.button("Make the list").click()
    asked = visitor.last("/recommend")
    assert asked["intent"] == {"text": "a warm drink on the train", "query": "flask"}
    assert (asked["k"], asked["prior_weight"]) == (4, 0)
    assert len(await visitor.lines()) == 4
    await expect(page.get_by_text("0: the model alone")).to_be_visible()
