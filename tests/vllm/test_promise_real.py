"""The promise over a real vLLM: many lists, random controls, side by side, two catalogues."""

from __future__ import annotations

import asyncio
import json
import random
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine_conformance import World
from stock import LARGE, SMALL, Catalogues, goods

from loadtest.real_vllm import Vllm
from service.catalog.artifact import LoadedCatalogue, load
from service.cli.vllm_server import MODEL
from service.domain import Controls, Intent, Item, Sampling
from service.domain import Path as Road
from service.engines.local.checkpoint import NAME
from service.engines.remote.engine import RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.engines.wire.parameters import to_xargs
from service.errors import ConflictingControls
from service.pipeline.validate import judge
from service.prompts.recommend import recommend_prompt
from service.steering.assignment import Assignment
from service.steering.plan import Stock, compile_plan
from service.steering.wanted import Wanted, wanted

LISTS = 200
SIDE_BY_SIDE = 32


@pytest.fixture(scope="module")
def tokenizer(checkpoint: Path) -> ChatTokenizer:
    return ChatTokenizer(checkpoint, NAME)


@pytest.fixture(scope="module")
def large(catalogues: Catalogues, tokenizer: ChatTokenizer) -> LoadedCatalogue:
    return load(catalogues.large, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def small(catalogues: Catalogues, tokenizer: ChatTokenizer) -> LoadedCatalogue:
    return load(catalogues.small, tokenizer=tokenizer)


async def made(world: World, source: Mapping[str, Item], dice: random.Random) -> Counter[str]:
    """One list with whatever a request may hold, judged by the goods the catalogue was made of."""
    while True:
        controls, history = world.controls(dice), world.ids(dice.choice((0, 3, 40)), dice)
        k = dice.randint(1, 7)
        try:
            answer = await world.list(
                k=k,
                history=history,
                intent=Intent(
                    text=dice.choice(("", "something for the weekend")), controls=controls
                ),
                prior_weight=dice.choice((0.0, 1.0, 8.0)),
                sampling=Sampling(dice.choice((0.0, 0.8, 1.6)), dice.randint(0, 9)),
                deadline_ms=120_000,
            )
        except ConflictingControls:
            continue
        receipt = answer.receipt
        listed = [source.get(line.item.id) for line in answer.items]
        assert [line.item.title for line in answer.items] == [x.title for x in listed if x]
        return Counter(
            lists=1,
            violations=len(judge(listed, k, frozenset(history), controls).violations),
            controls=len(receipt.controls),
            repaired=receipt.repaired,
            degraded=receipt.degraded,
            spelled=receipt.path is Road.LLM,
        )


async def test_two_hundred_lists_side_by_side_all_obey(
    server: Vllm, large: LoadedCatalogue, small: LoadedCatalogue, tokenizer: ChatTokenizer
) -> None:
    """Every third list is of the other catalogue: the server has both in its batches."""
    engine = VllmEngine(tokenizer, RemoteOptions(server.url))
    worlds = [World(engine, large), World(engine, large), World(engine, small)]
    sources = [{x.id: x for x in goods(n, seed=n)} for n in (LARGE, LARGE, SMALL)]
    waiting, total = iter(range(LISTS)), Counter[str]()

    async def work() -> None:
        for number in waiting:
            kind = number % 3
            total.update(await made(worlds[kind], sources[kind], random.Random(number)))

    await asyncio.gather(*(work() for _ in range(SIDE_BY_SIDE)))
    await engine.close()
    assert total["lists"] == total["spelled"] == LISTS
    assert total["controls"] > LISTS
    assert (total["violations"], total["repaired"], total["degraded"]) == (0, 0, 0)


class Raw:
    """Requests as anybody may send them to the server."""

    def __init__(self, server: Vllm, catalogue: LoadedCatalogue, tokenizer: ChatTokenizer) -> None:
        self.server, self.catalogue, self.tokenizer = server, catalogue, tokenizer

    def assignment(self, k: int = 3) -> Assignment:
        catalogue = self.catalogue
        banned = np.array([1, 5, 9])
        plan = compile_plan(Stock(catalogue.size, catalogue.postings, banned), Controls(), k)
        return Assignment(
            catalogue.lexicon, catalogue.frame, plan, catalogue.version, banned=banned
        )

    def body(self, **more: Any) -> dict[str, Any]:
        constant, rest = self.tokenizer.render(recommend_prompt([], Intent(), 3))
        return {
            "model": MODEL,
            "prompt": [*constant, *rest],
            "max_tokens": 200,
            "temperature": 0.0,
            "return_token_ids": True,
            "vllm_xargs": to_xargs(self.assignment()),
            **more,
        }

    def ask(self, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        asked = urllib.request.Request(  # noqa: S310
            f"{self.server.url}/v1/completions",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(asked, timeout=120) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def next_token(self, prompt: list[int]) -> int:
        """What the model itself says after a prompt."""
        body = {"model": MODEL, "prompt": prompt, "max_tokens": 1, "temperature": 0.0}
        status, answer = self.ask({**body, "return_token_ids": True})
        assert status == 200, answer
        (token,) = answer["choices"][0]["token_ids"]
        return int(token)

    def obeys(self, tokens: list[int]) -> bool:
        """Whether the tokens are a whole list, and nothing but its end after it."""
        speller = self.assignment().speller()
        for place, token in enumerate(tokens):
            if speller.done:
                return set(tokens[place:]) == {self.catalogue.frame.end}
            speller.push(token)
        return speller.done


@pytest.fixture
def raw(server: Vllm, large: LoadedCatalogue, tokenizer: ChatTokenizer) -> Raw:
    return Raw(server, large, tokenizer)


async def test_a_watched_list_tells_what_the_model_would_have_written(
    server: Vllm, large: LoadedCatalogue, tokenizer: ChatTokenizer, raw: Raw
) -> None:
    """The same server is asked, unsteered, what comes next at each of the list's choices."""
    engine = VllmEngine(tokenizer, RemoteOptions(server.url, watched=1.0))
    job = await World(engine, large).job(5, 120, lambda _line: None)
    made = await engine.spell(job)
    await engine.close()
    spoken = [token for part in tokenizer.render(job.prompt) for token in part]
    speller, freely = job.assignment.speller(), Counter[Wanted]()
    for label, row in zip(large.frame.labels, made.rows, strict=False):
        for token in (*label, *large.lexicon.sequence(row).tolist()):
            if speller.choices is not None:
                liked = raw.next_token(spoken)
                freely[wanted(speller, job.assignment.banned, liked)] += 1
            speller.push(token)
            spoken.append(token)
    assert len(made.rows) == 5
    assert sum(made.wanted.values()) == freely.total() > 5
    assert freely.keys() - {Wanted.AGREED}, "it would have written something else"
    # What is read at once and what is decoded one by one may come out otherwise where two tokens
    # are nearly as likely.
    assert (freely - Counter(made.wanted)).total() <= 2


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 2.0, "seed": 4},
        {"temperature": 1.0, "top_k": 1, "top_p": 0.01, "min_p": 0.9},
        {"logit_bias": {"100": 100.0, "2": 100.0}},
        {"allowed_token_ids": [100, 101]},
        {"repetition_penalty": 2.0, "frequency_penalty": 2.0, "presence_penalty": 2.0},
        {"bad_words": ["1", "the", "a"]},
        {"n": 3, "temperature": 1.0},
        {"stop_token_ids": [], "skip_special_tokens": False},
    ],
    ids="-".join,
)
def test_nothing_else_in_a_request_breaks_the_promise(raw: Raw, more: dict[str, Any]) -> None:
    status, answer = raw.ask(raw.body(**more))
    assert status == 200, answer
    assert len(answer["choices"]) == more.get("n", 1)
    assert all(raw.obeys(choice["token_ids"]) for choice in answer["choices"])


@pytest.mark.parametrize(
    "more",
    [
        {"structured_outputs": {"regex": "[xyz]+"}},
        {"stop": ["a"]},
        {"stop_token_ids": [17]},
        {"repetition_penalty": 1e-9},
        {"min_tokens": 150},
        {"ignore_eos": True},
    ],
    ids="-".join,
)
def test_what_would_end_or_overwrite_a_list_is_refused(raw: Raw, more: dict[str, Any]) -> None:
    status, answer = raw.ask(raw.body(**more))
    assert status == 400
    assert "steered list" in answer["error"]["message"]
    assert answer["error"]["param"] in more


def test_a_text_too_short_for_the_list_is_refused(raw: Raw) -> None:
    status, answer = raw.ask(raw.body(max_tokens=6))
    assert (status, answer["error"]["param"]) == (400, "max_tokens")


BAD: list[dict[str, Any]] = [
    {"listwright": 99},
    {"listwright_catalogue": "c000000000000"},
    {"listwright_catalogue": "../../etc/passwd"},
    {"listwright_k": 0},
    {"listwright_k": 1.5},
    {"listwright_k": "ten"},
    {"listwright_include": ["No such category"]},
    {"listwright_shares": ["Home ? 0.3"]},
    {"listwright_shares": ["Home<=7"]},
    {"listwright_banned": [10**9]},
    {"listwright_banned": [-1]},
    {"listwright_banned": ["x"]},
    {"listwright_prior_rows": [1, 2], "listwright_prior_scores": [0.5]},
    {"listwright_weight": -1.0},
    {"listwright_unheard_of": 1},
    {"listwright_shares": ["Home>=1.0", "Music>=1.0"]},
]


def test_a_hundred_bad_requests_in_a_row_and_the_next_good_one_is_served(raw: Raw) -> None:
    for turn in range(100):
        xargs = to_xargs(raw.assignment()) | BAD[turn % len(BAD)]
        status, answer = raw.ask(raw.body(vllm_xargs=xargs))
        assert status == 400, BAD[turn % len(BAD)]
        message = answer["error"]["message"]
        assert "Traceback" not in message
        assert str(raw.server.launch.catalogues) not in message
    status, answer = raw.ask(raw.body())
    assert status == 200
    assert raw.obeys(answer["choices"][0]["token_ids"])


def test_the_constant_beginning_is_kept_and_tenants_are_kept_apart(raw: Raw) -> None:
    constant, _ = raw.tokenizer.render(recommend_prompt([], Intent(), 3))

    def cached(history: str, salt: str) -> int:
        prompt = recommend_prompt([history], Intent(), 3)
        begun, rest = raw.tokenizer.render(prompt)
        body = raw.body(prompt=[*begun, *rest], cache_salt=salt, max_tokens=1)
        usage = raw.ask(body)[1]["usage"]
        details = usage.get("prompt_tokens_details") or {}
        return int(details.get("cached_tokens") or 0)

    assert cached("a mug", "tenant-one") == 0
    block = 32
    assert cached("something else", "tenant-one") >= len(constant) // block * block
    assert cached("a mug", "tenant-two") == 0
