"""What goes wrong, explained where it went wrong, with a way out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Route, expect
from serving import Service
from visitor import Enter, Visitor

CONFLICT = {
    "strategy": "retrieve",
    "exclude": ["Gifts"],
    "shares": [{"category": "Gifts", "op": ">=", "percent": 50}],
}


async def test_a_conflict_explains_itself_and_is_let_go_of(enter: Enter, shop: Service) -> None:
    visitor = await enter()
    visitor.expects(422)
    await visitor.open({"wishes": CONFLICT})
    panel = visitor.panel()
    told = await shop.post("/recommend", visitor.last("/recommend"))
    assert told.json()["error"]["code"] == "conflicting_controls"
    await expect(panel.get_by_role("heading")).to_have_text("These controls cannot all hold")
    await expect(panel.get_by_text(told.json()["error"]["message"])).to_be_visible()
    await expect(panel.get_by_text(told.json()["error"]["hint"])).to_be_visible()
    await expect(visitor.lines_in("The list").get_by_role("listitem")).to_have_count(0)
    async with visitor.making():
        await visitor.button("Let go of the fewest controls").press("Enter")
    assert visitor.last("/recommend")["on_conflict"] == "relax"
    await expect(panel).to_contain_text("1 control let go")
    receipt = panel.get_by_role("region", name="Receipt")
    gone = receipt.get_by_role("term").filter(has_text="let go: ")
    await expect(gone).to_have_count(1)
    assert len(await visitor.lines()) == 10
    excluded = "exclude" not in (await gone.inner_text())
    assert (await visitor.counted("Gifts") == 0) == excluded
    assert await visitor.focused() != "body"


async def test_a_list_that_cannot_be_long_enough_says_so(visitor: Visitor) -> None:
    visitor.expects(422)
    async with visitor.making():
        await visitor.choose("Only these categories", "Odd")
    await expect(visitor.panel().get_by_role("heading")).to_have_text(
        "These controls cannot all hold"
    )
    async with visitor.making():
        await visitor.page.get_by_role("slider", name="Items").fill("5")
    assert len(await visitor.lines()) == 5


async def test_where_no_control_is_to_blame_none_is_blamed(visitor: Visitor) -> None:
    visitor.expects(422)

    async def met_much(route: Route) -> None:
        asked = route.request.post_data_json
        history = [f"p{number:03}" for number in range(250)]
        del asked["user_id"]
        await route.continue_(post_data=asked | {"k": 100, "history": history})

    await visitor.page.route("**/recommend", met_much)
    async with visitor.making():
        await visitor.button("Make the list").click()
    panel = visitor.panel()
    await expect(panel).to_contain_text("are left")
    heading = panel.get_by_role("heading", name="Fewer items are left than the list needs")
    await expect(heading).to_be_visible()
    await expect(panel).not_to_contain_text("cannot all hold")
    await expect(visitor.button("Let go of the fewest controls")).to_have_count(0)


async def test_a_service_that_is_gone_can_be_tried_again(visitor: Visitor) -> None:
    visitor.provoked.append("Failed to load resource: net::ERR_FAILED")
    await visitor.page.route("**/recommend", lambda route: route.abort())
    async with visitor.making():
        await visitor.button("Make the list").click()
    await expect(visitor.panel()).to_contain_text("The service cannot be reached.")
    await expect(visitor.panel()).to_contain_text("Is it running?")
    await visitor.page.unroute("**/recommend")
    async with visitor.making():
        await visitor.button("Try again").press("Enter")
    assert len(await visitor.lines()) == 10
    await expect(visitor.button("Try again")).to_have_count(0)
    assert await visitor.focused() != "body"


async def test_a_service_that_is_gone_from_the_start_can_be_tried_again(enter: Enter) -> None:
    visitor = await enter()
    visitor.provoked.append("Failed to load resource: net::ERR_FAILED")
    await visitor.page.route("**/catalogue", lambda route: route.abort())
    await visitor.open({"wishes": {"strategy": "retrieve"}}, made=False)
    await expect(visitor.panel()).to_contain_text("The service cannot be reached.")
    await visitor.page.unroute("**/catalogue")
    await visitor.button("Try again").press("Enter")
    await visitor.settled()
    assert len(await visitor.lines()) == 10
    assert await visitor.focused() != "body"


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limited"), (503, "overloaded")])
async def test_who_has_to_wait_is_told_how_long(visitor: Visitor, status: int, code: str) -> None:
    visitor.expects(status)
    error = {"code": code, "message": "too much", "hint": "Slower.", "request_id": "r1"}

    async def refuse(route: Route) -> None:
        await route.fulfill(status=status, headers={"Retry-After": "7"}, json={"error": error})

    await visitor.page.route("**/recommend", refuse)
    async with visitor.making():
        await visitor.button("Make the list").click()
    for said in ("too much", "Slower. It may work in 7 s.", f"{code} · {status} · request r1"):
        await expect(visitor.panel()).to_contain_text(said)


async def test_a_stream_that_breaks_off_is_told_from_a_list(visitor: Visitor) -> None:
    before = await visitor.titles()

    async def cut(route: Route) -> None:
        answer = await (await route.fetch()).text()
        events = answer.split("\n\n")[:4]
        await route.fulfill(body="\n\n".join(events) + "\n\n", content_type="text/event-stream")

    await visitor.page.route("**/recommend", cut)
    async with visitor.making():
        await visitor.button("Make the list").click()
    panel = visitor.panel()
    await expect(panel).to_contain_text("The stream ended before the list was whole.")
    await expect(panel).to_contain_text("4 of 10 came")
    # What was shown stays, and what went wrong stands above it.
    assert await visitor.titles() == before[:4]
    assert not any(line.open for line in await visitor.lines())
    told = await panel.locator(".notice").bounding_box()
    first = await visitor.lines_in("The list").bounding_box()
    assert told
    assert first
    assert told["y"] + told["height"] <= first["y"]
    await visitor.page.unroute("**/recommend")
    async with visitor.making():
        await visitor.button("Try again").press("Enter")
    assert await visitor.titles() == before
    await expect(panel.locator(".notice")).to_have_count(0)
    assert await visitor.focused() != "body"


async def test_an_answer_that_cannot_be_read_says_so(visitor: Visitor) -> None:
    async def garble(route: Route) -> None:
        body = 'event: item\ndata: {"id": "p1", \n\n'
        await route.fulfill(body=body, content_type="text/event-stream")

    await visitor.page.route("**/recommend", garble)
    async with visitor.making():
        await visitor.button("Make the list").click()
    panel = visitor.panel()
    await expect(panel).to_contain_text("The page could not read the answer")
    await expect(panel.locator(".notice")).not_to_contain_text("undefined")
    await expect(panel.locator(".notice")).to_contain_text("Reload the page")


async def test_what_is_to_be_known_of_a_list_that_holds_is_shown(visitor: Visitor) -> None:
    async def tell(route: Route) -> None:
        found = await (await route.fetch()).json()
        await route.fulfill(json=found | {"notes": ["the history has changed since"]})

    await visitor.page.route("**/verify", tell)
    await visitor.button("Verify").click()
    receipt = visitor.panel().get_by_role("region", name="Receipt")
    await expect(receipt).to_contain_text("It holds")
    await expect(receipt).to_contain_text("Note: the history has changed since")
    # Said once, by the page's own voice.
    await expect(receipt.get_by_role("status")).to_have_count(0)
    spoken = visitor.page.locator("#spoken")
    await expect(spoken).to_contain_text("It holds.")
    await expect(spoken).to_contain_text("the history has changed since")


async def test_an_error_inside_a_stream_is_explained(visitor: Visitor) -> None:
    error = {"code": "engine_timeout", "message": "too slow", "hint": "Later.", "request_id": "r2"}

    async def fail(route: Route) -> None:
        event = f"event: error\ndata: {json.dumps({'error': error})}\n\n"
        await route.fulfill(body=event, content_type="text/event-stream")

    await visitor.page.route("**/recommend", fail)
    async with visitor.making():
        await visitor.button("Make the list").click()
    for said in ("too slow", "Later.", "request r2"):
        await expect(visitor.panel()).to_contain_text(said)


CHANGES: list[tuple[str, Any]] = [
    ("an item", lambda answer: answer["items"][0].update(id="p279", title="Bright Garden Lantern")),
    ("a title", lambda answer: answer["items"][0].update(title="Golden Teapot")),
    ("a count", lambda answer: answer["receipt"]["controls"][0].update(got=1)),
    ("a line too few", lambda answer: answer["items"].pop()),
]


@pytest.mark.parametrize("change", [each[1] for each in CHANGES], ids=[each[0] for each in CHANGES])
async def test_an_answer_that_was_tampered_with_does_not_hold(enter: Enter, change: Any) -> None:
    visitor = await enter()

    async def tamper(route: Route) -> None:
        *lines, last, _ = (await (await route.fetch()).text()).split("\n\n")
        answer = json.loads(last.partition("data: ")[2])
        change(answer)
        events = [*lines, f"event: answer\ndata: {json.dumps(answer)}", ""]
        await route.fulfill(body="\n\n".join(events), content_type="text/event-stream")

    await visitor.page.route("**/recommend", tamper)
    shares = [{"category": "Gifts", "op": "~", "percent": 30}]
    await visitor.open(
        {"wishes": {"strategy": "retrieve", "exclude": ["Garden"], "shares": shares}}
    )
    await visitor.button("Verify").click()
    await expect(visitor.panel().get_by_text("It does not hold")).to_be_visible()


@pytest.mark.parametrize("who", ["user", "own", "nobody"])
async def test_an_answer_as_it_was_made_holds(enter: Enter, who: str) -> None:
    visitor = await enter()
    met = [{"id": "p041", "title": "Small Teapot"}]
    shares = [{"category": "Gifts", "op": "~", "percent": 30}]
    wishes = {"strategy": "generate", "k": 4, "who": who, "history": met, "shares": shares}
    await visitor.open({"wishes": wishes})
    await visitor.button("Verify").click()
    await expect(visitor.panel().get_by_text("It holds")).to_be_visible()
