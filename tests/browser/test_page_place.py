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


def test_the_page_is_light() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) <= MOST_BYTES


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
