"""What agents read that are shown a text alone: nothing in it can be taken for something else."""

from __future__ import annotations

import json

import pytest

from service.mcp.inner import Call, Reply
from service.mcp.texts import items_text, list_text
from service.mcp.tools import Tool, outcome

SOUP = {"id": "s1", "title": "Soup", "categories": ["Quick, 20 min", 'Say "soup"', "Süß"]}
PLAIN = {"id": "p1", "title": "Plain", "categories": []}


def test_a_category_is_read_from_it_as_it_has_to_be_named() -> None:
    _, soup, plain = items_text({"items": [SOUP, PLAIN]}).splitlines()
    assert plain == "Plain [p1]"
    named = soup.removeprefix("Soup [s1] (").removesuffix(")")
    assert json.loads(f"[{named}]") == SOUP["categories"]
    assert "Süß" in named


def test_controls_name_each_of_their_categories() -> None:
    control = {"kind": "include", "category": "A or B or C", "categories": ["A or B", "C"]}
    counted = control | {"want": "=1", "got": 1, "holds": True}
    receipt = {"path": "llm", "controls": [counted], "relaxed": []}
    told = list_text({"items": [SOUP], "receipt": receipt})
    assert told.endswith('Held: include "A or B" or "C": wanted =1, has 1')


@pytest.mark.parametrize("message", ["The question is empty.", "The question is empty"])
def test_an_error_has_one_full_stop(message: str) -> None:
    tool = Tool("t", "T", "", {}, {}, lambda _: Call("GET", "/"), str)
    said = {"error": {"code": "unreadable_question", "message": message, "hint": "Send it."}}
    done = outcome(tool, Reply(422, json.dumps(said).encode()))
    assert done.text == "unreadable_question: The question is empty. Send it."
