"""A server on loopback that speaks as vLLM does: a real speller, random logits, every fault."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

import numpy as np
from aiohttp import web
from toyshop import ToyCatalogue, push_forced

from service.engines.plugin.asked_plan import LabelSource
from service.engines.plugin.asked_plan import assignment as plugins_assignment
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.wire.labels import Labels
from service.engines.wire.parameters import Asked, from_xargs
from service.errors import BadParameters

SECRET = "sk-not-to-be-told"  # noqa: S105 - of a server that takes any
MODEL = "stub-model"


class Refusal(Exception):
    """A 400 in vLLM's words."""


@dataclass
class Stub:
    """What the server is and does; tests change it while it runs."""

    tokenizer: ChatTokenizer
    catalogues: Mapping[str, ToyCatalogue]
    plugin: bool = True
    context: int = 4096
    vocabulary: int = 10**6
    chunk: int = 1
    """Tokens an event, as `--stream-interval` sets it."""
    pause: float = 0.0
    """Seconds between events."""
    status: int | None = None
    statuses: dict[str, int] = field(default_factory=dict)
    """The same for some paths."""
    hang: bool = False
    silent: float = 0.0
    """Seconds before a list begins, while everything else is answered."""
    slow_token: float = 0.0
    """Seconds before a single token is there."""
    abort_after: int | None = None
    """Events after which the connection is torn."""
    end_after: int | None = None
    """Events after which the reply ends, though it is not complete."""
    stray_after: int | None = None
    """Tokens after which one comes that may not stand there."""
    event_after: tuple[int, bytes] | None = None
    """Something else to send after so many events."""
    ending: bytes = b"data: [DONE]\n\n"
    """What comes after the last event."""
    stays_open: bool = False
    """Whether the connection is left open after that."""
    raw: bytes | None = None
    """The whole body of a reply, whatever was asked."""
    content_type: str = "text/event-stream"
    listed: bool = True
    """Whether it says which models it serves."""
    models_answer: object = None
    """What it says instead of a list of models as OpenAI has it."""
    longest_prompt: int = 10**9
    """Characters of a chat that fit into the context."""
    too_long: object = field(
        default_factory=lambda: {"error": "the request exceeds the available context size"}
    )
    """What it says of a chat that does not."""
    too_long_status: int = 400
    schema: bool = True
    limit: str = "max_tokens"
    """How it calls the most tokens of a chat's answer."""
    refuses: frozenset[str] = frozenset()
    """Parameters that it refuses."""
    quotes: bool = False
    """Whether it quotes what was asked when it refuses a parameter."""
    refused: int = 0
    """How often it did."""
    chat_finish: str = "stop"
    thinks: tuple[str, ...] = ()
    """What the model thinks in a chat before it says anything."""
    say: str | None = None
    """What the model says in a chat, whatever the schema."""
    weights: Mapping[str, float] | None = None
    """How likely the model is to begin an answer with some texts; chats tell the likeliest."""
    adapters: dict[str, str] | None = None
    """Adapters that it has loaded, with their folders; None: it may load none."""
    refuses_adapters: tuple[int, str] | None = None
    """With which status, and words, it refuses to load one."""
    slow_adapter: float = 0.0
    """Seconds that loading one takes."""
    likes: tuple[int, ...] = ()
    """Tokens that it likes best, in turn, where a list is watched; and then what it writes."""
    tells_weights: bool = True
    """Whether it says so."""
    close_kept: bool = False
    """Close a connection without a word when it is used again."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    aborted: int = 0
    running: int = 0
    most: int = 0
    used: set[object] = field(default_factory=set)
    """The connections themselves: the next may have the identity of one that is gone."""

    async def models(self, request: web.Request) -> web.StreamResponse:
        await self._begin(request)
        if not self.listed:
            raise web.HTTPNotFound
        if self.models_answer is not None:
            return web.json_response(self.models_answer)
        card = {"id": MODEL, "object": "model", "max_model_len": self.context}
        loaded = [{"id": name, "parent": MODEL} for name in self.adapters or {}]
        return web.json_response({"object": "list", "data": [card, *loaded]})

    async def load_adapter(self, request: web.Request) -> web.StreamResponse:
        await self._begin(request)
        if self.adapters is None:
            return web.json_response({"detail": "Not Found"}, status=404)
        body = await request.json()
        await asyncio.sleep(self.slow_adapter)
        name, folder = body["lora_name"], body["lora_path"]
        if self.refuses_adapters is not None:
            status, words = self.refuses_adapters
            raise _Answer(status, {"message": f"{words} {folder}", "type": "Any", "code": status})
        if name in self.adapters:
            return _bad_request(f"The lora adapter '{name}' has already been loaded.")
        self.adapters[name] = folder
        return web.Response(text=f"Success: LoRA adapter '{name}' added successfully.")

    async def completions(self, request: web.Request) -> web.StreamResponse:
        await self._begin(request)
        body = await request.json()
        try:
            self._check(body)
            asked = self._admitted(body)
        except BadParameters as refusal:
            return _bad_request(str(refusal), refusal.parameter)
        except Refusal as refusal:
            return _bad_request(str(refusal))
        if not body.get("stream"):
            await asyncio.sleep(self.slow_token)
            return web.json_response({"choices": [{"text": "1", "finish_reason": "length"}]})
        self.asked.append(body)
        return await self._stream(request, self._events(body, asked))

    async def chat(self, request: web.Request) -> web.StreamResponse:
        await self._begin(request)
        body = await request.json()
        if body.get("stream"):
            self.asked.append(body)
        try:
            self._check(body)
        except BadParameters as refusal:
            return _bad_request(str(refusal), refusal.parameter)
        if self.limit not in body:
            return _bad_request(f"Unsupported parameter: use {self.limit!r}", "max_tokens")
        if "response_format" in body and not self.schema:
            quoted = f": {body['messages']}" if self.quotes else ""
            return _bad_request(f"response_format is not supported{quoted}", "response_format")
        if len(json.dumps(body["messages"])) > self.longest_prompt:
            self.calls["too long"] += 1
            return web.json_response(self.too_long, status=self.too_long_status)
        if not body.get("stream"):
            await asyncio.sleep(self.slow_token)
            message = {"role": "assistant", "content": "1"}
            return web.json_response({"choices": [{"message": message, "finish_reason": "length"}]})
        return await self._stream(request, self._chat_events(body))

    async def _begin(self, request: web.Request) -> None:
        self.calls[request.path] += 1
        self.headers.append(dict(request.headers))
        if self.close_kept and request.protocol in self.used:
            request.transport.abort()
            await asyncio.sleep(60)
        self.used.add(request.protocol)
        if self.hang:
            await asyncio.sleep(60)
        status = self.statuses.get(request.path, self.status)
        if status is not None:
            # As a server might: with what was asked in what it says.
            words = f"cannot: {request.headers.get('Authorization')} {await request.text()}"
            error = {"message": words, "type": "InternalServerError", "code": status}
            raise _Answer(status, error)

    def _check(self, body: Mapping[str, Any]) -> None:
        for name in sorted(self.refuses & body.keys()):
            self.refused += 1
            quoted = f": {body['messages']}" if self.quotes else ""
            raise BadParameters(f"{name} is not taken{quoted}", parameter=name)

    def _admitted(self, body: Mapping[str, Any]) -> Asked | None:
        if len(body["prompt"]) + body["max_tokens"] > self.context:
            raise Refusal("This model's maximum context length is exceeded")
        if max(body["prompt"]) >= self.vocabulary:
            raise Refusal(f"Token id {max(body['prompt'])} is out of vocabulary")
        asked = from_xargs(body.get("vllm_xargs")) if self.plugin else None
        if asked is not None and not self._has(asked):
            has = ", ".join(self.catalogues)
            words = f"listwright_catalogue: {asked.source} is not here, {has} is"
            raise BadParameters(words, parameter="listwright_catalogue")
        return asked

    def _events(self, body: Mapping[str, Any], asked: Asked | None) -> Iterator[bytes]:
        if "logprob_token_ids" in body:
            yield _event({"choices": [{"index": 0, "text": "A", **self._token_weights(body)}]})
            return
        seed = body.get("seed", 0)
        tokens = self._written(body, seed) if asked is None else self._spelled(asked, seed)
        told, sent, done = [], "", False
        batch: list[int] = []
        for place, token in enumerate(tokens):
            stray = self.stray_after is not None and place >= self.stray_after
            batch.append(9 if stray else token)
            done = token == self.tokenizer.end or place + 1 == body["max_tokens"]
            if len(batch) < self.chunk and not done and place:
                continue
            told += [one for one in batch if one != self.tokenizer.end]
            # A character that is not whole yet is held back, as by vLLM's detokenizer.
            text = self.tokenizer.decode(told).removesuffix("\ufffd")
            finish = ("stop" if token == self.tokenizer.end else "length") if done else None
            choice = {"text": text[len(sent) :], "token_ids": batch, "finish_reason": finish}
            if body.get("logprobs"):
                choice["logprobs"] = self._favourites(batch, place + 1 - len(batch))
            yield _event({"choices": [{"index": 0, **choice}]})
            sent, batch = text, []
            if done:
                break

    def _favourites(self, batch: list[int], start: int) -> dict[str, Any] | None:
        """As vLLM tells them: of each token that was taken, and of the likeliest one."""
        if not self.tells_weights:
            return None
        liked = dict(enumerate(self.likes))
        tops = [
            {f"token_id:{taken}": -2.5, f"token_id:{liked.get(place, taken)}": -0.5}
            for place, taken in enumerate(batch, start)
        ]
        return {"tokens": [f"token_id:{taken}" for taken in batch], "top_logprobs": tops}

    def _token_weights(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """As vLLM tells them: those of the token that was chosen, and of those asked about."""
        asked = body["logprob_token_ids"]
        dice = np.random.default_rng(body["prompt"])
        drawn = dict(zip(asked, dice.normal(-9.0, size=len(asked)).tolist(), strict=True))
        given = self.weights or {}
        drawn |= {t: given[text] for t in asked if (text := self.tokenizer.decode([t])) in given}
        told = {f"token_id:{token}": score for token, score in {198: -0.5, **drawn}.items()}
        logprobs = {"tokens": ["token_id:198"], "top_logprobs": [told]}
        return {"finish_reason": "length", "logprobs": logprobs if self.tells_weights else None}

    def _chat_weights(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """As OpenAI tells them: those of the likeliest tokens."""
        dice = np.random.default_rng([*json.dumps(body["messages"]).encode()])
        letters = dict(zip(ascii_uppercase, dice.normal(-9.0, size=26).tolist(), strict=True))
        given = letters if self.weights is None else self.weights
        best = sorted(given.items(), key=lambda each: -each[1])[: body["top_logprobs"]]
        top = [{"token": token, "logprob": score} for token, score in best]
        return {"logprobs": {"content": [{**top[0], "top_logprobs": top}]}}

    def _spelled(self, asked: Asked, seed: int) -> Iterator[int]:
        source = asked.source
        spellable = LabelSource(source) if isinstance(source, Labels) else self.catalogues[source]
        speller = plugins_assignment(asked, spellable, self.vocabulary).speller()
        rng = np.random.default_rng(seed)
        while not speller.done:
            yield from push_forced(speller)
            if (choices := speller.choices) is not None:
                scores = choices.scores(rng.normal(size=len(choices.tokens)))
                token = int(choices.tokens[np.argmax(scores)])
                speller.push(token)
                yield token

    def _has(self, asked: Asked) -> bool:
        return isinstance(asked.source, Labels) or asked.source in self.catalogues

    def _written(self, body: Mapping[str, Any], seed: int) -> Iterator[int]:
        """Free text, as long as it is to become."""
        text = self.say if self.say is not None else prose(len(body["prompt"]), seed)
        yield from self.tokenizer.encode(text)
        yield self.tokenizer.end

    def _chat_events(self, body: Mapping[str, Any]) -> Iterator[bytes]:
        text = self.say
        for thought in self.thinks:
            yield _event({"choices": [{"index": 0, "delta": {"reasoning_content": thought}}]})
        if text is None and "response_format" not in body:
            text = prose(len(json.dumps(body["messages"])), body.get("seed", 0))
        if text is None:
            numbers = body["response_format"]["json_schema"]["schema"]["properties"]["numbers"]
            span = range(numbers["items"]["minimum"], numbers["items"]["maximum"] + 1)
            dice = random.Random(body.get("seed", 0))
            text = json.dumps({"numbers": dice.sample(span, numbers["minItems"])}, indent=2)
        pieces = [text[start : start + 2] for start in range(0, len(text), 2)]
        cut = len(pieces) > body[self.limit]
        yield _event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]})
        weights = self._chat_weights(body) if body.get("logprobs") and self.tells_weights else {}
        for piece in pieces[: body[self.limit]]:
            yield _event({"choices": [{"index": 0, "delta": {"content": piece}, **weights}]})
        finish = "length" if cut else self.chat_finish
        yield _event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})

    async def _stream(self, request: web.Request, events: Iterator[bytes]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": self.content_type})
        await response.prepare(request)
        await asyncio.sleep(self.silent)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if self.raw is not None:
                await response.write(self.raw)
                return response
            for place, event in enumerate(events):
                if place == self.abort_after:
                    request.transport.abort()
                if place == self.end_after:
                    return response
                if self.event_after is not None and place == self.event_after[0]:
                    await response.write(self.event_after[1])
                await response.write(event)
                await asyncio.sleep(self.pause)
            await response.write(self.ending)
            await asyncio.sleep(60 if self.stays_open else 0)
        except (asyncio.CancelledError, ConnectionError):
            self.aborted += 1
            raise
        finally:
            self.running -= 1
        return response

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[str]:
        """Its address, as long as it runs."""
        app = web.Application()
        app.router.add_get("/v1/models", self.models)
        app.router.add_post("/v1/load_lora_adapter", self.load_adapter)
        app.router.add_post("/v1/completions", self.completions)
        app.router.add_post("/v1/chat/completions", self.chat)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


def prose(prompt: int, seed: int) -> str:
    """Some sentences, others for another prompt or seed."""
    dice = random.Random(prompt * 1_000 + seed)
    words = ("a", "gift", "that", "you", "may", "like", "is", "warm", "and", "Größe", "東京")
    sentences = (" ".join(dice.choices(words, k=dice.randint(4, 9))) for _ in range(12))
    return " ".join(f"{sentence.capitalize()}." for sentence in sentences)


class _Answer(web.HTTPException):
    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        self.status_code = status
        super().__init__(text=json.dumps({"error": error}), content_type="application/json")


def _bad_request(message: str, param: str | None = None) -> web.Response:
    error = {"message": message, "type": "BadRequestError", "param": param, "code": 400}
    return web.json_response({"error": error}, status=400)


def _event(payload: object) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"
