"""What goes over the wire, and what does not: at the client's edge, and against bad servers."""

from __future__ import annotations

import asyncio
import gzip
import json
import pickle
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from both import KINDS, asking

from listwright import calls, reply
from listwright.client import (
    AsyncClient,
    Client,
    ConnectionFailed,
    Event,
    ListwrightApiError,
    Patience,
    TimedOut,
    Unavailable,
    at_most,
)
from listwright.errors import error_of
from listwright.reply import Reply
from listwright.telling import Telling

KEY = "lw_0123456789secret"
HASTY = Patience(seconds=5.0, tries=3, pause=0.001)
DRAINED = b'{"new": 1}'

every_kind = pytest.mark.parametrize("kind", KINDS)


def seen_by(
    answer: Callable[[httpx.Request], httpx.Response],
) -> tuple[Client, list[httpx.Request]]:
    """A client whose requests are kept, and answered here."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(request)

    transport = httpx.MockTransport(handle)
    return Client("http://shop/api/", api_key=KEY, transport=transport, patience=HASTY), seen


def test_only_what_was_given_is_sent() -> None:
    client, seen = seen_by(lambda _request: httpx.Response(422))
    with pytest.raises(ListwrightApiError):
        client.recommend(
            user_id="u1",
            k=3,
            text="warm",
            shares=(at_most("Gifts", 0.3),),
            timeout=3,
            request_id="r",
        )
    (request,) = seen
    assert str(request.url) == "http://shop/api/recommend"
    assert json.loads(request.content) == {
        "user_id": "u1",
        "k": 3,
        "intent": {"text": "warm", "shares": [{"category": "Gifts", "op": "<=", "share": 0.3}]},
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["x-request-id"] == "r"


def test_ids_stay_within_their_part_of_the_path() -> None:
    client, seen = seen_by(lambda _request: httpx.Response(404))
    for item_id in ("a/b", "../catalogue", "a?b#c", "é %41"):
        with pytest.raises(ListwrightApiError):
            client.item(item_id)
    assert [request.url.raw_path for request in seen] == [
        b"/api/items/a%2Fb",
        b"/api/items/..%2Fcatalogue",
        b"/api/items/a%3Fb%23c",
        b"/api/items/%C3%A9%20%2541",
    ]


@every_kind
@pytest.mark.parametrize("name", [".", ".."])
async def test_an_id_that_would_leave_its_part_is_not_asked_for(kind: str, name: str) -> None:
    async with asking(kind, "http://127.0.0.1:9") as client:
        for call in (client.item, client.history, client.forget):
            with pytest.raises(ValueError, match="no id"):
                await call(name)


@every_kind
@pytest.mark.parametrize("given", ["ä", "a\nb", "a b", "", "x" * 129])
async def test_a_request_id_that_is_none_is_refused(kind: str, given: str) -> None:
    async with asking(kind, "http://127.0.0.1:9") as client:
        with pytest.raises(ValueError, match="request_id is of"):
            await client.recommend(k=1, request_id=given)
        with pytest.raises(ValueError, match="request_id is of"):
            await client.ready(request_id=given)


def test_an_event_keeps_its_id_over_all_tries() -> None:
    answers = iter([httpx.Response(503), httpx.Response(502), httpx.Response(200, content=DRAINED)])
    client, seen = seen_by(lambda _request: next(answers))
    assert client.record([Event("u1", "i1"), Event("u1", "i1")]).new == 1
    sent = [json.loads(request.content)["events"] for request in seen]
    assert len(sent) == 3
    assert sent[0] == sent[1] == sent[2]
    assert sent[0][0]["id"] != sent[0][1]["id"]


def test_a_redirect_is_not_followed() -> None:
    away = httpx.Response(307, headers={"location": "http://elsewhere/catalogue"})
    client, seen = seen_by(lambda _request: away)
    with pytest.raises(ListwrightApiError) as refused:
        client.catalogue()
    assert (len(seen), refused.value.status) == (1, 307)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"items": 7}', b'{"version": 1}'])
def test_an_answer_that_is_none_is_told_so(body: bytes) -> None:
    headers = {"x-request-id": "r1"}
    client, _ = seen_by(lambda _request: httpx.Response(200, headers=headers, content=body))
    with pytest.raises(ListwrightApiError) as unreadable:
        client.catalogue()
    error = unreadable.value
    assert (error.code, error.status, error.request_id) == ("unreadable_answer", 200, "r1")


def test_a_line_that_is_none_is_told_under_its_request() -> None:
    telling = Telling(Reply(200, {"x-request-id": "r1"}), calls.recommend({}, stream=True).read)
    for name in (b"item", b"answer"):
        with pytest.raises(ListwrightApiError) as unreadable:
            list(telling.heard(b"event: " + name + b"\ndata: 7\n\n"))
        error = unreadable.value
        assert (error.code, error.status, error.request_id) == ("unreadable_answer", 200, "r1")


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"error": {"code": "overloaded"}}'])
def test_whether_it_is_ready_only_the_service_can_say(body: bytes) -> None:
    headers = {"x-request-id": "r1"}
    client, seen = seen_by(lambda _request: httpx.Response(503, headers=headers, content=body))
    with pytest.raises(Unavailable) as away:
        client.ready()
    assert (away.value.status, away.value.request_id) == (503, "r1")
    assert len(seen) == HASTY.tries


def test_a_service_that_ends_says_so() -> None:
    ending = {"ready": False, "degraded": ["ending"]}
    client, seen = seen_by(lambda _request: httpx.Response(503, json=ending))
    told = client.ready()
    assert (told.ready, told.degraded, len(seen)) == (False, ("ending",), 1)


def test_what_a_newer_service_says_is_kept_and_does_no_harm() -> None:
    said = {"request_id": "r", "items": [{"id": "i", "title": "I", "colour": "red"}], "mood": 1}
    said["receipt"] = {"k": 1, "path": "llm", "exists": 1, "repeats": 0, "in_history": 0}
    said["receipt"]["history"] = {"used": 0}
    client, _ = seen_by(lambda _request: httpx.Response(200, json=said))
    assert client.recommend(k=1).as_json() == said


def test_the_key_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    client, _ = seen_by(lambda _request: httpx.Response(401))
    with pytest.raises(ListwrightApiError) as refused:
        client.catalogue()
    shown = [repr(client), repr(vars(client)), repr(refused.value), str(refused.value), caplog.text]
    assert not [text for text in shown if "secret" in text]


@pytest.mark.parametrize("key", ["lw_secret\n", "lw secret", "lw_sécret"])
def test_a_key_that_no_header_holds_is_refused_unshown(key: str) -> None:
    for kind in (Client, AsyncClient):
        with pytest.raises(ValueError, match="the key") as refused:
            kind("http://shop", api_key=key)
        assert "cret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "shop", "ftp://shop", "http://", "http://ann:pw@shop", "http://shop:port"]
)
def test_a_url_that_is_none_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LISTWRIGHT_URL", raising=False)
    with pytest.raises(ValueError, match="LISTWRIGHT_URL") as refused:
        Client(url)
    assert "pw" not in str(refused.value)


def test_url_and_key_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTWRIGHT_URL", "http://elsewhere/")
    monkeypatch.setenv("LISTWRIGHT_API_KEY", KEY)
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ready": True})

    with Client(transport=httpx.MockTransport(handle)) as client:
        client.ready()
    assert str(seen[0].url) == "http://elsewhere/readyz"
    assert seen[0].headers["authorization"] == f"Bearer {KEY}"


def test_errors_survive_the_way_to_another_process() -> None:
    body = b'{"error": {"code": "rate_limited", "message": "m", "hint": "h", "request_id": "r"}}'
    for error in (error_of(429, {"retry-after": "2"}, body), ConnectionFailed("m"), TimedOut("t")):
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def bad_server(*turns: Serve) -> AsyncIterator[str]:
    """A server whose connections go as they are written here; the last one goes on and on."""
    left = list(turns)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        turn = left.pop(0) if len(left) > 1 else left[0]
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            # To the end: what is left unread makes the end of the connection a reset.
            length = re.search(rb"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            await turn(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def silent(_reader: Any, _writer: Any) -> None:
    await asyncio.sleep(60)


async def hang_up(_reader: Any, _writer: Any) -> None:
    return


async def drip(_reader: Any, writer: Any) -> None:
    """A byte now and then: no read ever waits long."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    for _ in range(2_000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.03)


@dataclass
class Dripping:
    """A server that sends its headers line by line, longer than any deadline here."""

    ended: bool = False

    async def __call__(self, _reader: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(300):
            writer.write(b"x-%d: y\r\n" % number)
            await writer.drain()
            await asyncio.sleep(0.03)
        self.ended = True
        writer.write(b'content-length: 15\r\n\r\n{"ready": true}')


async def slow_headers(_reader: Any, writer: Any) -> None:
    """They take longer than a deadline here, though no read does."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(20):
        writer.write(b"x-%d: y\r\n" % number)
        await writer.drain()
        await asyncio.sleep(0.03)
    writer.write(b'content-length: 15\r\n\r\n{"ready": true}')
    await writer.drain()


async def right(_reader: Any, writer: Any) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{"ready": true}')
    await writer.drain()


def streaming(*events: bytes) -> Serve:
    async def serve(_reader: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        for event in events:
            writer.write(event)
            await writer.drain()
            await asyncio.sleep(0)

    return serve


def packed(body: bytes) -> Serve:
    async def serve(_reader: Any, writer: Any) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % len(body) + body)
        await writer.drain()

    return serve


async def endless(_reader: Any, writer: Any) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(10_000):
        writer.write(b" " * 10_000)
        await writer.drain()


ITEM = 'event: item\ndata: {"id": "i1", "title": "Tea\u2028\u0085 for\\u000b two"}\n\n'.encode()
BROKEN = b'event: error\ndata: {"error": {"code": "store_unavailable", "message": "m"}}\n\n'


@every_kind
async def test_an_answer_that_does_not_end_is_not_gathered(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "MOST_BYTES", 100_000)
    async with bad_server(endless) as url, asking(kind, url) as client:
        with pytest.raises(ListwrightApiError, match="more than 100,000 bytes"):
            await client.ready()
        with pytest.raises(ListwrightApiError, match="more than 100,000 bytes"):
            async with client.stream(k=1) as lines:
                await lines.whole()


@every_kind
async def test_an_answer_is_not_unpacked(kind: str) -> None:
    bomb = gzip.compress(b'{"ready": true}' + b" " * 10_000_000)
    async with bad_server(packed(bomb)) as url, asking(kind, url) as client:
        with pytest.raises(ListwrightApiError, match="compressed"):
            await client.ready()
        with pytest.raises(ListwrightApiError, match="compressed"):
            async with client.stream(k=1) as lines:
                await lines.whole()


@pytest.mark.parametrize("said", ["Mon, 01 Jan 99999999999 00:00:00 GMT", "9" * 400, "soon"])
def test_a_time_to_wait_that_nobody_can_is_no_fault_of_the_client(said: str) -> None:
    client, _ = seen_by(lambda _request: httpx.Response(503, headers={"retry-after": said}))
    with pytest.raises(Unavailable):
        client.recommend(k=1)


@pytest.mark.parametrize(
    "made_with",
    [
        {"seconds": float("inf")},
        {"seconds": float("nan")},
        {"seconds": 0},
        {"pause": -1},
        {"longest_pause": float("inf")},
        {"tries": 0},
    ],
    ids=str,
)
def test_patience_that_cannot_be_is_refused_at_once(made_with: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"seconds|one try"):
        Patience(**made_with)


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), 0, -1])
def test_a_call_goes_on_for_a_while_and_ends(seconds: float) -> None:
    client, seen = seen_by(lambda _request: httpx.Response(503))
    with pytest.raises(ValueError, match="seconds"):
        client.recommend(k=1, timeout=seconds)
    assert seen == []


def test_an_id_that_no_path_holds_is_not_asked_for() -> None:
    client, seen = seen_by(lambda _request: httpx.Response(404))
    with pytest.raises(ValueError, match="letters"):
        client.history("x" * 70_000)
    assert seen == []


@every_kind
@pytest.mark.parametrize("server", [silent, drip, slow_headers], ids=lambda one: one.__name__)
async def test_the_deadline_holds_whatever_the_server_does(kind: str, server: Serve) -> None:
    async with bad_server(server) as url, asking(kind, url) as client:
        with pytest.raises(TimedOut):
            await client.ready(timeout=0.3)


async def test_who_awaits_waits_no_longer_for_headers_either() -> None:
    server = Dripping()
    async with bad_server(server) as url, AsyncClient(url) as client:
        with pytest.raises(TimedOut):
            await client.ready(timeout=0.3)
        with pytest.raises(TimedOut):
            async with client.stream(k=2, timeout=0.3):
                raise AssertionError("it never began")
        assert not server.ended


async def test_who_awaits_a_stream_is_kept_by_no_single_read() -> None:
    late = asyncio.Event()

    async def falls_silent(_reader: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        for _ in range(2):
            await writer.drain()
            await asyncio.sleep(1.4)
            writer.write(b": still there\n\n")
        late.set()

    async with bad_server(falls_silent) as url, AsyncClient(url) as client:
        with pytest.raises(TimedOut):
            async with client.stream(k=2, timeout=1.8) as lines:
                await lines.whole()
        assert not late.is_set()


@every_kind
async def test_a_connection_that_breaks_is_made_again(kind: str) -> None:
    turns = (hang_up, hang_up, right)
    async with bad_server(*turns) as url, asking(kind, url, patience=HASTY) as client:
        assert (await client.ready()).ready


@every_kind
async def test_what_must_not_be_done_twice_is_not_said_twice(kind: str) -> None:
    async with bad_server(hang_up, right) as url, asking(kind, url, patience=HASTY) as client:
        with pytest.raises(ConnectionFailed):
            await client.rollback()


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_events_are_read_however_they_are_cut(ending: bytes) -> None:
    told = (b": hello\n\nevent: later\ndata: 1\n\n" + ITEM + ITEM).replace(b"\n", ending)
    for cut in range(len(told)):
        telling = Telling(Reply(200, {}), calls.recommend({}).read)
        heard = [*telling.heard(told[:cut]), *telling.heard(told[cut:])]
        assert [item.title for item in heard] == ["Tea\u2028\u0085 for\x0b two"] * 2


@every_kind
async def test_a_stream_that_breaks_off_says_why(kind: str) -> None:
    async with bad_server(streaming(ITEM, BROKEN)) as url, asking(kind, url) as client:
        heard = []

        async def listen() -> None:
            async with client.stream(k=2) as lines:
                async for item in lines:
                    heard.append(item.title)  # noqa: PERF401 - it breaks off

        with pytest.raises(ListwrightApiError) as broken:
            await listen()
        assert heard == ["Tea\u2028\u0085 for\x0b two"]
        assert (type(broken.value).__name__, broken.value.code) == (
            "Unavailable",
            "store_unavailable",
        )


@every_kind
async def test_a_list_that_was_left_is_told_no_more(kind: str) -> None:
    async with bad_server(streaming(ITEM, ITEM)) as url, asking(kind, url) as client:
        async with client.stream(k=2) as lines:
            pass
        with pytest.raises(ValueError, match="within the with block"):
            await lines.whole()
        async with client.stream(k=2) as lines:
            async for _ in lines:
                break
        with pytest.raises(ValueError, match="within the with block"):
            await lines.whole()
        with pytest.raises(ValueError, match="within the with block"):
            [item async for item in lines]


def test_a_stream_that_is_entered_again_asks_again() -> None:
    client, seen = seen_by(lambda _request: httpx.Response(200, content=ITEM))
    lines = client.stream(k=1)
    for number in (1, 2):
        with lines as told, pytest.raises(ConnectionFailed, match="ended before"):
            told.whole()
        assert len(seen) == number


@every_kind
async def test_a_closed_client_says_so(kind: str) -> None:
    async with bad_server(right) as url:
        async with asking(kind, url) as client:
            assert (await client.ready()).ready
        with pytest.raises(ValueError, match="closed"):
            await client.ready()
        with pytest.raises(ValueError, match="closed"):
            async with client.stream(k=1):
                pass


def test_a_stream_without_a_block_is_no_list() -> None:
    client, seen = seen_by(lambda _request: httpx.Response(200))
    with pytest.raises(TypeError, match=r"with client\.stream"):
        list(client.stream(k=1))
    assert seen == []


async def test_a_stream_without_a_block_is_nothing_to_wait_for_either() -> None:
    async with AsyncClient("http://127.0.0.1:9") as client:
        with pytest.raises(TypeError, match=r"async with client\.stream"):
            _ = [item async for item in client.stream(k=1)]


LOST: dict[str, dict[str, Any]] = {
    "intent is said in": {"intent": {"exclude": ["Vegan"]}, "text": "x"},
    "intent is said": {"intent": {"exclude": ["Vegan"]}},
    "no argument 'excludes'": {"excludes": ["Vegan"]},
    "no argument 'stream'": {"stream": True},
    "got a tuple": {"shares": [("Vegan", "<=", 0.2)]},
    "got a dict": {"shares": [{"category": "Vegan", "op": "<=", "share": 0.2}]},
}


@every_kind
@pytest.mark.parametrize("said", LOST)
async def test_no_control_is_lost_on_the_way(kind: str, said: str) -> None:
    async with asking(kind, "http://127.0.0.1:9") as client:
        for call in (client.recommend, client.free):
            with pytest.raises(TypeError, match=said):
                await call(k=3, **LOST[said])
        with pytest.raises(TypeError, match=said):
            async with client.stream(k=3, **LOST[said]):
                pass


@every_kind
async def test_no_call_takes_what_it_does_not_know(kind: str) -> None:
    async with asking(kind, "http://127.0.0.1:9") as client:
        for call in (client.history, client.forget, client.item, client.answer):
            with pytest.raises(TypeError, match="no argument 'limits'"):
                await call("x", limits=3)
        with pytest.raises(TypeError, match="no argument 'limits'"):
            await client.verify({}, limits=3)
        for call in (client.ready, client.catalogue, client.about, client.users, client.rollback):
            with pytest.raises(TypeError, match="no argument 'limits'"):
                await call(limits=3)


def test_a_time_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="got a str"):
        Event("u1", "i1", at="2026-01-01")  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [None, "3"])
def test_a_deadline_is_a_number(seconds: Any) -> None:
    client, seen = seen_by(lambda _request: httpx.Response(503))
    with pytest.raises(TypeError, match="seconds to go on are a number"):
        client.recommend(k=1, timeout=seconds)
    with pytest.raises(TypeError, match="seconds to go on are a number"):
        Patience(seconds=seconds)
    assert seen == []


@pytest.mark.parametrize("message", ["The question is empty.", "the question is empty"])
def test_an_error_has_one_full_stop(message: str) -> None:
    error = ListwrightApiError("bad_input", message, "Send it.")
    assert str(error).endswith("question is empty. Send it.")
    assert message in str(ListwrightApiError("bad_input", message))


@every_kind
async def test_a_stream_has_a_deadline_too(kind: str) -> None:
    async def endless(_reader: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        for _ in range(2_000):
            writer.write(b": still there\n\n")
            await writer.drain()
            await asyncio.sleep(0.03)

    async with bad_server(endless) as url, asking(kind, url) as client:
        with pytest.raises(TimedOut):
            async with client.stream(k=2, timeout=0.3) as lines:
                await lines.whole()


@every_kind
async def test_a_stream_is_opened_again_and_never_begun_again(kind: str) -> None:
    turns = (hang_up, streaming(ITEM))
    async with (
        bad_server(*turns) as url,
        asking(kind, url, patience=HASTY) as client,
        client.stream(k=2) as lines,
    ):
        with pytest.raises(ConnectionFailed, match="ended before"):
            await lines.whole()
