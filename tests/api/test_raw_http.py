"""What no good client sends, over a real socket: bytes that drip, run on, or mean two things."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
from shopfront import Shop

import service.api.patient
import service.api.server
from service.api.app import create_app
from service.api.readiness import Readiness
from service.api.server import MAX_HEADER_BYTES, Server, bound
from service.api.service import Bounds
from service.api.valve import Valve

SOON = 0.3
BODY = json.dumps({"k": 3, "history": ["i1"], "strategy": "retrieve"}).encode()
GET = b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n"
HEAD = b"POST /recommend HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


@dataclass(frozen=True)
class Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def drip(self, data: bytes) -> None:
        """Send a byte now and then, as long as somebody listens."""
        for place in range(len(data)):
            if self.writer.is_closing() or self.reader.at_eof():
                return
            self.writer.write(data[place : place + 1])
            await asyncio.sleep(0.05)

    async def rest(self) -> bytes:
        """All that is answered until the server hangs up."""
        async with asyncio.timeout(15):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def answer(self) -> tuple[int, bytes]:
        """One answer that declares its length."""
        async with asyncio.timeout(15):
            head = await self.reader.readuntil(b"\r\n\r\n")
            names = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            body = await self.reader.readexactly(int(names[b"content-length"]))
            return int(head.split()[1]), body


@pytest.fixture(autouse=True)
def shorter_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.api.patient, "GRACE", 0.1)


@dataclass(frozen=True)
class Served:
    server: Server
    port: int
    readiness: Readiness


@asynccontextmanager
async def served(seconds: float = 10.0) -> AsyncIterator[Served]:
    listening = bound("127.0.0.1", 0)
    readiness = Readiness()
    app = create_app(Shop(), Bounds(request_seconds=seconds), readiness)
    server = Server(app, 2, readiness, request_seconds=seconds)
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield Served(server, listening.getsockname()[1], readiness)
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def line_to(place: Served) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


async def told(data: bytes) -> bytes:
    """All that is answered to these bytes."""
    async with served() as place, line_to(place) as line:
        line.writer.write(data)
        line.writer.write_eof()
        return await line.rest()


async def test_who_is_there_is_served_however_many_more_come(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service.api.server, "connections", lambda: 2)
    async with served() as place:
        async with line_to(place) as first, line_to(place) as second:
            for there in (first, second):
                there.writer.write(GET)
                assert (await there.answer())[0] == 200
            for _ in range(3):
                async with line_to(place) as late:
                    assert await late.rest() == b""
            first.writer.write(GET)
            assert (await first.answer())[0] == 200
            first.writer.write(GET.replace(b"/healthz", b"/metrics"))
            assert b'listwright_shed_total{reason="connections"} 3.0' in (await first.answer())[1]
        assert [line.getMessage() for line in caplog.records] == ["refusing"]
        while place.server.server_state.connections:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        async with line_to(place) as later:
            later.writer.write(GET)
            assert (await later.answer())[0] == 200


class TestSlowly:
    async def test_a_connection_that_says_nothing_is_closed(self) -> None:
        async with served(SOON) as place, line_to(place) as line:
            assert await line.rest() == b""

    async def test_headers_that_drip_are_not_waited_for(self) -> None:
        async with served(SOON) as place, line_to(place) as line:
            dripping = asyncio.ensure_future(line.drip(GET[:-2] + b"X: y\r\n" * 10_000))
            assert await line.rest() == b""
            dripping.cancel()

    async def test_a_body_that_drips_is_answered_and_closed(self) -> None:
        async with served(SOON) as place, line_to(place) as line:
            line.writer.write(HEAD + b"Content-Length: 5000\r\n\r\n")
            dripping = asyncio.ensure_future(line.drip(b" " * 5_000))
            answer = await line.rest()
            dripping.cancel()
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"request_timeout" in answer

    @pytest.mark.parametrize("path", [b"/healthz", b"/nothing", b"/catalogue"])
    async def test_a_body_that_nobody_reads_keeps_no_connection(self, path: bytes) -> None:
        """The answer is there at once; who goes on sending bytes is hung up on all the same."""
        head = b"GET %s HTTP/1.1\r\nHost: shop\r\nContent-Length: 5000\r\n\r\n" % path
        async with served(SOON) as place, line_to(place) as line:
            line.writer.write(head)
            dripping = asyncio.ensure_future(line.drip(b" " * 5_000))
            answer = await line.rest()
            dripping.cancel()
        assert answer.split()[1] in {b"200", b"404"}
        assert answer.count(b"HTTP/1.1") == 1

    async def test_a_second_request_has_its_own_time(self) -> None:
        async with served(SOON) as place, line_to(place) as line:
            for _ in range(3):
                line.writer.write(WHOLE)
                status, body = await line.answer()
                assert (status, len(json.loads(body)["items"])) == (200, 3)
                await asyncio.sleep(SOON / 1.5)
            line.writer.write(GET[:20])
            assert await line.rest() == b""

    async def test_whoever_is_slow_but_in_time_is_answered(self) -> None:
        async with served(5) as place, line_to(place) as line:
            await line.drip(GET)
            assert (await line.answer())[0] == 200

    async def test_many_that_say_nothing_shut_nobody_out_for_long(self) -> None:
        async with served(SOON) as place, AsyncExitStack() as stack:
            silent = [await stack.enter_async_context(line_to(place)) for _ in range(100)]
            there = place.server.server_state.connections
            async with asyncio.timeout(5):
                while len(there) < len(silent):  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0)
            assert await asyncio.gather(*(line.rest() for line in silent)) == [b""] * 100
            assert not place.server.server_state.connections


ENDLESS = {
    "a-header": GET[:-2] + b"X: " + b"y" * 4 * MAX_HEADER_BYTES,
    "headers": GET[:-2] + b"X: y\r\n" * 100_000 + b"\r\n",
    "a-path": b"GET /" + b"a" * 4 * MAX_HEADER_BYTES,
    "a-method": b"G" * 4 * MAX_HEADER_BYTES,
}


@pytest.mark.parametrize("kind", ENDLESS)
async def test_what_comes_before_a_body_is_read_up_to_the_limit(kind: str) -> None:
    async with served() as place, line_to(place) as line, line_to(place) as other:
        line.writer.write(ENDLESS[kind])
        # Whoever still sends when the connection is closed may not get to read why.
        assert (await line.rest())[:13] in {b"", b"HTTP/1.1 400 "}
        other.writer.write(GET)
        assert (await other.answer())[0] == 200


SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: shop\r\n\r\n"

TWO_WAYS = {
    "length-and-chunks": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks-and-length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two-lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
    "lengths-in-a-list": HEAD + b"Content-Length: 2, 40\r\n\r\n{}",
    "signed-length": HEAD + b"Content-Length: +2\r\n\r\n{}",
    "odd-length": HEAD + b"Content-Length: 0x2\r\n\r\n{}",
    "two-encodings": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"
                     b"0\r\n\r\n",
    "unknown-encoding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "gzip-and-chunks": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "space-before-colon": HEAD + b"Content-Length : 2\r\n\r\n{}",
    "tab-before-colon": HEAD + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    "broken-chunk-size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "two-hosts": GET[:-2] + b"Host: other\r\n\r\n",
    "no-host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "null-in-a-value": GET[:-2] + b"X: a\x00b\r\n\r\n",
    "no-version": b"GET /healthz\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", TWO_WAYS)
async def test_what_could_be_read_in_two_ways_is_refused_and_nothing_after_it_is_read(
    kind: str,
) -> None:
    answer = await told(TWO_WAYS[kind] + SMUGGLED)
    assert answer.split(b" ", 2)[1] in {b"400", b"501"}
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"listwright_" not in answer


@pytest.mark.parametrize("kind", TWO_WAYS)
async def test_nor_is_it_while_all_is_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then requests are refused unread: but only where all read them alike."""
    monkeypatch.setattr(Valve, "full", property(lambda _valve: True))
    answer = await told(TWO_WAYS[kind] + SMUGGLED)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"listwright_" not in answer


async def test_requests_sent_ahead_are_answered_in_order() -> None:
    async with served() as place, line_to(place) as line:
        line.writer.write(GET + WHOLE + b"GET /nothing HTTP/1.1\r\nHost: shop\r\n\r\n" + GET)
        statuses = [(await line.answer())[0] for _ in range(4)]
    assert statuses == [200, 200, 404, 200]


async def test_a_line_end_in_a_path_is_no_header() -> None:
    answer = await told(b"GET /items/a%0d%0aSet-Cookie:%20x=y HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"\r\nset-cookie" not in answer.lower()


async def test_an_upgrade_is_not_taken_up() -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    answer = await told(GET[:-2] + upgrade)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nupgrade:" not in answer.lower()


class TestParting:
    """Told to end, the service goes on answering, each connection once more."""

    @pytest.mark.parametrize(
        ("request_", "status"),
        [
            (GET, b"200"),
            (WHOLE, b"200"),
            (b"GET /nothing HTTP/1.1\r\nHost: shop\r\n\r\n", b"404"),
            (b"GET /readyz HTTP/1.1\r\nHost: shop\r\n\r\n", b"503"),
            (b"GET /healthz HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n", b"200"),
        ],
    )
    async def test_an_answer_is_whole_and_the_last_of_its_connection(
        self, request_: bytes, status: bytes
    ) -> None:
        async with served() as place, line_to(place) as line:
            line.writer.write(GET)
            assert (await line.answer())[0] == 200
            place.readiness.leaving = True
            line.writer.write(request_)
            answer = await line.rest()
            async with line_to(place) as other:
                other.writer.write(GET)
                assert (await other.answer())[0] == 200
        head, _, body = answer.partition(b"\r\n\r\n")
        names = [each.lower() for each in head.split(b"\r\n")]
        assert answer.split()[1] == status
        assert names.count(b"connection: close") == 1
        assert b"content-length: %d" % len(body) in names

    async def test_one_that_came_before_is_answered_to_the_end(self) -> None:
        async with served() as place, line_to(place) as line:
            line.writer.write(WHOLE[:-5])
            await asyncio.sleep(0.1)
            place.readiness.leaving = True
            line.writer.write(WHOLE[-5:])
            answer = await line.rest()
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nconnection: close\r\n" in answer.lower()
        assert len(json.loads(answer.partition(b"\r\n\r\n")[2])["items"]) == 3

    async def test_so_is_a_refusal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Valve, "full", property(lambda _valve: True))
        async with served() as place, line_to(place) as line:
            line.writer.write(WHOLE)
            assert (await line.answer())[0] == 503
            place.readiness.leaving = True
            line.writer.write(WHOLE)
            answer = await line.rest()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert answer.lower().count(b"\r\nconnection: close\r\n") == 1
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "overloaded"


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"
BROKEN = (HEAD + CHUNKED, GET[:-2] + CHUNKED)


@pytest.mark.parametrize("before", [b"", WHOLE, GET])
@pytest.mark.parametrize("broken", BROKEN)
async def test_what_cannot_be_read_is_answered_once(
    caplog: pytest.LogCaptureFixture, before: bytes, broken: bytes
) -> None:
    async with served() as place, line_to(place) as line:
        line.writer.write(before + broken)
        if before:
            assert (await line.answer())[0] == 200
        answer = await line.rest()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.count(b"HTTP/1.1 ") == 1
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


async def test_what_cannot_be_read_ends_an_answer_that_was_begun(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = json.dumps({"k": 3, "history": ["i1"], "stream": True}).encode()
    half = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    async with served() as place, line_to(place) as line:
        line.writer.write(half + b"\0 nothing\r\n\r\n")
        answer = await line.rest()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"event: answer" in answer
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []
