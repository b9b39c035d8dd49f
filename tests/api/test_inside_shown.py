"""`inside: true`: the answer has one field more, and nobody else's has it."""

from __future__ import annotations

import json

import pytest
from shopfront import Shop, error_of, visit
from test_about import ModelShop

from service.api.service import Bounds


async def test_a_list_has_it_where_it_is_asked_for() -> None:
    async with visit(ModelShop()) as client:
        body = {"history": ["i1"], "k": 3, "strategy": "rank"}
        assert "inside" not in (await client.post("/recommend", json=body)).json()
        answer = (await client.post("/recommend", json=body | {"inside": True})).json()
    assert answer["inside"].keys() == {"prompt", "considered", "stages"}
    (first, *_) = answer["inside"]["considered"]
    assert first.keys() == {"id", "title", "categories", "score", "by"}
    assert answer["inside"]["stages"][0].keys() == {"name", "began", "milliseconds"}


async def test_where_no_model_is_asked_the_prompt_is_null() -> None:
    async with visit() as client:
        answer = (await client.post("/recommend", json={"k": 3, "inside": True})).json()
        assert answer["inside"]["prompt"] is None
        body = {"question": "Which?\n1. a mug\n2. a lamp", "inside": True}
        answer = (await client.post("/answer", json=body)).json()
        assert answer["inside"].keys() == {"prompt", "stages"}
        assert answer["inside"]["prompt"] is None


NOT_SHOWN = Bounds(playground=False)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/recommend", {"history": ["i1"], "k": 3, "strategy": "rank"}),
        ("/recommend", {"k": 3, "strategy": "retrieve", "stream": True}),
        ("/answer", {"question": "Which?\n1. a mug\n2. a lamp"}),
    ],
)
async def test_where_the_playground_is_not_served_nobody_is_told(
    path: str, body: dict[str, object]
) -> None:
    async with visit(ModelShop(), NOT_SHOWN) as client:
        refused = await client.post(path, json=body | {"inside": True})
        error = error_of(refused)
        assert (refused.status_code, error["code"]) == (422, "bad_input")
        assert "LISTWRIGHT_SERVER__PLAYGROUND" in error["hint"]
        for said in ({}, {"inside": False}):
            assert (await client.post(path, json=body | said)).status_code == 200


async def test_a_stream_ends_with_it() -> None:
    async with visit() as client:
        body = {"k": 3, "inside": True, "stream": True}
        text = (await client.post("/recommend", json=body)).text
    last = text.split("event: answer\ndata: ")[1].split("\n")[0]
    assert json.loads(last)["inside"]["considered"]


async def test_an_answer_with_it_still_verifies() -> None:
    async with visit(Shop()) as client:
        answer = (await client.post("/recommend", json={"k": 3, "inside": True})).json()
        told = (await client.post("/verify", json={"answer": answer})).json()
        assert told["holds"], told
