"""What the client of vLLM knows of its server, and how soon it learns better."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time

import pytest
from remote_world import Desk, vllm
from stub_server import MODEL, Stub
from toyshop import ToyCatalogue, toy_items

from service.engines import vllm as vllm_engine
from service.engines.remote import watch
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineBusy, EngineFailed


@pytest.fixture
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a second had passed between any two requests."""
    monkeypatch.setattr(watch, "SOONEST_S", 0.0)


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
            assert await desk.engine.trouble() == "the model's server cannot be connected to"
            assert desk.engine.address == f"127.0.0.1:{port}"
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

    @pytest.mark.parametrize(
        "statuses",
        [
            {"/v1/completions": 429},
            {"/v1/completions": 503},
            {"/v1/completions": 429, "/v1/models": 429},
        ],
    )
    async def test_a_full_server_is_no_trouble(
        self, desk: Desk, stub: Stub, statuses: dict[str, int]
    ) -> None:
        await desk.ask()
        stub.statuses = statuses
        with pytest.raises(EngineBusy):
            await desk.ask()
        assert await desk.engine.trouble() is None
        stub.statuses = {}
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
        # What a look asks for has none of these.
        stub.refuses = frozenset({"stop_token_ids"})
        for _ in range(100):
            with pytest.raises(EngineFailed, match="400 BadRequestError stop_token_ids"):
                await desk.ask()
        assert stub.refused == 100
        stub.refuses = frozenset()
        assert len((await desk.ask()).rows) == 5

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
