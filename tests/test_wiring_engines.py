"""Opening the service with engines behind HTTP: whatever the server's state, it starts and says."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from engines.stub_server import MODEL, Stub
from quiz import CHOICE, RANKING, RETRIEVAL
from typer.testing import CliRunner

from service.catalog.artifact import LoadedCatalogue, load
from service.cli.commands import app
from service.domain import Cot, Recommendation, RecommendRequest, Sampling, Strategy
from service.domain import Path as Road
from service.engines.local.convert import NAME, ensure_model
from service.engines.remote import watch
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadSettings, DamagedArtifact
from service.pipeline.answer import answer
from service.pipeline.recommend import recommend
from service.question import AnswerPath, AnswerRequest
from service.settings import Settings, load_settings
from service.wiring import Parts, build_catalogue, opened
from service.wiring_answer import opened_answerer

ITEMS = [
    {"id": f"i{n}", "title": f"{colour} {thing}", "categories": [colour, thing]}
    for n, (colour, thing) in enumerate(
        (colour, thing)
        for colour in ("Red", "Blue", "Green", "Grey")
        for thing in ("Mug", "Lamp", "Sock", "Book", "Drum", "Rug")
    )
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("files") / "items.jsonl"
    file.write_text("".join(json.dumps(item) + "\n" for item in ITEMS), "utf-8")
    return file


@pytest.fixture(scope="module")
def built(files: Path, cache_dir: Path) -> LoadedCatalogue:
    settings = load_settings({"cache": {"folder": cache_dir}, "retrieval": {"similarity": False}})
    return load(build_catalogue(files, None, files.parent / "built", settings))


@pytest.fixture(scope="module")
def tokenizer(cache_dir: Path) -> ChatTokenizer:
    return ChatTokenizer(ensure_model(cache_dir, print), NAME)


@pytest.fixture
def stub(tokenizer: ChatTokenizer, built: LoadedCatalogue) -> Stub:
    return Stub(tokenizer, {built.version: built})  # type: ignore[dict-item]


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SOONEST_S", 0.0)


def settings_for(built: LoadedCatalogue, cache: Path, **engine: Any) -> Settings:
    return load_settings(
        {
            "cache": {"folder": cache},
            "catalogue": {"path": built.folder},
            "retrieval": {"similarity": False},
            # Each list is asked of the server: what was kept would tell nothing of it.
            "store": {"lists_seconds": 0},
            "engine": engine,
        }
    )


async def listed(parts: Parts) -> Recommendation:
    request = RecommendRequest(k=4, strategy=Strategy.GENERATE, deadline_ms=10_000)
    answer = await recommend(parts.recommender, request, "r")
    assert len({line.item.id for line in answer.items}) == 4
    assert (answer.receipt.exists, answer.receipt.repeats) == (4, 0)
    return answer


async def made_by_the_model(parts: Parts) -> None:
    """Wait until a list is, whole."""
    async with asyncio.timeout(5):
        while (await listed(parts)).receipt.degraded:  # noqa: ASYNC110 - asking is the waiting
            await asyncio.sleep(0.02)


async def test_vllm(stub: Stub, built: LoadedCatalogue, cache_dir: Path) -> None:
    async with (
        stub.serving() as url,
        opened(settings_for(built, cache_dir, kind="vllm", url=url)) as parts,
    ):
        assert await parts.amiss() == []
        assert parts.recommender.pace.expected(1) > 0
        assert parts.recommender.rank_pace.expected(1) > 0
        receipt = (await listed(parts)).receipt
    assert (receipt.path, receipt.model, receipt.repaired) == (Road.LLM, MODEL, 0)


async def test_any_other_server(stub: Stub, built: LoadedCatalogue, cache_dir: Path) -> None:
    async with (
        stub.serving() as url,
        opened(settings_for(built, cache_dir, kind="openai", url=url, labels=12)) as parts,
    ):
        assert await parts.amiss() == []
        assert parts.recommender.pace.expected(1) > 0
        assert parts.recommender.rank_pace.expected(1) > 0
        receipt = (await listed(parts)).receipt
    assert (receipt.path, receipt.model, receipt.repaired) == (Road.LLM, MODEL, 0)
    assert set(stub.calls) == {"/v1/models", "/v1/chat/completions"}


async def test_a_vllm_without_the_plugin(
    stub: Stub, built: LoadedCatalogue, cache_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stub.plugin = False
    async with (
        stub.serving() as url,
        opened(settings_for(built, cache_dir, kind="vllm", url=url)) as parts,
    ):
        assert await parts.amiss() == []
        assert (await listed(parts)).receipt.path is Road.LLM
    warned = [record.message for record in caplog.records if "plugin" in record.message]
    assert len(warned) == 1
    assert "--logits-processors" in warned[0]


@pytest.mark.parametrize("plugin", [True, False])
@pytest.mark.parametrize("kind", ["vllm", "openai"])
async def test_questions_too(
    stub: Stub, built: LoadedCatalogue, cache_dir: Path, kind: str, *, plugin: bool
) -> None:
    stub.plugin = plugin
    async with stub.serving() as url:
        engine = {"kind": kind, "url": url}
        settings = load_settings({"cache": {"folder": cache_dir}, "engine": engine})
        async with (
            opened(settings_for(built, cache_dir, **engine)) as parts,
            opened_answerer(settings) as alone,
        ):
            for answerer in (parts.answerer, alone):
                for question, count in ((CHOICE, 1), (RETRIEVAL, 3), (RANKING, 4)):
                    made = await answer(answerer, AnswerRequest(question, cot=Cot.OFF), "r")
                    assert (made.path, made.model) == (AnswerPath.LLM, MODEL), made.why
                    assert len(set(made.labels)) == count
                    assert not made.degraded
            assert {extra.used for extra in made.supplements} == {True, False}


@pytest.mark.parametrize("kind", ["vllm", "openai"])
async def test_a_server_that_is_down_at_the_start(
    stub: Stub, built: LoadedCatalogue, cache_dir: Path, kind: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    wanted = settings_for(built, cache_dir, kind=kind, url=f"http://127.0.0.1:{port}")
    async with opened(wanted) as parts:
        (reason,) = await parts.amiss()
        assert reason == "engine: the model's server cannot be connected to"
        receipt = (await listed(parts)).receipt
        assert (receipt.path, receipt.degraded) == (Road.POPULAR, True)
        assert "cannot be connected to" in receipt.why
        assert "127.0.0.1" not in receipt.why
        async with stub.serving(port):
            await made_by_the_model(parts)
            assert await parts.amiss() == []


async def test_a_server_without_the_catalogue(
    stub: Stub, built: LoadedCatalogue, cache_dir: Path
) -> None:
    stub.catalogues = {"last-week": stub.catalogues[built.version]}
    async with (
        stub.serving() as url,
        opened(settings_for(built, cache_dir, kind="vllm", url=url)) as parts,
    ):
        (reason,) = await parts.amiss()
        assert f"{built.version} is not here, last-week is" in reason
        assert (await listed(parts)).receipt.path is Road.POPULAR


@pytest.mark.parametrize("kind", ["vllm", "openai"])
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 429},
        {"statuses": {"/v1/completions": 500, "/v1/chat/completions": 500}},
        {"statuses": {"/v1/completions": 429, "/v1/chat/completions": 429}},
        {"raw": b""},
        {"raw": b"<html>Bad gateway</html>", "content_type": "text/html"},
        {"end_after": 9},
        {"abort_after": 9},
        {"stray_after": 12, "say": "I would rather not."},
        {"event_after": (9, b'data: {"error": {"message": "out of memory", "code": 500}}\n\n')},
    ],
    ids=str,
)
async def test_no_fault_of_the_server_loses_a_request(
    stub: Stub, built: LoadedCatalogue, cache_dir: Path, kind: str, fault: dict[str, Any]
) -> None:
    well = {name: getattr(stub, name) for name in fault}
    async with (
        stub.serving() as url,
        opened(settings_for(built, cache_dir, kind=kind, url=url)) as parts,
    ):
        assert not (await listed(parts)).receipt.degraded
        for name, value in fault.items():
            setattr(stub, name, value)
        for answer in await asyncio.gather(*(listed(parts) for _ in range(8))):
            assert answer.receipt.degraded
            assert "out of memory" not in answer.receipt.why
        for name, value in well.items():
            setattr(stub, name, value)
        await made_by_the_model(parts)


@pytest.mark.parametrize("kind", ["vllm", "openai"])
async def test_a_server_that_falls_silent_loses_no_request_and_holds_none_up(
    stub: Stub, built: LoadedCatalogue, cache_dir: Path, kind: str
) -> None:
    """With the limits as they are in service, and deadlines that would be far too late."""
    async with (
        stub.serving() as url,
        opened(settings_for(built, cache_dir, kind=kind, url=url)) as parts,
    ):
        assert (await listed(parts)).receipt.path is Road.LLM
        stub.hang = True
        side_by_side = asyncio.Semaphore(16)

        async def one(number: int) -> tuple[Road, float]:
            # Another question each, or they would share the first one's list.
            seeded = Sampling(seed=number)
            request = RecommendRequest(k=4, strategy=Strategy.GENERATE, sampling=seeded)
            async with side_by_side:
                began = time.monotonic()
                answer = await recommend(parts.recommender, request, str(number))
                assert len(answer.items) == 4
                assert "does not answer in time" in answer.receipt.why
                return answer.receipt.path, time.monotonic() - began

        began = time.monotonic()
        made = await asyncio.gather(*map(one, range(100)))
        assert time.monotonic() - began < 9
        assert {path for path, _ in made} <= {Road.RANKED, Road.POPULAR}
        assert max(seconds for _, seconds in made) < 7
        assert sum(seconds > 1 for _, seconds in made) <= 16


async def test_a_tenant_of_a_server_that_has_no_salt(
    built: LoadedCatalogue, cache_dir: Path
) -> None:
    wanted = settings_for(
        built, cache_dir, kind="openai", url="http://127.0.0.1:1", tenant="one shop"
    )
    with pytest.raises(BadSettings, match="keeps no tenants apart") as caught:
        async with opened(wanted):
            pass
    assert "one shop" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("kind", ["vllm", "openai"])
async def test_an_engine_without_an_address(
    built: LoadedCatalogue, cache_dir: Path, kind: str
) -> None:
    with pytest.raises(BadSettings, match="needs the address") as caught:
        async with opened(settings_for(built, cache_dir, kind=kind)):
            pass
    assert "--engine-url" in caught.value.hint


async def test_a_tokenizer_of_ones_own(
    files: Path, built: LoadedCatalogue, cache_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Some-70B-Instruct"
    folder.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(ensure_model(cache_dir, print) / name, folder)
    named = {"cache": {"folder": cache_dir}, "engine": {"tokenizer": folder}}
    settings = load_settings({**named, "retrieval": {"similarity": False}})
    same = load(build_catalogue(files, None, tmp_path / "same", settings))
    assert same.manifest.tokenizer.name == "Some-70B-Instruct"
    assert same.version == built.version

    (folder / "tokenizer.json").write_text((folder / "tokenizer.json").read_text("utf-8") + "\n")
    other = load(build_catalogue(files, None, tmp_path / "other", settings))
    assert other.version != built.version
    wanted = settings_for(other, cache_dir, kind="vllm", url="http://127.0.0.1:1")
    with pytest.raises(DamagedArtifact, match=f"Some-70B-Instruct.*{NAME}"):
        async with opened(wanted):
            pass


async def test_from_the_command_line(
    stub: Stub, built: LoadedCatalogue, monkeypatch: pytest.MonkeyPatch, cache_dir: Path
) -> None:
    monkeypatch.setenv("LISTWRIGHT_CACHE", str(cache_dir))

    def run(*arguments: str, ends: int = 0) -> str:
        options = ["--catalogue", str(built.folder), "--engine", "vllm", "--engine-url", url]
        done = CliRunner().invoke(app, [*arguments, *options])
        assert done.exit_code == ends, done.output
        return done.stdout if ends == 0 else done.output

    async with stub.serving() as url:
        told = await asyncio.to_thread(run, "recommend", "-k", "3", "--json")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        checked = await asyncio.to_thread(run, "check", "--port", port)
    assert "✓ catalogue and models" in checked
    assert f"✓ engine: {MODEL} spells titles" in checked
    assert "✓ store: users are remembered in this process, until it ends" in checked
    receipt = json.loads(told)["receipt"]
    assert (receipt["path"], receipt["model"]) == ("llm", MODEL)
    checked = await asyncio.to_thread(run, "check", "--port", port, ends=1)
    assert f"cannot be connected to ({url.removeprefix('http://')})" in checked
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"redis://127.0.0.1:{free.getsockname()[1]}/0"
    monkeypatch.setenv("LISTWRIGHT_STORE__KIND", "redis")
    monkeypatch.setenv("LISTWRIGHT_STORE__URL", nobody)
    checked = await asyncio.to_thread(run, "check", "--port", port, ends=1)
    assert "✗ store" in checked
    assert "Redis did not answer" in checked
