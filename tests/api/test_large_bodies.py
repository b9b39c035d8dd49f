"""Large bodies: how many bytes each route reads, and that they wait for one another."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from shopfront import Shop, error_of, visit

from service.api.allowance import HONEST, MESSAGE_BYTES, USUAL, allowances
from service.api.app import create_app
from service.api.errors import Overloaded
from service.api.roads import road_to
from service.api.service import Bounds
from service.api.turns import LARGE, Turns

JSON = {"content-type": "application/json"}
LONG = json.dumps({"k": 3, "history": ["i" * 100] * (LARGE // 100)})


def test_each_bound_is_of_a_route_and_below_the_whole() -> None:
    bounds = allowances(USUAL)
    assert all(road_to(path) for path in bounds)
    assert bounds == {**HONEST, "/mcp": MESSAGE_BYTES}
    assert all(most < USUAL for most in bounds.values())
    assert Bounds().max_body_bytes == USUAL


def test_the_setting_is_above_all_of_them_and_widens_them() -> None:
    assert set(allowances(1_000).values()) == {1_000}
    assert allowances(2 * USUAL)["/events"] == 2 * HONEST["/events"]
    assert allowances(2 * USUAL)["/mcp"] == MESSAGE_BYTES


@pytest.mark.parametrize("path", sorted(allowances(USUAL).keys() - {"/catalogue/reload"}))
async def test_what_is_larger_is_told_the_bound_of_its_route(path: str) -> None:
    most = allowances(USUAL)[path]
    async with visit() as client:
        fits = await client.post(path, content=b" " * most, headers=JSON)
        declared = await client.post(path, content=b" " * (most + 1), headers=JSON)

        async def chunks() -> AsyncIterator[bytes]:
            yield b" " * (most + 1)

        found = await client.post(path, content=chunks(), headers=JSON)
    assert fits.status_code == 400
    for refused in (declared, found):
        assert (refused.status_code, error_of(refused)["code"]) == (413, "too_large")
        assert f"{most:,} bytes" in error_of(refused)["message"]


@pytest.mark.parametrize("history", [["i" * 64] * 10_000, ["😀" * 20] * 10_000])
async def test_honest_histories_fit(history: list[str]) -> None:
    asked = json.dumps({"k": 3, "history": history}, ensure_ascii=False)
    async with visit() as client:
        answer = await client.post("/recommend", content=asked, headers=JSON)
    assert answer.status_code == 200


async def test_a_large_body_waits_for_its_turn_and_a_small_one_does_not() -> None:
    app = create_app(Shop(), Bounds())
    turns: Turns = app.state.turns
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        async with turns.one():
            large = asyncio.create_task(client.post("/recommend", content=LONG, headers=JSON))
            small = await client.post("/recommend", json={"k": 3})
            await asyncio.sleep(0.05)
            assert (small.status_code, large.done()) == (200, False)
        assert (await large).status_code == 200


async def test_where_too_many_wait_one_more_is_told_so() -> None:
    app = create_app(Shop(), Bounds())
    app.state.turns = Turns(most=1)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        async with app.state.turns.one():
            waits = asyncio.create_task(client.post("/recommend", content=LONG, headers=JSON))
            await asyncio.sleep(0.05)
            refused = await client.post("/recommend", content=LONG, headers=JSON)
            assert (refused.status_code, error_of(refused)["code"]) == (503, "overloaded")
            assert refused.headers["retry-after"]
        assert (await waits).status_code == 200


async def test_turns_are_one_at_a_time_in_their_order() -> None:
    turns = Turns()
    seen: list[str] = []

    async def take(name: str) -> None:
        async with turns.one():
            seen.append(f"{name} in")
            await asyncio.sleep(0)
            seen.append(f"{name} out")

    await asyncio.gather(take("a"), take("b"), take("c"))
    assert seen == ["a in", "a out", "b in", "b out", "c in", "c out"]


async def test_after_a_turn_the_thread_is_free_for_as_long() -> None:
    turns, ends, begins = Turns(), [], []

    async def take() -> None:
        async with turns.one():
            begins.append(time.monotonic())
            time.sleep(0.03)  # noqa: ASYNC251 - a parser holds the loop, too
            ends.append(time.monotonic())

    await asyncio.gather(*(take() for _ in range(3)))
    pauses = [begin - end for end, begin in zip(ends, begins[1:], strict=False)]
    assert min(pauses) >= 0.03


async def test_whoever_had_a_turn_waits_for_no_pause() -> None:
    turns = Turns()
    async with turns.one():
        time.sleep(0.2)  # noqa: ASYNC251 - a parser holds the loop, too
        ended = time.monotonic()
    assert time.monotonic() - ended < 0.1


async def test_what_goes_wrong_in_a_turn_ends_it() -> None:
    turns = Turns(most=0)
    with pytest.raises(KeyError):
        async with turns.one():
            raise KeyError
    async with turns.one():
        with pytest.raises(Overloaded):
            async with turns.one():
                pass


async def test_whoever_waits_no_longer_gives_back_the_place() -> None:
    turns = Turns(most=1)

    async def take() -> None:
        async with turns.one():
            pass

    async with turns.one():
        waiting = asyncio.create_task(take())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        waiting = asyncio.create_task(take())
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await take()
    await waiting
