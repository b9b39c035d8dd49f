"""The whole service over a vLLM that is late, hung, killed, plain or without the catalogue.

Whatever happens to the server, no request is lost, and the service finds back to it by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from patience import happened
from stock import Catalogues, build_catalogues

from loadtest.real_vllm import Vllm, with_plugin
from service.api.app import create_app
from service.api.server import Server, bound, url_of
from service.api.service import Bounds
from service.cli.serving import bounds_of
from service.domain import Path as Road
from service.domain import RecommendedItem, RecommendRequest, Source, Strategy
from service.pipeline.recommend import recommend
from service.settings import load_settings
from service.wiring import Parts, opened

RANKED = {"ranked", "popular"}
CONTROLS = {"exclude": ["Music"], "shares": [{"category": "Home", "op": "<=", "share": 0.4}]}


@pytest.fixture(scope="module")
def mortal(
    tmp_path_factory: pytest.TempPathFactory, checkpoint: Path, catalogues: Catalogues
) -> Iterator[Vllm]:
    """A server of these tests' own, not started yet."""
    server = with_plugin(tmp_path_factory.mktemp("mortal"), checkpoint, catalogues.folder)
    yield server
    server.kill()


@pytest.fixture
def living(mortal: Vllm) -> Vllm:
    """That server, started if it is not running."""
    return mortal if mortal.running else mortal.start()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done here is done in so many seconds."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


class Gateway:
    """The service, and a client that asks it."""

    def __init__(self, parts: Parts, client: httpx.AsyncClient) -> None:
        self.parts, self.client = parts, client

    async def list(self, **body: Any) -> dict[str, Any]:
        """One list, which obeys whatever has happened."""
        asked = {"k": 4, "intent": CONTROLS, "history": ["g1", "g2"], **body}
        response = await self.client.post("/recommend", json=asked)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        receipt = answer["receipt"]
        assert len(answer["items"]) == asked["k"]
        assert all(control["holds"] for control in receipt["controls"])
        assert (receipt["exists"], receipt["repeats"], receipt["in_history"]) == (asked["k"], 0, 0)
        return receipt

    async def troubles(self) -> list[str]:
        """What /readyz says that lists have to do without."""
        response = await self.client.get("/readyz")
        assert response.status_code == 200
        degraded: list[str] = response.json()["degraded"]
        return degraded

    async def well_again(self, within: float = 15.0) -> None:
        """Wait until the service has noticed that the server is there."""
        end = time.monotonic() + within
        while await self.troubles():
            assert time.monotonic() < end
            await asyncio.sleep(0.2)


@asynccontextmanager
async def gateway(url: str, catalogue: Path, cache: Path) -> AsyncIterator[Gateway]:
    settings = load_settings(
        {
            "engine": {"kind": "vllm", "url": url},
            "catalogue": {"path": catalogue},
            "cache": {"folder": cache},
            "retrieval": {"similarity": False},
        }
    )
    async with opened(settings) as parts:
        transport = httpx.ASGITransport(create_app(parts, bounds_of(settings)))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield Gateway(parts, client)


async def test_a_server_that_comes_late_is_used_without_a_restart(
    mortal: Vllm, catalogues: Catalogues, cache_dir: Path
) -> None:
    mortal.kill()
    async with gateway(mortal.url, catalogues.large, cache_dir) as front:
        assert "cannot be connected to" in (await front.troubles())[0]
        with within(2):
            receipt = await front.list()
        assert receipt["path"] in RANKED
        assert receipt["degraded"]

        await asyncio.to_thread(mortal.start)
        await front.well_again()
        receipt = await front.list()
        assert (receipt["path"], receipt["degraded"], receipt["repaired"]) == ("llm", False, 0)


async def test_a_server_that_hangs_costs_no_deadline(
    living: Vllm, catalogues: Catalogues, cache_dir: Path
) -> None:
    async with gateway(living.url, catalogues.large, cache_dir) as front:
        assert (await front.list(strategy="generate"))["path"] == "llm"
        living.pause()  # connections are accepted, nothing answers
        try:
            with within(1.5 + 0.5):
                receipt = await front.list(deadline_ms=1500)
            assert receipt["path"] in RANKED
        finally:
            living.resume()
        await front.well_again()
        assert (await front.list(strategy="generate"))["path"] == "llm"


async def test_a_server_killed_in_mid_list_loses_no_line_and_no_later_list(
    living: Vllm, catalogues: Catalogues, cache_dir: Path
) -> None:
    async with gateway(living.url, catalogues.large, cache_dir) as front:
        shown: list[RecommendedItem] = []

        def show(line: RecommendedItem) -> None:
            shown.append(line)
            if len(shown) == 2:
                living.kill()

        request = RecommendRequest(k=12, strategy=Strategy.GENERATE, deadline_ms=60_000)
        made = await recommend(front.parts.recommender, request, "r", show)
        assert tuple(shown) == made.items
        assert (made.receipt.path, made.receipt.degraded) == (Road.LLM, True)
        assert 2 <= 12 - made.receipt.repaired < 12
        assert {line.source for line in made.items} == {Source.LLM, Source.REPAIR}

        with within(3):
            receipts = await asyncio.gather(*(front.list() for _ in range(20)))
        assert {receipt["path"] for receipt in receipts} <= RANKED

        await asyncio.to_thread(living.start)
        await front.well_again()
        assert (await front.list(strategy="generate"))["path"] == "llm"


async def test_a_client_that_goes_away_frees_the_server(
    server: Vllm, catalogues: Catalogues, cache_dir: Path
) -> None:
    async with gateway(server.url, catalogues.large, cache_dir) as front:
        shown: list[RecommendedItem] = []
        first = asyncio.Event()

        def show(line: RecommendedItem) -> None:
            shown.append(line)
            first.set()

        request = RecommendRequest(k=100, strategy=Strategy.GENERATE, deadline_ms=120_000)
        work = asyncio.ensure_future(recommend(front.parts.recommender, request, "r", show))
        await happened(first, work)
        assert await running(server) == 1
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await stopped(server)


async def stopped(server: Vllm) -> None:
    """Wait until the server decodes nothing any more."""
    end = time.monotonic() + 10
    while await running(server):
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


async def running(server: Vllm) -> int:
    """How many requests the server is decoding, by its own account."""
    async with httpx.AsyncClient() as client:
        lines = (await client.get(f"{server.url}/metrics")).text.splitlines()
    return int(
        sum(float(x.rsplit(" ", 1)[1]) for x in lines if x.startswith("vllm:num_requests_running"))
    )


async def test_a_stream_over_http_sends_items_one_by_one_and_hanging_up_ends_the_decode(
    server: Vllm, catalogues: Catalogues, cache_dir: Path
) -> None:
    body = {"k": 40, "stream": True, "strategy": "generate", "deadline_ms": 120_000}
    async with gateway(server.url, catalogues.large, cache_dir) as front:
        listening = bound("127.0.0.1", 0)
        web = Server(create_app(front.parts, Bounds()), shutdown_seconds=2)
        serving = asyncio.ensure_future(web.serve(sockets=[listening]))
        async with aiohttp.ClientSession(url_of(listening)) as session:
            response = await session.post("/recommend", json=body)
            for _ in range(2):
                async with asyncio.timeout(60):
                    event = await response.content.readuntil(b"\n\n")
                assert event.startswith(b"event: item\n")
            assert await running(server) == 1
            response.close()
            await stopped(server)
        web.should_exit = True
        await serving


async def test_a_hundred_lists_of_a_hung_server_are_all_made_in_seconds(
    living: Vllm, catalogues: Catalogues, cache_dir: Path
) -> None:
    async with gateway(living.url, catalogues.large, cache_dir) as front:
        assert (await front.list(strategy="generate"))["path"] == "llm"
        waiting = iter(range(100))

        async def work() -> None:
            for _ in waiting:
                assert (await front.list())["path"] in RANKED

        living.pause()
        try:
            with within(15):
                await asyncio.gather(*(work() for _ in range(16)))
        finally:
            living.resume()
        await front.well_again()


async def test_a_server_without_the_plugin_chooses_from_numbers(
    plain_server: Vllm,
    catalogues: Catalogues,
    cache_dir: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with gateway(plain_server.url, catalogues.large, cache_dir) as front:
        receipt = await front.list(strategy="generate")
        assert receipt["path"] == "llm"
        assert receipt["prompt"].startswith("choose/")
        assert await front.troubles() == []
    said = [record.message for record in caplog.records if "plugin" in record.message]
    assert len(said) == 1
    assert "--logits-processors" in said[0]


async def test_a_catalogue_the_server_does_not_have_is_named_and_lists_are_ranked(
    server: Vllm, checkpoint: Path, cache_dir: Path, tmp_path: Path
) -> None:
    elsewhere = build_catalogues(tmp_path, checkpoint, sizes=(150, 160))
    async with gateway(server.url, elsewhere.large, cache_dir) as front:
        (trouble,) = await front.troubles()
        assert elsewhere.large.name in trouble
        receipt = await front.list()
        assert receipt["path"] in RANKED
        assert receipt["degraded"]


async def test_a_version_that_appears_on_the_server_is_found(
    server: Vllm, catalogues: Catalogues, checkpoint: Path, cache_dir: Path, tmp_path: Path
) -> None:
    elsewhere = build_catalogues(tmp_path, checkpoint, sizes=(170, 180))
    async with gateway(server.url, elsewhere.large, cache_dir) as front:
        assert await front.troubles()
        (catalogues.folder / elsewhere.large.name).symlink_to(elsewhere.large)
        await front.well_again()
        assert (await front.list(strategy="generate"))["path"] == "llm"
