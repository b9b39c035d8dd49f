"""The form: what it says, keeps and hands on, and what it tells of what it cannot hold."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from playwright.async_api import Locator, Route, expect
from serving import Service
from visitor import Enter, Visitor

QUICK = {"strategy": "retrieve"}
ALL = ("Kitchen", "Tea", "Gifts", "Tools", "Travel", "Outdoor", "Lights", "Winter", "Clothes")

TINTS = """all => all.map(each => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const painted = (colour, place) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const dot = getComputedStyle(each, "::before").backgroundColor;
  const below = getComputedStyle(each.closest(".line") ?? each).backgroundColor;
  return [painted(dot), painted(below)];
})"""
"""The colour of each category's dot, and what it stands on."""


def luminance(colour: Sequence[float]) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [each / 255 for each in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def chips(visitor: Visitor, name: str) -> Locator:
    return visitor.lines_in(name).get_by_role("listitem")


async def test_the_weight_of_the_words_is_sent_and_kept(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    await visitor.open({"wishes": QUICK | {"k": 4, "text": "for a rainy hike"}})
    field = page.get_by_label("How much the words count")
    assert "wish_weight" not in visitor.last("/recommend")
    async with visitor.making():
        await field.select_option(label="four times")
    assert visitor.last("/recommend")["wish_weight"] == 4
    await visitor.panel().get_by_text("The request as code").click()
    await expect(visitor.panel().get_by_label("As Python")).to_contain_text("wish_weight=4")
    await page.reload()
    await visitor.settled()
    await expect(field).to_have_value("4")
    assert visitor.last("/recommend")["wish_weight"] == 4
    async with visitor.making():
        await field.select_option(label="as tuned")
    assert "wish_weight" not in visitor.last("/recommend")


async def test_a_comparison_weighs_the_words_alike(enter: Enter) -> None:
    visitor = await enter()
    sides = [{"way": "free"}, {"way": "retrieve"}]
    wishes = {"k": 2, "wish": 2, "text": "a rainy hike"}
    await visitor.open({"tab": "compare", "wishes": wishes, "sides": sides}, made=False)
    await visitor.button("Compare").click()
    await expect(visitor.panel("Compare")).to_contain_text("in both")
    assert visitor.last("/recommend")["wish_weight"] == 2
    assert "wish_weight" not in visitor.last("/free")


async def test_categories_have_colours_that_are_told_apart(enter: Enter) -> None:
    visitor = await enter(reduced_motion="reduce")
    await visitor.open({"wishes": QUICK | {"k": 60, "include": list(ALL), "exclude": ["Games"]}})
    for scheme in ("light", "dark"):
        await visitor.page.emulate_media(color_scheme=scheme)
        dots = visitor.page.locator("#controls .chip.dotted")
        tints = await dots.evaluate_all(TINTS)
        assert len(tints) == 10
        for (one, _), (other, _) in combinations(tints, 2):
            assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) > 900, (one, other)
        tints += await visitor.lines_in("The list").locator(".dotted").evaluate_all(TINTS)
        assert min(contrast(dot, below) for dot, below in tints) >= 3


async def test_two_controls_never_look_alike(visitor: Visitor) -> None:
    """Whatever was shown before them: names that are shown first take the colours."""
    hue = "each => getComputedStyle(each).getPropertyValue('--hue')"
    page = visitor.page
    for radio in ("A history", "Anybody"):
        async with visitor.making():
            await page.get_by_role("radio", name=radio).check()
    for name in ("Colourful", "Odd", "Garden", "Games"):
        await visitor.choose("Bound the share of", name)
    async with visitor.making():
        await visitor.button("Make the list").click()
    rows = visitor.lines_in("Shares").get_by_role("listitem")
    hues = [await row.evaluate(hue) for row in await rows.all()]
    assert len(set(hues)) == 4
    gauges = visitor.lines_in("Controls, wanted and got").get_by_role("listitem")
    assert [await gauge.evaluate(hue) for gauge in await gauges.all()] == hues
    async with visitor.making():
        await visitor.button("Remove the share of Odd <b>&\"'</b>").click()
    rest = [await row.evaluate(hue) for row in await rows.all()]
    assert rest == [hues[0], *hues[2:]]


async def test_a_category_that_is_not_there_is_kept_and_said(enter: Enter) -> None:
    visitor = await enter()
    visitor.expects(422)
    wishes = QUICK | {"exclude": ["Veganer", "Tea"], "include": ["<img src=x onerror=alert(1)>"]}
    await visitor.open({"wishes": wishes})
    await expect(visitor.panel().get_by_role("heading")).to_have_text("There is no such category")
    asked = visitor.last("/recommend")["intent"]
    assert asked == {"include": wishes["include"], "exclude": wishes["exclude"]}
    await expect(chips(visitor, "None of these").first).to_contain_text("not in this catalogue")
    await expect(chips(visitor, "None of these").last).not_to_contain_text("catalogue")
    async with visitor.making():
        await visitor.button("Remove Veganer").click()
    async with visitor.making():
        await visitor.button(f"Remove {wishes['include'][0]}").click()
    assert await visitor.counted("Tea") == 0
    assert len(await visitor.lines()) == 10


async def test_a_share_of_what_is_not_there_is_kept_and_said(enter: Enter) -> None:
    visitor = await enter()
    visitor.expects(422)
    share = {"category": "Veganer", "op": ">=", "percent": 33.33333}
    await visitor.open({"wishes": QUICK | {"shares": [share]}})
    await expect(visitor.panel().get_by_role("heading")).to_have_text("There is no such category")
    row = visitor.lines_in("Shares")
    await expect(row).to_contain_text("not in this catalogue")
    await expect(row).to_contain_text("33.3%")


async def test_what_the_form_cannot_hold_is_said(enter: Enter) -> None:
    visitor = await enter()
    many = [f"c{number}" for number in range(50_000)]
    share = {"category": "Gifts", "op": "<=", "percent": 30}
    shares = [share, share, share | {"percent": 300}, {"category": "Tea"}, None]
    wishes = QUICK | {"exclude": ["Tea"] * 9, "shares": shares, "history": [{}] * 3}
    await visitor.open({"wishes": wishes})
    told = visitor.page.locator("#left-out[role=alert]")
    await expect(told).to_contain_text("6 parts of the address are left out")
    asked = visitor.last("/recommend")["intent"]
    assert asked["exclude"] == ["Tea"]
    assert asked["shares"] == [{"category": "Gifts", "op": "<=", "share": 0.3}]
    async with visitor.making():
        await visitor.button("Remove Tea").click()
    await expect(told).to_be_empty()
    visitor.expects(422)
    await visitor.open({"wishes": QUICK | {"exclude": many}})
    await expect(told).to_contain_text(f"{len(many) - 32} parts")
    assert len(visitor.last("/recommend")["intent"]["exclude"]) == 32
    await visitor.field("None of these").press_sequentially("t")
    await expect(visitor.page.get_by_text("No more than 32 can be chosen.").first).to_be_visible()


async def test_a_start_that_is_tried_again_begins_once(enter: Enter) -> None:
    visitor = await enter()
    visitor.provoked.append("Failed to load resource: net::ERR_FAILED")
    await visitor.page.route("**/catalogue", lambda route: route.abort())
    await visitor.open({"wishes": QUICK}, made=False)
    await expect(visitor.button("Try again")).to_be_visible()
    await visitor.page.unroute("**/catalogue")
    await visitor.button("Try again").evaluate("each => { each.click(); each.click(); }")
    await visitor.settled()
    await expect(visitor.field("User")).to_have_count(1)
    await expect(visitor.lines_in("The list")).to_have_count(1)


async def test_while_it_is_loaded_that_is_said(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    waiting: list[Route] = []

    async def wait(route: Route) -> None:
        waiting.append(route)

    await page.route("**/catalogue", wait)
    await visitor.open({"wishes": QUICK}, made=False)
    await expect(visitor.panel()).to_have_attribute("aria-busy", "true")
    await expect(visitor.panel()).to_contain_text("Loading")
    await expect(page.locator("#spoken")).to_have_text("Loading")
    opacity = "each => Number(getComputedStyle(each.querySelector('fieldset')).opacity)"
    form = page.locator("#wishes")
    assert await form.evaluate(opacity) < 1
    await waiting[0].continue_()
    await visitor.settled()
    assert await form.evaluate(opacity) == 1


BLOCKED = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {
    get() { throw new DOMException("no", "SecurityError"); },
  });"""


async def test_a_browser_that_keeps_nothing_will_do(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    await page.add_init_script(BLOCKED)
    await visitor.open({"wishes": QUICK})
    assert len(await visitor.lines()) == 10
    await page.get_by_role("button", name="Theme: auto").click()
    await expect(page.get_by_role("button", name="Theme: light")).to_be_visible()
    await visitor.button("Key").click()
    async with visitor.making():
        await visitor.use_key("lw_of-here")
    headers = [each.headers for each in visitor.asked if each.url.endswith("/recommend")]
    assert headers[-1]["authorization"] == "Bearer lw_of-here"


async def test_a_weight_that_does_nothing_says_so(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    await visitor.open({"wishes": QUICK | {"k": 3, "weight": 2}})
    weight = page.get_by_role("slider", name="Prior weight")
    told = page.locator("#weight-told")
    await expect(weight).to_be_disabled()
    await expect(told).to_contain_text("Without a model")
    assert "prior_weight" not in visitor.last("/recommend")

    async def ranked(route: Route) -> None:
        text = await (await route.fetch()).text()
        told = text.replace('"path":"llm"', '"path":"ranked"')
        await route.fulfill(body=told, content_type="text/event-stream")

    await page.route("**/recommend", ranked)
    async with visitor.making():
        await page.get_by_label("Strategy").select_option("auto")
    await expect(weight).to_be_enabled()
    assert visitor.last("/recommend")["prior_weight"] == 2
    await expect(told).to_contain_text("No model wrote this list, so the weight had no effect")
    await page.unroute("**/recommend")
    async with visitor.making():
        await visitor.button("Have the model write it").press("Enter")
    assert visitor.last("/recommend")["strategy"] == "generate"
    await expect(told).to_be_empty()
    assert await visitor.focused() == "Strategy"


async def test_what_is_at_work_can_be_stopped_where_it_is_seen(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    held: list[Route] = []

    async def hold(route: Route) -> None:
        if held:
            await route.continue_()
        else:
            held.append(route)

    sides = [{"way": "retrieve"}, {"way": "retrieve"}]
    await visitor.open({"wishes": QUICK | {"k": 3}, "sides": sides})
    stop = visitor.button("Stop")
    await page.get_by_role("tab", name="Compare").click()
    await expect(visitor.panel("Compare")).to_contain_text("in both")
    await page.route("**/recommend", hold)
    await visitor.button("Compare").click()
    await expect(stop).to_be_visible()
    async with visitor.making():
        await page.get_by_role("tab", name="List").click()
    await expect(stop).to_be_hidden()
    await page.get_by_role("tab", name="Compare").click()
    await expect(stop).to_be_visible()
    await stop.press("Enter")
    await expect(visitor.panel("Compare")).to_contain_text("Stopped.")
    await expect(stop).to_be_hidden()
    await expect(visitor.button("Compare")).to_be_focused()
    for route in held:
        await route.abort()


async def test_items_met_are_counted_as_the_receipt_counts(enter: Enter, shop: Service) -> None:
    visitor = await enter()
    page = visitor.page
    user = "met-again"
    events = [
        {"id": f"{user}-{place}", "user_id": user, "item_id": item}
        for place, item in enumerate(["p003", "p004", "p003", "p003"])
    ]
    assert (await shop.post("/events", {"events": events})).status_code == 200
    await visitor.open({"wishes": QUICK | {"user": user}})
    met = page.get_by_role("group", name="For whom").locator("summary")
    await expect(met).to_have_text("2 items met in 4 events")
    receipt = visitor.panel().get_by_role("region", name="Receipt")
    await expect(receipt.get_by_role("definition").nth(2)).to_contain_text("none of 2")
    more = {"id": f"{user}-4", "user_id": user, "item_id": "p005"}
    assert (await shop.post("/events", {"events": [more]})).status_code == 200
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(met).to_have_text("3 items met in 5 events")
    await page.evaluate("user => fetch(`users/${user}/history`, { method: 'DELETE' })", user)
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(met).to_have_text("Nobody has seen this user: nothing is known")


async def test_a_history_that_could_not_be_read_is_read_with_the_next_list(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    visitor.provoked.append("Failed to load resource: net::ERR_FAILED")
    await page.route("**/history", lambda route: route.abort())
    await visitor.open({"wishes": QUICK})
    await expect(page.get_by_text("What they met cannot be read")).to_be_visible()
    await page.unroute("**/history")
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(page.locator("summary", has_text="12 items met")).to_be_visible()
    await expect(page.get_by_text("What they met cannot be read")).to_have_count(0)


async def test_a_catalogue_that_was_swapped_is_read_anew(visitor: Visitor, shop: Service) -> None:
    page = visitor.page
    now = (await shop.get("/catalogue")).json()

    async def other(route: Route) -> None:
        categories = [*now["categories"], {"name": "Zither", "items": 3}]
        await route.fulfill(json=now | {"version": "cnew", "items": 7, "categories": categories})

    async def made(route: Route) -> None:
        text = await (await route.fetch()).text()
        await route.fulfill(
            body=text.replace(now["version"], "cnew"), content_type="text/event-stream"
        )

    await page.route("**/catalogue", other)
    await page.route("**/recommend", made)
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(page.locator("#about")).to_contain_text("7 items · cnew")
    await expect(page.get_by_role("slider", name="Items")).to_have_attribute("max", "7")
    await visitor.field("None of these").press_sequentially("zith")
    await expect(visitor.options()).to_have_count(1)


async def test_a_category_that_went_marks_its_chip(enter: Enter, shop: Service) -> None:
    visitor = await enter()
    page = visitor.page
    visitor.expects(422)
    await visitor.open({"wishes": QUICK | {"exclude": ["Tea"]}})
    now = (await shop.get("/catalogue")).json()
    rest = [each for each in now["categories"] if each["name"] != "Tea"]
    error = {"code": "unknown_category", "message": "no Tea", "hint": "Others.", "request_id": "r"}

    async def other(route: Route) -> None:
        await route.fulfill(json=now | {"version": "cnew", "categories": rest})

    async def refuse(route: Route) -> None:
        await route.fulfill(status=422, json={"error": error})

    await page.route("**/catalogue", other)
    await page.route("**/recommend", refuse)
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(chips(visitor, "None of these")).to_contain_text("not in this catalogue")


NOBODY = [
    ({}, "Nothing is known of them: what is popular comes first."),
    ({"text": "a hike"}, "what fits the words comes first"),
    ({"strategy": "generate", "k": 1}, "the model has only what is popular to go by"),
    ({"strategy": "generate", "k": 1, "query": "hat"}, "the model has the words to go by"),
]


@pytest.mark.parametrize(("wishes", "said"), NOBODY)
async def test_what_is_said_of_anybody_is_true(enter: Enter, wishes: Any, said: str) -> None:
    visitor = await enter()
    await visitor.open({"wishes": QUICK | wishes | {"who": "nobody"}})
    await expect(visitor.page.locator("#who-nobody")).to_contain_text(said)


async def test_a_user_is_asked_for(visitor: Visitor) -> None:
    page = visitor.page
    asked = len(visitor.asked)
    field = visitor.field("User")
    await field.fill("")
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("For whom? Pick a user, or type an id.").first).to_be_visible()
    await visitor.button("Make the list").click()
    await expect(visitor.panel()).to_contain_text("No list yet")
    await expect(page.locator("#spoken")).to_have_text("For whom? Pick a user, or type an id.")
    assert not [each for each in visitor.asked[asked:] if each.url.endswith("/recommend")]
    assert await visitor.lines() == []
    async with visitor.making():
        await page.get_by_role("radio", name="Anybody").check()
    assert len(await visitor.lines()) == 10


async def test_a_history_of_nothing_says_for_whom_the_list_is(visitor: Visitor) -> None:
    async with visitor.making():
        await visitor.page.get_by_role("radio", name="A history").check()
    told = visitor.page.get_by_text("so far the list is for anybody")
    await expect(told).to_be_visible()
    async with visitor.making():
        await visitor.choose("Add an item they have met", "Small Teapot")
    await expect(told).to_be_hidden()


async def test_steering_is_offered_in_sight_and_obeyed(enter: Enter) -> None:
    visitor = await enter(width=1280, height=720)
    history = [{"id": f"p{place:03}", "title": "x"} for place in (0, 20, 40)]
    await visitor.open({"wishes": QUICK | {"who": "own", "history": history}})
    offer = visitor.page.get_by_role("button", name="Try: at most 30%")
    await expect(offer).to_be_in_viewport(ratio=1)
    top = """each => {
      const box = each.getBoundingClientRect();
      return each.contains(document.elementFromPoint(box.x + 9, box.y + box.height / 2));
    }"""
    assert await offer.evaluate(top)
    category = (await offer.inner_text()).removeprefix("Try: at most 30% ")
    assert await visitor.counted(category) > 3
    async with visitor.making():
        await offer.click()
    assert await visitor.counted(category) <= 3
    await expect(offer).to_have_count(0)


@pytest.mark.parametrize("more", [{"include": ["Tea"]}, {"k": 40, "exclude": ["Gifts", "Travel"]}])
async def test_nothing_is_offered_that_might_not_be_had(
    enter: Enter, shop: Service, more: dict[str, Any]
) -> None:
    visitor = await enter()
    await visitor.open({"wishes": QUICK | more})
    offer = visitor.page.get_by_role("button", name="Try: ")
    if await offer.count():
        async with visitor.making():
            await offer.click()
        assert len(await visitor.lines()) == more["k"]
    assert "k" in more or await offer.count() == 0


async def test_the_first_user_has_met_much(enter: Enter) -> None:
    visitor = await enter()
    known = [("few", 3), ("most", 90), ("much", 41)]
    told: dict[str, Any] = {}

    async def tell(route: Route) -> None:
        await route.fulfill(json=told)

    await visitor.page.route("**/users?*", tell)
    for users, first in [(known, "most"), ([known[0], ("some", 9)], "some"), ([], None)]:
        told["users"] = [{"id": name, "events": events} for name, events in users]
        await visitor.open()
        assert visitor.last("/recommend").get("user_id") == first


async def test_the_address_holds_the_question(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    await visitor.open({"tab": "answer"}, made=False)
    panel = visitor.panel("Answer")
    question = panel.get_by_label("Question, options and all")
    await question.fill("Which is red?\n1. a rose\n2. a leaf")
    await panel.get_by_label("Similar options shown").fill("2")
    await panel.get_by_label("Kind of answer").select_option("multiple_choice")
    await page.reload()
    await expect(question).to_have_value("Which is red?\n1. a rose\n2. a leaf")
    await expect(panel.get_by_label("Similar options shown")).to_have_value("2")
    await expect(panel.get_by_label("Kind of answer")).to_have_value("multiple_choice")
    await question.fill("x" * 3000)
    await page.keyboard.press("Tab")
    assert len(page.url) < 3000


async def test_back_and_forward_turn_the_tabs_and_keep_the_settings(visitor: Visitor) -> None:
    page = visitor.page
    selected = page.get_by_role("tab", selected=True)
    async with visitor.making():
        await visitor.choose("None of these", "Kitch")
    await page.get_by_role("tab", name="Compare").click()
    await page.get_by_role("tab", name="Answer").click()
    await page.go_back()
    await expect(selected).to_have_text("Compare")
    await visitor.button("Remove Kitchen").click()
    async with visitor.making():
        await page.go_back()
    await expect(selected).to_have_text("List")
    assert "intent" not in visitor.last("/recommend")
    await page.go_forward()
    await expect(selected).to_have_text("Compare")
    await page.reload()
    await expect(selected).to_have_text("Compare")
    await expect(visitor.button("Remove Kitchen")).to_have_count(0)


async def test_the_dialog_for_a_key_says_what_there_is(visitor: Visitor) -> None:
    page = visitor.page
    dialog = page.get_by_role("dialog", name="API key")
    await visitor.button("Key").click()
    await expect(dialog).to_contain_text("has asked for no key so far")
    await expect(dialog.get_by_role("button", name="Remove it")).to_be_hidden()
    async with visitor.making():
        await visitor.use_key("lw_of-somebody")
    await visitor.button("Key").click()
    await expect(dialog).to_contain_text("One is set")
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden()
    kept = "sessionStorage.getItem('listwright-key')"
    assert await page.evaluate(kept) == "lw_of-somebody"
    await visitor.button("Key").click()
    async with visitor.making():
        await dialog.get_by_role("button", name="Remove it").click()
    assert await page.evaluate(kept) is None


@pytest.mark.parametrize("tab", ["Compare", "Answer"])
async def test_a_key_sets_no_model_to_work(enter: Enter, tab: str) -> None:
    visitor = await enter()
    await visitor.open({"wishes": QUICK, "sides": [{"way": "retrieve"}, {"way": "retrieve"}]})
    await visitor.page.get_by_role("tab", name=tab).click()
    if tab == "Compare":
        await expect(visitor.panel("Compare")).to_contain_text("in both")
    posted = [each for each in visitor.asked if each.method == "POST"]
    await visitor.button("Key").click()
    async with visitor.page.expect_response("**/catalogue"):
        await visitor.use_key("lw_of-somebody")
    await visitor.page.wait_for_timeout(400)
    assert [each for each in visitor.asked if each.method == "POST"] == posted


async def test_what_is_let_go_of_leaves_the_form(enter: Enter) -> None:
    visitor = await enter(width=375, height=700)
    visitor.expects(422)
    share = {"category": "Gifts", "op": ">=", "percent": 50}
    await visitor.open({"wishes": QUICK | {"exclude": ["Gifts"], "shares": [share]}})
    async with visitor.making():
        await visitor.button("Let go of the fewest controls").press("Enter")
    await expect(visitor.panel()).to_contain_text("1 control let go")
    left = await chips(visitor, "None of these").count()
    left += await visitor.lines_in("Shares").get_by_role("listitem").count()
    assert left == 1
    await expect(visitor.page.locator("#brief")).to_contain_text("○ let go: ")
    await expect(visitor.page.locator("#brief")).not_to_contain_text("✗")
    async with visitor.making():
        await visitor.button("Make the list").click()
    assert "on_conflict" not in visitor.last("/recommend")
    await visitor.page.reload()
    await visitor.settled()
    assert len(await visitor.lines()) == 10


async def test_the_bars_of_a_list_that_streams_round_as_the_receipt_does(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    held: list[Route] = []

    async def part(route: Route) -> None:
        text = await (await route.fetch()).text()
        if not held:
            held.append(route)
            await route.fulfill(
                body="\n\n".join(text.split("\n\n")[:3]) + "\n\n", content_type="text/event-stream"
            )
        else:
            await route.fulfill(body=text, content_type="text/event-stream")

    await page.route("**/recommend", part)
    share = {"category": "Gifts", "op": ">=", "percent": 12.5}
    await visitor.open({"wishes": QUICK | {"k": 8, "shares": [share]}})
    gauges = visitor.lines_in("Controls, wanted and got")
    await expect(gauges).to_contain_text("Gifts: at least 12.5%")
    await expect(gauges).to_contain_text("wanted at least 1")


@pytest.mark.parametrize("width", [375, 1280])
async def test_a_long_name_hides_no_button(enter: Enter, width: int) -> None:
    visitor = await enter(width=width, height=800)
    visitor.expects(422)
    page = visitor.page
    name = "W" * 512
    share = {"category": name, "op": "<=", "percent": 30}
    await visitor.open({"wishes": QUICK | {"exclude": [name], "shares": [share]}})
    wide = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert await page.evaluate(wide) == 0
    for button in (visitor.button(f"Remove {name}"), visitor.button(f"Remove the share of {name}")):
        await button.scroll_into_view_if_needed()
        box = await button.bounding_box()
        assert box
        assert box["x"] + box["width"] <= width
    async with visitor.making():
        await visitor.button(f"Remove the share of {name}").click()
    async with visitor.making():
        await visitor.button(f"Remove {name}").click()


@pytest.mark.parametrize("tab", ["List", "Compare", "Answer"])
async def test_what_is_shown_has_a_heading(visitor: Visitor, tab: str) -> None:
    await visitor.page.get_by_role("tab", name=tab).click()
    names = {"List": "The list", "Compare": "Comparison", "Answer": "A question and its answer"}
    await expect(
        visitor.page.get_by_role("heading", name=names[tab], exact=True, level=2)
    ).to_have_count(1)


async def test_the_address_says_which_tab_is_open_after_going_back(visitor: Visitor) -> None:
    page = visitor.page
    await page.get_by_role("tab", name="Answer").click()
    async with visitor.making():
        await page.go_back()
    kept = await page.evaluate("decodeURIComponent(location.hash.slice(1))")
    assert json.loads(kept)["tab"] == "list"
    assert re.search(r"#.+", page.url)
