"""A server that speaks OpenAI's API, and says something at random: an engine to be ill-treated.

    python -m loadtest.faults.upstream --port PORT [--pause SECONDS]

It lists one model, names numbers under a JSON schema, tells log-probabilities of letters, and
writes a sentence otherwise; each answer is a stream that takes some pauses.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from string import ascii_uppercase
from typing import Any, Final

import orjson
from aiohttp import web

MODEL: Final = "stand-in"
PIECES: Final = 4
"""Events that an answer comes in."""

WORDS: Final = "What goes well together is used together, and often bought on one day."

PAUSE: Final = web.AppKey("pause", float)


async def models(_: web.Request) -> web.Response:
    """Which model there is."""
    card = {"id": MODEL, "object": "model", "max_model_len": 32_768}
    return web.json_response({"object": "list", "data": [card]})


async def chat(request: web.Request) -> web.StreamResponse:
    """Answer a chat."""
    body, pause = orjson.loads(await request.read()), request.app[PAUSE]
    if not body.get("stream"):
        message = {"role": "assistant", "content": "1"}
        return web.json_response({"choices": [{"message": message, "finish_reason": "length"}]})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    async for event in _paced(_events(body), pause):
        await response.write(b"data: " + orjson.dumps({"choices": [event]}) + b"\n\n")
    await response.write(b"data: [DONE]\n\n")
    return response


async def _paced(events: Iterator[Mapping[str, Any]], pause: float) -> AsyncIterator[object]:
    for event in events:
        await asyncio.sleep(pause)
        yield event


def _events(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    text, told = _said(body), _logprobs(body)
    size = -(-len(text) // PIECES)
    for start in range(0, len(text), size):
        yield {"index": 0, "delta": {"content": text[start : start + size]}, **told}
    yield {"index": 0, "delta": {}, "finish_reason": "stop"}


def _said(body: Mapping[str, Any]) -> str:
    if body.get("logprobs"):
        return "A"
    if "response_format" not in body:
        return WORDS
    schema = body["response_format"]["json_schema"]["schema"]["properties"]["numbers"]
    span = range(schema["items"]["minimum"], schema["items"]["maximum"] + 1)
    return json.dumps({"numbers": random.sample(span, schema["maxItems"])})


def _logprobs(body: Mapping[str, Any]) -> dict[str, Any]:
    """Of the letters, the likeliest first."""
    if not body.get("logprobs"):
        return {}
    letters = random.sample(ascii_uppercase, min(body["top_logprobs"], len(ascii_uppercase)))
    top = [{"token": letter, "logprob": -1.0 - place} for place, letter in enumerate(letters)]
    return {"logprobs": {"content": [{**top[0], "top_logprobs": top}]}}


def main() -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pause", type=float, default=0.01, help="seconds between two events")
    options = parser.parse_args()
    app = web.Application()
    app[PAUSE] = options.pause
    app.router.add_get("/v1/models", models)
    app.router.add_post("/v1/chat/completions", chat)
    web.run_app(app, host="127.0.0.1", port=options.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
