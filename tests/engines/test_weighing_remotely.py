"""Candidates weighed over HTTP: what is sent, what is read, and servers that cannot."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import numpy as np
import pytest
from patience import until
from rank_conformance import TITLES, weigh
from remote_world import Desk, openai, vllm
from stub_server import MODEL, Stub
from toyshop import ToyCatalogue

from service.engines.openai import LIKELIEST
from service.engines.remote.server_errors import Unweighable
from service.engines.remote.standing import Standing
from service.engines.remote.weighing import Ability
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import MOST_MARKS
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout
from service.ports import Weighed

CHAT = "/v1/chat/completions"
COMPLETIONS = "/v1/completions"


@pytest.fixture
def chat_stub(tokenizer: ChatTokenizer) -> Stub:
    return Stub(tokenizer, {}, plugin=False)


@pytest.fixture
async def chat(chat_stub: Stub, catalogue: ToyCatalogue) -> AsyncIterator[Desk]:
    async with chat_stub.serving() as url, openai(url, catalogue, concurrent=4) as desk:
        yield desk


class TestVllm:
    async def test_the_tokens_are_named_and_one_is_asked_for(
        self, desk: Desk, stub: Stub, tokenizer: ChatTokenizer
    ) -> None:
        await weigh(desk.engine)
        (asked,) = stub.asked
        assert (asked["max_tokens"], asked["stream"], asked["model"]) == (1, True, MODEL)
        assert asked["return_tokens_as_token_ids"] is True
        # vLLM refuses `logprob_token_ids` where `logprobs` is not set.
        assert asked["logprobs"] >= 0
        marks = desk.engine.marks(20)[: len(TITLES)]
        assert tokenizer.decode_each([[t] for t in asked["logprob_token_ids"]]) == list(marks)
        assert "vllm_xargs" not in asked
        assert (asked["temperature"], "seed" in asked) == (0.0, False)

    async def test_the_weights_are_those_of_the_marks(self, desk: Desk, stub: Stub) -> None:
        stub.weights = {"A": -4.0, "B": -1.0, "C": -3.0, "D": -9.0, "E": -9999.0}
        made = await weigh(desk.engine)
        expected = np.array([-4.0, -1.0, -3.0, -9.0, -9999.0])
        assert np.allclose(made.scores - made.scores[1], expected - expected[1])

    async def test_no_more_tokens_than_vllm_takes(self, desk: Desk) -> None:
        assert len(desk.engine.marks(1_000)) == MOST_MARKS

    @pytest.mark.parametrize("plugin", [True, False])
    async def test_with_the_plugin_or_without(self, desk: Desk, stub: Stub, plugin: bool) -> None:
        stub.plugin = plugin
        assert (await weigh(desk.engine)).scores.shape == (len(TITLES),)

    async def test_a_server_that_tells_the_likeliest_instead(self, desk: Desk, stub: Stub) -> None:
        # An older vLLM passes over the field that it does not know.
        stub.raw = (
            b'data: {"choices": [{"text": "A", "finish_reason": "length", "logprobs":'
            b' {"top_logprobs": [{"token_id:5": -0.1}]}}]}\n\ndata: [DONE]\n\n'
        )
        with pytest.raises(EngineFailed, match="no log-probabilities of the tokens it is asked"):
            await weigh(desk.engine)


class TestAnyOther:
    async def test_the_likeliest_tokens_are_asked_for(self, chat: Desk, chat_stub: Stub) -> None:
        await weigh(chat.engine)
        asked = chat_stub.asked[-1]
        assert (asked["logprobs"], asked["top_logprobs"], asked["max_tokens"]) == (True, 20, 1)
        assert asked["messages"][0]["role"] == "system"
        assert "response_format" not in asked
        assert chat.engine.marks(50) == tuple("ABCDEFGHIJKLMNOPQRST")
        assert len(chat.engine.marks(50)) == LIKELIEST

    async def test_what_is_not_told_is_less_likely_than_all_that_is(
        self, chat: Desk, chat_stub: Stub
    ) -> None:
        chat_stub.weights = {"B": -1.0, "The": -1.5, " D": -2.0, "D": -2.0, "Sure": -5.0}
        made = await weigh(chat.engine)
        told = made.scores - made.scores[1]
        assert told.tolist() == pytest.approx([-5.0, 0.0, -5.0, -1.0 + math.log(2), -5.0])

    async def test_a_model_that_answers_otherwise_has_failed_this_list_alone(
        self, chat: Desk, chat_stub: Stub
    ) -> None:
        chat_stub.weights = {"I": -0.1, "Sure": -3.0}
        with pytest.raises(EngineFailed, match="none of the candidates' marks"):
            await weigh(chat.engine)
        chat_stub.weights = {"B": -0.1}
        assert len(chat.engine.marks(50)) == LIKELIEST
        assert (await weigh(chat.engine)).scores.argmax() == 1

    async def test_other_names_of_the_limit_are_learned(self, chat: Desk, chat_stub: Stub) -> None:
        chat_stub.limit = "max_completion_tokens"
        chat_stub.refuses = frozenset({"temperature"})
        assert (await weigh(chat.engine)).scores.shape == (len(TITLES),)


@dataclass(frozen=True)
class Faulty:
    """An engine of either kind, and the server that is made to misbehave."""

    desk: Desk
    stub: Stub
    path: str


class TestFaults:
    @pytest.fixture(params=["vllm", "openai"])
    async def faulty(
        self, request: pytest.FixtureRequest, tokenizer: ChatTokenizer, catalogue: ToyCatalogue
    ) -> AsyncIterator[Faulty]:
        stub = Stub(tokenizer, {"toy": catalogue})
        async with stub.serving() as url, AsyncExitStack() as stack:
            if request.param == "vllm":
                opened, path = vllm(url, catalogue, tokenizer, concurrent=2, queue=1), COMPLETIONS
            else:
                opened, path = openai(url, catalogue, concurrent=2, queue=1), CHAT
            desk = await stack.enter_async_context(opened)
            assert await desk.engine.trouble() is None
            yield Faulty(desk, stub, path)

    async def test_a_server_without_log_probabilities(self, faulty: Faulty) -> None:
        faulty.stub.tells_weights = False
        with pytest.raises(Unweighable, match="gives no log-probabilities"):
            await weigh(faulty.desk.engine)
        # It is remembered, so that nobody asks again for nothing; lists are had all the same.
        assert faulty.desk.engine.marks(20) == ()
        assert await faulty.desk.engine.trouble() is None

    @pytest.mark.parametrize("status", [400, 422])
    async def test_a_server_that_refuses_to_be_asked(self, faulty: Faulty, status: int) -> None:
        faulty.stub.statuses = {faulty.path: status}
        with pytest.raises(Unweighable, match=f"gives no log-probabilities: .*{status}"):
            await weigh(faulty.desk.engine)
        assert faulty.desk.engine.marks(20) == ()

    @pytest.mark.parametrize(("status", "error"), [(500, EngineFailed), (429, EngineBusy)])
    async def test_other_trouble_is_not_held_against_it(
        self, faulty: Faulty, status: int, error: type[EngineError]
    ) -> None:
        faulty.stub.statuses = {faulty.path: status}
        with pytest.raises(error) as caught:
            await weigh(faulty.desk.engine)
        assert not isinstance(caught.value, Unweighable)
        faulty.stub.statuses = {}
        assert len(faulty.desk.engine.marks(20)) == 20
        assert (await weigh(faulty.desk.engine)).scores.shape == (len(TITLES),)

    @pytest.mark.parametrize(
        "logprobs",
        [
            b"[]",
            b'"many"',
            b"{}",
            b'{"content": [], "top_logprobs": []}',
            b'{"content": [{}], "top_logprobs": [{}]}',
            b'{"content": {"token": 1}, "top_logprobs": {"token": 1}}',
            b'{"content": [{"top_logprobs": [{"token": "A", "logprob": "x"}]}]}',
            b'{"content": [{"top_logprobs": [{"token": 5, "logprob": true}]}]}',
            b'{"top_logprobs": [{"token_id:49": null}]}',
            b'{"content": [5], "top_logprobs": ["A"]}',
        ],
    )
    async def test_log_probabilities_of_another_shape(
        self, faulty: Faulty, logprobs: bytes
    ) -> None:
        choice = b'{"text": "A", "delta": {"content": "A"}, "finish_reason": "length", "logprobs": '
        ending = b"}]}\n\ndata: [DONE]\n\n"
        faulty.stub.raw = b'data: {"choices": [' + choice + logprobs + ending
        with pytest.raises(Unweighable, match="no log-probabilities"):
            await weigh(faulty.desk.engine)

    @pytest.mark.parametrize(
        "raw", [b"", b"data: {}\n\n", b"data: nonsense\n\n", b"data: [DONE]\n\n"]
    )
    async def test_a_reply_that_is_none(self, faulty: Faulty, raw: bytes) -> None:
        faulty.stub.raw = raw
        with pytest.raises(EngineFailed):
            await weigh(faulty.desk.engine)

    async def test_a_connection_that_breaks(self, faulty: Faulty) -> None:
        faulty.stub.abort_after = 0
        with pytest.raises(EngineFailed):
            await weigh(faulty.desk.engine)

    async def test_the_deadline_hangs_up(self, faulty: Faulty) -> None:
        faulty.stub.silent = 30.0
        with pytest.raises(EngineTimeout):
            await weigh(faulty.desk.engine, seconds=0.2)
        await until(lambda: not faulty.stub.running)
        faulty.stub.silent = 0.0
        assert (await weigh(faulty.desk.engine)).scores.shape == (len(TITLES),)

    async def test_more_than_can_wait_are_told_at_once(self, faulty: Faulty) -> None:
        faulty.stub.silent = 0.3
        asked = [weigh(faulty.desk.engine, text=str(n)) for n in range(5)]
        made = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(one, EngineBusy) for one in made) == 2
        assert sum(isinstance(one, Weighed) for one in made) == 3


def test_what_a_server_cannot_is_forgotten_after_a_while_or_when_it_is_another() -> None:
    now = 0.0
    ability = Ability(lambda: now)
    standing = Standing()

    async def fail() -> Weighed:
        raise Unweighable("no")

    with pytest.raises(Unweighable):
        asyncio.run(ability.tried(standing, fail))
    assert not ability.of(standing)
    assert ability.of(Standing())
    now = 301.0
    assert ability.of(standing)
