"""Thinking first: who is asked to, what came of it, and that it is text wherever it is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Locator, Route, expect
from visitor import Enter, Visitor

LIST = {"strategy": "generate", "k": 3, "text": "for a rainy hike"}
USED = {
    "kind": "thought",
    "used": True,
    "why": "the prompt shows it",
    "text": "They hike. <img src=x onerror=alert(7)>",
    "model": "phi-3-mini",
    "cached": False,
    "milliseconds": 120.4,
}
UNUSED = USED | {"used": False, "why": "it was late", "text": "", "model": None}
BARE = """part => [...part.childNodes].filter(each => each.nodeType === Node.TEXT_NODE)
  .map(each => each.data)"""
KNOWN = USED | {"cached": True, "text": "Known."}


def thought(visitor: Visitor) -> Locator:
    return visitor.panel().get_by_role("region", name="Chain of thought")


async def thinking(visitor: Visitor, supplements: list[Any] | None) -> None:
    """Have each list come with what somebody thought, whoever was asked to."""

    async def add(route: Route) -> None:
        body = route.request.post_data_json
        body.pop("cot", None)
        *lines, last, _ = (await (await route.fetch(post_data=body)).text()).split("\n\n")
        answer = json.loads(last.partition("data: ")[2])
        answer.pop("supplements", None)
        if supplements is not None:
            answer["supplements"] = supplements
        events = [*lines, f"event: answer\ndata: {json.dumps(answer)}", ""]
        await route.fulfill(body="\n\n".join(events), content_type="text/event-stream")

    await visitor.page.route("**/recommend", add)


async def test_who_thinks_is_asked_for_kept_and_told_as_code(enter: Enter) -> None:
    visitor = await enter()
    await thinking(visitor, [USED])
    await visitor.open({"wishes": LIST})
    field = visitor.field("Thinking first")
    assert "cot" not in visitor.last("/recommend")
    async with visitor.making():
        await field.select_option(label="by the model itself")
    assert visitor.last("/recommend")["cot"] == "self"
    panel = visitor.panel()
    await panel.get_by_text("The request as code").click()
    await expect(panel.get_by_label("As curl")).to_contain_text('"cot":"self"')
    await expect(panel.get_by_label("As Python")).to_contain_text('cot="self"')
    await visitor.page.reload()
    await visitor.settled()
    await expect(field).to_have_value("self")
    assert visitor.last("/recommend")["cot"] == "self"
    await expect(field.get_by_role("option", name="by the sidecar")).to_be_disabled()


@pytest.mark.parametrize("cot", ["sidecar", "toString", 7, None])
async def test_who_is_not_there_is_not_asked(enter: Enter, cot: object) -> None:
    visitor = await enter()
    await visitor.open({"wishes": LIST | {"strategy": "retrieve", "cot": cot}})
    assert "cot" not in visitor.last("/recommend")
    await expect(visitor.field("Thinking first")).to_have_value("auto")


async def test_a_thought_is_shown_below_the_list_as_text(enter: Enter) -> None:
    visitor = await enter()
    await thinking(visitor, [USED])
    await visitor.open({"wishes": LIST})
    await expect(thought(visitor).get_by_role("blockquote")).to_have_text(USED["text"])
    await expect(thought(visitor)).to_contain_text("Used: the prompt shows it (phi-3-mini, 120 ms)")
    assert await visitor.page.locator("main img").count() == 0


@pytest.mark.parametrize(
    ("supplement", "said"),
    [(UNUSED, "Not used: it was late"), (KNOWN, "(phi-3-mini, known from before)")],
    ids=["not used", "known"],
)
async def test_what_came_of_it_is_told(enter: Enter, supplement: Any, said: str) -> None:
    visitor = await enter()
    await thinking(visitor, [supplement])
    await visitor.open({"wishes": LIST})
    await expect(thought(visitor)).to_contain_text(said)
    await expect(thought(visitor).get_by_role("blockquote")).to_have_count(
        int(bool(supplement["text"]))
    )


@pytest.mark.parametrize("supplements", [None, []], ids=["absent", "none"])
async def test_where_nobody_was_asked_nothing_is_said(enter: Enter, supplements: Any) -> None:
    visitor = await enter()
    await thinking(visitor, supplements)
    await visitor.open({"wishes": LIST})
    await expect(visitor.panel().get_by_role("region", name="Receipt")).to_be_visible()
    await expect(thought(visitor)).to_have_count(0)
    assert await visitor.panel().locator(".after").evaluate(BARE) == []


async def test_each_side_of_a_comparison_thinks_for_itself(enter: Enter) -> None:
    visitor = await enter()
    await thinking(visitor, [USED])
    await visitor.open({"tab": "compare", "wishes": LIST}, made=False)
    await visitor.button("Without and with a thought").click()
    await expect(visitor.panel("Compare")).to_contain_text("in both")
    asked = [
        each.post_data_json.get("cot") for each in visitor.asked if each.url.endswith("/recommend")
    ]
    assert asked == ["off", "self"]
    for name in "AB":
        side = visitor.page.get_by_role("region", name=f"Side {name}")
        await expect(side).to_contain_text(f"Thought: {USED['text']}")
        field = visitor.page.get_by_label(f"{name}: thinking first")
        await expect(field.get_by_role("option", name="sidecar")).to_be_disabled()
        await visitor.page.get_by_label(f"{name}: made by").select_option("free")
        await expect(field).to_be_hidden()
    await visitor.page.reload()
    await visitor.page.get_by_label("B: made by").select_option("generate")
    await expect(visitor.page.get_by_label("B: thinking first")).to_have_value("self")


async def test_the_model_thinks_of_a_real_list(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"wishes": LIST | {"cot": "self"}})
    assert len(await visitor.lines()) == 3
    await visitor.panel().get_by_text("The whole answer as JSON").click()
    made = json.loads(await visitor.panel().locator("pre:visible").inner_text())
    [told] = made["supplements"]
    assert told["kind"] == "thought"
    await expect(thought(visitor)).to_contain_text(told["why"])
    await expect(thought(visitor)).to_contain_text(told["text"])
