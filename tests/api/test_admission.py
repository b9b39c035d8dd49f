"""What is too much for the process is refused before it is read, and nothing is for ever."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import Mock

import aiohttp
import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shopfront import Shop, error_of, visit
from starlette.types import Message, Receive, Scope, Send

from service.api.admission import Admitted
from service.api.app import create_app
from service.api.errors import RETRY_AFTER, Overloaded
from service.api.patience import Slots
from service.api.refusal import ALWAYS, MADE, Plain, Refusals
from service.api.roads import ROADS, Right
from service.api.server import Server, bound, url_of
from service.api.service import Bounds
from service.api.valve import HARDEST, LEAST, LOOKS, REFILL, STEPS, Valve
from service.errors import StoreUnavailable
from service.telemetry.metrics import Metrics

WAIT_S = 0.25
TARGET_S = 0.5 / STEPS
LATE = 10 * TARGET_S


def looked(valve: Valve, late: float, rounds: int = 1) -> None:
    for _ in range(rounds * LOOKS):
        valve.look(late)


def filled(valve: Valve, running: int) -> Valve:
    while valve.running < running:
        valve.enter()
    return valve


class TestTheValve:
    def test_it_begins_open(self) -> None:
        valve = Valve(128)
        assert (valve.limit, valve.full) == (128, False)
        assert filled(valve, 128).full

    def test_lasting_lateness_lowers_it_from_what_was_used(self) -> None:
        valve = filled(Valve(128), 60)
        looked(valve, LATE)
        assert valve.limit == 60 * HARDEST

    def test_one_look_that_is_not_late_is_enough(self) -> None:
        valve = filled(Valve(128), 60)
        for late in [LATE] * (LOOKS - 1) + [0.0]:
            valve.look(late)
        assert valve.limit == 128

    def test_it_never_closes(self) -> None:
        valve = filled(Valve(128), 128)
        looked(valve, LATE, 50)
        assert valve.limit == LEAST

    def test_it_opens_again_as_far_as_it_is_used(self) -> None:
        valve = filled(Valve(128), 128)
        looked(valve, LATE, 50)
        looked(valve, 0.0, 2)
        higher = valve.limit
        assert higher > LEAST
        while valve.running:
            valve.leave()
        looked(valve, 0.0)
        looked(valve, 0.0, 50)
        assert valve.limit <= higher + 128 * 0.05 + 1, "nobody came"

    def test_no_more_is_let_in_at_once_than_is_soon_done(self) -> None:
        now = done = 0.0
        valve = Valve(1_000, WAIT_S, lambda: done, lambda: now)
        for _ in range(100):
            for _ in range(20):
                valve.enter()
            done += 0.1
            for _ in range(20):
                valve.leave()
            done += 60.0  # by nobody: none was there
            looked(valve, 0.0)
            now += 1.0
        assert valve.cost == pytest.approx(0.005, rel=0.01), "0.1 s for 20 of them"

        def let_in() -> int:
            before = valve.running
            while not valve.full:
                valve.enter()
            return valve.running - before

        assert let_in() == pytest.approx(WAIT_S / 0.005, abs=1)
        assert let_in() == 0
        now += 0.1
        assert let_in() == pytest.approx(REFILL * 0.1 / 0.005, abs=1), (
            "as much as is done meanwhile"
        )
        now += 100.0
        assert let_in() == pytest.approx(WAIT_S / 0.005, abs=1)

    def test_those_that_wait_for_a_model_cost_no_more_the_longer_they_wait(self) -> None:
        done = 0.0
        valve = filled(Valve(128, WAIT_S, lambda: done, lambda: 0.0), 10)
        for _ in range(5_000):
            done += 0.0001
            valve.look(0.0)
        assert valve.cost < 0.01
        assert not valve.full

    def test_a_trickle_of_work_that_is_nobodys_never_closes_it(self) -> None:
        now = done = 0.0
        valve = filled(Valve(128, WAIT_S, lambda: done, lambda: now), LEAST)
        for _ in range(100):
            valve.enter()
            valve.leave()
            done += 5.0
            looked(valve, 0.0)
        now += 10.0
        assert not valve.full, "one is let in, and tells what it costs"

    def test_a_few_are_let_in_however_much_each_takes(self) -> None:
        done = 0.0
        valve = Valve(1_000, WAIT_S, lambda: done, lambda: 0.0)
        for _ in range(30):
            valve.enter()
            done += 60.0
            valve.leave()
            looked(valve, 0.0)
        filled(valve, LEAST - 1)
        assert not valve.full
        valve.enter()
        assert valve.full

    @given(
        most=st.integers(1, 300),
        steps=st.lists(st.tuples(st.integers(0, 400), st.floats(0, 5)), max_size=100),
    )
    def test_it_stays_within_its_bounds(self, most: int, steps: list[tuple[int, float]]) -> None:
        valve = Valve(most)
        for running, late in steps:
            filled(valve, running)
            looked(valve, late)
            assert min(LEAST, most) <= valve.limit <= most
            while valve.running:
                valve.leave()


class Held:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.came = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.came += 1
        while (await receive()).get("more_body"):
            pass
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def exchange(
    app: Admitted, path: str = "/recommend", body: asyncio.Queue[Message] | None = None
) -> list[MutableMapping[str, Any]]:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> Message:
        if body is None:
            return {"type": "http.request", "body": b"{}"}
        return await body.get()

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "http", "path": path, "headers": []}, receive, send)
    return sent


class TestAdmission:
    @pytest.fixture
    def held(self) -> Held:
        return Held()

    @pytest.fixture
    def app(self, held: Held) -> Admitted:
        return Admitted(held, Refusals(Valve(2), Slots(9), Metrics()))

    async def test_beyond_the_limit_nothing_is_read(self, app: Admitted, held: Held) -> None:
        works = [asyncio.create_task(exchange(app)) for _ in range(2)]
        await asyncio.sleep(0)
        unread: asyncio.Queue[Message] = asyncio.Queue()
        start, body = await exchange(app, body=unread)
        headers = dict(start["headers"])
        assert start["status"] == 503
        assert int(headers[b"retry-after"]) in RETRY_AFTER
        assert headers[b"x-content-type-options"] == b"nosniff"
        error = json.loads(body["body"])["error"]
        assert error["code"] == "overloaded"
        assert error["request_id"] == headers[b"x-request-id"].decode()
        assert held.came == 2
        held.go.set()
        await asyncio.gather(*works)
        assert (await exchange(app))[0]["status"] == 200

    @pytest.mark.parametrize("path", sorted(ALWAYS))
    async def test_whoever_watches_is_always_let_in(
        self, app: Admitted, held: Held, path: str
    ) -> None:
        works = [asyncio.create_task(exchange(app)) for _ in range(2)]
        await asyncio.sleep(0)
        watching = asyncio.create_task(exchange(app, path))
        await asyncio.sleep(0)
        held.go.set()
        assert (await watching)[0]["status"] == 200
        await asyncio.gather(*works)

    async def test_a_body_that_drips_takes_no_place(self, app: Admitted, held: Held) -> None:
        held.go.set()
        bodies: list[asyncio.Queue[Message]] = [asyncio.Queue() for _ in range(5)]
        slow = [asyncio.create_task(exchange(app, body=body)) for body in bodies]
        await asyncio.sleep(0)
        assert (await exchange(app))[0]["status"] == 200
        for body in bodies:
            body.put_nowait({"type": "http.request", "body": b"{", "more_body": True})
            body.put_nowait({"type": "http.request", "body": b"}"})
        assert [(await one)[0]["status"] for one in slow] == [200] * 5

    async def test_a_place_is_left_however_it_ends(self, held: Held) -> None:
        valve = Valve(1)
        app = Admitted(held, Refusals(valve, Slots(9), Metrics()))
        work = asyncio.create_task(exchange(app))
        await asyncio.sleep(0)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        body: asyncio.Queue[Message] = asyncio.Queue()
        dripping = asyncio.create_task(exchange(app, body=body))
        await asyncio.sleep(0)
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        assert valve.running == 0

    async def test_a_busy_loop_lowers_the_limit(self, held: Held) -> None:
        valve = Valve(200)
        app = Admitted(held, Refusals(valve, Slots(9), Metrics()))
        works = [asyncio.create_task(exchange(app)) for _ in range(200)]
        for _ in range(20):
            # What a request does that is read, planned and answered here: it takes the thread.
            until = asyncio.get_running_loop().time() + 4 * TARGET_S
            while asyncio.get_running_loop().time() < until:
                pass
            await asyncio.sleep(0)
        assert LEAST <= valve.limit < 200
        held.go.set()
        await asyncio.gather(*works)

    async def test_one_line_tells_of_many_refusals(
        self, app: Admitted, held: Held, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING)
        works = [asyncio.create_task(exchange(app)) for _ in range(2)]
        await asyncio.sleep(0)
        for _ in range(50):
            await exchange(app)
        held.go.set()
        await asyncio.gather(*works)
        assert [record.message for record in caplog.records] == ["refusing"]


async def test_those_who_are_refused_together_come_back_at_different_times() -> None:
    refusals = Refusals(Valve(2), Slots(9), Metrics())
    unparsed = {dict(refusals.made(b"")[0])[b"retry-after"] for _ in range(200)}
    assert {int(each) for each in unparsed} == set(RETRY_AFTER)
    shop = Shop()
    shop.store.broken = StoreUnavailable("Redis did not answer")
    async with visit(shop) as client:
        told = [await client.get("/users/u1/history") for _ in range(60)]
    assert {each.status_code for each in told} == {503}
    assert {int(each.headers["retry-after"]) for each in told} == set(RETRY_AFTER)


async def test_the_whole_application_refuses_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Valve, "full", property(lambda _valve: True))
    shop = Shop()
    async with visit(shop, Bounds()) as client:
        refused = await client.post("/recommend", json={}, headers={"x-request-id": "mine-1"})
        assert (refused.status_code, error_of(refused)["code"]) == (503, "overloaded")
        assert refused.headers["x-request-id"] == "mine-1"
        assert int(refused.headers["retry-after"]) in RETRY_AFTER
        assert (await client.get("/healthz")).status_code == 200
        told = (await client.get("/metrics")).text
    assert 'listwright_shed_total{reason="gateway_busy"} 1.0' in told
    assert "listwright_gateway_limit 128.0" in told
    assert "listwright_gateway_running 0.0" in told


BODIES: Mapping[str, dict[str, Any]] = {
    "/recommend": {},
    "/answer": {"question": "Which?", "type": "multiple_choice", "options": ["a", "b"]},
    "/free": {},
    "/verify": {"answer": {}},
    "/mcp": {"jsonrpc": "2.0", "id": 1, "method": "ping"},
    "/events": {"events": [{"user_id": "u1", "item_id": "i1"}]},
    "/feedback": {"request_id": "r1", "shown": ["i1"]},
}


async def test_without_a_slot_lists_and_answers_are_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Slots, "taken", property(lambda _slots: True))
    async with visit(Shop(), Bounds()) as client:
        answers = {path: await client.post(path, content=b"{") for path in BODIES}
        shed = 'listwright_shed_total{reason="gateway_busy"} 3.0'
        assert shed in (await client.get("/metrics")).text
    statuses = {path: answer.status_code for path, answer in answers.items()}
    assert statuses == {path: 503 if path in MADE else 415 for path in BODIES}


async def test_whatever_takes_a_slot_is_refused_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Slots, "one", Mock(side_effect=Overloaded("no slot")))
    posts = {road.path for road in ROADS if "POST" in road.methods and road.right is Right.KEY}
    assert posts == set(BODIES)
    async with visit(Shop(), Bounds()) as client:
        answers = {path: await client.post(path, json=body) for path, body in BODIES.items()}
    assert {path for path, answer in answers.items() if answer.status_code == 503} == MADE


async def test_a_connection_outlives_a_refusal_whose_body_nobody_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full = True
    monkeypatch.setattr(Valve, "full", property(lambda _valve: full))
    listening = bound("127.0.0.1", 0)
    server = Server(create_app(Shop(), Bounds()), shutdown_seconds=2)
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    one = aiohttp.TCPConnector(limit=1)
    body = {"k": 3, "strategy": "retrieve", "history": ["i1"] * 1_000}
    async with aiohttp.ClientSession(url_of(listening), connector=one) as session:
        statuses = []
        for full in (True, True, False, True, False):  # noqa: B007 - the patch reads it
            async with session.post("/recommend", json=body) as answer:
                await answer.read()
                statuses.append(answer.status)
        assert statuses == [503, 503, 200, 503, 200]
        assert len(server.server_state.connections) == 1
    server.should_exit = True
    await running


POST = (
    b"POST /recommend HTTP/1.1\r\nHost: a\r\nX-Request-ID: mine-%d\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
)
HOST = b"Host: a\r\n"
REFUSED = (b"A b: c", b"A\rB: c", b"A: b\rc", b"A: b\0", b"A", b": b", b"A : b")
BODY = b'{"k": 3, "strategy": "retrieve"}'


def posted(number: int, body: bytes = BODY) -> bytes:
    return POST % (number, len(body), body)


@asynccontextmanager
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """A service that is full as long as it is said to be, and one connection to it."""
    listening = bound("127.0.0.1", 0)
    server = Server(create_app(Shop(), Bounds()), shutdown_seconds=2)
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    one = Served(server, reader, writer)
    monkeypatch.setattr(Valve, "full", property(lambda _valve: one.full))
    yield one
    writer.close()
    server.should_exit = True
    await running


class Served:
    def __init__(
        self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.full = True

    async def tell(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.01)

    async def answer(self) -> tuple[int, str]:
        """The status of the next answer, and the id it goes by."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)).decode()
        pairs = (line.split(": ", 1) for line in head.splitlines()[1:] if line)
        lines = {name.lower(): value for name, value in pairs}
        body = await self.reader.readexactly(int(lines["content-length"]))
        status = int(head.split()[1])
        if status == 503:
            assert json.loads(body)["error"]["request_id"] == lines["x-request-id"]
            assert int(lines["retry-after"]) in RETRY_AFTER
            assert lines["x-content-type-options"] == "nosniff"
        return status, lines["x-request-id"]


class TestBeforeTheParser:
    """What is refused there is answered as the application would, and the connection goes on."""

    @pytest.fixture
    async def there(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
        async with served(monkeypatch) as one:
            yield one

    async def test_however_it_is_cut(self, there: Served) -> None:
        whole = posted(1)
        ends = whole.index(b"\r\n\r\n")
        for number, cut in enumerate((len(whole), ends + 4, ends + 9, ends - 3, 5)):
            request = posted(number)
            there.full = True
            await there.tell(request[:cut], request[cut:])
            assert await there.answer() == (503, f"mine-{number}")
            there.full = False
            await there.tell(posted(9))
            assert await there.answer() == (200, "mine-9")

    async def test_a_head_is_read_once_in_however_many_pieces_its_body_comes(
        self, there: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun = Mock(side_effect=Plain.begun)
        monkeypatch.setattr(Plain, "begun", begun)
        whole = posted(1)
        ends = whole.index(b"\r\n\r\n") + 4
        there.writer.write(whole[:ends])
        for place in range(ends, len(whole)):
            there.writer.write(whole[place : place + 1])
            await asyncio.sleep(0.001)
        assert await there.answer() == (503, "mine-1")
        assert begun.call_count == 1
        await there.tell(posted(2))
        assert await there.answer() == (503, "mine-2")

    async def test_requests_sent_ahead_are_each_answered(self, there: Served) -> None:
        await there.tell(posted(1) + posted(2) + posted(3)[:-5], posted(3)[-5:])
        assert [await there.answer() for _ in range(3)] == [(503, f"mine-{n}") for n in (1, 2, 3)]

    async def test_what_is_odd_is_left_to_the_parser(self, there: Served) -> None:
        chunked = b"POST /recommend HTTP/1.1\r\nHost: a\r\nX-Request-ID: c\r\n"
        await there.tell(chunked + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
        assert await there.answer() == (503, "c")
        # Of two names the last holds, whoever refuses.
        await there.tell(posted(1).replace(HOST, HOST + b"x-request-id: first\r\n"))
        assert await there.answer() == (503, "mine-1")
        two = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"
        await there.tell(two)
        head = await asyncio.wait_for(there.reader.readuntil(b"\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 400")

    async def test_without_a_slot_what_takes_one_is_not_parsed(
        self, there: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        there.full = False
        monkeypatch.setattr(Slots, "taken", property(lambda _slots: True))
        await there.tell(b"GET /items?q=a HTTP/1.1\r\nHost: a\r\nX-Request-ID: i\r\n\r\n")
        assert await there.answer() == (200, "i")
        monkeypatch.setattr(h11.Connection, "receive_data", Mock(side_effect=AssertionError))
        await there.tell(posted(5), posted(6).replace(b"/recommend", b"/answer?a=b"))
        assert [await there.answer() for _ in range(2)] == [(503, "mine-5"), (503, "mine-6")]

    @pytest.mark.parametrize("line", REFUSED, ids=repr)
    async def test_what_the_parser_refuses_is_left_to_it(self, there: Served, line: bytes) -> None:
        await there.tell(posted(1).replace(HOST, HOST + line + b"\r\n"))
        head = await asyncio.wait_for(there.reader.readuntil(b"\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 400")

    @pytest.mark.parametrize("line", [*REFUSED, b" folded", b"A: b\nC: d"], ids=repr)
    def test_what_readers_may_read_otherwise_is_not_plain(self, line: bytes) -> None:
        assert Plain.begun(posted(1)) is not None
        assert Plain.begun(posted(1).replace(HOST, HOST + line + b"\r\n")) is None

    @pytest.mark.parametrize(
        "line", [b"Connection:close", b"connection: keep-alive, close", b"CONNECTION:\tClose"]
    )
    async def test_whoever_wants_to_be_hung_up_on_is(self, there: Served, line: bytes) -> None:
        await there.tell(posted(1).replace(HOST, HOST + line + b"\r\n"))
        assert await there.answer() == (503, "mine-1")
        assert await asyncio.wait_for(there.reader.read(), 2) == b""

    async def test_whoever_watches_is_answered(self, there: Served) -> None:
        for path in (b"/healthz", b"/healthz?deep=1"):
            await there.tell(b"GET %b HTTP/1.1\r\nHost: a\r\nX-Request-ID: w\r\n\r\n" % path)
            assert await there.answer() == (200, "w")

    async def test_an_id_comes_back_as_it_was_written(self, there: Served) -> None:
        await there.tell(
            b"GET /users/a/history HTTP/1.1\r\nHost: a\r\nX-Request-Id: Order-ABC\r\n\r\n"
        )
        assert await there.answer() == (503, "Order-ABC")

    async def test_a_length_beyond_all_numbers_is_the_parsers_to_refuse(
        self, there: Served
    ) -> None:
        await there.tell(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %b\r\n\r\n" % (b"9" * 5_000)
        )
        head = await asyncio.wait_for(there.reader.readuntil(b"\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 400")

    async def test_whoever_reads_no_refusals_is_hung_up_on(self, there: Served) -> None:
        (protocol,) = there.server.server_state.connections
        protocol.flow.pause_writing()  # type: ignore[attr-defined]
        await there.tell(posted(1))
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await there.answer()

    async def test_what_is_held_is_answered_before_the_end(self, there: Served) -> None:
        there.full = False
        whole = posted(1)
        await there.tell(whole[:-4])
        there.server.should_exit = True
        await there.tell(whole[-4:])
        assert await there.answer() == (200, "mine-1")

    async def test_what_is_refused_is_not_parsed(
        self, there: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(h11.Connection, "receive_data", Mock(side_effect=AssertionError))
        await there.tell(posted(4))
        assert await there.answer() == (503, "mine-4")
