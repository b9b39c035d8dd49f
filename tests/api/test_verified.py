"""`POST /verify`: an answer is checked against what is served, and nothing in it is believed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from shopfront import STORE_DOWN, Shop, Store, error_of, visit

from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.pipeline.verify import CHANGED, OTHER
from service.store.limits import MemoryLimits

CONTROLS = {"include": ["Red", "Blue"], "shares": [{"category": "Mug", "op": "<=", "share": 0.4}]}


async def listed(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    body = {"k": 4, "intent": CONTROLS, **more}
    answer: dict[str, Any] = (await client.post("/recommend", json=body)).json()
    return answer


async def checked(client: httpx.AsyncClient, answer: Any, **more: Any) -> httpx.Response:
    return await client.post("/verify", json={"answer": answer, **more})


async def test_a_true_answer_holds() -> None:
    async with visit() as client:
        answer = await listed(client, history=["i1", "i2"])
        for history in ({}, {"history": ["i1", "i2"]}, {"history": None, "user_id": "u1"}):
            response = await checked(client, answer, **history)
            told = response.json()
            assert told.pop("catalogue") == "shelf-1"
            assert told == {"holds": True, "problems": [], "notes": []}


async def test_what_was_changed_is_told() -> None:
    async with visit() as client:
        answer = await listed(client, user_id="u1")
        answer["items"][0] |= {"id": "i1", "title": "Blue Lamp 1", "categories": ["Blue", "Lamp"]}
        told = (await checked(client, answer, user_id="u1")).json()
        assert told["holds"] is False
        assert "in_history: 1" in told["problems"]


async def test_a_list_holds_though_its_user_has_met_more_since() -> None:
    async with visit() as client:
        answer = await listed(client, user_id="u1")
        ids = {item["id"] for item in answer["items"]}
        other = next(f"i{n}" for n in range(3, 40) if f"i{n}" not in ids)
        event = {"id": "e1", "user_id": "u1", "item_id": other}
        assert (await client.post("/events", json={"events": [event]})).status_code == 200
        told = (await checked(client, answer, user_id="u1")).json()
        assert (told["holds"], told["problems"]) == (True, [])
        assert told["notes"] == [CHANGED]


async def test_what_was_met_since_and_is_listed_is_told() -> None:
    async with visit() as client:
        answer = await listed(client, user_id="u1")
        event = {"id": "e1", "user_id": "u1", "item_id": answer["items"][0]["id"]}
        assert (await client.post("/events", json={"events": [event]})).status_code == 200
        told = (await checked(client, answer, user_id="u1")).json()
        assert "in_history: 1" in told["problems"]
        assert OTHER in told["problems"]
        assert told["notes"] == []


async def test_another_history_is_told() -> None:
    async with visit() as client:
        answer = await listed(client, user_id="u1")
        told = (await checked(client, answer, user_id="u2")).json()
        assert (told["holds"], told["notes"]) == (True, [CHANGED])


@pytest.mark.parametrize("user", [".", "..", "a\nb", ""])
async def test_a_user_who_can_have_no_history_is_refused(user: str) -> None:
    async with visit() as client:
        answer = await listed(client)
        assert (await checked(client, answer, user_id=user)).status_code == 422
        for path in ("/recommend", "/free"):
            told = await client.post(path, json={"k": 3, "user_id": user})
            assert (told.status_code, error_of(told)["code"]) == (422, "bad_input")


async def test_a_user_is_one_of_the_holders_own() -> None:
    holders = {
        digest_of("own"): Holder("own"),
        digest_of("other"): Holder("other", tenant="other"),
    }
    async with visit(Shop(access=Access(MemoryLimits(), Keyring(holders)))) as client:
        client.headers["authorization"] = "Bearer own"
        answer = await listed(client, user_id="u1")
        assert (await checked(client, answer, user_id="u1")).json()["holds"]
        assert not (await checked(client, answer, user_id="u1")).json()["notes"]
        client.headers["authorization"] = "Bearer other"
        assert (await checked(client, answer, user_id="u1")).json()["notes"] == [CHANGED]


async def test_two_histories_are_one_too_many() -> None:
    async with visit() as client:
        response = await checked(client, await listed(client), history=[], user_id="u1")
        assert response.status_code == 422
        assert "two histories" in error_of(response)["message"]


@pytest.mark.parametrize("answer", [{}, {"items": []}, {"error": {"code": "x"}}, {"receipt": []}])
async def test_what_is_no_answer_is_refused(answer: Any) -> None:
    async with visit() as client:
        response = await checked(client, answer)
        assert response.status_code == 422
        assert error_of(response)["hint"] == "Save the whole JSON that /recommend returned."


async def test_a_history_that_cannot_be_read_is_not_taken_for_empty() -> None:
    async with visit() as client:
        answer = await listed(client)
    async with visit(Shop(store=Store(broken=STORE_DOWN))) as client:
        response = await checked(client, answer, user_id="u1")
        assert (response.status_code, error_of(response)["code"]) == (503, "store_unavailable")


RAW = {
    '{"answer": {"receipt": NaN}}': 422,
    '{"answer": {"receipt": {"k": -Infinity}}}': 422,
    '{"answer": {"receipt": {"k": 1e999}, "items": []}}': 422,
    '{"answer": {"items": [], "items": []}}': 422,
    '{"answer": {"items": ["\\ud800"]}}': 422,
    '{"answer": {"receipt": {"k": ' + "9" * 4_000 + '}, "items": []}}': 422,
    '{"answer": {"receipt": {"k": ' + "9" * 5_000 + '}, "items": []}}': 400,
    '{"answer": ' + '{"a":' * 150 + "1" + "}" * 150 + "}": 422,
    '{"answer": ' + '{"a":' * 4_000 + "1" + "}" * 4_000 + "}": 400,
    '{"answer": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}": 422,
    '{"answer": {"items": [' + "1," * 900_000 + '1], "receipt": {}}}': 422,
}


@pytest.mark.parametrize("raw", RAW, ids=range(len(RAW)))
async def test_what_nobody_would_send(raw: str) -> None:
    async with visit() as client:
        headers = {"content-type": "application/json"}
        response = await client.post("/verify", content=raw, headers=headers)
        assert response.status_code == RAW[raw]
        error_of(response)
