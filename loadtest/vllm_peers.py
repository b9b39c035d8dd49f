"""Five ways to have the same real vLLM make lists for the same users."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import aiohttp
import orjson

from loadtest.vllm_world import User, World
from service.domain import Intent, Item, Prompt
from service.engines.vllm import VllmEngine
from service.errors import EngineError
from service.pipeline.clock import Deadline
from service.ports import Job
from service.prompts.choose import choose_prompt
from service.prompts.recommend import recommend_prompt

TRIES: Final = 3
TOKENS: Final = 100
"""What a list is taken to have before one was spelled."""

LINE_TOKENS: Final = 30
"""Tokens that a line may take where nothing ends it."""


@dataclass(frozen=True)
class Made:
    """One list, or what should have been one."""

    valid: bool
    tokens: int


Peer: TypeAlias = Callable[[User], Awaitable[Made]]


class Peers:
    """Each method is a peer; all of them read the same catalogue and the same server."""

    def __init__(
        self, session: aiohttp.ClientSession, engine: VllmEngine, model: str, world: World
    ) -> None:
        self._session, self._engine, self._model = session, engine, model
        self._world = world
        self._spelled: deque[int] = deque()

    async def free(self, user: User) -> Made:
        """Write freely, knowing the history alone."""
        return await self._free(self._world.prompt(user), user)

    async def free_shown(self, user: User) -> Made:
        """Write freely, with the same 100 candidates in the prompt that the schema lists."""
        return await self._free(self._shown(LINES_SYSTEM, user), user)

    async def _free(self, prompt: list[int], user: User) -> Made:
        """Check every line, ask again with other dice: up to three times."""
        tokens = 0
        for turn in range(TRIES):
            body = {
                "prompt": prompt,
                "max_tokens": LINE_TOKENS * self._world.k,
                "stop": [f"\n{self._world.k + 1}."],
                **_dice(turn),
            }
            text, used = await self._completion(body)
            tokens += used
            if self._world.valid(self._listed(text), user):
                return Made(valid=True, tokens=tokens)
        return Made(valid=False, tokens=tokens)

    async def choice(self, user: User) -> Made:
        """The server's own `choice` over all titles, a request a line; a repeat is asked for again.

        The set of choices stays the same, so that its grammar is compiled once; without the titles
        already listed it would be another grammar for each line.
        """
        world, tokens, listed = self._world, 0, list[str]()
        met = {world.catalogue.spelling(row) for row in user.history}
        for place in range(world.k):
            for turn in range(TRIES):
                body = {
                    "prompt": [
                        *world.prompt(user),
                        *world.tokenizer.encode(
                            "".join(f"{i}. {t}\n" for i, t in _numbered(listed))
                        ),
                        *world.tokenizer.encode(f"{place + 1}. "),
                    ],
                    "max_tokens": 2 * LINE_TOKENS,
                    "structured_outputs": {"choice": world.titles},
                    **_dice(turn),
                }
                title, used = await self._completion(body)
                tokens += used
                if title not in listed and title not in met:
                    break
            listed.append(title)
        items = [world.item(title) for title in listed]
        return Made(world.valid(items, user), tokens)

    async def schema(self, user: User) -> Made:
        """A JSON array whose items are among 100 candidates, checked and asked for again."""
        world, tokens = self._world, 0
        items = {"type": "string", "enum": world.choices(user)}
        array = {"type": "array", "items": items, "minItems": world.k, "maxItems": world.k}
        for turn in range(TRIES):
            body = {
                "prompt": self._shown(JSON_SYSTEM, user),
                "max_tokens": 2 * LINE_TOKENS * world.k,
                "structured_outputs": {"json": array},
                **_dice(turn),
            }
            text, used = await self._completion(body)
            tokens += used
            if world.valid([world.item(title) for title in _titles(text)], user):
                return Made(valid=True, tokens=tokens)
        return Made(valid=False, tokens=tokens)

    async def plugin(self, user: User) -> Made:
        """The service's own engine: the speller inside the server."""
        world = self._world
        titles = [world.catalogue.spelling(row) for row in user.history]
        assignment = await asyncio.to_thread(world.assignment, user)
        try:
            prompt = recommend_prompt(titles, Intent(), world.k)
            made = await self._engine.spell(Job(prompt, assignment, Deadline(600)))
        except EngineError as error:
            raise ConnectionError(error.message) from error
        items = [world.catalogue.item(row) for row in made.rows]
        self._spelled.append(made.tokens)
        return Made(world.valid(items, user), made.tokens)

    async def unconstrained(self, user: User) -> Made:
        """As long a prompt and as many tokens, whatever they are; streamed like the plugin's.

        As many as one of the plugin's lists had, taken in turn: were all of one length, they would
        run in step and end together, which no lists do.
        """
        tokens = self._spelled.popleft() if self._spelled else TOKENS
        body = {
            "model": self._model,
            "prompt": self._world.prompt(user),
            "max_tokens": tokens,
            "temperature": 0.0,
            "ignore_eos": True,
            "stream": True,
            "return_token_ids": True,
        }
        read = 0
        async with self._session.post("/v1/completions", json=body) as response:
            response.raise_for_status()
            async for line in response.content:
                if line.startswith(b"data: {"):
                    for one in orjson.loads(line[6:])["choices"]:
                        read += len(one.get("token_ids") or ())
        return Made(valid=False, tokens=read)

    def _shown(self, system: str, user: User) -> list[int]:
        """A prompt that lists the candidates."""
        world = self._world
        past = [world.catalogue.spelling(row) for row in user.history]
        prompt = choose_prompt(past, Intent(), world.k, world.choices(user))
        constant, rest = world.tokenizer.render(Prompt(prompt.version, system, prompt.user))
        return [*constant, *rest]

    def _listed(self, text: str) -> list[Item | None]:
        lines = [line.strip() for line in text.split("\n") if line.strip()][: self._world.k]
        return [self._world.item(_without_number(line)) for line in lines]

    async def _completion(self, body: dict[str, Any]) -> tuple[str, int]:
        async with self._session.post(
            "/v1/completions", data=orjson.dumps({"model": self._model, **body}), headers=JSON
        ) as response:
            response.raise_for_status()
            answer = await response.json()
        return answer["choices"][0]["text"], answer["usage"]["completion_tokens"]


JSON: Final = {"Content-Type": "application/json"}
JSON_SYSTEM: Final = (
    "You are an expert recommender. Choose among the candidates only."
    " Answer with a JSON array of their titles, the best first, none twice."
)


LINES_SYSTEM: Final = (
    "You are an expert recommender. Choose among the candidates only."
    " Answer with their titles only, one per line, numbered 1. 2. 3., none twice."
)


def _dice(turn: int) -> dict[str, float]:
    """Greedy first; then drawn, each time by another seed."""
    return {"temperature": 0.7, "seed": turn} if turn else {"temperature": 0.0}


def _numbered(titles: list[str]) -> list[tuple[int, str]]:
    return list(enumerate(titles, start=1))


def _without_number(line: str) -> str:
    number, _, rest = line.partition(". ")
    return rest if number.isdigit() else line


def _titles(text: str) -> list[str]:
    try:
        listed = json.loads(text)
    except ValueError:
        return []
    return [title for title in listed if isinstance(title, str)] if isinstance(listed, list) else []
