"""What the page weighs, where it may stand, and whom it talks to."""

from __future__ import annotations

import json

import proxy
import running
from playwright.async_api import expect
from serving import Service
from visitor import Enter

from service.web.files import FOLDER

MOST_BYTES = 100_000
MOST_SENT = 40_000

WEIGHED = """() => Object.values(Object.fromEntries(["navigation", "resource"]
  .flatMap(kind => performance.getEntriesByType(kind))
  .filter(({ entryType, name }) => entryType === "navigation" || name.includes("/playground/"))
  .map(each => [each.name, [each.decodedBodySize, each.encodedBodySize]])))"""
"""Each file that the page is made of: its bytes, and those that were sent."""


async def test_the_page_is_light(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open()
    weighed = await visitor.page.evaluate(WEIGHED)
    assert len(weighed) == len(list(FOLDER.iterdir()))
    assert sum(plain for plain, _ in weighed) <= MOST_BYTES
    assert sum(sent for _, sent in weighed) <= MOST_SENT


async def test_it_loads_its_own_files_and_each_once(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"wishes": {"strategy": "retrieve"}})
    files = [each.url for each in visitor.asked if each.url.endswith((".js", ".css"))]
    assert sorted(files) == sorted(set(files))
    names = {url.rpartition("/playground/")[2] for url in files}
    there = {path.name for path in FOLDER.rglob("*") if path.suffix in {".js", ".css"}}
    assert names == there


async def test_it_works_below_a_path(enter: Enter, shop: Service) -> None:
    async with proxy.below("/shop", shop) as front:
        visitor = await enter(front, path="/shop/")
        await visitor.open({"wishes": {"strategy": "generate", "k": 3}})
        assert len(await visitor.lines()) == 3
        await visitor.button("Verify").click()
        await expect(visitor.panel().get_by_text("It holds")).to_be_visible()
        curl = await visitor.page.get_by_label("As curl").text_content()
        assert len(json.loads(await running.shell(curl or ""))["items"]) == 3
        python = await visitor.page.get_by_label("As Python").text_content()
        assert len((await running.python(python or "")).splitlines()) == 3
        paths = {request.url.removeprefix(front.url)[:6] for request in visitor.asked[1:]}
        assert paths == {"/shop/"}
