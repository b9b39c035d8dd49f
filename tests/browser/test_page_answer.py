"""The answer tab: each example comes out in its form."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect
from visitor import Enter, Visitor

FORMS = {
    "Multiple choice": ("multiple choice", r"[1-4]"),
    "Ranking": ("ranking", r"[1-4](, ?[1-4]){3}"),
    "Retrieval": ("retrieval", r"[1-4], ?[1-4]"),
    "Entities": ("entities", r".+"),
    "Words": ("generation", r".+"),
}


@pytest_asyncio.fixture(loop_scope="session")
async def asking(enter: Enter) -> Visitor:
    visitor = await enter()
    await visitor.open({"tab": "answer"}, made=False)
    return visitor


async def answered(visitor: Visitor, button: str) -> Any:
    async with visitor.making("/answer", "Answer"):
        await visitor.panel("Answer").get_by_role("button", name=button, exact=True).click()
    return visitor.last("/answer")


@pytest.mark.parametrize("example", FORMS)
async def test_an_example_is_answered_in_its_form(asking: Visitor, example: str) -> None:
    await answered(asking, example)
    panel = asking.panel("Answer")
    kind, form = FORMS[example]
    given = await panel.locator(".given").inner_text()
    assert re.fullmatch(form, given, re.DOTALL)
    await expect(panel.locator(".status")).to_contain_text(kind)
    options = panel.get_by_role("list", name="Options")
    if example in {"Entities", "Words"}:
        await expect(options).to_have_count(0)
        return
    named = re.findall(r"\d", given)
    marks = await options.get_by_text(re.compile(r"^(chosen|place \d)$")).all_inner_texts()
    ranks = [f"place {place}" for place in range(1, 5)]
    assert marks == (ranks if example == "Ranking" else ["chosen"] * len(named))
    places = await options.locator(".place").all_inner_texts()
    assert places[: len(named)] == named


async def test_what_helped_and_how_it_was_made_is_shown(asking: Visitor) -> None:
    panel = asking.panel("Answer")
    await panel.get_by_label("Thinking first").select_option(label="by the model itself")
    await panel.get_by_label("Similar options shown").fill("2")
    body = await answered(asking, "Ranking")
    assert (body["cot"], body["similar"]) == ("self", 2)
    await panel.get_by_text("The whole answer as JSON").click()
    made = json.loads(await panel.locator("pre:visible").inner_text())
    for name, helped in zip(["Chain of thought", "Similar"], made["supplements"], strict=True):
        shown = panel.get_by_role("region", name=name)
        assert helped["used"]
        await expect(shown).to_contain_text(helped["text"])
        await expect(shown).to_contain_text(f"Used: {helped['why']} ({helped['model']}, ")
    stages = panel.get_by_role("table", name="Stages").get_by_role("rowheader")
    assert await stages.all_inner_texts() == [stage["name"] for stage in made["inside"]["stages"]]
    await panel.get_by_text("The prompt", exact=True).click()
    await expect(panel.get_by_text("insulated mat").first).to_be_visible()
    assert made["inside"]["prompt"]["user"] in await panel.inner_text()
    await panel.get_by_text("How it was read", exact=True).click()
    await expect(panel.get_by_role("definition").first).to_have_text(made["read"]["stem"])


async def test_a_question_that_cannot_be_read_is_explained(asking: Visitor) -> None:
    asking.expects(422)
    panel = asking.panel("Answer")
    await panel.get_by_label("Question, options and all").fill("Which one?")
    await panel.get_by_label("Kind of answer").select_option("ranking")
    await answered(asking, "Answer")
    await expect(panel.get_by_role("heading", name="That did not work")).to_be_visible()
    await panel.get_by_role("button", name="Try again").press("Enter")
    await expect(panel.get_by_role("heading", name="That did not work")).to_be_visible()
    assert await asking.focused() != "body"
