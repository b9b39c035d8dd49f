"""Names that are markup, and addresses that somebody crafted: shown as text, or not at all."""

from __future__ import annotations

import json
from typing import Any

from bazaar import ODD, ODD_TITLES, ODD_USER
from playwright.async_api import Route, expect
from serving import KEY, Service
from visitor import Enter, Visitor

WAYS = {"free", "generate", "rank", "retrieve", "auto"}
GARBAGE = [
    "garbage",
    "%",
    "null",
    "[1, 2]",
    "{",
    '{"tab": "nowhere", "wishes": "all", "sides": 7}',
    '{"tab": {}, "wishes": [], "sides": [null, null]}',
    '{"sides": [{"way": "<b>", "weight": "2"}, {"way": {}, "weight": {}}]}',
    '{"wishes": {"__proto__": {"k": 3}, "constructor": {}, "toString": "x"}}',
    '{"wishes": {"k": 1e9, "who": "everybody", "strategy": "toString", "weight": -1}}',
    '{"wishes": {"k": 1e999, "user": 5, "history": {}, "shares": 1, "include": [1]}}',
    '{"wishes": {"k": "10", "history": [null, 1, {"id": 1}], "exclude": [null]}}',
    '{"wishes": {"include": ["", 7], "wish": 3, "weight": {}}, "answer": {"similar": [7]}}',
    '{"answer": {"question": {}, "type": "<b>", "cot": 7, "similar": "11"}}',
    '{"wishes": {"shares": [null, 1, {"category": "Gifts"}, {"category": "?", "op": "~"}]}}',
    '{"wishes": {"shares": [{"category": "Gifts", "op": "<>", "percent": 1}]}}',
    '{"wishes": {"shares": [{"category": "Gifts", "op": "<=", "percent": "<b>"}]}}',
    '{"wishes": {"shares": [{"category": "Gifts", "op": "<=", "percent": []}]}}',
    '{"wishes": {"shares": [{"category": "Gifts", "op": "<=", "percent": -1e300}]}}',
]


async def test_names_that_are_markup_are_text(enter: Enter) -> None:
    visitor = await enter()
    wishes = {"strategy": "generate", "include": [ODD], "who": "nobody", "k": len(ODD_TITLES)}
    await visitor.open({"wishes": wishes})
    assert sorted(await visitor.titles()) == sorted(ODD_TITLES)
    assert all(ODD in line.categories for line in await visitor.lines())
    assert (
        await visitor.page.locator("main script, main img, main svg, main b:has-text('&')").count()
        == 0
    )
    for part in await visitor.panel().locator("summary").all():
        await part.click()
    async with visitor.making():
        await visitor.button(f"Remove {ODD}").click()
    async with visitor.making():
        await visitor.choose("Bound the share of", "Odd <b>")
    await expect(visitor.page.get_by_role("list", name="Shares")).to_contain_text(ODD)


async def test_a_user_whose_name_is_markup_is_known(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"wishes": {"strategy": "retrieve", "user": ODD_USER}})
    await visitor.page.locator("summary", has_text="2 items met").click()
    met = visitor.page.get_by_role("group", name="For whom").get_by_role("listitem")
    assert set(await met.all_inner_texts()) == {ODD_TITLES[0], ODD_TITLES[2]}
    await expect(visitor.field("User")).to_have_value(ODD_USER)
    assert visitor.last("/recommend")["user_id"] == ODD_USER


async def test_what_a_service_says_is_text(visitor: Visitor) -> None:
    """Whatever stands in an answer: the page trusts no field of it."""
    evil = "<img src=x onerror=alert(9)>\u202e"

    def spoiled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: spoiled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [spoiled(each) for each in value]
        return evil if isinstance(value, str) and value not in KEPT else value

    async def spoil(route: Route) -> None:
        *lines, last, _ = (await (await route.fetch()).text()).split("\n\n")
        answer = spoiled(json.loads(last.partition("data: ")[2]))
        events = [*lines, f"event: answer\ndata: {json.dumps(answer)}", ""]
        await route.fulfill(body="\n\n".join(events), content_type="text/event-stream")

    await visitor.page.route("**/recommend", spoil)
    async with visitor.making():
        await visitor.choose("Bound the share of", "Gifts")
    await expect(visitor.panel().get_by_role("region", name="Receipt")).to_be_visible()
    assert (await visitor.titles())[0] == evil
    assert await visitor.page.locator("main img").count() == 0


KEPT = {"share", "<=", "<=3", "ranked", "retrieve"}
"""What a page may rely on to be one of a few words."""


async def test_a_crafted_address_does_no_harm(enter: Enter, guarded: Service) -> None:
    """Over a service without a model: what comes first then is quick."""
    visitor = await enter(guarded)
    visitor.expects(401)
    await visitor.open(made=False)
    await visitor.use_key(KEY)
    await visitor.settled()
    visitor.calm()
    for said in GARBAGE:
        await visitor.page.goto("about:blank")
        await visitor.page.goto(f"{visitor.root}#{said}")
        await visitor.settled()
        assert 10 <= len(await visitor.lines()) <= 100, said
        await expect(visitor.page.get_by_role("radio", checked=True)).to_have_count(1)
        await visitor.page.get_by_role("tab", name="Compare").click()
        for name in "AB":
            way = visitor.page.get_by_label(f"{name}: made by")
            assert await way.input_value() in WAYS, said
        assert visitor.amiss() == [], said


async def test_the_address_keeps_the_settings(enter: Enter) -> None:
    visitor = await enter()
    page = visitor.page
    await visitor.open({"wishes": {"strategy": "retrieve"}})
    await visitor.choose("None of these", "Kitch")
    await visitor.choose("Bound the share of", "Gifts")
    async with visitor.making():
        await page.get_by_label("In words").fill("für 🫖 & 100% #1")
        await page.keyboard.press("Tab")
    before = visitor.last("/recommend")
    titles = await visitor.titles()
    await page.reload()
    await visitor.settled()
    assert visitor.last("/recommend") == before
    assert await visitor.titles() == titles
    await page.get_by_role("tab", name="Compare").click()
    await visitor.button("Retrievers against model").click()
    await page.reload()
    await expect(page.get_by_role("tab", name="Compare", selected=True)).to_be_visible()
    await expect(page.get_by_label("B: made by")).to_have_value("rank")
