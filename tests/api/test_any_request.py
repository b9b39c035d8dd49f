"""Whatever is sent, the answer is a list that holds or one error of the one shape: never a 5xx."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from shopfront import COLOURS, THINGS, Shelf, error_of, goods, visit

from service.pipeline.verify import verify

TEXT = st.text(st.characters(codec=None), max_size=8)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
NAME = st.sampled_from([*COLOURS, *THINGS, "Mog"])
SHARE = st.fixed_dictionaries(
    {
        "category": NAME | JSON,
        "op": st.sampled_from(["<=", ">=", "~"]) | JSON,
        "share": st.floats(0, 1) | JSON,
    }
)
INTENT = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXT | JSON,
        "query": TEXT | JSON,
        "include": st.lists(NAME, max_size=3) | JSON,
        "exclude": st.lists(NAME, max_size=2) | JSON,
        "shares": st.lists(SHARE, max_size=5),
    },
)
REQUEST = st.fixed_dictionaries(
    {},
    optional={
        "user_id": st.sampled_from(["u1", "u2"]) | JSON,
        "history": st.lists(st.sampled_from(["i1", "i7", "x"])) | JSON,
        "k": st.integers(1, 12) | JSON,
        "intent": INTENT | JSON,
        "strategy": st.sampled_from(["auto", "generate", "rank", "retrieve"]) | JSON,
        "prior_weight": st.floats(0, 9) | JSON,
        "wish_weight": st.floats(0, 100) | JSON,
        "cot": st.sampled_from(["auto", "self", "sidecar", "off"]) | JSON,
        "explain": st.booleans() | JSON,
        "on_conflict": st.sampled_from(["reject", "relax"]) | JSON,
        "strict_history": st.booleans() | JSON,
        "temperature": st.floats(0, 2) | JSON,
        "seed": st.integers(0, 9) | JSON,
    },
)


def post(raw: bytes) -> httpx.Response:
    async def sent() -> httpx.Response:
        async with visit() as client:
            headers = {"content-type": "application/json"}
            return await client.post("/recommend", content=raw, headers=headers)

    return asyncio.run(sent())


def right(response: httpx.Response) -> bool:
    if response.status_code == 200:
        return verify(response.json(), Shelf(goods())) == []
    return response.status_code < 500 and bool(error_of(response)["message"])


@settings(max_examples=150, deadline=None)
@given(REQUEST)
def test_what_looks_like_a_request(body: dict[str, Any]) -> None:
    assert right(post(json.dumps(body).encode()))


@settings(max_examples=50, deadline=None)
@given(JSON)
def test_any_json(body: object) -> None:
    assert right(post(json.dumps(body).encode()))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes(raw: bytes) -> None:
    assert right(post(raw))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=20), st.binary(max_size=10))
def test_any_path(path: bytes, query: bytes) -> None:
    async def sent() -> httpx.Response:
        async with visit() as client:
            escaped = "".join(f"%{byte:02x}" for byte in path)
            asked = "".join(f"%{byte:02x}" for byte in query)
            return await client.get(f"/items/{escaped}?q={asked}")

    response = asyncio.run(sent())
    assert response.status_code in {404, 422}
    assert error_of(response)["message"]
