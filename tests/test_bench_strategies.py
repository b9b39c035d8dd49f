"""What the bench makes of the lists that a service gives, with a stub of one."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from loadtest.bench_strategies import QUICK, Ask, Load, common, loaded
from loadtest.running import stop

ASKED = [Ask(("a",), f"t{user}") for user in range(4)]


def load(**of: object) -> Load:
    fields: dict[str, object] = {
        "strategy": "rank",
        "clients": 2,
        "milliseconds": [10.0, 20.0, 30.0],
        "seconds": 2.0,
        "gains": {0: 1.0, 1: 0.5, 2: 0.0, 3: 0.0},
        "failed": 1,
        "forwarded": 400.0,
    }
    return Load(**fields | of)  # type: ignore[arg-type]


class TestArithmetic:
    def test_failed_lists_are_asked_for_but_have_no_latency(self) -> None:
        assert load().lists == 4
        assert load().percentile(50) == 20.0
        assert load().row([0, 1, 2, 3]) == [
            "rank, 2 at a time",
            *("4", "1.5", "20.0", "29.0", "29.8", "100", "0.3750", "1"),
        ]

    def test_ndcg_is_over_the_users_of_all_loads(self) -> None:
        slow = load(gains={1: 0.25, 0: 0.0})
        together = common([load(), slow])
        assert together == {0, 1}
        assert load().row(together)[-2] == "0.7500"
        assert slow.row(together)[-2] == "0.1250"

    def test_what_is_not_known_is_a_dash(self) -> None:
        row = load(milliseconds=[], failed=4, forwarded=None).row([])
        assert row == ["rank, 2 at a time", "4", "0.0", "-", "-", "-", "-", "-", "4"]
        assert math.isnan(load(milliseconds=[]).percentile(50))


@dataclass
class Stub:
    """A service that gives everybody the same list."""

    falls_back: bool = False
    tokens: int = 7
    status: int = 200
    asked: list[Mapping[str, object]] = field(default_factory=list)

    async def recommend(self, request: web.Request) -> web.Response:
        """The target of the first user is first in every list, that of the second third."""
        body = await request.json()
        self.asked.append(body)
        if self.status != 200:
            return web.Response(status=self.status)
        receipt = {
            "strategy": "retrieve" if self.falls_back else body["strategy"],
            "degraded": self.falls_back,
        }
        items = [{"id": name} for name in ("t0", "x", "t1")]
        return web.json_response({"items": items, "receipt": receipt})

    async def metrics(self, _request: web.Request) -> web.Response:
        """A counter with several series, and another beside it."""
        total = self.tokens * len(self.asked)
        name = "listwright_engine_forward_tokens_total"
        return web.Response(text=f'# HELP x y\n{name}{{a="1"}} {total}\n{name}{{a="2"}} 1.5\nz 9\n')

    @asynccontextmanager
    async def served(self) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
        """Its address, and a session to ask by."""
        app = web.Application()
        app.add_routes([web.post("/recommend", self.recommend), web.get("/metrics", self.metrics)])
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        try:
            async with aiohttp.ClientSession() as session:
                yield f"http://{host}:{port}", session
        finally:
            await runner.cleanup()


class TestLoads:
    async def test_every_user_once(self) -> None:
        stub = Stub()
        async with stub.served() as (url, session):
            made = await loaded(session, url, ASKED, ("rank", 2, 60))
        assert made.gains == {0: 1.0, 1: 1 / math.log2(4), 2: 0.0, 3: 0.0}
        assert (len(made.milliseconds), made.failed, made.forwarded) == (4, 0, 28)
        assert [body["strategy"] for body in stub.asked] == ["rank"] * 4

    async def test_retrieve_many_times_over_with_nothing_to_read(self) -> None:
        async with Stub(tokens=0).served() as (url, session):
            made = await loaded(session, url, ASKED, ("retrieve", 1, 60))
        assert (made.lists, len(made.gains), made.forwarded) == (4 * QUICK, 4, 0)

    async def test_another_strategy_s_lists_gain_nothing(self) -> None:
        async with Stub(falls_back=True).served() as (url, session):
            made = await loaded(session, url, ASKED, ("rank", 2, 60))
        assert set(made.gains.values()) == {0.0}
        assert (made.milliseconds, made.failed) == ([], 4)

    @pytest.mark.parametrize("status", [429, 503])
    async def test_a_list_that_was_refused_for_want_of_time_has_failed(self, status: int) -> None:
        async with Stub(status=status).served() as (url, session):
            made = await loaded(session, url, ASKED, ("rank", 2, 60))
        assert made.gains == dict.fromkeys(range(4), 0.0)
        assert (made.milliseconds, made.failed) == ([], 4)

    async def test_a_request_that_is_wrong_ends_the_bench(self) -> None:
        async with Stub(status=422).served() as (url, session):
            with pytest.raises(aiohttp.ClientResponseError):
                await loaded(session, url, ASKED, ("rank", 1, 60))

    async def test_an_engine_that_does_not_tell_its_tokens(self) -> None:
        async with Stub(tokens=0).served() as (url, session):
            made = await loaded(session, url, ASKED, ("generate", 1, 60))
        assert made.forwarded is None

    async def test_no_new_list_once_the_time_is_up(self) -> None:
        stub = Stub()
        async with stub.served() as (url, session):
            made = await loaded(session, url, ASKED, ("rank", 1, -1.0))
        assert (made.lists, stub.asked) == (0, [])


class TestService:
    @pytest.mark.parametrize("stubborn", [False, True])
    def test_one_that_does_not_end_is_killed(self, *, stubborn: bool) -> None:
        deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)" if stubborn else "0"
        code = f"import signal, time; {deaf}; print('up', flush=True); time.sleep(60)"
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
            assert process.stdout is not None
            process.stdout.readline()
            stop(process, 0.5)
            assert process.returncode == -(signal.SIGKILL if stubborn else signal.SIGTERM)
