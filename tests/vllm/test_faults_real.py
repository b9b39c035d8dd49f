"""The whole service over a vLLM that is late, hung or killed.

Whatever happens to the server, no request is lost, and the service finds back to it by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontage import RANKED, gateway, within
from stock import Catalogues

from loadtest.real_vllm import Vllm, with_plugin
from service.domain import Path as Road
from service.domain import RecommendedItem, RecommendRequest, Source, Strategy
from service.pipeline.recommend import recommend


@pytest.fixture(scope="module")
def mortal(
    tmp_path_factory: pytest.TempPathFactory, checkpoint: Path, catalogues: Catalogues
) -> Iterator[Vllm]:
    """A server of these tests' own, not started yet."""
    server = with_plugin(tmp_path_factory.mktemp("mortal"), checkpoint, catalogues.folder)
    server.surroundings["VLLM_ENABLE_V1_MULTIPROCESSING"] = "1"
    yield server
    server.kill()


@pytest.fixture
def living(mortal: Vllm) -> Vllm:
    """That server, started if it is not running."""
    return mortal if mortal.running else mortal.start()


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


def test_a_killed_server_is_gone_at_once(living: Vllm) -> None:
    assert living.healthy()
    living.kill()
    assert not living.running
    assert not living.healthy()
