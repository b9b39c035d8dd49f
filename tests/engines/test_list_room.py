"""Room for a list after its prompt: where there is too little, a shorter prompt is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from remote_world import Desk, toys
from steering_world import lexicon_of
from stub_server import Stub
from toyshop import ToyCatalogue

from service.domain import Controls, Prompt
from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.text.label_spelling import label_spelling
from service.engines.text.list_room import least_tokens, list_room, most_tokens
from service.engines.text.prose import ROOM
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import PromptTooLong
from service.pipeline.clock import Deadline
from service.ports import Job
from service.steering.assignment import Assignment
from service.steering.lexicon import Frame
from service.steering.plan import Stock, compile_plan

END = 0
NONE = np.zeros(0, dtype=np.int64)


def labelled(lengths: list[int], k: int, closing: list[int], least: int = 0) -> Assignment:
    lexicon, _ = lexicon_of([(n + 2, *[1] * (length - 1)) for n, length in enumerate(lengths)])
    plan = compile_plan(Stock(len(lengths), {}.__getitem__, NONE), Controls(), k)
    frame = Frame(((),) * k, END)
    return Assignment(lexicon, frame, plan, closing=np.array(closing, dtype=int), least=least)


def permutation(tokenizer: ChatTokenizer, count: int) -> Assignment:
    """An order of so many numbered options."""
    labels = [str(n) for n in range(1, count + 1)]
    spelled = label_spelling(tokenizer, labels, lines=count, separator=",")
    plan = compile_plan(Stock(count, {}.__getitem__, NONE), Controls(), count)
    return Assignment(spelled.lexicon, spelled.frame, plan, separator=",")


def sized(tokenizer: ChatTokenizer, tokens: int) -> Prompt:
    """A prompt of just so many tokens."""
    for words in range(tokens):
        prompt = Prompt("v", "Sort.", "a" + " word" * words)
        if sum(map(len, tokenizer.render(prompt))) == tokens:
            return prompt
    raise AssertionError(tokens)


@given(st.lists(st.integers(1, 200), min_size=1, max_size=40), st.data())
def test_no_list_takes_more_or_less_than_is_said(lengths: list[int], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(lengths)))
    asked = labelled(lengths, k, [])
    dice = np.random.default_rng(data.draw(st.integers(0, 99)))
    speller, taken = asked.speller(), 0
    while not speller.done:
        offered = speller.choices
        token = int(speller.only or 0) if offered is None else int(dice.choice(offered.tokens))
        speller.push(token)
        taken += 1
    assert least_tokens(asked.frame, k) <= taken <= most_tokens(asked)
    assert most_tokens(asked) == sum(sorted(lengths)[-k:]) + 1


@pytest.mark.parametrize(
    ("asked", "context", "room"),
    [
        pytest.param(labelled([3] * 200, 200, []), 4096, 601, id="an order, whole"),
        pytest.param(labelled([1] * 9, 9, []), 4096, 10, id="a short order"),
        pytest.param(labelled([3] * 200, 200, []), 1000, 500, id="one longer than half of all"),
        pytest.param(labelled([1] * 400, 400, []), 500, 401, id="one that never fits in half"),
        pytest.param(labelled([9] * 60, 60, [0], 1), 4096, ROOM, id="may end at its second line"),
        pytest.param(labelled([90] * 60, 60, [0], 1), 4096, 181, id="its first two lines"),
        pytest.param(
            replace(labelled([9] * 60, 60, []), catalogue="c"), 4096, ROOM, id="of a catalogue"
        ),
        pytest.param(
            replace(labelled([9] * 200, 200, []), catalogue="c"), 4096, 201, id="many of one"
        ),
    ],
)
def test_what_there_must_be_room_for(asked: Assignment, context: int, room: int) -> None:
    assert list_room(asked, context) == room


async def test_vllm_is_asked_for_an_order_only_where_it_has_room_for_it(
    desk: Desk, stub: Stub, tokenizer: ChatTokenizer
) -> None:
    asked = permutation(tokenizer, 150)
    most, stub.context = most_tokens(asked), 1024
    assert ROOM < most < stub.context / 2
    await desk.ask()
    before = len(stub.asked)
    for short in (1, most - ROOM, most - 1):
        job = Job(sized(tokenizer, stub.context - most + short), asked, Deadline(20))
        with pytest.raises(PromptTooLong, match="does not fit into 1024 tokens"):
            await desk.engine.spell(job)
    assert len(stub.asked) == before
    assert not desk.engine.watch._doubted
    made = await desk.engine.spell(Job(sized(tokenizer, 1024 - most), asked, Deadline(20)))
    assert (len(set(made.rows)), made.stopped) == (150, None)


async def test_vllm_is_not_asked_for_titles_that_its_plugin_would_refuse(
    desk: Desk, stub: Stub, tokenizer: ChatTokenizer
) -> None:
    many = toys(tokenizer, 60)
    stub.catalogues, stub.context = {"toy": many}, 400
    asked = Desk(desk.engine, many)
    least = least_tokens(many.frame, 50)
    assert least > ROOM
    with pytest.raises(PromptTooLong):
        await asked.ask(50, prompt=sized(tokenizer, 401 - least))
    made = await asked.ask(50, prompt=sized(tokenizer, 400 - least))
    assert 0 < len(made.rows) < 50


async def test_the_embedded_engine_refuses_what_leaves_no_room_for_the_list(
    model_folder: Path, catalogue: ToyCatalogue
) -> None:
    engine = EmbeddedEngine(model_folder, EmbeddedOptions(threads=1, context=512))
    asked = permutation(engine.tokenizer, 60)
    most = most_tokens(asked)
    assert ROOM < most < 256
    with pytest.raises(PromptTooLong, match="does not fit into 512 tokens"):
        await engine.spell(Job(sized(engine.tokenizer, 513 - most), asked, Deadline(60)))
    made = await engine.spell(Job(sized(engine.tokenizer, 512 - most), asked, Deadline(60)))
    assert (len(set(made.rows)), made.stopped) == (60, None)
    await engine.close()
