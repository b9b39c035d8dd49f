"""Adapters that a vLLM has loaded at the gateway's request; refusals are those of vLLM 0.32."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from remote_world import Desk
from stub_server import MODEL, Stub
from toyshop import ToyCatalogue

from service.cli.vllm_server import LOADING_ALLOWED
from service.engines.remote import adapters, watch
from service.engines.remote.engine import RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.errors import EngineFailed

NAME = "tuned@0a1b2c3d"
FOLDER = Path("/srv/adapters/tuned")


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SOONEST_S", 0.0)


@asynccontextmanager
async def adapted(
    stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer, folder: Path | None = FOLDER
) -> AsyncIterator[Desk]:
    async with stub.serving() as url:
        engine = VllmEngine(tokenizer, RemoteOptions(url, model=NAME, adapter=folder))
        try:
            yield Desk(engine, catalogue)
        finally:
            await engine.close()


async def test_it_is_loaded_where_it_is_missing(
    stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
) -> None:
    stub.adapters = {}
    async with adapted(stub, catalogue, tokenizer) as desk:
        made = await desk.ask(4)
        assert len(set(made.rows)) == 4
        assert await desk.engine.trouble() is None
        assert desk.engine.watch.standing.context == stub.context
    assert stub.adapters == {NAME: str(FOLDER)}
    assert {body["model"] for body in stub.asked} == {NAME}
    assert stub.calls[adapters.PATH] == 1


async def test_a_server_that_forgot_it_is_asked_again(
    stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
) -> None:
    stub.adapters = {}
    async with adapted(stub, catalogue, tokenizer) as desk:
        await desk.ask(2)
        stub.adapters = {}
        assert await desk.engine.trouble() is None
        assert NAME in stub.adapters
        await desk.ask(2)


async def test_other_weights_are_not_loaded_under_the_old_name(
    stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
) -> None:
    stub.adapters = {}
    async with stub.serving() as url:
        options = RemoteOptions(url, model=NAME, adapter=FOLDER, changed=lambda: True)
        engine = VllmEngine(tokenizer, options)
        try:
            assert "other weights" in (await engine.trouble() or "")
            with pytest.raises(EngineFailed, match="start it anew"):
                await Desk(engine, catalogue).ask(2)
        finally:
            await engine.close()
    assert not stub.calls[adapters.PATH]


async def test_one_that_is_there_is_not_loaded(
    stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
) -> None:
    stub.adapters = {NAME: "elsewhere"}
    async with adapted(stub, catalogue, tokenizer, folder=None) as desk:
        assert len(set((await desk.ask(3)).rows)) == 3
    assert not stub.calls[adapters.PATH]


async def test_without_a_folder_nothing_is_loaded(
    stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
) -> None:
    stub.adapters = {}
    async with adapted(stub, catalogue, tokenizer, folder=None) as desk:
        assert f"serves {MODEL}, not {NAME}" in (await desk.engine.trouble() or "")
    assert not stub.calls[adapters.PATH]


async def test_another_gateway_may_have_been_faster(
    stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found it missing; the second is told that it is there by now."""
    stub.adapters = {NAME: str(FOLDER)}
    real = adapters.served
    seen: list[str | None] = []

    async def late(server: object, wanted: str | None) -> object:
        seen.append(wanted)
        if len(seen) == 1:
            raise adapters.NotServed("not yet")
        return await real(server, wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(adapters, "served", late)
    async with adapted(stub, catalogue, tokenizer) as desk:
        assert await desk.engine.trouble() is None
    assert stub.calls[adapters.PATH] == 1


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ((500, "LoRA is not enabled. Use --enable-lora to enable LoRA."), "--enable-lora"),
        ((500, "LoRA rank 64 is greater than max_lora_rank 16."), "greater --max-lora-rank"),
        ((404, "Loading lora tuned failed: No adapter found for"), "no adapter in the folder"),
        ((500, "shape mismatch"), "is it one for the model there"),
        ((401, "Unauthorized"), "(401)"),
    ],
)
async def test_what_it_refuses_is_told_without_its_words(
    stub: Stub,
    catalogue: ToyCatalogue,
    tokenizer: ChatTokenizer,
    refusal: tuple[int, str],
    words: str,
) -> None:
    stub.adapters, stub.refuses_adapters = {}, refusal
    async with adapted(stub, catalogue, tokenizer) as desk:
        trouble = await desk.engine.trouble()
        assert trouble is not None
        assert f"does not load the adapter {NAME}" in trouble
        assert words in trouble
        assert str(FOLDER) not in trouble
        with pytest.raises(EngineFailed, match="does not load"):
            await desk.ask()
        stub.refuses_adapters = None
        assert await desk.engine.trouble() is None


async def test_a_server_that_may_load_none_says_how_it_may(
    stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer
) -> None:
    async with adapted(stub, catalogue, tokenizer) as desk:
        trouble = await desk.engine.trouble() or ""
        assert LOADING_ALLOWED in trouble
        assert "--enable-lora" in trouble


async def test_a_slow_one_is_there_at_a_later_look(
    stub: Stub, catalogue: ToyCatalogue, tokenizer: ChatTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters, "LOADS_WITHIN_S", 0.05)
    stub.adapters, stub.slow_adapter = {}, 5.0
    async with adapted(stub, catalogue, tokenizer) as desk:
        assert f"is loading the adapter {NAME}" in (await desk.engine.trouble() or "")
        stub.adapters = {NAME: str(FOLDER)}
        assert await desk.engine.trouble() is None
