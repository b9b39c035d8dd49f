"""The client of vLLM when its server fails, hangs, lies or is cut off."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from patience import until
from remote_world import Desk, assignment, prompt_for, vllm
from stub_server import MODEL, SECRET, Stub
from toyshop import ToyCatalogue

from service.engines import vllm as vllm_engine
from service.engines.remote import silence, standing, watch
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout
from service.pipeline.clock import Deadline
from service.ports import Decoding, Job


class TestGivingUp:
    async def test_at_the_deadline_what_is_there_is_a_list(self, desk: Desk, stub: Stub) -> None:
        stub.pause = 0.01
        await desk.engine.trouble()
        began = time.monotonic()
        made = await desk.ask(30, seconds=0.6)
        assert 0.5 < time.monotonic() - began < 1.5
        assert 0 < len(made.rows) < 30
        assert made.stopped == "the deadline came"
        assert made.fault is None
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
            job = Job(prompt_for(desk.catalogue, asked), asked, Deadline(20), tell=broken)
            with pytest.raises(type(mistake), match="our own"):
                await desk.engine.spell(job)

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


def _tells_why(made: Decoding, kind: type[EngineError]) -> None:
    """The error that ended the list is handed in with it."""
    assert isinstance(made.fault, kind)
    assert made.fault.message == made.stopped


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

    async def test_503_is_looked_into_without_being_asked(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watch, "SOONEST_S", 0.0)
        await desk.ask()
        stub.status = 503
        with pytest.raises(EngineBusy):
            await desk.ask()
        looks = stub.calls["/v1/models"]
        with pytest.raises(EngineBusy):
            await desk.ask()
        await until(lambda: stub.calls["/v1/models"] > looks)
        await until(lambda: desk.engine.watch.standing.trouble)
        with pytest.raises(EngineFailed, match=r"not ready \(503"):
            await desk.ask()
        stub.status = None
        assert await desk.engine.trouble() is None

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

    async def test_one_that_hangs_later_is_told_as_it_stood_until_that_is_known(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watch, "SOONEST_S", 0.0)
        monkeypatch.setattr(watch, "TOLD_WITHIN_S", 0.05)
        monkeypatch.setattr(standing, "ANSWERS_WITHIN_S", 0.5)
        await desk.engine.watch.fresh()
        stub.hang = True
        assert await desk.engine.trouble() is None
        await desk.engine.watch.look()
        assert "does not answer in time" in (await desk.engine.trouble() or "")

    async def test_the_first_look_waits_no_longer_than_the_request(
        self, desk: Desk, stub: Stub
    ) -> None:
        stub.hang = True
        began = time.monotonic()
        with pytest.raises(EngineTimeout, match="before the model's server had answered"):
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

    @pytest.mark.parametrize(
        ("slow_token", "statuses"),
        [(60, {}), (0, {"/v1/completions": 503}), (0, {"/v1/models": 429})],
    )
    async def test_a_catalogue_that_is_not_there_is_not_forgotten_while_the_server_is_full(
        self,
        desk: Desk,
        stub: Stub,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        slow_token: float,
        statuses: dict[str, int],
    ) -> None:
        caplog.set_level("INFO", "listwright.engine")
        monkeypatch.setattr(watch, "SOONEST_S", 0.0)
        monkeypatch.setattr(vllm_engine, "TOKEN_S", 0.2)
        catalogues, stub.catalogues = stub.catalogues, {}
        with pytest.raises(EngineFailed, match="toy is not here"):
            await desk.ask()
        stub.slow_token, stub.statuses, stub.catalogues = slow_token, statuses, catalogues
        for _ in range(2):
            assert "toy is not here" in (await desk.engine.trouble() or "")
        with pytest.raises(EngineFailed, match="toy is not here"):
            await desk.ask()
        assert len(caplog.records) == 1
        stub.slow_token, stub.statuses = 0, {}
        assert await desk.engine.trouble() is None
        assert len((await desk.ask()).rows) == 5

    async def test_what_was_refused_says_nothing_of_another_catalogue(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch, catalogue: ToyCatalogue
    ) -> None:
        monkeypatch.setattr(watch, "SOONEST_S", 0.0)
        monkeypatch.setattr(vllm_engine, "TOKEN_S", 0.2)
        stub.catalogues = {"newer": catalogue}
        with pytest.raises(EngineFailed, match="toy is not here"):
            await desk.ask()
        stub.slow_token = 60
        asked = replace(assignment(catalogue), catalogue="newer")
        job = Job(prompt_for(catalogue, asked), asked, Deadline(20))
        with pytest.raises(EngineFailed, match="toy is not here"):
            await desk.engine.spell(job)
        assert await desk.engine.trouble() is None
        assert len((await desk.engine.spell(job)).rows) == 5

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
            with pytest.raises(EngineFailed, match="setting API_KEY") as caught:
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
        _tells_why(made, EngineFailed)
        await _aborted(stub)

    async def test_a_server_that_is_slow_but_there_is_waited_for(
        self, desk: Desk, stub: Stub
    ) -> None:
        await desk.ask()
        stub.silent = 1.0
        looks = stub.calls["/v1/models"]
        assert (await desk.ask()).stopped is None
        assert stub.calls["/v1/models"] > looks

    @pytest.mark.parametrize(
        "statuses", [{"/v1/completions": 500}, {"/v1/models": 500}, {"/v1/models": 503}]
    )
    async def test_what_another_request_fails_of_ends_no_list_that_is_waited_for(
        self, desk: Desk, stub: Stub, statuses: dict[str, int]
    ) -> None:
        await desk.ask()
        stub.silent = 1.0
        work = asyncio.ensure_future(desk.ask())
        await until(lambda: len(stub.asked) == 2 or work.done())
        stub.statuses = statuses
        await until(lambda: desk.engine.watch.standing.trouble)
        assert (await work).stopped is None

    async def test_nor_does_a_server_beside_it_that_lacks_the_catalogue(
        self, desk: Desk, stub: Stub
    ) -> None:
        await desk.ask()
        stub.silent = 1.0
        work = asyncio.ensure_future(desk.ask())
        await until(lambda: len(stub.asked) == 2 or work.done())
        catalogues, stub.catalogues = stub.catalogues, {}
        await until(lambda: desk.engine.watch.standing.trouble)
        stub.catalogues = catalogues
        assert (await work).stopped is None

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
        assert all(isinstance(error, EngineFailed) for error in done)
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


@pytest.mark.usefixtures("_soon_uneasy")
class TestDecodingThatStandsStill:
    """The server answers everything, and no token comes."""

    @pytest.fixture(autouse=True)
    def _soon_frozen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(vllm_engine, "FROZEN_S", 1.0)
        monkeypatch.setattr(vllm_engine, "THAWED_S", 0.2)
        monkeypatch.setattr(vllm_engine, "TOKEN_S", 0.1)

    async def test_lists_are_given_up_until_a_look_gets_a_token(
        self, desk: Desk, stub: Stub
    ) -> None:
        await desk.ask()
        stub.silent = stub.slow_token = 60
        began = time.monotonic()
        with pytest.raises(EngineFailed, match="answers, but decodes nothing"):
            await desk.ask()
        assert 1.0 < time.monotonic() - began < 5.0
        assert "decodes nothing" in (await desk.engine.trouble() or "")
        stub.silent = stub.slow_token = 0
        assert await desk.engine.trouble() is None
        stub.slow_token = 60
        assert await desk.engine.trouble() is None, "it decoded a moment ago"
        stub.slow_token = 0
        assert len((await desk.ask()).rows) == 5

    async def test_lists_that_end_sooner_show_it_together(self, desk: Desk, stub: Stub) -> None:
        await desk.ask()
        stub.silent = stub.slow_token = 60
        for _ in range(4):
            with pytest.raises(EngineError):
                await desk.ask(seconds=0.3)
        assert "decodes nothing" in (await desk.engine.trouble() or "")

    async def test_a_token_of_any_list_shows_that_it_decodes(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        async with stub.serving() as url, vllm(url, catalogue, tokenizer) as one:
            await one.ask()
            stub.slow_token, stub.silent = 60, 2.5
            waits = asyncio.ensure_future(Desk(one.engine, catalogue).ask())
            await until(lambda: len(stub.asked) == 2 or waits.done())
            stub.silent, stub.pause = 0.0, 0.05
            assert (await one.ask(9)).stopped is None
            stub.pause = 0.0
            assert (await waits).stopped is None

    async def test_where_no_list_is_asked_for_none_is_missed(self, desk: Desk, stub: Stub) -> None:
        await desk.ask()
        stub.slow_token = 60
        await asyncio.sleep(1.1)
        assert await desk.engine.trouble() is None


class TestFaultsInMidList:
    async def test_the_connection_is_torn(self, desk: Desk, stub: Stub) -> None:
        stub.abort_after, stub.pause = 30, 0.002
        made = await desk.ask(9)
        assert 0 < len(made.rows) < 9
        assert "broke off the connection" in (made.stopped or "")
        _tells_why(made, EngineFailed)
        assert desk.reads(made)

    async def test_the_reply_is_cut_short(self, desk: Desk, stub: Stub) -> None:
        stub.end_after = 30
        made = await desk.ask(9)
        assert 0 < len(made.rows) < 9
        assert "cut short" in (made.stopped or "")
        _tells_why(made, EngineFailed)

    @pytest.mark.parametrize(
        ("code", "words", "kind"),
        [(500, "failed (500)", EngineFailed), (503, "overloaded", EngineBusy)],
    )
    async def test_an_error_comes(
        self, desk: Desk, stub: Stub, code: int, words: str, kind: type[EngineError]
    ) -> None:
        said = b'data: {"error": {"message": "x", "code": %d}}\n\n' % code
        stub.event_after = (30, said)
        made = await desk.ask(9)
        assert 0 < len(made.rows) < 9
        assert words in (made.stopped or "")
        _tells_why(made, kind)

    @pytest.mark.parametrize("chunk", [1, 8])
    async def test_tokens_that_nothing_steered(self, desk: Desk, stub: Stub, chunk: int) -> None:
        stub.stray_after, stub.chunk = 30, chunk
        made = await desk.ask(9)
        assert 0 < len(made.rows) < 9
        assert "not steered as agreed" in (made.stopped or "")
        _tells_why(made, EngineFailed)
        assert desk.reads(made)

    async def test_what_goes_wrong_after_the_last_line_costs_nothing(
        self, desk: Desk, stub: Stub
    ) -> None:
        whole = await desk.ask(3)
        stub.end_after = whole.tokens - 1
        made = await desk.ask(3)
        assert (made.stopped, made.fault) == (None, None)

    @pytest.mark.parametrize(
        "ending", [b"", b'data: {"error": "it broke"}\n\n', b"data: <html>\n\n"]
    )
    async def test_what_comes_after_the_end_counts_for_nothing(
        self, desk: Desk, stub: Stub, ending: bytes
    ) -> None:
        stub.context, stub.ending = 260, ending
        made = await desk.ask(20)
        assert 0 < len(made.rows) < 20
        assert (made.stopped, made.fault) == ("the model's context was full", None)

    async def test_a_connection_that_stays_open_after_the_end_keeps_no_place(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        stub.ending, stub.stays_open = b"", True
        async with stub.serving() as url, vllm(url, catalogue, tokenizer, concurrent=1) as desk:
            for k in (3, 5):
                began = time.monotonic()
                work = asyncio.ensure_future(desk.ask(k))
                await until(lambda k=k: len(desk.told) == k)
                assert time.monotonic() - began < 0.8, "the last line does not wait"
                assert (await work).stopped is None
                assert time.monotonic() - began < 3.0
            await until(lambda: stub.aborted == 2)

    async def test_lines_that_only_keep_the_connection_alive(self, desk: Desk, stub: Stub) -> None:
        stub.event_after = (3, b": still here\n\nevent: ping\n\n")
        assert (await desk.ask()).stopped is None
