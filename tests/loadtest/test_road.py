"""A road carries what is said both ways, and can be slowed, narrowed and cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from loadtest.faults.road import Road


@asynccontextmanager
async def echoing() -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65_536):
                writer.write(piece)
        await closed(writer)

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def said_back(port: int, words: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(words)
        return await reader.readexactly(len(words))
    finally:
        await closed(writer)


async def test_all_arrives_both_ways_and_the_end_too() -> None:
    words = bytes(range(256)) * 2_000
    async with echoing() as target, Road(target).open() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(words)
        writer.write_eof()
        assert await reader.read() == words
        await closed(writer)


async def test_what_is_delayed_comes_later_each_way_and_in_order() -> None:
    async with echoing() as target:
        road = Road(target, delay=0.05)
        async with road.open() as port:
            began = asyncio.get_running_loop().time()
            assert await said_back(port, b"one two") == b"one two"
            assert asyncio.get_running_loop().time() - began >= 0.1


async def test_what_is_narrow_lets_so_much_through() -> None:
    async with echoing() as target:
        road = Road(target, bytes_a_second=100_000)
        async with road.open() as port:
            began = asyncio.get_running_loop().time()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(2):
                writer.write(b"x" * 10_000)
                assert len(await reader.readexactly(10_000)) == 10_000
            await closed(writer)
            # Of the second, too, the last byte takes its time.
            assert asyncio.get_running_loop().time() - began >= 0.4


async def test_what_is_cut_is_torn_and_can_be_entered_again() -> None:
    async with echoing() as target:
        road = Road(target)
        async with road.open() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"hello"
            assert road.cut() == 2
            with pytest.raises(ConnectionError):
                await reader.readexactly(1)
            await closed(writer)
            assert await said_back(port, b"again") == b"again"


async def test_where_nobody_is_the_road_leads_nowhere() -> None:
    async with echoing() as target:
        pass
    async with Road(target).open() as port:
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await said_back(port, b"hello")
