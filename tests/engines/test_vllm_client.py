"""The client of vLLM, against a server that has the real speller and every fault."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator
from threading import get_ident

import pytest
from engine_conformance import EngineConformance, World
from patience import until
from remote_world import Desk, assignment, prompt_for, toys, vllm
from stub_server import MODEL, SECRET, Stub
from toyshop import ToyCatalogue, toy_items

from service.domain import Controls, Item, Op, Prompt, Sampling, Share
from service.engines import silence, standing, watch
from service.engines import vllm as vllm_engine
from service.engines.tokenizer import ChatTokenizer
from service.engines.walk import Walk
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout
from service.pipeline.clock import Deadline


@pytest.fixture(scope="module")
def catalogue(tokenizer: ChatTokenizer) -> ToyCatalogue:
    return toys(tokenizer)


@pytest.fixture
def stub(tokenizer: ChatTokenizer, catalogue: ToyCatalogue) -> Stub:
    return Stub(tokenizer, {"toy": catalogue})


@pytest.fixture
async def desk(
    stub: Stub, tokenizer: ChatTokenizer, catalogue: ToyCatalogue
) -> AsyncIterator[Desk]:
    async with stub.serving() as url, vllm(url, catalogue, tokenizer, concurrent=4) as desk:
        yield desk


@pytest.fixture
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a second had passed between any two requests."""
    monkeypatch.setattr(watch, "SOONEST_S", 0.0)


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
        made = await desk.engine.spell(
            prompt_for(desk.catalogue, asked),
            asked,
            Sampling(),
            Deadline(20),
            lambda _line: told_on.append(get_ident()),
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


class TestGivingUp:
    async def test_at_the_deadline_what_is_there_is_a_list(self, desk: Desk, stub: Stub) -> None:
        stub.pause = 0.01
        await desk.engine.trouble()
        began = time.monotonic()
        made = await desk.ask(30, seconds=0.6)
        assert 0.5 < time.monotonic() - began < 1.5
        assert 0 < len(made.rows) < 30
        assert made.stopped == "the deadline came"
        await _aborted(stub)

    async def test_before_the_first_line_it_is_an_error(self, desk: Desk, stub: Stub) -> None:
        stub.pause = 0.2
        await desk.engine.trouble()
        with pytest.raises(EngineTimeout, match="before the first line"):
            await desk.ask(seconds=0.3)
        await _aborted(stub)

    async def test_cancelling_reaches_the_server(self, desk: Desk, stub: Stub) -> None:
        stub.pause = 0.01
        work = asyncio.ensure_future(desk.ask(30))
        await until(lambda: desk.told or work.done())
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await _aborted(stub)
        stub.pause = 0.0
        assert len((await desk.ask()).rows) == 5

    async def test_closing_is_told_to_who_waits_for_a_look(self, desk: Desk, stub: Stub) -> None:
        stub.hang = True
        asked = asyncio.ensure_future(desk.ask())
        ready = asyncio.ensure_future(desk.engine.trouble())
        await until(lambda: stub.calls)
        await desk.engine.close()
        assert await ready == "the engine is closed"
        with pytest.raises(EngineFailed, match="the engine is closed"):
            await asked

    async def test_an_error_of_whoever_is_told_is_not_the_servers(self, desk: Desk) -> None:
        def broken(_line: object) -> None:
            raise mistake

        for mistake in (OSError("our own disk"), TimeoutError("our own lock")):
            asked = assignment(desk.catalogue)
            with pytest.raises(type(mistake), match="our own"):
                await desk.engine.spell(
                    prompt_for(desk.catalogue, asked), asked, Sampling(), Deadline(20), broken
                )

    async def test_a_closed_engine_says_so(self, desk: Desk) -> None:
        await desk.ask()
        await desk.engine.close()
        assert "closed" in (await desk.engine.trouble() or "")
        with pytest.raises(EngineFailed, match="closed"):
            await desk.ask()


async def _aborted(stub: Stub) -> None:
    """The server noticed, at once, that nobody listens any more."""
    await until(lambda: stub.aborted, 1.0)
    assert stub.running == 0


class TestFaultsBeforeTheFirstLine:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [(500, EngineFailed), (429, EngineBusy), (503, EngineBusy), (504, EngineTimeout)],
    )
    async def test_a_status(
        self, desk: Desk, stub: Stub, status: int, kind: type[EngineError]
    ) -> None:
        await desk.ask()
        stub.status = status
        with pytest.raises(kind) as caught:
            await desk.ask(text="confidential")
        assert str(status) in caught.value.message
        assert "confidential" not in caught.value.message
        stub.status = None
        assert len((await desk.ask()).rows) == 5

    async def test_a_socket_that_hangs(self, desk: Desk, stub: Stub) -> None:
        await desk.ask()
        stub.hang = True
        began = time.monotonic()
        with pytest.raises(EngineTimeout):
            await desk.ask(seconds=0.3)
        assert time.monotonic() - began < 1.0

    async def test_a_server_that_hangs_from_the_start(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(standing, "ANSWERS_WITHIN_S", 0.2)
        stub.hang = True
        with pytest.raises(EngineFailed, match="does not answer in time"):
            await desk.ask()
        assert "does not answer in time" in (await desk.engine.trouble() or "")

    async def test_the_first_look_waits_no_longer_than_the_request(
        self, desk: Desk, stub: Stub
    ) -> None:
        stub.hang = True
        began = time.monotonic()
        with pytest.raises(EngineTimeout, match="before the engine's server had answered"):
            await desk.ask(seconds=0.1)
        assert time.monotonic() - began < 1.0

    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            (b"<html>sorry</html>\n", "cut short"),
            (b"data: <html>\n\n", "not JSON"),
            (b"data: [1]\n\n", "another shape"),
            (b'data: {"choices": 3}\n\n', "another shape"),
            (b'data: {"choices": [{"text": 7}]}\n\n', "ids of its tokens"),
            (b'data: {"choices": [{"text": "1. Red"}]}\n\n', "ids of its tokens"),
            (b'data: {"choices": [{"text": "", "token_ids": [1e99]}]}\n\n', "ids of its tokens"),
            (b'data: {"choices": []}\n\ndata: [DONE]\n\n', "ended the list too soon"),
            (b"data: " + b"x" * (1 << 21) + b"\n\n", "more than any list"),
            (b"x" * (1 << 21), "more than any list"),
            (b"", "cut short"),
            (b'data: {"error": {"message": "no", "code": 503}}\n\n', "overloaded"),
            (b'data: {"error": "it broke"}\n\n', "failed"),
        ],
    )
    async def test_a_reply_that_is_none(
        self, desk: Desk, stub: Stub, raw: bytes, words: str
    ) -> None:
        stub.raw = raw
        with pytest.raises(EngineError, match=words):
            await desk.ask()
        stub.raw = None
        assert len((await desk.ask()).rows) == 5

    async def test_a_page_in_place_of_events(self, desk: Desk, stub: Stub) -> None:
        stub.content_type = "text/html"
        with pytest.raises(EngineFailed, match="answers with text/html"):
            await desk.ask()

    async def test_a_model_that_is_plainly_another(self, desk: Desk, stub: Stub) -> None:
        await desk.ask()
        stub.vocabulary = 100
        with pytest.raises(EngineFailed, match="serves another model"):
            await desk.ask()

    async def test_a_model_that_is_not_there(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        async with stub.serving() as url, vllm(url, catalogue, tokenizer, model="x") as desk:
            with pytest.raises(EngineFailed, match=f"serves {MODEL}, not x"):
                await desk.ask()

    async def test_a_secret_is_in_no_message(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        async with stub.serving() as url, vllm(url, catalogue, tokenizer, api_key=SECRET) as desk:
            stub.status = 401
            with pytest.raises(EngineFailed, match="LISTWRIGHT_ENGINE__API_KEY") as caught:
                await desk.ask()
        assert SECRET not in caught.value.message


@pytest.fixture
def _soon_uneasy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if time passed faster for those who wait for a server."""
    monkeypatch.setattr(silence, "SILENCE_S", 0.1)
    monkeypatch.setattr(standing, "ANSWERS_WITHIN_S", 0.6)
    monkeypatch.setattr(watch, "SOONEST_S", 0.0)


@pytest.mark.usefixtures("_soon_uneasy")
class TestSilence:
    async def test_a_server_that_hangs_is_given_up_long_before_the_deadline(
        self, desk: Desk, stub: Stub
    ) -> None:
        await desk.ask()
        stub.hang = True
        began = time.monotonic()
        with pytest.raises(EngineFailed, match="does not answer in time"):
            await desk.ask()
        assert time.monotonic() - began < 5.0

    async def test_a_server_that_hangs_in_mid_list_loses_no_line(
        self, desk: Desk, stub: Stub
    ) -> None:
        await desk.ask()
        stub.pause = 0.01
        work = asyncio.ensure_future(desk.ask(9))
        await until(lambda: len(desk.told) == 2 or work.done())
        stub.hang, stub.pause = True, 60
        began = time.monotonic()
        made = await work
        assert time.monotonic() - began < 5.0
        assert 2 <= len(made.rows) < 9
        assert "does not answer in time" in (made.stopped or "")
        await _aborted(stub)

    async def test_a_server_that_is_slow_but_there_is_waited_for(
        self, desk: Desk, stub: Stub
    ) -> None:
        await desk.ask()
        stub.silent = 1.0
        looks = stub.calls["/v1/models"]
        assert (await desk.ask()).stopped is None
        assert stub.calls["/v1/models"] > looks

    async def test_who_waits_for_a_place_is_not_sent_to_a_server_that_hangs(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        async with stub.serving() as url, vllm(url, catalogue, tokenizer, concurrent=1) as one:
            await one.ask()
            stub.hang = True
            began = time.monotonic()
            desks = [Desk(one.engine, catalogue) for _ in range(10)]
            done = await asyncio.gather(*(d.ask() for d in desks), return_exceptions=True)
            assert time.monotonic() - began < 5.0
        assert [type(error) for error in done] == [EngineFailed] * 10
        assert stub.calls["/v1/completions"] < 10

    async def test_giving_up_in_a_silence_reaches_the_server(self, desk: Desk, stub: Stub) -> None:
        await desk.ask()
        stub.pause = 60
        work = asyncio.ensure_future(desk.ask())
        await until(lambda: stub.running or work.done())
        await asyncio.sleep(0.3)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await _aborted(stub)


class TestFaultsInMidList:
    async def test_the_connection_is_torn(self, desk: Desk, stub: Stub) -> None:
        stub.abort_after, stub.pause = 30, 0.002
        made = await desk.ask(9)
        assert 0 < len(made.rows) < 9
        assert "broke off the connection" in (made.stopped or "")
        assert desk.reads(made)

    async def test_the_reply_is_cut_short(self, desk: Desk, stub: Stub) -> None:
        stub.end_after = 30
        made = await desk.ask(9)
        assert 0 < len(made.rows) < 9
        assert "cut short" in (made.stopped or "")

    async def test_an_error_comes(self, desk: Desk, stub: Stub) -> None:
        stub.event_after = (30, b'data: {"error": {"message": "x", "code": 500}}\n\n')
        made = await desk.ask(9)
        assert 0 < len(made.rows) < 9
        assert "failed (500)" in (made.stopped or "")

    @pytest.mark.parametrize("chunk", [1, 8])
    async def test_tokens_that_nothing_steered(self, desk: Desk, stub: Stub, chunk: int) -> None:
        stub.stray_after, stub.chunk = 30, chunk
        made = await desk.ask(9)
        assert 0 < len(made.rows) < 9
        assert "not steered as agreed" in (made.stopped or "")
        assert desk.reads(made)

    async def test_what_goes_wrong_after_the_last_line_costs_nothing(
        self, desk: Desk, stub: Stub
    ) -> None:
        whole = await desk.ask(3)
        stub.end_after = whole.tokens - 1
        assert (await desk.ask(3)).stopped is None

    async def test_lines_that_only_keep_the_connection_alive(self, desk: Desk, stub: Stub) -> None:
        stub.event_after = (3, b": still here\n\nevent: ping\n\n")
        assert (await desk.ask()).stopped is None


@pytest.mark.usefixtures("_looks_often")
class TestStanding:
    async def test_a_server_that_comes_up_late_is_used_without_a_restart(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        async with vllm(f"http://127.0.0.1:{port}", catalogue, tokenizer) as desk:
            for _ in range(2):
                began = time.monotonic()
                with pytest.raises(EngineFailed, match=r"cannot be connected to$"):
                    await desk.ask()
                assert time.monotonic() - began < 0.5
            trouble = await desk.engine.trouble()
            assert trouble == f"the engine's server cannot be connected to (127.0.0.1:{port})"
            async with stub.serving(port):
                made = await _until_made(desk)
                assert len(made.rows) == 5
                assert await desk.engine.trouble() is None
            assert "cannot be connected to" in (await desk.engine.trouble() or "")

    async def test_without_the_plugin_lists_are_chosen_by_number(
        self, desk: Desk, stub: Stub, caplog: pytest.LogCaptureFixture
    ) -> None:
        stub.plugin = False
        assert desk.engine.labels == 0
        with caplog.at_level(logging.WARNING), pytest.raises(EngineFailed, match="without Listw"):
            await desk.ask()
        assert [record.name for record in caplog.records] == ["listwright.engine"]
        assert await desk.engine.trouble() is None
        assert desk.engine.labels == 50
        made = await desk.ask(4, shown=20)
        assert len(set(made.rows)) == 4
        assert all(line.line is None for line in made.lines)
        assert len(caplog.records) == 1

    @pytest.mark.parametrize("status", [429, 503])
    async def test_a_full_server_is_no_trouble(self, desk: Desk, stub: Stub, status: int) -> None:
        await desk.ask()
        stub.status = status
        with pytest.raises(EngineBusy):
            await desk.ask()
        assert await desk.engine.trouble() is None
        stub.status = None
        assert len((await desk.ask()).rows) == 5

    async def test_a_server_that_has_no_time_for_a_token_stands_as_it_stood(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vllm_engine, "TOKEN_S", 0.3)
        stub.plugin, stub.slow_token = False, 60
        assert await desk.engine.trouble() is None
        assert desk.engine.model == MODEL
        assert desk.engine.labels == 0
        stub.slow_token = 0
        assert await desk.engine.trouble() is None
        assert desk.engine.labels == 50
        for stub.slow_token, stub.statuses in ((60, {}), (0, {"/v1/completions": 503})):
            assert await desk.engine.trouble() is None
            assert desk.engine.labels == 50

    async def test_a_plugin_that_is_lost_and_found(self, desk: Desk, stub: Stub) -> None:
        await desk.ask()
        stub.plugin = False
        with pytest.raises(EngineFailed, match="not steered as agreed"):
            await desk.ask()
        await desk.engine.trouble()
        assert desk.engine.labels == 50
        stub.plugin = True
        await desk.engine.trouble()
        assert desk.engine.labels == 0
        assert desk.reads(await desk.ask())

    async def test_a_catalogue_the_server_does_not_have(
        self, desk: Desk, stub: Stub, catalogue: ToyCatalogue
    ) -> None:
        stub.catalogues = {"older": catalogue}
        with pytest.raises(EngineFailed, match="toy is not here, older is"):
            await desk.ask()
        assert "toy is not here, older is" in (await desk.engine.trouble() or "")
        stub.catalogues = {"older": catalogue, "toy": catalogue}
        assert await desk.engine.trouble() is None
        assert len((await desk.ask()).rows) == 5

    async def test_a_catalogue_it_loses(self, desk: Desk, stub: Stub) -> None:
        await desk.ask()
        stub.catalogues = {}
        with pytest.raises(EngineFailed, match="toy is not here"):
            await desk.ask()

    async def test_a_hundred_wrong_requests_and_then_a_right_one(
        self, desk: Desk, stub: Stub
    ) -> None:
        await desk.ask()
        stub.status = 400
        for _ in range(100):
            with pytest.raises(EngineFailed):
                await desk.ask()
        stub.status = None
        assert len((await _until_made(desk)).rows) == 5

    async def test_the_model_in_the_receipt_is_the_servers(self, desk: Desk) -> None:
        await desk.ask()
        assert desk.engine.model == MODEL


async def _until_made(desk: Desk) -> object:
    async with asyncio.timeout(5.0):
        while True:
            try:
                return await desk.ask()
            except EngineFailed:
                await asyncio.sleep(0.02)


async def test_no_more_than_a_look_a_second(desk: Desk, stub: Stub) -> None:
    stub.status = 500
    for _ in range(20):
        with pytest.raises(EngineFailed):
            await desk.ask()
        await desk.engine.trouble()
    assert stub.calls["/v1/models"] == 1
    assert sum(stub.calls.values()) == 1


async def test_a_look_asks_for_nothing_but_a_token(desk: Desk, stub: Stub) -> None:
    await desk.ask()
    assert stub.calls == {"/v1/models": 1, "/v1/completions": 3}
    assert json.dumps(stub.asked[0]).count("listwright_catalogue") == 1
    assert len(toy_items()) == desk.catalogue.size
