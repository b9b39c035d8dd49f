"""Every bad request gets its own clear error: never a 5xx, never a traceback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, MutableMapping
from typing import Any

import httpx
import pytest
from shopfront import Shelf, Shop, error_of, goods, visit

from service.api.app import create_app
from service.api.service import Bounds

JSON = {"content-type": "application/json"}
SHARE = {"category": "Red", "op": "<=", "share": 0.5}


async def refused(body: object, status: int = 422, code: str = "bad_input") -> str:
    """The message that refuses a body; bytes are sent as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with visit() as client:
        response = await client.post("/recommend", content=raw, headers=JSON)
    error = error_of(response)
    assert (response.status_code, error["code"]) == (status, code)
    return error["message"]


def share(**fields: object) -> dict[str, object]:
    return {"intent": {"shares": [{**SHARE, **fields}]}}


@pytest.mark.parametrize(
    ("k", "message"),
    [
        (0, "k must be at least 1, got 0"),
        (-1, "k must be at least 1, got -1"),
        (10**9, "k must be at most 100, got 1000000000"),
        (10**40, f"k must be at most 100, got {10**40}"),
        ("ten", 'k must be a whole number, got "ten"'),
        ("10", 'k must be a whole number, got "10"'),
        (1.5, "k must be a whole number, got 1.5"),
        (1.0, "k must be a whole number, got 1.0"),
        (True, "k must be a whole number, got true"),
        (None, "k must be a whole number, got null"),
        ([5], "k must be a whole number"),
    ],
)
async def test_k(k: object, message: str) -> None:
    assert await refused({"k": k}) == message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-0.01, "intent.shares[0].share must be at least 0, got -0.01"),
        (1.01, "intent.shares[0].share must be at most 1, got 1.01"),
        ("half", 'intent.shares[0].share must be a number, got "half"'),
        (True, "intent.shares[0].share must be a number, got true"),
    ],
)
async def test_share(value: object, message: str) -> None:
    assert (await refused(share(share=value))).startswith(message)


async def test_a_share_needs_its_parts() -> None:
    message = await refused({"intent": {"shares": [{"op": "<"}]}})
    assert "intent.shares[0].category is required" in message
    assert """intent.shares[0].op must be '<=', '>=' or '~', got "<\"""" in message
    assert "intent.shares[0].share is required" in message


async def test_very_many_things_that_are_wrong_are_counted_and_not_listed() -> None:
    message = await refused({f"a{number}": 1 for number in range(10_000)})
    assert message == "there are 10,000 things wrong with the body"


async def test_five_shares() -> None:
    message = await refused({"intent": {"shares": [SHARE] * 5}})
    assert message == "intent.shares must have at most 4 entries, not 5"


@pytest.mark.parametrize("name", ["include", "exclude"])
async def test_fifty_one_names(name: str) -> None:
    message = await refused({"intent": {name: ["Red"] * 33}})
    assert message == f"intent.{name} must have at most 32 entries, not 33"


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize(
    "body",
    [
        '{"intent": {"shares": [{"category": "Red", "op": "<=", "share": %s}]}}',
        '{"prior_weight": %s}',
        '{"temperature": %s}',
        '{"k": %s}',
        '{"deadline_ms": %s}',
        '{"user_id": %s}',
        '{"history": [%s]}',
        '{"nothing": %s}',
        "%s",
    ],
)
async def test_what_is_no_number(body: str, word: str) -> None:
    await refused((body % word).encode())


@pytest.mark.parametrize(
    "raw",
    [
        b'{"intent": {"text": "\\ud800"}}',
        b'{"intent": {"query": "a \\udc00 b"}}',
        b'{"user_id": "\\ud83d"}',
        b'{"history": ["\\ud800"]}',
        b'{"\\ud800": 1}',
        b'{"intent": {"text": "\xed\xa0\x80"}}',
    ],
)
async def test_lone_surrogates_are_refused(raw: bytes) -> None:
    assert "lone surrogate" in await refused(raw)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"intent": {"text": "a\0b"}}, "intent.text"),
        ({"intent": {"query": "\0"}}, "intent.query"),
        ({"intent": {"include": ["Red\0"]}}, "intent.include[0]"),
        (share(category="\0"), "intent.shares[0].category"),
        ({"history": ["i1", "\0"]}, "history[1]"),
        ({"user_id": "\0"}, "user_id"),
    ],
)
async def test_nuls_are_refused(body: object, place: str) -> None:
    assert await refused(body) == f"{place} must not hold a NUL character"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"k": 1',
        b"{'k': 1}",
        b'{"k": 1}}',
        b'{"k": 01}',
        b"\xff\xfe",
        b'{"user_id": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"[" * 100,
        b'{"k": ' + b"9" * 5_000 + b"}",
    ],
    ids=range(11),
)
async def test_broken_json(raw: bytes) -> None:
    assert (await refused(raw, 400, "broken_json")).startswith("the body is not JSON: ")


async def test_what_holds_too_much_is_not_parsed_at_all() -> None:
    assert (await refused(b"[" * 100_000)).startswith("the body holds more than 120 lists")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"k": 5, "k": 2}',
        b'{"intent": {"exclude": ["Red"]}, "k": 1, "intent": {}}',
        b'{"intent": {"text": "a", "text": "b"}}',
    ],
)
async def test_a_name_that_comes_twice(raw: bytes) -> None:
    """Of two controls one would be dropped without a word."""
    assert (await refused(raw)).endswith(" twice")


@pytest.mark.parametrize("body", [None, [], "text", 7])
async def test_json_that_is_no_object(body: object) -> None:
    assert (await refused(body)).startswith("the body must be an object")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"kk": 3}, "kk"),
        ({"similar": 3}, "similar"),
        ({"intent": {"includes": []}}, "intent.includes"),
        (share(extra=1), "intent.shares[0].extra"),
    ],
)
async def test_unknown_fields(body: object, place: str) -> None:
    assert await refused(body) == f"{place} is not a field of this request"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"strategy": "ranked"},
            "strategy must be 'auto', 'generate', 'rank' or 'retrieve', got \"ranked\"",
        ),
        ({"on_conflict": 1}, "on_conflict must be 'reject' or 'relax', got 1"),
        ({"explain": "yes"}, 'explain must be true or false, got "yes"'),
        ({"explain": 1}, "explain must be true or false, got 1"),
        ({"user_id": ""}, "user_id must not be empty"),
        ({"user_id": 7}, "user_id must be text, got 7"),
        ({"user_id": "u" * 513}, "user_id must have at most 512 characters"),
        ({"history": "i1"}, 'history must be a list, got "i1"'),
        ({"history": [1]}, "history[0] must be text, got 1"),
        ({"history": ["i" * 513]}, "history[0] must have at most 512 characters"),
        ({"intent": []}, "intent must be an object"),
        ({"intent": {"text": "x" * 2_001}}, "intent.text must have at most 2000 characters"),
        ({"intent": {"query": "x" * 2_001}}, "intent.query must have at most 2000 characters"),
        ({"deadline_ms": 0}, "deadline_ms must be at least 1, got 0"),
        ({"deadline_ms": 120_001}, "deadline_ms must be at most 120000, got 120001"),
        ({"prior_weight": -1}, "prior_weight must be at least 0, got -1"),
        ({"wish_weight": -1}, "wish_weight must be at least 0, got -1"),
        ({"wish_weight": 101}, "wish_weight must be at most 100, got 101"),
        ({"cot": "later"}, "cot must be 'auto', 'self', 'sidecar' or 'off', got \"later\""),
        ({"temperature": 2.1}, "temperature must be at most 2, got 2.1"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
    ],
)
async def test_other_fields(body: object, message: str) -> None:
    assert await refused(body) == message


async def test_five_problems_are_told_and_the_others_counted() -> None:
    message = await refused({"k": 0, "history": [1] * 8})
    assert message.count("must be") == 5
    assert message.endswith("; and 4 more")


async def test_a_long_name_of_a_field_is_shortened() -> None:
    assert len(await refused({"x" * 10_000: 1})) < 120


async def test_a_history_of_ten_thousand_is_read_and_one_more_refused() -> None:
    async with visit() as client:
        body = {"k": 3, "history": [f"x{n}" for n in range(9_999)] + ["i0"]}
        answer = (await client.post("/recommend", json=body)).json()
    assert answer["receipt"]["history"]["unknown"] == 9_999
    assert answer["receipt"]["history"]["used"] == 1
    assert "i0" not in [item["id"] for item in answer["items"]]
    message = await refused({"history": ["i1"] * 10_001})
    assert message == "history must have at most 10000 entries, not 10001"


class Upload(httpx.AsyncByteStream):
    """A body that counts how much of it was asked for."""

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.chunks):
            self.read += 1
            yield b" " * 1_000_000


async def test_fifty_megabytes_of_declared_length_are_not_read() -> None:
    upload = Upload(50)
    async with visit() as client:
        headers = {**JSON, "content-length": "50000000"}
        response = await client.post("/recommend", content=upload, headers=headers)
    assert response.status_code == 413
    assert error_of(response)["code"] == "too_large"
    assert upload.read == 0


@pytest.mark.parametrize("path", ["/recommend", "/nowhere"])
async def test_fifty_megabytes_in_chunks_are_read_up_to_the_limit(path: str) -> None:
    upload = Upload(50)
    async with visit() as client:
        response = await client.post(path, content=upload, headers=JSON)
    assert error_of(response)["code"] == ("too_large" if path == "/recommend" else "not_found")
    assert upload.read <= 3


async def test_a_body_that_does_not_arrive_is_given_up() -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(60)

    async with visit(bounds=Bounds(request_seconds=0.05)) as client:
        response = await client.post("/recommend", content=trickle(), headers=JSON)
    assert (response.status_code, error_of(response)["code"]) == (408, "request_timeout")


async def test_a_client_that_hangs_up_while_it_sends_is_no_fault_of_ours() -> None:
    shop = Shop()
    heard = iter([{"type": "http.request", "body": b'{"k"', "more_body": True}])
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return next(heard, {"type": "http.disconnect"})

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/recommend", "raw_path": b"/recommend",
        "headers": [(b"host", b"shop"), (b"content-type", b"application/json")],
        "query_string": b"",
        "http_version": "1.1", "scheme": "http", "server": ("shop", 80), "root_path": "",
    }  # fmt: skip
    await create_app(shop, Bounds())(scope, receive, send)
    assert sent[0]["status"] == 499


async def test_a_wrong_declared_length_does_not_get_more_in() -> None:
    upload = Upload(5)
    async with visit() as client:
        headers = {**JSON, "content-length": "5"}
        response = await client.post("/recommend", content=upload, headers=headers)
    assert response.status_code == 413


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"]
)
async def test_other_media_types(kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    async with visit() as client:
        response = await client.post("/recommend", content=b"{}", headers=headers)
    assert response.status_code == 415
    assert "Content-Type: application/json" in error_of(response)["hint"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.shop+json"])
async def test_json_by_another_name(kind: str) -> None:
    async with visit() as client:
        response = await client.post("/recommend", content=b"{}", headers={"content-type": kind})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("/items?limit=0", "limit must be at least 1"),
        ("/items?limit=101", "limit must be at most 100"),
        ("/items?limit=x", "limit must be a whole number"),
        ("/items?q=%00", "q must not hold a NUL"),
        ("/items?q=" + "x" * 2_001, "q must have at most 2000"),
        ("/items/%00", "item_id must not hold a NUL"),
    ],
)
async def test_parameters(url: str, place: str) -> None:
    async with visit() as client:
        response = await client.get(url)
    assert response.status_code == 422
    assert error_of(response)["message"].startswith(place)


CONFLICT = {"k": 3, "intent": {"include": ["Red"], "exclude": ["Red"]}}


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        ({"intent": {"include": ["Rad"]}}, "unknown_category", "Rad"),
        ({"history": ["nope"], "strict_history": True}, "unknown_item", "nope"),
        (CONFLICT, "conflicting_controls", "Red"),
        ({"k": 41}, "conflicting_controls", "40"),
        ({"k": 11, "intent": {"include": ["Red"]}}, "conflicting_controls", "10"),
    ],
)
async def test_what_the_pipeline_refuses(body: Any, code: str, told: str) -> None:
    assert told in await refused(body, code=code)


@pytest.mark.parametrize("count", [0, 1])
async def test_a_catalogue_too_small_for_the_list(count: int) -> None:
    async with visit(Shop(Shelf(goods(count)))) as client:
        response = await client.post("/recommend", json={"k": 2})
        assert response.status_code == 422
        assert error_of(response)["code"] == "conflicting_controls"
        one = await client.post("/recommend", json={"k": 1})
        assert one.status_code == (200 if count else 422)


async def test_the_operators_bounds_count() -> None:
    bounds = Bounds(max_k=5, default_k=2, max_history=1, max_deadline_ms=50, max_body_bytes=100)
    refusals: Mapping[str, dict[str, Any]] = {
        "k must be at most 5, got 6": {"k": 6},
        "history must have at most 1 entries, not 2": {"history": ["a", "b"]},
        "deadline_ms must be at most 50, got 51": {"deadline_ms": 51},
        "the body is larger than the 100 bytes that are read": {"user_id": "x" * 100},
    }
    async with visit(bounds=bounds) as client:
        for message, body in refusals.items():
            assert error_of(await client.post("/recommend", json=body))["message"] == message
        assert len((await client.post("/recommend", json={})).json()["items"]) == 2
