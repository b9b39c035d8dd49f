"""A server that answers as OpenAI's API does, at once and always the same: python -m ... --port N.

It speaks the bare protocol, since it must not be what limits the gateways in front of it.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final, cast

import orjson
import uvloop

MODEL: Final = "mock"
MODELS: Final = orjson.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]})
PLAIN: Final = "The answer of a server that has nothing to compute."
END: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"
LAST: Final = "/last"
"""Where the last chat that came in can be read."""


class MockOpenAi(asyncio.Protocol):
    """One connection; requests come one after another, or several at once."""

    last: ClassVar[bytes] = b"{}"

    def __init__(self) -> None:
        self._read = bytearray()
        self._wire: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        self._wire = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._read += data
        while (request := self._next()) is not None and self._wire is not None:
            self._wire.write(self._answer(*request))

    def _answer(self, line: bytes, body: bytes) -> bytes:
        if line.startswith(b"POST"):
            type(self).last = body
            return _chat(orjson.loads(body))
        return _json(self.last if LAST.encode() in line else MODELS)

    def _next(self) -> tuple[bytes, bytes] | None:
        """The first line and the body of the next whole request."""
        head_end = self._read.find(END)
        if head_end < 0:
            return None
        head = bytes(self._read[:head_end])
        end = head_end + len(END) + _length(head)
        if len(self._read) < end:
            return None
        body = bytes(self._read[head_end + len(END) : end])
        del self._read[:end]
        return head.split(b"\r\n", 1)[0], body


def _length(head: bytes) -> int:
    low = head.lower()
    start = low.find(LENGTH)
    if start < 0:
        return 0
    return int(low[start + len(LENGTH) :].split(b"\r\n", 1)[0])


def _chat(asked: dict[str, Any]) -> bytes:
    words = list(_words(asked))
    return _streamed(words) if asked.get("stream") else _whole("".join(words))


def _words(asked: dict[str, Any]) -> Iterator[str]:
    """What it writes: numbers where a schema asks for some, piece by piece as a model would."""
    schema = asked.get("response_format", {}).get("json_schema", {}).get("schema")
    if schema is None:
        yield PLAIN
        return
    numbers = schema["properties"]["numbers"]
    first, count = numbers["items"]["minimum"], numbers["maxItems"]
    yield '{"numbers":['
    for number in range(first, first + count):
        yield f"{number}," if number < first + count - 1 else f"{number}"
    yield "]}"


def _whole(text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    told = {**_about("chat.completion"), "choices": [choice], "usage": usage}
    return _json(orjson.dumps(told))


def _streamed(words: Sequence[str]) -> bytes:
    events = [_event({"role": "assistant", "content": ""})]
    events += [_event({"content": word}) for word in words]
    events += [_event({}, "stop"), b"data: [DONE]\n\n"]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(event), event) for event in events)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked"
    return head + END + chunks + b"0\r\n\r\n"


def _event(delta: dict[str, str], ended: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": ended}
    told = {**_about("chat.completion.chunk"), "choices": [choice]}
    return b"data: " + orjson.dumps(told) + b"\n\n"


def _about(kind: str) -> dict[str, Any]:
    return {"id": "mock-1", "object": kind, "created": 0, "model": MODEL}


def _json(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d" % len(body)
    return head + END + body


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(MockOpenAi, "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
