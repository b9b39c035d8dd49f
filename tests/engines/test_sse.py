"""Events out of bytes, however the network cuts them."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.engines.remote import sse
from service.engines.remote.sse import Events
from service.errors import EngineFailed


class Response:
    """As much of a response as is read, in pieces; it hangs at its end if told to."""

    content_type = "text/event-stream"

    def __init__(self, *pieces: bytes, hangs: bool = False) -> None:
        self._pieces = deque(piece for piece in pieces if piece)
        self._hangs = hangs
        self.closed = False

    @property
    def content(self) -> Response:
        return self

    async def readany(self) -> bytes:
        if self._pieces:
            return self._pieces.popleft()
        if self._hangs:
            await asyncio.sleep(60)
        return b""

    def close(self) -> None:
        self.closed = True


async def read(*pieces: bytes) -> tuple[list[dict[str, Any]], bool]:
    events = Events(Response(*pieces))  # type: ignore[arg-type]
    return [event async for event in events], events.done


@given(
    st.lists(st.dictionaries(st.sampled_from("ab"), st.text(max_size=5), max_size=2), max_size=6),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.data(),
)
def test_events_are_the_same_however_they_are_cut(
    payloads: list[dict[str, str]], newline: bytes, done: bool, data: st.DataObject
) -> None:
    lines = [b"data: " + orjson.dumps(payload) for payload in payloads]
    lines += [b"data: [DONE]"] if done else []
    whole = b": hello" + newline + b"".join(line + newline * 2 for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert asyncio.run(read(*pieces)) == (payloads, done)


async def test_nothing_after_the_end_is_read() -> None:
    assert await read(b'data: {}\ndata: [DONE]\ndata: {"late": 1}\n') == ([{}], True)


async def test_a_line_that_never_ended_is_no_event() -> None:
    assert await read(b'data: {}\ndata: {"half": 1}') == ([{}], False)


async def test_a_server_that_does_not_hang_up_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sse, "LINGER_S", 0.01)
    response = Response(b"data: {}\ndata: [DONE]\n\n", hangs=True)
    events = Events(response)  # type: ignore[arg-type]
    assert [event async for event in events] == [{}]
    assert response.closed


async def test_more_than_any_list_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LONGEST_REPLY", 1_000)
    with pytest.raises(EngineFailed, match="more than any list"):
        await read(*[b"data: {}\n"] * 200)
