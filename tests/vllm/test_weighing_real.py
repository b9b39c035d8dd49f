"""Candidates weighed by a real vLLM: the tokens asked about, its limit, and whole lists."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from rank_conformance import TITLES, weigh

from loadtest.real_vllm import Vllm
from service.domain import Intent, Prompt
from service.engines.embedded import EmbeddedEngine
from service.engines.local.checkpoint import NAME
from service.engines.local.convert import ensure_model
from service.engines.openai import OpenAiEngine
from service.engines.remote.engine import RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import MOST_MARKS, VllmEngine
from service.pipeline.clock import Deadline
from service.ports import Slate
from service.prompts.rank import rank_prompt

BF16 = 0.5
"""Nats by which two ways to compute the same weights may differ: logits come in steps of 1/8."""


@pytest.fixture(scope="module")
def tokenizer(checkpoint: Path) -> ChatTokenizer:
    return ChatTokenizer(checkpoint, NAME)


@pytest.fixture
async def engine(plain_server: Vllm, tokenizer: ChatTokenizer) -> AsyncIterator[VllmEngine]:
    engine = VllmEngine(tokenizer, RemoteOptions(plain_server.url))
    assert await engine.trouble() is None
    yield engine
    await engine.close()


def slate(engine: VllmEngine, count: int) -> Slate:
    marks = engine.marks(count)
    titles = [f"{TITLES[n % 5]}, number {n}" for n in range(len(marks))]
    return Slate(rank_prompt([], Intent(text="tea"), marks, titles), marks, Deadline(60))


async def test_as_many_marks_as_it_takes_in_one_pass(engine: VllmEngine) -> None:
    most = slate(engine, 1_000)
    assert len(most.marks) == MOST_MARKS
    made = await engine.weigh(most)
    assert made.scores.shape == (MOST_MARKS,)
    assert np.isfinite(made.scores).all()
    assert (made.tokens, made.passes) == (1, 1)


async def test_an_answer_that_would_end_at_once_is_weighed_too(engine: VllmEngine) -> None:
    """The token that is chosen does not matter, not even where it ends the text."""
    prompt = Prompt("v", "Say nothing at all.", "")
    made = await engine.weigh(Slate(prompt, engine.marks(9), Deadline(60)))
    assert np.exp(made.scores).sum() == pytest.approx(1.0)


async def test_two_ways_to_ask_one_server_agree(engine: VllmEngine, plain_server: Vllm) -> None:
    """Its chat tells the likeliest tokens: what of the marks is among them weighs the same."""
    chat = OpenAiEngine(RemoteOptions(plain_server.url))
    try:
        marks = chat.marks(20)[: len(TITLES)]
        prompt = rank_prompt([], Intent(text="warm"), marks, TITLES)
        asked = Slate(prompt, marks, Deadline(60))
        by_text, by_token = await chat.weigh(asked), await engine.weigh(asked)
    finally:
        await chat.close()
    told = by_text.scores > by_text.scores.min()
    assert told.any()
    apart = (by_text.scores - by_token.scores)[told]
    assert np.ptp(apart) < BF16


async def test_the_same_model_in_the_process_weighs_much_the_same(
    engine: VllmEngine, cache_dir: Path
) -> None:
    """In 4 bits there, in bf16 here: not equal, but of one mind."""
    local = EmbeddedEngine(ensure_model(cache_dir, print))
    try:
        ours = [(await weigh(local, text=text)).scores for text in ("tea", "play", "warm")]
    finally:
        await local.close()
    theirs = [(await weigh(engine, text=text)).scores for text in ("tea", "play", "warm")]
    assert np.corrcoef(np.concatenate(ours), np.concatenate(theirs))[0, 1] > 0.8
