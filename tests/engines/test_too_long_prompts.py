"""Prompts that a server's model has no room for: said as such, and asked again with less."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from quiz import CHOICE, WRITING, answerer
from remote_world import Desk, openai, vllm
from stub_server import Stub
from toyshop import ToyCatalogue

from service.domain import Cot, Prompt
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import PromptTooLong
from service.pipeline.answer import answer
from service.pipeline.answerer import Answerer
from service.question import Answered, AnswerPath, AnswerRequest

CHAT = "/v1/chat/completions"
LONG = " ".join(f"word{n}" for n in range(1_500))
LETTER = Prompt("v", "You are brief.", f"Write a letter about {LONG}.")
OPENAIS = {
    "message": "This model's maximum context length is 512 tokens. However, you requested 900"
    " tokens (500 in the messages, 400 in the completion). Please reduce the length of either.",
    "type": "invalid_request_error",
    "param": "messages",
    "code": "context_length_exceeded",
}


@pytest.fixture(params=["openai", "a vllm that only chats"])
async def desk(
    request: pytest.FixtureRequest, stub: Stub, tokenizer: ChatTokenizer, catalogue: ToyCatalogue
) -> AsyncIterator[Desk]:
    stub.plugin, stub.context = False, 10**6
    async with stub.serving() as url:
        if request.param == "openai":
            async with openai(url, catalogue, labels=20) as desk:
                yield desk
        else:
            stub.statuses = {"/v1/completions": 404}
            async with vllm(url, catalogue, tokenizer) as desk:
                yield desk


SAID = pytest.mark.parametrize(
    ("said", "status"),
    [({"error": OPENAIS}, 400), ({"error": "exceeds the available context size"}, 422), ({}, 413)],
)


def undoubted(desk: Desk) -> bool:
    return not desk.engine.watch._doubted and desk.engine.watch.standing.trouble is None


@SAID
async def test_a_list_is_refused_once_and_the_server_not_doubted(
    desk: Desk, stub: Stub, said: object, status: int
) -> None:
    await desk.ask(shown=20)
    assert undoubted(desk)
    stub.longest_prompt, stub.too_long, stub.too_long_status = 400, said, status
    with pytest.raises(PromptTooLong, match="prompt is too long"):
        await desk.ask(shown=20, text=LONG)
    assert stub.calls["too long"] == 1
    assert undoubted(desk)
    stub.longest_prompt = 10**9
    await desk.ask(shown=20)
    assert "response_format" in stub.asked[-1], "it was not the schema that was refused"


@SAID
async def test_a_text_is_refused_once_and_the_server_not_doubted(
    desk: Desk, stub: Stub, said: object, status: int
) -> None:
    await desk.write()
    stub.longest_prompt, stub.too_long, stub.too_long_status = 400, said, status
    with pytest.raises(PromptTooLong) as caught:
        await desk.write(prompt=LETTER)
    assert "word7" not in caught.value.message
    assert stub.calls["too long"] == 1
    assert undoubted(desk)
    assert (await desk.write()).text


async def test_a_server_is_not_asked_for_a_token_because_a_prompt_was_too_long(
    stub: Stub, catalogue: ToyCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.engines.remote.watch.SOONEST_S", 0.0)
    async with stub.serving() as url, openai(url, catalogue) as desk:
        await desk.write()
        stub.longest_prompt = 400
        with pytest.raises(PromptTooLong):
            await desk.write(prompt=LETTER)
        calls = stub.calls[CHAT]
        assert await desk.engine.trouble() is None
        assert stub.calls[CHAT] == calls


async def asked(desk: Desk, parts: Answerer, question: str) -> Answered:
    with_engine = replace(parts, engine=desk.engine)
    return await answer(with_engine, AnswerRequest(question, cot=Cot.OFF), "r")


@pytest.mark.parametrize(
    ("question", "said", "answered"),
    [
        (f"{WRITING[:-1]} by this text.\nText: {LONG}", "It boils water.", "It boils water."),
        (CHOICE.replace("Which", f"{LONG}\nWhich"), '{"numbers": [2]}', "2"),
    ],
)
async def test_a_question_is_asked_again_with_less(
    desk: Desk, stub: Stub, question: str, said: str, answered: str
) -> None:
    assert await desk.engine.trouble() is None
    parts = await asyncio.to_thread(answerer)
    stub.too_long, stub.say = {"error": OPENAIS}, said
    whole = await asked(desk, parts, question)
    version, *more = (whole.prompt or "").split()
    assert not any(word.startswith("x0") for word in more)
    length = len(json.dumps(stub.asked[-1]["messages"]))
    for part, share in ((0.95, "x0.5"), (0.5, "x0.25")):
        stub.longest_prompt = int(length * part)
        made = await asked(desk, parts, question)
        assert (made.path, made.degraded, made.text) == (AnswerPath.LLM, False, answered)
        assert (made.prompt or "").split() == [version, share, *more]
    assert undoubted(desk)
