"""A server that fails or is full is left alone, asked again, asked less, and used again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from patience import until
from remote_world import LETTER, Desk, openai, vllm
from stub_server import Stub
from toyshop import ToyCatalogue

from service.engines.remote import breaker as breaking
from service.engines.remote.breaker import FAILING, LEAST, PROBES, Resting, State
from service.engines.remote.engine import RemoteEngine
from service.engines.remote.retries import FEW, SHARE
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineBusy, EngineError, EngineTimeout, PromptTooLong
from service.pipeline.clock import Deadline
from service.ports import Page

CHATS = "/v1/chat/completions"

ENOUGH = LEAST - 1
"""Failures after one list that went well."""


class Ear:
    """Hears what came of each call."""

    def __init__(self, engine: RemoteEngine) -> None:
        self.heard: list[str] = []
        self.retries: list[bool] = []
        engine.access.upstream.follow(self)

    def called(self, outcome: str, seconds: float | None) -> None:
        if outcome in {"open", "full"}:
            assert seconds is None
        self.heard.append(outcome)

    def retried(self, *, granted: bool) -> None:
        self.retries.append(granted)


@pytest.fixture
async def desk(
    stub: Stub, tokenizer: ChatTokenizer, catalogue: ToyCatalogue
) -> AsyncIterator[Desk]:
    """At a server whose look asks for no list, so only what is asked of it is counted there."""
    async with stub.serving() as url, openai(url, catalogue, concurrent=16) as desk:
        assert (await desk.ask(shown=20)).stopped is None
        stub.calls.clear()
        yield desk


@pytest.fixture
def ear(desk: Desk) -> Ear:
    return Ear(desk.engine)


async def asked(desk: Desk, times: int, seconds: float = 5) -> list[type[BaseException] | None]:
    """What each of some lists that are asked for one after another ends with."""
    ends: list[type[BaseException] | None] = []
    for _ in range(times):
        try:
            await desk.ask(shown=20, seconds=seconds)
            ends.append(None)
        except EngineError as error:
            ends.append(type(error))
    return ends


def failing(stub: Stub) -> None:
    """Lists its models, and fails at every list: no event of its reply can be read."""
    stub.raw = b"data: <html>\n\n"


class TestTheBreaker:
    async def test_a_server_that_fails_at_every_list_is_left_alone(
        self, desk: Desk, stub: Stub, ear: Ear
    ) -> None:
        failing(stub)
        ends = await asked(desk, ENOUGH + 20)
        assert Resting not in ends[:ENOUGH]
        assert ends[ENOUGH:] == [Resting] * 20
        assert len(stub.asked) == 1 + ENOUGH
        assert ear.heard == ["failed"] * ENOUGH + ["open"] * 20
        assert await desk.engine.trouble() == FAILING

    async def test_and_used_again_when_it_is_well(
        self, desk: Desk, stub: Stub, ear: Ear, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(breaking, "PAUSE_S", 0.2)
        failing(stub)
        await asked(desk, LEAST + 1)
        upstream = desk.engine.access.upstream
        assert (upstream.breaker_state, upstream.opened) == (State.OPEN, 1)
        await until(lambda: upstream.breaker_state == State.HALF_OPEN)
        assert (await asked(desk, 2))[1] is Resting, "the first trial fails, and there is no other"
        assert upstream.opened == 2
        stub.raw = None
        await until(lambda: upstream.breaker_state == State.HALF_OPEN)
        assert await asked(desk, PROBES + 5) == [None] * (PROBES + 5)
        assert upstream.breaker_state == State.CLOSED
        assert await desk.engine.trouble() is None

    async def test_so_few_try_it_out_at_once(
        self, desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(breaking, "PAUSE_S", 0.1)
        failing(stub)
        await asked(desk, LEAST)
        stub.raw, stub.silent = None, 0.3
        upstream, before = desk.engine.access.upstream, len(stub.asked)
        await until(lambda: upstream.breaker_state == State.HALF_OPEN)
        desks = [Desk(desk.engine, desk.catalogue) for _ in range(10)]
        done = await asyncio.gather(*(d.ask(shown=20) for d in desks), return_exceptions=True)
        assert sum(isinstance(each, Resting) for each in done) == 10 - PROBES
        assert len(stub.asked) - before == PROBES

    async def test_one_that_says_nothing_counts_as_one_that_fails(
        self, desk: Desk, stub: Stub, ear: Ear
    ) -> None:
        stub.silent = 60
        desk.engine.access.upstream.firsts.usual = 0.02
        for _ in range(ENOUGH):
            with pytest.raises(EngineTimeout):
                await desk.ask(shown=20, seconds=0.1)
        assert set(ear.heard) == {"timeout"}
        assert await asked(desk, 1) == [Resting]

    async def test_whoever_brings_no_time_speaks_not_against_it(
        self, desk: Desk, stub: Stub, ear: Ear
    ) -> None:
        stub.silent = 60
        desk.engine.access.upstream.firsts.usual = 0.5
        for _ in range(2 * LEAST):
            with pytest.raises(EngineTimeout):
                await desk.ask(shown=20, seconds=0.05)
        assert set(ear.heard) == {"abandoned"}
        assert desk.engine.access.upstream.breaker_state == State.CLOSED
        assert desk.engine.access.upstream.limit == 16

    async def test_nor_does_whoever_leaves_or_sends_what_is_too_long(
        self, desk: Desk, stub: Stub, ear: Ear
    ) -> None:
        stub.longest_prompt = 10
        for _ in range(LEAST):
            with pytest.raises(PromptTooLong):
                await desk.ask(shown=20)
        stub.longest_prompt, stub.silent = 10**9, 60
        page, before = Page(LETTER, 20, Deadline(20)), len(stub.asked)
        works = [asyncio.ensure_future(desk.engine.write(page)) for _ in range(LEAST)]
        await until(lambda: len(stub.asked) == before + LEAST)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        assert ear.heard == ["refused"] * LEAST + ["abandoned"] * LEAST
        assert desk.engine.access.upstream.breaker_state == State.CLOSED

    async def test_models_at_one_server_have_one_each(
        self, stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
    ) -> None:
        async with stub.serving() as url, vllm(url, catalogue, tokenizer) as first:
            other = type(first.engine)(
                tokenizer, first.engine.options, first.engine.access.upstream
            )
            failing(stub)
            for _ in range(LEAST):
                with pytest.raises(EngineError):
                    await first.ask()
            with pytest.raises(Resting):
                await first.ask()
            stub.raw = None
            assert len((await Desk(other, catalogue).ask()).rows) == 5
            assert other.access.upstream.breaker_state == State.OPEN
            await other.close()


class TestRetries:
    async def test_what_a_balancer_refuses_for_a_moment_is_asked_again(
        self, desk: Desk, stub: Stub, ear: Ear
    ) -> None:
        for status in (503, 502):
            stub.statuses = {CHATS: status}
            work = asyncio.ensure_future(desk.ask(shown=20))
            calls = stub.calls[CHATS]
            await until(lambda calls=calls: stub.calls[CHATS] > calls)
            stub.statuses = {}
            assert (await work).stopped is None
        assert ear.retries == [True, True]
        assert ear.heard == ["ok", "ok"]

    async def test_a_wave_of_failures_makes_no_storm(
        self, desk: Desk, stub: Stub, ear: Ear
    ) -> None:
        stub.statuses = {CHATS: 503}
        waves = 4
        for _ in range(waves):
            desks = [Desk(desk.engine, desk.catalogue) for _ in range(15)]
            await asyncio.gather(*(d.ask(shown=20) for d in desks), return_exceptions=True)
        made = sum(outcome == "unready" for outcome in ear.heard)
        again = sum(ear.retries)
        assert stub.calls[CHATS] <= made + again + 2, "the rest are looks"
        assert 0 < again <= FEW + SHARE * (made + 1)
        assert False in ear.retries

    @pytest.mark.parametrize("status", [500, 429, 504, 400])
    async def test_what_will_not_pass_is_not_asked_again(
        self, desk: Desk, stub: Stub, ear: Ear, status: int
    ) -> None:
        stub.statuses = {CHATS: status}
        await asked(desk, 1)
        assert ear.retries == []

    async def test_nor_is_what_had_begun(self, desk: Desk, stub: Stub, ear: Ear) -> None:
        stub.abort_after = 3
        with suppress(EngineError):
            await desk.ask(shown=20)
        assert (ear.retries, ear.heard) == ([], ["failed"])

    async def test_nor_what_would_be_too_late(self, desk: Desk, stub: Stub, ear: Ear) -> None:
        desk.engine.access.upstream.firsts.usual = 3.0
        stub.statuses = {CHATS: 503}
        assert await asked(desk, 1, seconds=1.0) != [None]
        assert ear.retries == []

    async def test_there_may_be_none_at_all(self, stub: Stub, catalogue: ToyCatalogue) -> None:
        async with stub.serving() as url, openai(url, catalogue, retries=0.0) as desk:
            ear = Ear(desk.engine)
            await desk.ask(shown=20)
            stub.statuses = {CHATS: 503}
            assert await asked(desk, 1) != [None]
            assert ear.retries == [False]


class TestTheLimit:
    async def test_a_server_that_is_full_is_asked_less_and_then_more_again(
        self, desk: Desk, stub: Stub
    ) -> None:
        upstream = desk.engine.access.upstream
        stub.statuses = {CHATS: 429}
        for _ in range(3):
            with pytest.raises(EngineBusy):
                await desk.ask(shown=20)
        less = upstream.limit
        assert 1 < less < 8
        stub.statuses, stub.pause = {}, 0.002
        desks = [Desk(desk.engine, desk.catalogue) for _ in range(20)]
        stub.most = 0
        await asyncio.gather(*(d.ask(shown=20) for d in desks))
        assert stub.most < 16
        assert upstream.limit > less
        assert (upstream.running, upstream.waiting) == (0, 0)

    async def test_no_deadline_is_ever_passed(self, desk: Desk, stub: Stub) -> None:
        """Whatever a server does: who waits for it gets what there is, in time."""
        faults = [
            lambda: setattr(stub, "silent", 60),
            lambda: setattr(stub, "statuses", {CHATS: 503}),
            lambda: setattr(stub, "hang", True),
        ]
        for fault in faults:
            fault()
            desks = [Desk(desk.engine, desk.catalogue) for _ in range(30)]
            began = time.monotonic()
            async with asyncio.timeout(5):
                await asyncio.gather(
                    *(d.ask(shown=20, seconds=0.3) for d in desks), return_exceptions=True
                )
            # With room for a busy machine: what is shown is that nobody waits for another's turn.
            assert time.monotonic() - began < 3.0
            stub.silent, stub.statuses, stub.hang = 0.0, {}, False
