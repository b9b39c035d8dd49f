"""What the settings make of the parts that answer questions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from engines.stub_server import Stub
from quiz import CHOICE, RANKING

from service.cli.commands import main
from service.domain import Cot
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadSettings
from service.pipeline.answer import answer
from service.question import AnswerPath, AnswerRequest
from service.settings import Settings, load_settings
from service.wiring import build_catalogue, opened
from service.wiring_answer import opened_answerer

DOWN = "http://127.0.0.1:9"
KEY = "sk-not-to-be-told"


@pytest.fixture(scope="module")
def plain_catalogue(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    """One that was built without similarity."""
    folder = tmp_path_factory.mktemp("plain")
    items = folder / "items.jsonl"
    rows = [f'{{"id": "i{n}", "title": "Mug {n}", "categories": []}}\n' for n in range(9)]
    items.write_text("".join(rows), "utf-8")
    settings = load_settings({"cache": {"folder": cache_dir}, "retrieval": {"similarity": False}})
    return build_catalogue(items, None, folder / "built", settings).parent


@pytest.fixture
def tokenizer(cache_dir: Path) -> ChatTokenizer:
    return ChatTokenizer(ensure_model(cache_dir, print), NAME)


def settings_of(cache: Path, kind: str, **given: dict[str, Any]) -> Settings:
    engine: dict[str, Any] = {"kind": kind, "url": DOWN if kind in {"vllm", "openai"} else None}
    return load_settings({"cache": {"folder": cache}, "engine": engine, **given})


@pytest.mark.parametrize(
    ("kind", "given", "thinks"),
    [
        ("none", {}, Cot.OFF),
        ("embedded", {}, Cot.OFF),
        ("openai", {}, Cot.SELF),
        ("vllm", {}, Cot.SELF),
        ("none", {"sidecar": {"url": DOWN}}, Cot.SIDECAR),
        ("openai", {"sidecar": {"url": DOWN}}, Cot.SIDECAR),
        ("openai", {"answer": {"cot": "off"}, "sidecar": {"url": DOWN}}, Cot.OFF),
        ("none", {"answer": {"cot": "self"}}, Cot.SELF),
    ],
)
async def test_who_thinks(
    cache_dir: Path, kind: str, given: dict[str, dict[str, Any]], thinks: Cot
) -> None:
    async with opened_answerer(settings_of(cache_dir, kind, **given)) as parts:
        assert parts.policy.cot is thinks
        assert (parts.sidecar is not None) == ("sidecar" in given)


@pytest.mark.parametrize(("kind", "weight"), [("embedded", 8.0), ("vllm", 1.0), ("openai", 1.0)])
async def test_how_much_similarity_weighs(cache_dir: Path, kind: str, weight: float) -> None:
    async with opened_answerer(settings_of(cache_dir, kind)) as parts:
        assert parts.policy.prior_weight == weight
    async with opened_answerer(settings_of(cache_dir, kind, answer={"prior_weight": 0})) as parts:
        assert parts.policy.prior_weight == 0


async def test_the_other_numbers(cache_dir: Path) -> None:
    given = {
        "answer": {"similar": 5, "thought_words": 40},
        "recommend": {"default_deadline_ms": 7_000},
    }
    async with opened_answerer(settings_of(cache_dir, "none", **given)) as parts:
        policy = parts.policy
    assert (policy.similar, policy.thought_words, policy.deadline_ms) == (5, 40, 7_000)


@pytest.mark.parametrize(
    "given",
    [
        {"answer": {"cot": "sidecar"}},
        {"recommend": {"cot": "sidecar"}},
        {"sidecar": {"model": "phi"}},
        {"sidecar": {"api_key": KEY}},
    ],
)
async def test_a_sidecar_that_is_wanted_and_not_named(
    cache_dir: Path, given: dict[str, dict[str, Any]]
) -> None:
    with pytest.raises(BadSettings, match="none is named") as caught:
        async with opened_answerer(settings_of(cache_dir, "none", **given)):
            pass
    assert "LISTWRIGHT_SIDECAR__URL" in caught.value.hint


async def test_similarity_may_be_off(cache_dir: Path) -> None:
    given = {"retrieval": {"similarity": False}}
    async with opened_answerer(settings_of(cache_dir, "none", **given)) as parts:
        assert parts.encoder is None


async def test_a_catalogue_without_similarity_answers_with_it_all_the_same(
    plain_catalogue: Path, cache_dir: Path
) -> None:
    settings = settings_of(cache_dir, "none", catalogue={"path": plain_catalogue})
    async with opened(settings) as parts:
        made = await answer(parts.answerer, AnswerRequest(RANKING), "r")
        assert (made.path, made.labels[0]) == (AnswerPath.SIMILAR, "2")
        assert "listwright_answers_total" in parts.metrics.exposition().decode()
        names = [retriever.name for retriever in parts.recommender.retrievers]
        assert names == ["sasrec", "mentions"]


async def test_where_there_is_no_encoder_such_a_catalogue_is_served_without(
    plain_catalogue: Path,
    cache_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def none(_: Settings) -> None:
        raise BadSettings("The package is not installed.")

    monkeypatch.setattr("service.wiring_edition.encoder_of", none)
    settings = settings_of(cache_dir, "none", catalogue={"path": plain_catalogue})
    async with opened(settings) as parts:
        assert parts.answerer.encoder is None
    assert "without similarity: The package is not installed." in caplog.text


async def test_a_sidecar_that_is_away_is_said_and_stops_nothing(
    plain_catalogue: Path, cache_dir: Path, tokenizer: ChatTokenizer
) -> None:
    sidecar = {"url": DOWN, "api_key": KEY}
    built = {"path": plain_catalogue}
    async with opened(settings_of(cache_dir, "openai", catalogue=built, sidecar=sidecar)) as parts:
        _engine, reason = await parts.amiss()
        assert reason == "sidecar: the model's server cannot be connected to"
        made = await answer(parts.answerer, AnswerRequest(CHOICE), "r")
        thought = made.supplements[0]
        assert (made.path, thought.used) == (AnswerPath.SIMILAR, False)
        assert thought.why == "the model's server cannot be connected to"
    async with Stub(tokenizer, {}).serving() as url:
        settings = settings_of(cache_dir, "none", catalogue=built, sidecar={"url": url})
        async with opened(settings) as parts:
            assert await parts.amiss() == []


async def test_a_sidecar_that_wants_another_key_says_so(
    cache_dir: Path, tokenizer: ChatTokenizer
) -> None:
    stub = Stub(tokenizer, {}, status=401)
    async with stub.serving() as url:
        given = {"sidecar": {"url": url, "api_key": KEY}}
        async with opened_answerer(settings_of(cache_dir, "openai", **given)) as parts:
            made = await answer(parts, AnswerRequest(CHOICE), "r")
    assert "setting API_KEY" in made.supplements[0].why
    assert KEY not in made.supplements[0].why
    assert stub.headers[0]["Authorization"] == f"Bearer {KEY}"


async def test_from_the_command_line_with_a_sidecar(
    cache_dir: Path,
    tokenizer: ChatTokenizer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stub = Stub(tokenizer, {}, say="Pens are filled with ink.")

    def run() -> int:
        with pytest.raises(SystemExit) as ended:
            main(["answer", CHOICE, "--engine", "embedded"])
        return int(ended.value.code or 0)

    async with stub.serving() as url:
        monkeypatch.setenv("LISTWRIGHT_CACHE", str(cache_dir))
        monkeypatch.setenv("LISTWRIGHT_SIDECAR__URL", url)
        assert await asyncio.to_thread(run) == 0
    told = capsys.readouterr().out
    assert told.startswith("1\n  1. bottle of ink\n")
    assert "Pens are filled with ink." in told
