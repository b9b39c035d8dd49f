"""A fault lasts until its witness has been answered, is mended in any case, and has to bite."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest

from loadtest.faults.harm import Fault, Witness, cut, delayed, killed, narrowed, nothing
from loadtest.faults.road import Road
from loadtest.faults.stage import Stage

SECONDS = 0.1
NOBODY = 1
"""A port at which nothing is."""


def on(road: Road) -> Stage:
    return cast("Stage", SimpleNamespace(road=road))


def of(stage: Stage) -> Road:
    road: Road = cast("SimpleNamespace", stage).road
    return road


@pytest.mark.parametrize(
    ("fault", "sound"),
    [
        (delayed(of), lambda road: not road.delay),
        (narrowed(of), lambda road: road.bytes_a_second is None),
    ],
)
async def test_who_asks_meanwhile_meets_the_fault_to_its_end(fault: Fault, sound: Any) -> None:
    road = Road(NOBODY)

    async def ask() -> list[str]:
        before = sound(road)
        await asyncio.sleep(2 * SECONDS)
        return [] if before or sound(road) else ["missing"]

    witness = Witness(ask)
    window = await fault(on(road), SECONDS, witness)
    assert witness.seen == ["missing"]
    assert sound(road)
    assert window.lasted


async def test_what_was_killed_is_started_whatever_the_witness_meets() -> None:
    done: list[str] = []

    async def ask() -> list[str]:
        raise RuntimeError("a wrong answer")

    fault = killed(lambda _: done.append("killed"), lambda _: done.append("started"))
    with pytest.raises(RuntimeError, match="a wrong answer"):
        await fault(on(Road(NOBODY)), SECONDS, Witness(ask))
    assert done == ["killed", "started"]


async def all_well() -> list[str]:
    return []


async def test_a_cut_that_tears_nothing_is_none() -> None:
    witness = Witness(all_well)
    with pytest.raises(RuntimeError, match="nobody was on the road"):
        await cut(of)(on(Road(NOBODY)), SECONDS, witness)
    assert witness.seen == []


async def test_what_a_cut_tears_is_told() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"!")
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    road = Road(server.sockets[0].getsockname()[1])
    async with server, road.open() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.readexactly(1) == b"!"
        witness = Witness(all_well)
        window = await cut(of)(on(road), SECONDS, witness)
        with pytest.raises(ConnectionError):
            await reader.readexactly(1)
        writer.close()
    assert witness.seen == ["2 ends of connections torn"]
    assert window.lasted


async def test_a_cut_waits_for_whoever_takes_the_road() -> None:
    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(read, "127.0.0.1", 0)
    road = Road(server.sockets[0].getsockname()[1])
    async with server, road.open() as port:

        async def ask() -> list[str]:
            await asyncio.sleep(SECONDS)
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(SECONDS)
            writer.close()
            return []

        witness = Witness(ask)
        await cut(of)(on(road), SECONDS, witness)
    assert witness.seen == ["2 ends of connections torn"]


async def test_calm_has_a_witness_and_lasts_no_time() -> None:
    async def ask() -> list[str]:
        return ["/events: 503"]

    witness = Witness(ask)
    window = await nothing(on(Road(NOBODY)), SECONDS, witness)
    assert witness.seen == ["/events: 503"]
    assert not window.lasted
