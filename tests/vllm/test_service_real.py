"""The whole service over a vLLM that is well: clients that leave, and what the server may lack."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
import httpx
import pytest
from frontage import RANKED, gateway
from patience import happened
from stock import Catalogues, build_catalogues

from loadtest.real_vllm import Vllm
from service.api.app import create_app
from service.api.server import Server, bound, url_of
from service.api.service import Bounds
from service.domain import Cot, RecommendedItem, RecommendRequest, Strategy
from service.pipeline.recommend import recommend


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


async def test_a_list_that_the_server_thought_about_first(
    server: Vllm, catalogues: Catalogues, cache_dir: Path
) -> None:
    request = RecommendRequest(
        5, strategy=Strategy.GENERATE, cot=Cot.SELF, inside=True, deadline_ms=120_000
    )
    async with gateway(server.url, catalogues.large, cache_dir) as front:
        made = await recommend(front.parts.recommender, request, "r1")
    (thought,) = made.supplements
    assert made.inside is not None
    assert made.inside.prompt is not None
    assert made.receipt.path == "llm"
    assert thought.model == made.receipt.model
    assert thought.milliseconds > 0
    assert thought.text in made.inside.prompt.user
    assert ("Notes on the user" in made.inside.prompt.user) is thought.used


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
