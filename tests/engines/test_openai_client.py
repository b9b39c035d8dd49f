"""The client of any OpenAI-compatible server: numbers under a schema, faults and all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine_conformance import EngineConformance, World
from patience import until
from remote_world import Desk, assignment, openai, prompt_for, toys
from stub_server import MODEL, SECRET, Stub
from toyshop import ToyCatalogue

from service.domain import Controls, Op, Sampling, Share
from service.engines import openai as openai_engine
from service.engines.remote import standing, terms, watch
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout
from service.pipeline.clock import Deadline
from service.ports import Job

CHAT = "/v1/chat/completions"
MODELS = "/v1/models"


@pytest.fixture(scope="module")
def catalogue(tokenizer: ChatTokenizer) -> ToyCatalogue:
    return toys(tokenizer)


@pytest.fixture
def stub(tokenizer: ChatTokenizer, catalogue: ToyCatalogue) -> Stub:
    return Stub(tokenizer, {}, plugin=False)


@pytest.fixture
async def desk(stub: Stub, catalogue: ToyCatalogue) -> AsyncIterator[Desk]:
    async with stub.serving() as url, openai(url, catalogue, labels=20, concurrent=4) as desk:
        yield desk


def _schema(stub: Stub) -> dict[str, Any]:
    schema = stub.asked[-1]["response_format"]["json_schema"]["schema"]
    numbers: dict[str, Any] = schema["properties"]["numbers"]
    return numbers


class TestConformance(EngineConformance):
    @pytest.fixture
    def world(self, desk: Desk, stub: Stub) -> World:
        stub.longest_prompt = 20_000
        return World(desk.engine, desk.catalogue)


class TestWhatIsSent:
    async def test_messages_and_a_schema(self, desk: Desk, stub: Stub) -> None:
        await desk.ask(4, shown=20, sampling=Sampling(0.5, 3))
        (asked,) = stub.asked
        assert [message["role"] for message in asked["messages"]] == ["system", "user"]
        assert "20. " in asked["messages"][1]["content"]
        numbers = asked["response_format"]["json_schema"]["schema"]["properties"]["numbers"]
        assert numbers["items"] == {"type": "integer", "minimum": 1, "maximum": 20}
        assert numbers["minItems"] == numbers["maxItems"] == 4
        assert (asked["temperature"], asked["seed"], asked["model"]) == (0.5, 3, MODEL)
        assert asked["stream"] is True
        assert asked["max_tokens"] < 200

    async def test_a_ranking_wants_each_number_from_the_first(self, desk: Desk, stub: Stub) -> None:
        asked = replace(assignment(desk.catalogue, 7, shown=7), first=0)
        made = await desk.engine.spell(Job(prompt_for(desk.catalogue, asked), asked, Deadline(20)))
        assert sorted(made.rows) == list(range(7))
        numbers = _schema(stub)
        assert numbers["items"] == {"type": "integer", "minimum": 0, "maximum": 6}
        assert numbers["minItems"] == numbers["maxItems"] == 7

    async def test_a_list_that_may_end_early_has_fewer_numbers(
        self, desk: Desk, stub: Stub
    ) -> None:
        asked = replace(assignment(desk.catalogue, 7, shown=9), closing=np.array([8]), least=2)
        stub.say = '{"numbers": [3, 1, 9]}'
        made = await desk.engine.spell(Job(prompt_for(desk.catalogue, asked), asked, Deadline(20)))
        assert (made.rows, made.stopped) == ((2, 0, 8), None)
        numbers = _schema(stub)
        assert (numbers["minItems"], numbers["maxItems"]) == (3, 7)

    async def test_a_named_model_need_not_be_listed(
        self, stub: Stub, catalogue: ToyCatalogue
    ) -> None:
        async with stub.serving() as url, openai(url, catalogue, model="an-alias") as desk:
            await desk.ask(shown=20)
            assert desk.engine.model == "an-alias"
        assert stub.asked[0]["model"] == "an-alias"

    async def test_a_server_that_lists_no_models_is_asked_all_the_same(
        self, stub: Stub, catalogue: ToyCatalogue
    ) -> None:
        stub.listed = False
        async with stub.serving() as url, openai(url, catalogue) as desk:
            assert len((await desk.ask(shown=20)).rows) == 5
            assert await desk.engine.trouble() is None
            assert desk.engine.model == "unknown"
        assert "model" not in stub.asked[0]

    async def test_without_numbers_in_the_prompt_there_is_nothing_to_ask(self, desk: Desk) -> None:
        with pytest.raises(EngineFailed, match="cannot spell titles"):
            await desk.ask()


class TestWhatIsServed:
    @pytest.mark.parametrize("answer", [[], {"data": []}, {}, "models", [{"id": "another"}]])
    async def test_whoever_names_a_model_knows_better(
        self, stub: Stub, catalogue: ToyCatalogue, answer: object
    ) -> None:
        stub.models_answer = answer
        await self._is_had(stub, catalogue)

    @pytest.mark.parametrize("status", [400, 403, 404, 405, 429, 500, 501])
    async def test_a_list_of_models_that_is_refused(
        self, stub: Stub, catalogue: ToyCatalogue, status: int
    ) -> None:
        stub.statuses = {MODELS: status}
        await self._is_had(stub, catalogue)

    async def _is_had(self, stub: Stub, catalogue: ToyCatalogue) -> None:
        async with stub.serving() as url, openai(url, catalogue, model="mine") as desk:
            assert await desk.engine.trouble() is None
            assert len((await desk.ask(shown=20)).rows) == 5
        assert stub.asked[-1]["model"] == "mine"

    @pytest.mark.parametrize("status", [401, 503])
    async def test_what_counts_against_a_server_with_a_named_model(
        self, stub: Stub, catalogue: ToyCatalogue, status: int
    ) -> None:
        stub.statuses = {MODELS: status}
        async with stub.serving() as url, openai(url, catalogue, model="mine") as desk:
            assert str(status) in (await desk.engine.trouble() or "")
        async with openai(url, catalogue, model="mine") as desk:
            assert "cannot be connected to" in (await desk.engine.trouble() or "")

    async def test_a_hung_server_with_a_named_model(
        self, stub: Stub, catalogue: ToyCatalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(standing, "ANSWERS_WITHIN_S", 0.1)
        stub.hang = True
        async with stub.serving() as url, openai(url, catalogue, model="mine") as desk:
            assert watch.HANGS in (await desk.engine.trouble() or "")

    async def test_a_bare_array_of_models(self, desk: Desk, stub: Stub) -> None:
        stub.models_answer = [{"id": "first"}, {"id": "second"}]
        await desk.ask(shown=20)
        assert (desk.engine.model, stub.asked[0]["model"]) == ("first", "first")

    @pytest.mark.parametrize("answer", [[], {"data": []}, "models"])
    async def test_without_a_name_there_must_be_one(
        self, desk: Desk, stub: Stub, answer: object
    ) -> None:
        stub.models_answer = answer
        assert "serves no model" in (await desk.engine.trouble() or "")


class TestWhatComesBack:
    async def test_rows_by_their_numbers(self, desk: Desk, stub: Stub) -> None:
        stub.say = '{"numbers": [3, 20, 1]}'
        made = await desk.ask(3, shown=20)
        assert made.rows == (2, 19, 0)
        assert {line.line for line in made.lines} == {None}
        assert made.stopped is None
        assert made.tokens > 0

    async def test_what_may_not_stand_is_passed_over(self, desk: Desk, stub: Stub) -> None:
        stub.say = '{"numbers": [0, 7, 7, 21, -3, 4.5, 123456789012, 2, "9"]}'
        made = await desk.ask(4, shown=20)
        assert made.rows == (6, 1, 8)
        assert made.stopped == "the model named 3 candidates that may stand"

    async def test_the_plan_is_kept(self, desk: Desk, stub: Stub) -> None:
        catalogue = desk.catalogue
        red = Controls(shares=(Share("Red", Op.AT_MOST, 0.5),))
        stub.say = json.dumps({"numbers": list(range(1, 41))})
        made = await desk.ask(4, shown=40, controls=red)
        reds = [row for row in made.rows if "Red" in catalogue.items[row].categories]
        assert len(made.rows) == 4
        assert len(reds) <= 2

    async def test_the_model_is_heard_no_longer_than_needed(self, desk: Desk, stub: Stub) -> None:
        stub.say = '{"numbers": [3, 20, 1, ' + "5, " * 200
        stub.pause = 0.002
        made = await desk.ask(3, shown=20)
        assert made.rows == (2, 19, 0)
        assert made.stopped is None
        await until(lambda: stub.aborted, 1.0)

    async def test_a_row_is_told_while_the_next_is_chosen(self, desk: Desk, stub: Stub) -> None:
        stub.pause = 0.005
        work = asyncio.ensure_future(desk.ask(8, shown=20))
        await until(lambda: desk.told or work.done())
        assert not work.done()
        assert len((await work).rows) == 8

    async def test_text_around_the_numbers(self, desk: Desk, stub: Stub) -> None:
        stub.say = 'Here are 2 gifts:\n```json\n{"numbers": [11, 12]}\n```\nIn 2024, 13 sold.'
        assert (await desk.ask(2, shown=20)).rows == (10, 11)

    async def test_fewer_candidates_than_places(self, desk: Desk, stub: Stub) -> None:
        made = await desk.ask(9, shown=6)
        assert sorted(made.rows) == [0, 1, 2, 3, 4, 5]
        assert made.stopped == "the model named 6 candidates that may stand"
        numbers = stub.asked[0]["response_format"]["json_schema"]["schema"]["properties"]
        assert numbers["numbers"]["minItems"] == 6

    @pytest.mark.parametrize("said", ["I cannot do that.", "[]", '{"numbers": [99]}', ""])
    async def test_an_answer_without_candidates(self, desk: Desk, stub: Stub, said: str) -> None:
        stub.say = said
        with pytest.raises(EngineFailed, match="named 0 candidates"):
            await desk.ask(shown=20)


class TestAnAnswerThatIsCut:
    @pytest.mark.parametrize("said", ["3, 9, 12", '{"numbers": [3, 9, 12', "[3, 9,\n12"])
    async def test_what_it_names_counts(self, desk: Desk, stub: Stub, said: str) -> None:
        stub.say, stub.chat_finish = said, "length"
        made = await desk.ask(5, shown=20)
        assert made.rows == (2, 8, 11)
        assert made.stopped == "the answer was cut at its token limit"

    async def test_what_is_complete_by_then_is_complete(self, desk: Desk, stub: Stub) -> None:
        stub.say, stub.chat_finish = "3, 9, 12", "length"
        assert (await desk.ask(3, shown=20)).stopped is None


class TestAnotherNameForTheLimit:
    async def test_it_is_used_from_then_on_and_the_schema_stays(
        self, desk: Desk, stub: Stub
    ) -> None:
        stub.limit = "max_completion_tokens"
        for _ in range(2):
            assert len((await desk.ask(3, shown=20)).rows) == 3
        assert ["max_tokens" in asked for asked in stub.asked] == [True, False, False]
        assert all("response_format" in asked for asked in stub.asked)

    async def test_neither_limit_nor_schema(self, desk: Desk, stub: Stub) -> None:
        stub.limit, stub.schema, stub.say = "max_completion_tokens", False, "[3, 9, 12]"
        for _ in range(2):
            assert (await desk.ask(3, shown=20)).rows == (2, 8, 11)
        assert len(stub.asked) == 4


class TestDrawing:
    @pytest.mark.parametrize(
        ("refuses", "kept"),
        [
            ({"temperature"}, {"seed"}),
            ({"seed"}, {"temperature"}),
            ({"temperature", "seed"}, set()),
        ],
    )
    async def test_what_a_model_refuses_is_left_to_it(
        self, desk: Desk, stub: Stub, refuses: set[str], kept: set[str]
    ) -> None:
        stub.refuses = frozenset(refuses)
        for _ in range(2):
            assert len((await desk.ask(3, shown=20, sampling=Sampling(0.5, 3))).rows) == 3
        assert stub.refused == len(refuses)
        assert {"temperature", "seed"} & stub.asked[-1].keys() == kept
        assert all("response_format" in asked for asked in stub.asked)


class TestWithoutASchema:
    async def test_it_is_asked_once_more_and_that_is_remembered(
        self, desk: Desk, stub: Stub
    ) -> None:
        stub.schema, stub.say = False, "1. 17\n2. 4\n3. 9"
        for _ in range(3):
            assert (await desk.ask(3, shown=20)).rows == (16, 3, 8)
        assert ["response_format" in asked for asked in stub.asked] == [True, False, False, False]

    async def test_it_is_asked_for_again_after_a_while(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stub.schema, stub.say = False, "1. 17\n2. 4\n3. 9"
        await desk.ask(3, shown=20)
        monkeypatch.setattr(terms, "REMEMBERED_S", 0.0)
        stub.schema, stub.say = True, None
        await desk.ask(3, shown=20)
        assert "response_format" in stub.asked[-1]

    async def test_it_is_asked_of_another_server_in_that_place(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watch, "SOONEST_S", 0.0)
        stub.schema, stub.say = False, "1. 17\n2. 4\n3. 9"
        await desk.ask(3, shown=20)
        stub.status = 500
        assert await desk.engine.trouble()
        stub.status, stub.schema, stub.say = None, True, None
        assert await desk.engine.trouble() is None
        await desk.ask(3, shown=20)
        assert "response_format" in stub.asked[-1]

    async def test_another_refusal_is_not_blamed_on_the_schema(
        self, desk: Desk, stub: Stub
    ) -> None:
        await desk.ask(shown=20)
        stub.status = 400
        with pytest.raises(EngineFailed, match="refuses the request as invalid"):
            await desk.ask(shown=20)
        stub.status = None
        stub.asked.clear()
        await desk.ask(shown=20)
        assert "response_format" in stub.asked[0]


class TestFaults:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [(401, EngineFailed), (404, EngineFailed), (429, EngineBusy), (500, EngineFailed)],
    )
    async def test_a_status(
        self, desk: Desk, stub: Stub, status: int, kind: type[EngineError]
    ) -> None:
        await desk.ask(shown=20)
        stub.status = status
        with pytest.raises(kind) as caught:
            await desk.ask(shown=20, text="confidential")
        assert "confidential" not in caught.value.message
        stub.status = None
        assert len((await desk.ask(shown=20)).rows) == 5

    async def test_a_key_that_is_not_accepted(self, stub: Stub, catalogue: ToyCatalogue) -> None:
        stub.status = 401
        async with stub.serving() as url, openai(url, catalogue, api_key=SECRET) as desk:
            trouble = await desk.engine.trouble() or ""
        assert "setting API_KEY" in trouble
        assert SECRET not in trouble

    async def test_a_key_that_only_the_chat_does_not_accept(
        self, stub: Stub, catalogue: ToyCatalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watch, "SOONEST_S", 0.0)
        stub.statuses = {CHAT: 401}
        async with stub.serving() as url, openai(url, catalogue, api_key=SECRET) as desk:
            for _ in range(2):
                assert "setting API_KEY" in (await desk.engine.trouble() or "")
            with pytest.raises(EngineFailed, match="setting API_KEY"):
                await desk.ask(shown=20)
            assert stub.asked == []
            stub.statuses = {}
            assert await desk.engine.trouble() is None
            assert len((await desk.ask(shown=20)).rows) == 5

    @pytest.mark.parametrize("status", [401, 403, 404, 500])
    async def test_a_chat_that_fails_while_models_are_listed(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch, status: int
    ) -> None:
        monkeypatch.setattr(watch, "SOONEST_S", 0.0)
        await desk.ask(shown=20)
        stub.statuses = {CHAT: status}
        with pytest.raises(EngineFailed):
            await desk.ask(shown=20)
        assert str(status) in (await desk.engine.trouble() or "")
        stub.statuses = {CHAT: 429}
        assert str(status) in (await desk.engine.trouble() or ""), "a full server disproves nothing"
        stub.statuses = {}
        assert await desk.engine.trouble() is None

    @pytest.mark.parametrize("status", [400, 422, 429, 503, 504])
    async def test_a_token_that_is_not_had_need_not_be_trouble(
        self, desk: Desk, stub: Stub, status: int
    ) -> None:
        stub.statuses = {CHAT: status}
        assert await desk.engine.trouble() is None
        assert desk.engine.model == MODEL

    async def test_a_server_that_has_no_time_for_a_token(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(openai_engine, "TOKEN_S", 0.1)
        stub.slow_token = 60
        assert await desk.engine.trouble() is None

    async def test_a_token_is_asked_for_only_in_doubt(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watch, "SOONEST_S", 0.0)
        stub.limit = "max_completion_tokens"
        for _ in range(3):
            assert await desk.engine.trouble() is None
        # The second has the other name of the limit.
        assert stub.calls[CHAT] == 2
        stub.say = "nothing"
        with pytest.raises(EngineFailed):
            await desk.ask(shown=20)
        asked = stub.calls[CHAT]
        for _ in range(3):
            assert await desk.engine.trouble() is None
        assert stub.calls[CHAT] == asked + 2

    async def test_a_socket_that_hangs(self, desk: Desk, stub: Stub) -> None:
        await desk.ask(shown=20)
        stub.hang = True
        with pytest.raises(EngineTimeout):
            await desk.ask(shown=20, seconds=0.2)

    async def test_the_connection_is_torn(self, desk: Desk, stub: Stub) -> None:
        stub.abort_after, stub.pause = 30, 0.002
        made = await desk.ask(9, shown=20)
        assert 0 < len(made.rows) < 9
        assert "broke off the connection" in (made.stopped or "")

    async def test_the_reply_is_cut_short(self, desk: Desk, stub: Stub) -> None:
        stub.end_after = 30
        made = await desk.ask(9, shown=20)
        assert 0 < len(made.rows) < 9
        assert "cut short" in (made.stopped or "")

    async def test_the_deadline_comes(self, desk: Desk, stub: Stub) -> None:
        stub.pause = 0.02
        await desk.engine.trouble()
        made = await desk.ask(15, shown=20, seconds=0.9)
        assert 0 < len(made.rows) < 15
        assert made.stopped == "the deadline came"
