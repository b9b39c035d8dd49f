"""What a body holds is counted before a parser sees it, and held against its schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.body import Body
from service.api.catalogue_routes import ReloadBody
from service.api.event_schema import EventsBody
from service.api.extent import OPEN, SPARE, Extent, check_extent, extent_of, most_of
from service.api.feedback_schema import FeedbackBody
from service.api.free_schema import free_body
from service.api.mcp_routes import Spoken
from service.api.parsing import parse
from service.api.question_schema import answer_body
from service.api.schemas import recommend_body
from service.api.service import Bounds
from service.api.verify_schema import verify_body
from service.errors import BadInput

BOUNDS = Bounds()
SCHEMAS: dict[str, type[Body]] = {
    "recommend": recommend_body(BOUNDS),
    "free": free_body(BOUNDS),
    "answer": answer_body(BOUNDS),
    "verify": verify_body(BOUNDS),
    "events": EventsBody,
    "feedback": FeedbackBody,
    "reload": ReloadBody,
    "mcp": Spoken,
}
PLENTY = 10**6

texts = st.text() | st.text(alphabet='\\"[]{},:')
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
)


def within(value: object) -> Iterator[object]:
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from within(each)


@given(values, st.booleans())
def test_what_stands_in_texts_counts_for_nothing(value: object, ascii_only: bool) -> None:
    there = extent_of(json.dumps(value, ensure_ascii=ascii_only).encode(), PLENTY)
    held = list(within(value))
    containers = sum(isinstance(each, list | dict) for each in held)
    assert there.containers == containers
    assert len(held) - 1 <= there.pieces <= len(held) - 1 + containers


@given(values)
def test_what_no_parser_reads_hides_nothing_before_it(value: object) -> None:
    whole = json.dumps([value, value])
    there = extent_of(whole.encode(), PLENTY)
    for end in ('\\"', '"', "\\", '"[[[{{,,', '\\\\"'):
        assert extent_of((whole + end).encode(), PLENTY).containers >= there.containers


def test_more_texts_than_there_may_be_values_are_not_taken_apart() -> None:
    assert extent_of(b'""' * 9, 3).pieces == 4
    assert extent_of(b'["a","b","c"]', 3) == Extent(3, 1)


LISTED = {"id": "i1", "title": "A Mug", "categories": ["c"] * 15, "score": -1.5, "source": "llm"}
ACCOUNT = {"kind": "include", "category": "c", "categories": ["c"] * 32, "want": "=1", "got": 1}
ANSWER = {
    "items": [LISTED | {"reason": "so"}] * 1_000,
    "receipt": {"k": 1_000, "controls": [ACCOUNT] * 6, "relaxed": [ACCOUNT] * 6},
    "timings": {str(stage): 1.0 for stage in range(20)},
}
MOST: dict[str, dict[str, Any]] = {
    "recommend": {
        "history": ["i"] * BOUNDS.max_history,
        "intent": {
            "include": ["c"] * 32,
            "exclude": ["c"] * 32,
            "shares": [{"category": "c", "op": "<=", "share": 0.1}] * 4,
        },
    },
    "free": {"history": ["i"] * BOUNDS.max_history},
    "answer": {"question": "which?", "options": ["o, [and] {so}"] * 1_000},
    "verify": {"answer": ANSWER, "history": ["i"] * BOUNDS.max_history},
    "events": {
        "events": [{"id": "e", "user_id": "u", "item_id": "i", "at": "2026-01-31T17:30:00Z"}]
        * 1_000
    },
    "feedback": {
        "request_id": "r", "shown": ["i"] * 1_000, "clicked": ["i"] * 1_000, "bought": ["i"] * 1_000
    },
    "reload": {"version": "v"},
    "mcp": {
        "jsonrpc": "2.0",
        "method": "tools/call",
        "params": {"name": "recommend", "arguments": {"history": ["i"] * BOUNDS.max_history}},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_longest_request_fits_and_has_room(name: str) -> None:
    schema, raw = SCHEMAS[name], json.dumps(MOST[name]).encode()
    assert isinstance(parse(raw, schema), schema)
    most, there = most_of(schema), extent_of(raw, PLENTY)
    assert there.times(2).pieces <= most.pieces
    assert there.times(2).containers <= most.containers


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_bound_follows_the_schema(name: str) -> None:
    """A schema that leaves something open by mistake would have room for far more."""
    opened = name in {"verify", "mcp"}
    assert (most_of(SCHEMAS[name]).pieces >= OPEN.pieces) == opened
    assert most_of(SCHEMAS["reload"]).pieces < 2 * SPARE.pieces


FILLERS: dict[str, Callable[[int], bytes]] = {
    "deep lists": lambda size: b",".join([b"[" * 190 + b"]" * 190] * (size // 381)),
    "deep objects": lambda size: b",".join([b'{"":' * 90 + b"1" + b"}" * 90] * (size // 452)),
    "empty lists": lambda size: b",".join([b"[]"] * (size // 3)),
    "empty objects": lambda size: b",".join([b"{}"] * (size // 3)),
    "numbers": lambda size: b",".join([b"0"] * (size // 2)),
    "texts": lambda size: b",".join([b'""'] * (size // 3)),
    "texts with escapes": lambda size: b",".join([b'"\\""'] * (size // 5)),
}


@pytest.mark.parametrize("filler", FILLERS)
@pytest.mark.parametrize("name", SCHEMAS)
def test_two_megabytes_of_small_things_come_to_no_parser(
    name: str, filler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = SCHEMAS[name]

    def parser(*_: object) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(schema, "model_validate_json", parser)
    inner = FILLERS[filler](2_000_000)
    for raw in (b'{"answer":{"x":[' + inner + b"]}}", b'{"params":[' + inner, inner):
        with pytest.raises(BadInput, match=r"the body holds more than [\d,]+ (lists|values)"):
            parse(raw, schema)


def test_what_is_a_little_too_long_is_told_by_its_name() -> None:
    raw = json.dumps({"history": ["i"] * (BOUNDS.max_history * 2)}).encode()
    check_extent(raw, SCHEMAS["recommend"])
    with pytest.raises(BadInput, match="history must have at most 10000 entries, not 20000"):
        parse(raw, SCHEMAS["recommend"])
