"""The request as code: what is copied is run, and gives the list that is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
import running
from bazaar import ODD, ODD_USER
from playwright.async_api import expect
from visitor import Enter

PLAIN = {
    "strategy": "retrieve",
    "k": 6,
    "text": "a warm drink",
    "exclude": ["Kitchen"],
    "shares": [
        {"category": "Gifts", "op": "<=", "percent": 35},
        {"category": "Travel", "op": ">=", "percent": 10},
        {"category": "Tools", "op": "~", "percent": 30},
    ],
}
STRANGE = {
    "strategy": "retrieve",
    "k": 4,
    "user": ODD_USER,
    "text": "it's \"so\" $(rm x) `ls` \\n %s {x} \u2028 \u202e שלום 🫖\n'''",
    "include": [ODD],
    "shares": [{"category": ODD, "op": ">=", "percent": 50}],
}
MET = {
    "strategy": "generate",
    "weight": 2,
    "k": 3,
    "who": "own",
    "history": [{"id": "p041", "title": "x"}],
}
WISHES = {"plain": PLAIN, "strange": STRANGE, "met": MET}
ALLOWED = {"permissions": ["clipboard-read", "clipboard-write"]}


@pytest.mark.parametrize("wishes", WISHES.values(), ids=WISHES)
async def test_a_list_is_the_same_by_curl_and_by_python(enter: Enter, wishes: Any) -> None:
    visitor = await enter(**ALLOWED)
    await visitor.open({"wishes": wishes})
    page, titles = visitor.page, await visitor.titles()
    assert len(titles) == wishes["k"]
    await page.get_by_text("The request as code").click()
    texts = []
    for name in ("curl", "Python"):
        await visitor.button(f"Copy as {name}").click()
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        texts.append(await page.evaluate("navigator.clipboard.readText()"))
        assert texts[-1] == await page.get_by_label(f"As {name}").text_content()
        await expect(visitor.button(f"Copy as {name}")).to_be_visible()
    curl, python = texts
    answer = json.loads(await running.shell(curl))
    assert [item["title"] for item in answer["items"]] == titles
    printed = (await running.python(python)).splitlines()
    assert printed == [f"{item['id']} {item['title']}" for item in answer["items"]]


async def test_an_answer_is_the_same_by_curl_and_by_python(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"tab": "answer"}, made=False)
    async with visitor.making("/answer", "Answer"):
        await visitor.button("Ranking").click()
    given = await visitor.panel("Answer").locator(".given").inner_text()
    curl = await visitor.page.get_by_label("As curl").text_content()
    python = await visitor.page.get_by_label("As Python").text_content()
    assert json.loads(await running.shell(curl or ""))["text"] == given
    assert (await running.python(python or "")).strip() == given


async def test_where_nothing_may_be_copied_it_is_selected(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"wishes": {"strategy": "retrieve"}})
    page = visitor.page
    await page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    await page.get_by_text("The request as code").click()
    await visitor.button("Copy as Python").click()
    await expect(page.get_by_role("button", name="Press Ctrl+C")).to_be_visible()
    shown = await page.get_by_label("As Python").text_content()
    assert await page.evaluate("getSelection().toString()") == shown
