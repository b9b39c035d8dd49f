"""Lists that come line by line, and lists that nobody waits for any more."""

from __future__ import annotations

import asyncio
import json
import re

from playwright.async_api import expect
from serving import PATIENCE_S, Service
from visitor import Enter

LONG = {"wishes": {"strategy": "generate", "k": 60}}

WATCH = """list => {
  window.states = [];
  const title = each => each.querySelector(".title").textContent;
  const line = each => each.classList.contains("open") ? null : title(each);
  const look = () => window.states.push([...list.children].map(line));
  new MutationObserver(look).observe(list, { childList: true });
}"""


async def test_lines_come_in_order_and_stay_as_they_came(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"wishes": {"strategy": "generate"}})
    await visitor.lines_in("The list").evaluate(WATCH)
    async with visitor.making():
        await visitor.button("Make the list").click()
    states: list[list[str | None]] = await visitor.page.evaluate("window.states")
    titles = await visitor.titles()
    assert len(titles) == 10
    filled = [sum(line is not None for line in state) for state in states]
    # Lines may come together, but not all of ten at once.
    assert any(0 < count < 10 for count in filled)
    assert filled == sorted(filled)
    for state, count in zip(states, filled, strict=True):
        assert state == [*titles[:count], *[None] * (10 - count)]


async def test_to_stop_is_to_end_the_work_on_the_server(enter: Enter, shop: Service) -> None:
    visitor = await enter()
    await visitor.open({"wishes": {"strategy": "retrieve", "k": 60}})
    await visitor.live(on=False)
    await visitor.page.get_by_label("Strategy").select_option("generate")
    before = await abandoned(shop)
    async with visitor.page.expect_event("response", lambda got: got.url.endswith("/recommend")):
        await visitor.button("Make the list").press("Enter")
    await expect(visitor.panel().get_by_text(re.compile(r"^\d+ of 60 …$"))).to_be_visible()
    await visitor.button("Stop").press("Enter")
    await expect(visitor.panel()).to_contain_text("Stopped.")
    await visitor.settled()
    await expect(visitor.button("Stop")).to_be_hidden()
    await expect(visitor.button("Make the list")).to_be_focused()
    lines = await visitor.lines()
    assert any(line.open for line in lines)
    await ended(shop, before)
    last = [json.loads(line) for line in shop.logged().splitlines()]
    assert [line["route"] for line in last if line.get("error") == "client_gone"][
        -1
    ] == "/recommend"


async def test_a_change_hangs_up_on_the_list_before(enter: Enter) -> None:
    """What was asked first must not be shown over what was asked last."""
    visitor = await enter()
    await visitor.open(LONG, made=False)
    await expect(visitor.panel().get_by_text(re.compile(r"^\d+ of 60 …$"))).to_be_visible()
    async with visitor.making():
        await visitor.page.get_by_label("Strategy").select_option("retrieve")
    await expect(visitor.panel()).to_contain_text("by the retrievers")
    assert len(await visitor.lines()) == 60


async def test_another_tab_hangs_up_on_the_list(enter: Enter, shop: Service) -> None:
    visitor = await enter()
    before = await abandoned(shop)
    await visitor.open(LONG, made=False)
    await expect(visitor.panel().get_by_text(re.compile(r"^\d+ of 60 …$"))).to_be_visible()
    await visitor.page.get_by_role("tab", name="Answer").click()
    await expect(visitor.button("Stop")).to_be_hidden()
    await ended(shop, before)


async def ended(shop: Service, before: float) -> None:
    """Wait until the server has let go of one more list, and of all."""
    async with asyncio.timeout(PATIENCE_S):
        while await abandoned(shop) == before or await running(shop):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def measured(shop: Service, name: str) -> float:
    text = (await shop.get("/metrics")).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def abandoned(shop: Service) -> float:
    return await measured(shop, 'listwright_requests_total{route="/recommend",status="499"}')


async def running(shop: Service) -> float:
    return await measured(shop, 'listwright_requests_running{route="/recommend"}')
