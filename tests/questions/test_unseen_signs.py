"""Signs that nobody sees neither hide labels nor get into the words of an answer."""

from __future__ import annotations

import pytest
from asking import asked, texts

from service.questions.text.spans import spans


@pytest.mark.parametrize("sign", ["\x07", "\u200b", "\x1f", "\x7f"])
def test_what_parts_words_stands_in_no_span(sign: str) -> None:
    sent = f"blue{sign}wool hat"
    question = asked(f"Extract the entities from the query.\nQuery: {sent}")
    found = spans(question.source, 100)
    assert {"blue", "wool hat"} <= set(found)
    assert all(span in sent for span in found)


@pytest.mark.parametrize(
    "sent", ["\u202ewool hat\u202c", "a \u200fwool\u200e hat", "\ufeffhat\u2069 wool"]
)
def test_marks_of_direction_end_no_span(sent: str) -> None:
    question = asked(f"Extract the entities from the query.\nQuery: {sent}")
    found = spans(question.source, 100)
    assert {"wool", "hat"} <= set(found)
    assert all(span in sent for span in found)


@pytest.mark.parametrize("sign", ["\x00", "\u200b", "\u200e", "\u202e", "\ufeff"])
def test_labels_are_found_behind_them(sign: str) -> None:
    assert texts(asked(f"Which?\n{sign}1. wool\n{sign}2. silk{sign}")) == ["wool", "silk"]
