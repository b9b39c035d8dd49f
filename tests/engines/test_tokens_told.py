"""What engines tell of tokens: how many were read, and how many the model had no choice about."""

from __future__ import annotations

import numpy as np
import pytest
from remote_world import Desk, assignment, openai
from stub_server import Stub
from toyshop import ToyCatalogue

from service.domain import Controls, Intent
from service.engines.embedded import EmbeddedEngine
from service.engines.text.tokenizer import ChatTokenizer
from service.pipeline.clock import Deadline
from service.ports import Decoding, Job, Page, Slate
from service.prompts.recommend import recommend_prompt
from service.steering.assignment import Assignment
from service.steering.plan import Stock, compile_plan

PROMPT = recommend_prompt(["Red Mug 0"], Intent(), 4)


def choices_of(made: Decoding, asked: Assignment) -> int:
    """How often there was more than one way on, found by spelling the same rows again."""
    speller, choices = asked.speller(), 0
    for place, row in enumerate(made.rows):
        line = [*asked.frame.labels[place], *asked.lexicon.sequence(row).tolist()]
        for token in line:
            choices += speller.choices is not None
            speller.push(token)
    return choices


@pytest.mark.parametrize("chunk", [1, 7])
async def test_a_steered_server(
    desk: Desk, stub: Stub, tokenizer: ChatTokenizer, chunk: int
) -> None:
    stub.chunk = chunk
    made = await desk.ask(6)
    choices = choices_of(made, assignment(desk.catalogue, 6))
    assert 0 < choices < made.tokens
    assert made.forced == made.tokens - choices
    assert made.prompt == len(stub.asked[0]["prompt"])
    written = await desk.write()
    assert written.prompt == len(stub.asked[-1]["prompt"])
    weighed = await desk.engine.weigh(Slate(PROMPT, desk.engine.marks(4), Deadline(20)))
    assert (
        weighed.prompt == len(stub.asked[-1]["prompt"]) == sum(map(len, tokenizer.render(PROMPT)))
    )


async def test_a_server_that_reads_words_counts_them_itself(
    stub: Stub, catalogue: ToyCatalogue
) -> None:
    async with stub.serving() as url, openai(url, catalogue) as desk:
        made = await desk.ask(4, shown=20)
        assert (made.prompt, made.forced) == (None, 0)
        assert (await desk.write()).prompt is None


async def test_the_model_in_the_process(engine: EmbeddedEngine, catalogue: ToyCatalogue) -> None:
    asked = assignment(catalogue, 4)
    made = await engine.spell(Job(PROMPT, asked, Deadline(60)))
    assert made.forced == made.tokens - choices_of(made, asked)
    read = sum(map(len, engine.tokenizer.render(PROMPT)))
    written = await engine.write(Page(PROMPT, 3, Deadline(60)))
    weighed = await engine.weigh(Slate(PROMPT, engine.marks(3), Deadline(60)))
    assert made.prompt == written.prompt == weighed.prompt == read


async def test_where_there_is_one_list_all_of_it_is_forced(
    engine: EmbeddedEngine, catalogue: ToyCatalogue
) -> None:
    others = np.arange(1, catalogue.size)
    plan = compile_plan(Stock(catalogue.size, catalogue.postings, others), Controls(), 1)
    only = Assignment(catalogue.lexicon, catalogue.frame, plan)
    made = await engine.spell(Job(PROMPT, only, Deadline(60)))
    assert made.forced == made.tokens > 0
