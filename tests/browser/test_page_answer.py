"""The answer tab: each example comes out in its form."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Route, expect
from visitor import Enter, Visitor

from service.questions.read import LONGEST_QUESTION

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
    marks = await options.get_by_text("chosen", exact=True).all_inner_texts()
    assert marks == ["chosen"] * (0 if example == "Ranking" else len(named))
    places = await options.locator(".place").all_inner_texts()
    ranked = ["1", "2", "3", "4"]
    assert places == (
        ranked if example == "Ranking" else ["✓"] * len(named) + [""] * (4 - len(named))
    )
    labels = await options.locator(".label").all_inner_texts()
    assert [label.rstrip(".") for label in labels][: len(named)] == named
    await expect(panel.locator(".status")).to_contain_text(re.compile(r"by the model \S+ in "))
    await expect(panel.locator(".status")).not_to_contain_text("in time")


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
        await expect(shown).to_contain_text(
            helped["text"] if name != "Similar" else titles_of(made, helped["text"])
        )
        await expect(shown).to_contain_text(f"Used: {helped['why']} ({helped['model']}, ")
    stages = panel.get_by_role("table", name="Stages").get_by_role("rowheader")
    assert await stages.all_inner_texts() == [stage["name"] for stage in made["inside"]["stages"]]
    await panel.get_by_text("The prompt", exact=True).click()
    await expect(panel.get_by_text("insulated mat").first).to_be_visible()
    assert made["inside"]["prompt"]["user"] in await panel.inner_text()
    await panel.get_by_text("How it was read", exact=True).click()
    await expect(panel.get_by_role("definition").first).to_have_text(made["read"]["stem"])


def titles_of(made: Any, labels: str) -> str:
    """What is said of options by their labels: what they say."""
    texts = {option["label"]: option["text"] for option in made["read"]["options"]}
    return "".join(f"{label}. {texts[label]}" for label in labels.split(", "))


async def test_what_is_like_what_is_asked_is_told_beside_each_option(asking: Visitor) -> None:
    await answered(asking, "Ranking")
    options = asking.panel("Answer").get_by_role("list", name="Options")
    await expect(options.get_by_text(re.compile(r"^resemblance -?\d\.\d\d$"))).to_have_count(4)


async def test_where_no_model_answered_the_page_says_who_did_and_why(asking: Visitor) -> None:
    async def alone(route: Route) -> None:
        answer = await (await route.fetch()).json()
        answer |= {"path": "similar", "why": "no engine is configured", "model": None}
        await route.fulfill(json=answer)

    await asking.page.route("**/answer", alone)
    await answered(asking, "Ranking")
    await expect(asking.panel("Answer").locator(".status")).to_contain_text(
        "by resemblance in meaning, without a model (no engine is configured)"
    )


async def test_a_question_is_no_longer_than_what_is_read(asking: Visitor) -> None:
    panel = asking.panel("Answer")
    question = panel.get_by_label("Question, options and all")
    start = "Write one sentence on this. "
    await question.fill(start + "a" * (LONGEST_QUESTION - len(start)))
    assert await question.get_attribute("maxlength") == str(LONGEST_QUESTION)
    await expect(panel).to_contain_text(f"{LONGEST_QUESTION:,} characters are read at most")
    await question.fill(start)
    await expect(panel).not_to_contain_text("characters are read at most")


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
