"""What the client of vLLM sends, and what it makes of the answers of the real speller."""

from __future__ import annotations

import asyncio
from threading import get_ident

import pytest
from engine_conformance import EngineConformance, World
from patience import until
from remote_world import Desk, assignment, prompt_for, vllm
from stub_server import MODEL, SECRET, Stub
from toyshop import ToyCatalogue

from service.domain import Controls, Item, Op, Prompt, Sampling, Share
from service.engines.remote.walk import Walk
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineFailed, EngineTimeout
from service.pipeline.clock import Deadline
from service.ports import Job


class TestConformance(EngineConformance):
    @pytest.fixture
    def world(self, desk: Desk) -> World:
        return World(desk.engine, desk.catalogue)


class TestWhatIsSent:
    async def test_ids_with_the_constant_part_first(
        self, desk: Desk, stub: Stub, tokenizer: ChatTokenizer
    ) -> None:
        await desk.ask(text="<|im_end|> one")
        await desk.ask(text="another")
        one, other = (asked["prompt"] for asked in stub.asked)
        shared = next(i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
        assert tokenizer.decode(one[:shared]).startswith("<|im_start|>system\nYou are")
        assert "<|im_start|>user\nRecommend a list of 5" in tokenizer.decode(one[:shared])
        assert sum(token in tokenizer.specials.values() for token in one) == 5

    async def test_the_facts_of_the_list_and_how_to_answer(self, desk: Desk, stub: Stub) -> None:
        red = Controls(exclude=("Red",), shares=(Share("Mug", Op.AT_MOST, 0.4),))
        await desk.ask(3, controls=red, sampling=Sampling(0.7, 11))
        (asked,) = stub.asked
        assert asked["vllm_xargs"] == {
            "listwright": 1,
            "listwright_catalogue": "toy",
            "listwright_k": 3,
            "listwright_exclude": ["Red"],
            "listwright_shares": ["Mug<=0.4"],
        }
        assert (asked["temperature"], asked["seed"], asked["model"]) == (0.7, 11, MODEL)
        assert asked["stream"] is asked["return_token_ids"] is True
        assert (asked["top_p"], asked["top_k"], asked["repetition_penalty"]) == (1.0, 0, 1.0)
        assert "cache_salt" not in asked
        longest = max(len(desk.catalogue.lexicon.sequence(row)) for row in range(40))
        assert asked["max_tokens"] == 3 * (2 + longest) + 1

    async def test_the_tenant_is_a_salt_and_the_key_a_header(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        salts = []
        async with stub.serving() as url:
            for tenant in ("one shop", "one shop", "another"):
                async with vllm(url, catalogue, tokenizer, tenant=tenant, api_key=SECRET) as desk:
                    await desk.ask()
                salts.append(stub.asked[-1]["cache_salt"])
        assert salts[0] == salts[1] != salts[2]
        assert all(len(salt) == 64 and "shop" not in salt for salt in salts)
        assert {headers["Authorization"] for headers in stub.headers} == {f"Bearer {SECRET}"}

    async def test_the_answer_fits_into_the_models_context(self, desk: Desk, stub: Stub) -> None:
        stub.context = 260
        made = await desk.ask(20)
        asked = stub.asked[0]
        assert len(asked["prompt"]) + asked["max_tokens"] == 260
        assert 0 < len(made.rows) < 20
        assert made.stopped == "the model's context was full"
        with pytest.raises(EngineFailed, match="does not fit into 260 tokens"):
            await desk.ask(prompt=Prompt("v", "Answer.", "word " * 300))

    @pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
    async def test_addresses_as_people_write_them(
        self, ending: str, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        async with stub.serving() as url, vllm(url + ending, catalogue, tokenizer) as desk:
            assert len((await desk.ask()).rows) == 5


class TestWhatComesBack:
    @pytest.mark.parametrize("chunk", [1, 3, 50])
    async def test_lines_in_the_servers_own_words(self, desk: Desk, stub: Stub, chunk: int) -> None:
        stub.chunk = chunk
        made = await desk.ask(7)
        assert len(set(made.rows)) == 7
        assert desk.reads(made)
        assert made.stopped is None
        assert made.seconds >= (made.seconds_to_first or 0) > 0

    async def test_a_line_is_told_while_the_next_is_written(self, desk: Desk, stub: Stub) -> None:
        stub.pause = 0.005
        work = asyncio.ensure_future(desk.ask(6))
        await until(lambda: desk.told or work.done())
        assert not work.done()
        assert len((await work).lines) == 6

    async def test_lines_are_made_beside_the_event_loop_and_told_on_it(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made_on: list[int] = []
        walk = Walk.work
        monkeypatch.setattr(Walk, "work", lambda self: made_on.append(get_ident()) or walk(self))
        told_on: list[int] = []
        asked = assignment(desk.catalogue, 7)
        prompt = prompt_for(desk.catalogue, asked)
        made = await desk.engine.spell(
            Job(prompt, asked, Deadline(20), tell=lambda _line: told_on.append(get_ident()))
        )
        assert desk.reads(made)
        assert told_on == [get_ident()] * 7
        assert get_ident() not in made_on
        assert 7 <= len(made_on) <= 8, "a line is walked as one"

    async def test_titles_of_any_script(self, tokenizer: ChatTokenizer, stub: Stub) -> None:
        titles = ["Café ☕ “quoted”", "東京タワー", "🎈 Ballon 🎈", "Ünïcödé", "a <|im_end|> b"]
        shop = ToyCatalogue([Item(str(n), title) for n, title in enumerate(titles)], tokenizer)
        stub.catalogues = {"toy": shop}
        async with stub.serving() as url, vllm(url, shop, tokenizer) as desk:
            made = await desk.ask(5)
        assert desk.reads(made)
        assert sorted(made.rows) == [0, 1, 2, 3, 4]

    async def test_connections_are_used_again(self, desk: Desk, stub: Stub) -> None:
        for _ in range(5):
            await desk.ask()
        assert len(stub.used) == 1

    async def test_a_kept_connection_that_is_gone_costs_no_list(
        self, desk: Desk, stub: Stub
    ) -> None:
        await desk.ask()
        stub.close_kept = True
        assert len((await desk.ask()).rows) == 5


class TestPlaces:
    async def test_so_many_side_by_side_and_the_rest_is_told(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        stub.pause = 0.002
        async with (
            stub.serving() as url,
            vllm(url, catalogue, tokenizer, concurrent=2, queue=1) as one,
        ):
            desks = [Desk(one.engine, catalogue) for _ in range(5)]
            assert one.engine.ahead() == 0
            await one.ask(1)
            works = [asyncio.ensure_future(desk.ask(8)) for desk in desks]
            await until(lambda: stub.running == 2)
            assert one.engine.ahead() == 1.0
            done = await asyncio.gather(*works, return_exceptions=True)
        kinds = [type(one).__name__ for one in done]
        assert sorted(kinds) == ["Decoding"] * 3 + ["EngineBusy"] * 2
        assert stub.most == 2

    async def test_who_waits_too_long_is_late(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        stub.pause = 0.01
        async with stub.serving() as url, vllm(url, catalogue, tokenizer, concurrent=1) as one:
            await one.ask(1)
            long = asyncio.ensure_future(Desk(one.engine, catalogue).ask(9))
            await asyncio.sleep(0.02)
            with pytest.raises(EngineTimeout):
                await one.ask(seconds=0.1)
            assert len((await long).rows) == 9
