"""Two ways to make a list, side by side; what breaks a promise is red and says which."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Route, expect
from serving import Service
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


async def free_only(visitor: Visitor, answer: dict[str, Any], **wishes: Any) -> None:
    """Compare what `/free` is made to say with a list of the retrievers."""

    async def tell(route: Route) -> None:
        told = await (await route.fetch()).json()
        await route.fulfill(json=told | answer)

    await visitor.page.route("**/free", tell)
    sides = [{"way": "free"}, {"way": "retrieve"}]
    kept = {"tab": "compare", "wishes": {"k": 2} | wishes, "sides": sides}
    await visitor.open(kept, made=False)
    await compared(visitor)


def free_line(text: str, *kinds: str) -> dict[str, Any]:
    amiss = [{"kind": kind, "message": f"it is {kind}"} for kind in kinds]
    return {"text": text, "categories": [], "amiss": amiss}


OVERLONG = {
    "lines": [
        free_line("One", "nonexistent", "repeat"),
        free_line("Two", "nonexistent"),
        free_line("Three", "nonexistent", "surplus"),
        free_line("Four", "nonexistent", "surplus"),
    ],
    "violations": {"count": 1, "nonexistent": 4, "repeat": 1},
}
CUT = {
    "lines": [free_line("One", "nonexistent")],
    "violations": {"nonexistent": 1},
    "stopped": "the deadline came",
}


@pytest.mark.parametrize(
    ("answer", "headline", "beside"),
    [
        (
            OVERLONG,
            "✗ 6 violations: wrong length, 4 not in the catalogue, 1 listed twice",
            "4 lines, 2 asked for",
        ),
        (CUT, "✗ 1 violation: 1 not in the catalogue", "cut short: the deadline came"),
        (CUT | {"violations": {}}, "✓ no violation", "1 line, 2 asked for"),
    ],
    ids=["overlong", "cut", "nothing finished amiss"],
)
async def test_the_headline_is_what_the_service_counted(
    enter: Enter, answer: dict[str, Any], headline: str, beside: str
) -> None:
    visitor = await enter()
    await free_only(visitor, answer)
    verdict = side(visitor, "A").locator(".verdict")
    await expect(verdict).to_contain_text(headline)
    await expect(verdict.locator(".small")).to_contain_text(beside)
    count = sum(answer["violations"].values())
    told = f"✗ {count} violation" if count else "A: ✓ none"
    await expect(visitor.panel("Compare").locator(".status")).to_contain_text(told)


async def test_the_headline_of_what_the_model_wrote_is_the_services_own(enter: Enter) -> None:
    visitor = await enter()
    sides = [{"way": "free"}, {"way": "retrieve"}]
    async with visitor.page.expect_response("**/free", timeout=60_000) as came:
        await visitor.open({"tab": "compare", "wishes": TIGHT, "sides": sides}, made=False)
    counted = sum((await (await came.value).json())["violations"].values())
    await compared(visitor)
    head = f"✗ {counted} violation" if counted else "✓ no violation"
    await expect(side(visitor, "A").locator(".verdict")).to_contain_text(head)


async def test_the_free_model_is_asked_for_no_more_than_it_may_be(
    enter: Enter, shop: Service
) -> None:
    most = (await shop.get("/about")).json()["max_free_k"]
    visitor = await enter()
    await visitor.page.route("**/free", no_lines)
    sides = [{"way": "free"}, {"way": "retrieve"}]
    kept = {"tab": "compare", "wishes": {"k": most + 10}, "sides": sides}
    await visitor.open(kept, made=False)
    await compared(visitor)
    assert visitor.last("/free")["k"] == most
    assert visitor.last("/recommend")["k"] == most
    await expect(visitor.panel("Compare")).to_contain_text(f"Both lists have {most} items")
    async with visitor.page.expect_request("**/recommend"):
        await visitor.page.get_by_label("A: made by").select_option("auto")
    await compared(visitor)
    assert visitor.last("/recommend")["k"] == most + 10
    await expect(visitor.panel("Compare")).not_to_contain_text("Both lists have")


async def no_lines(route: Route) -> None:
    """The service's own refusal, or a list that it took no time for."""
    asked = route.request.post_data_json
    refused = await route.fetch(post_data=asked | {"k": max(asked["k"], 31)})
    if asked["k"] > 30:
        await route.fulfill(response=refused)
        return
    made = await route.fetch(post_data=asked | {"k": 1})
    await route.fulfill(json=await made.json() | {"k": asked["k"]})


def made_of(visitor: Visitor) -> int:
    """How many lists were asked for."""
    return sum(each.url.endswith(("/recommend", "/free")) for each in visitor.asked)


async def test_an_address_with_both_sides_is_made_when_it_is_opened(enter: Enter) -> None:
    visitor = await enter()
    sides = [{"way": "retrieve"}, {"way": "auto"}]
    await visitor.open({"tab": "compare", "wishes": {"k": 3}, "sides": sides}, made=False)
    await expect(visitor.panel("Compare")).to_contain_text("Two lists for the same wish")
    await compared(visitor)
    await expect(visitor.panel("Compare").locator(".status")).to_contain_text(
        re.compile(r"A: ✓ none · B: ✓ none · \d items? in both")
    )
    asked = made_of(visitor)
    await visitor.page.get_by_role("tab", name="Answer").click()
    await visitor.page.get_by_role("tab", name="Compare").click()
    await compared(visitor)
    assert made_of(visitor) == asked


async def test_who_wants_no_list_at_each_change_presses(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"wishes": {"strategy": "retrieve"}})
    await visitor.live(on=False)
    before = made_of(visitor)
    await visitor.page.get_by_role("tab", name="Compare").click()
    await expect(visitor.panel("Compare")).to_contain_text("press Compare")
    assert made_of(visitor) == before


async def test_each_side_tells_how_it_was_made(enter: Enter) -> None:
    visitor = await enter()
    sides = [{"way": "free"}, {"way": "generate"}]
    await visitor.open({"tab": "compare", "wishes": TIGHT, "sides": sides}, made=False)
    await compared(visitor)
    free, steered = side(visitor, "A"), side(visitor, "B")
    for each in (free, steered):
        await each.get_by_text("Receipt, stages, prompt, code", exact=True).click()
        await each.get_by_text("The request as code", exact=True).click()
    await expect(free.locator("pre").first).to_be_visible()
    assert "service.free(" in (await free.get_by_label("As Python").text_content() or "")
    await expect(steered.get_by_role("table", name="Stages")).to_be_visible()
    receipt = steered.get_by_role("region", name="Receipt")
    await expect(receipt).to_contain_text("Gifts: at most 25%")
    await receipt.get_by_role("button", name="Verify").click()
    await expect(receipt).to_contain_text("It holds")


async def test_on_a_phone_both_verdicts_stand_above_both_lists(enter: Enter) -> None:
    visitor = await enter(width=375, height=800)
    sides = [{"way": "retrieve"}, {"way": "auto"}]
    await visitor.open({"tab": "compare", "wishes": {"k": 3}, "sides": sides}, made=False)
    await compared(visitor)
    verdicts = visitor.panel("Compare").locator(".status")
    await expect(verdicts).to_contain_text("A: ✓ none · B: ✓ none")
    above = await verdicts.bounding_box()
    first = await visitor.lines_in("List A").bounding_box()
    assert above
    assert first
    assert above["y"] + above["height"] < first["y"]
    brief = visitor.page.locator("#brief")
    await expect(brief).to_have_text(re.compile(r"A ✓ · B ✓ · \d items? in both"))
    await visitor.page.get_by_role("tab", name="List").click()
    await visitor.settled()
    await expect(brief).not_to_contain_text("B ✓")
    await visitor.page.get_by_role("tab", name="Compare").click()
    await expect(brief).to_contain_text("A ✓ · B ✓")


SHARES = [
    {"category": "Travel", "op": ">=", "percent": 90},
    {"category": "Gifts", "op": "<=", "percent": 50},
]
CONFLICTS = {
    "include": {"include": ["Tea"], "exclude": ["Tea", "Garden"]},
    "share": {"include": ["Tea"], "exclude": ["Travel", "Garden"], "shares": SHARES},
}


@pytest.mark.parametrize("wishes", CONFLICTS.values(), ids=CONFLICTS)
@pytest.mark.parametrize("way", ["free", "retrieve"])
async def test_a_conflict_is_explained_once_and_let_go_of(
    enter: Enter, shop: Service, wishes: dict[str, Any], way: str
) -> None:
    visitor = await enter()
    visitor.expects(422)
    sides = [{"way": way}, {"way": "auto"}]
    kept = {"tab": "compare", "wishes": wishes | {"k": 4}, "sides": sides}
    await visitor.open(kept, made=False)
    await visitor.live(on=False)
    await visitor.button("Compare").click()
    panel = visitor.panel("Compare")
    await expect(panel.get_by_role("heading")).to_have_text(["These controls cannot all hold"])
    for name in "AB":
        await expect(side(visitor, name)).not_to_contain_text("hold")
    asked = visitor.last("/recommend")
    relaxed = await shop.post("/recommend", asked | {"stream": False, "on_conflict": "relax"})
    gone = relaxed.json()["receipt"]["relaxed"]
    assert gone
    await visitor.button("Let go of the fewest controls").press("Enter")
    await compared(visitor)
    await expect(panel.get_by_role("heading")).to_have_count(0)
    assert await visitor.focused() != "body"
    left = visitor.last("/recommend")["intent"]
    for control in gone:
        for category in control["categories"]:
            assert category not in left.get(f"{control['kind']}s", left.get(control["kind"], []))
            await expect(visitor.button(f"Remove {category}")).to_have_count(
                await visitor.page.locator(".chip").get_by_text(category, exact=True).count()
            )
    kept_shares = [share["category"] for share in left.get("shares", [])]
    assert "Gifts" in kept_shares or "shares" not in wishes
    assert "Garden" in left["exclude"]
    assert "on_conflict" not in visitor.last("/recommend")


async def test_what_goes_wrong_on_one_side_is_explained_there(enter: Enter) -> None:
    visitor = await enter()
    visitor.expects(503)
    error = {"code": "overloaded", "message": "too much", "hint": "Later.", "request_id": "r1"}

    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, json={"error": error})

    await visitor.page.route("**/free", refuse)
    sides = [{"way": "free"}, {"way": "retrieve"}]
    await visitor.open({"tab": "compare", "wishes": {"k": 4}, "sides": sides}, made=False)
    await visitor.button("Compare").click()
    await expect(side(visitor, "A").get_by_role("heading")).to_have_text("The service is busy")
    await expect(side(visitor, "B")).to_contain_text("no violation")
    assert len(await visitor.lines("List B")) == 4
    await visitor.page.unroute("**/free")
    await side(visitor, "A").get_by_role("button", name="Try again").press("Enter")
    await compared(visitor)
    await expect(visitor.panel("Compare").get_by_role("heading")).to_have_count(0)


async def test_answers_that_cannot_be_read_are_told_once(enter: Enter) -> None:
    visitor = await enter()

    async def garble(route: Route) -> None:
        body = 'event: item\ndata: {"id": \n\n'
        await route.fulfill(body=body, content_type="text/event-stream")

    await visitor.page.route("**/recommend", garble)
    sides = [{"way": "retrieve"}, {"way": "auto"}]
    await visitor.open({"tab": "compare", "wishes": {"k": 4}, "sides": sides}, made=False)
    told = visitor.panel("Compare").get_by_text("The page could not read the answer")
    await expect(visitor.button("Try again")).to_have_count(1)
    await expect(told).to_have_count(1)
    await expect(visitor.panel("Compare")).not_to_contain_text("undefined")


async def test_a_comparison_that_goes_on_tells_nothing_of_itself_elsewhere(enter: Enter) -> None:
    visitor = await enter(width=375, height=800)
    sides = [{"way": "retrieve"}, {"way": "auto"}]
    freed = asyncio.Event()

    async def slow(route: Route) -> None:
        if route.request.post_data_json["k"] == 3:
            await freed.wait()
        await route.continue_()

    kept = {"k": 3, "exclude": ["Garden"], "strategy": "retrieve"}
    await visitor.page.route("**/recommend", slow)
    await visitor.open({"tab": "compare", "wishes": kept, "sides": sides}, made=False)
    await visitor.live(on=False)
    await visitor.page.get_by_role("slider", name="Items").fill("5")
    await visitor.page.get_by_role("tab", name="List").click()
    await visitor.settled()
    before = await visitor.page.locator("#brief").text_content()
    assert "Garden" in (before or "")
    freed.set()
    await expect(visitor.page.locator("#panel-compare .status")).to_contain_text("in both")
    assert await visitor.page.locator("#brief").text_content() == before


async def test_a_service_that_is_gone_is_told_once(enter: Enter) -> None:
    visitor = await enter()
    visitor.provoked.append("Failed to load resource: net::ERR_FAILED")
    await visitor.page.route("**/recommend", lambda route: route.abort())
    sides = [{"way": "retrieve"}, {"way": "auto"}]
    await visitor.open({"tab": "compare", "wishes": {"k": 4}, "sides": sides}, made=False)
    await visitor.button("Compare").click()
    told = visitor.panel("Compare").get_by_text("The service cannot be reached.")
    await expect(visitor.button("Try again")).to_have_count(1)
    await expect(told).to_have_count(1)
    await expect(visitor.button("Let go of the fewest controls")).to_have_count(0)
