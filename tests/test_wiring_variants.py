"""Variants of a whole service: several models behind it, each named by requests and receipts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from engines.stub_server import MODEL, Stub
from engines.test_made_models import adapter, whole
from quiz import CHOICE
from toyshop import DeadEngine, SpellingEngine, ToyRetriever, recommender

from service.catalog.artifact import LoadedCatalogue, load
from service.domain import Path as Road
from service.domain import Receipt, RecommendRequest, Strategy, Variant
from service.engines.local.convert import NAME, ensure_model
from service.engines.made_model import made_model
from service.engines.remote import watch
from service.engines.remote.engine import RemoteEngine
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadSettings, UnknownVariant
from service.pipeline.again import question_of
from service.pipeline.answer import answer
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.ports import Engine
from service.question import AnswerRequest
from service.settings import Settings, load_settings
from service.wiring import Parts, build_catalogue, opened
from service.wiring_answer import opened_answerer
from service.wiring_engine import upstreams
from service.wiring_variants import Served, with_others

ITEMS = [
    {"id": f"i{n}", "title": f"{colour} {thing}", "categories": [colour]}
    for n, (colour, thing) in enumerate(
        (colour, thing) for colour in ("Red", "Blue") for thing in ("Mug", "Lamp", "Sock", "Book")
    )
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> LoadedCatalogue:
    file = tmp_path_factory.mktemp("files") / "items.jsonl"
    file.write_text("".join(json.dumps(item) + "\n" for item in ITEMS), "utf-8")
    settings = load_settings({"cache": {"folder": cache_dir}, "retrieval": {"similarity": False}})
    return load(build_catalogue(file, None, file.parent / "built", settings))


@pytest.fixture
def stub(built: LoadedCatalogue, cache_dir: Path) -> Stub:
    tokenizer = ChatTokenizer(ensure_model(cache_dir, print), NAME)
    return Stub(tokenizer, {built.version: built}, adapters={})  # type: ignore[dict-item]


@pytest.fixture
async def url(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setattr(watch, "SOONEST_S", 0.0)
    async with stub.serving() as address:
        yield address


@pytest.fixture
def tuned(tmp_path: Path) -> Path:
    """An adapter whose parent is on another machine."""
    return adapter(tmp_path / "tuned", tmp_path / "elsewhere")


@pytest.fixture
def given(built: LoadedCatalogue, cache_dir: Path, tuned: Path) -> dict[str, dict[str, Any]]:
    return {
        "cache": {"folder": cache_dir},
        "catalogue": {"path": built.folder},
        "retrieval": {"similarity": False},
        "engine": {"kind": "vllm", "url": "http://127.0.0.1:9", "models": {"tuned": tuned}},
        "variants": {"tuned": {"model": "tuned"}},
    }


def settings_of(given: dict[str, dict[str, Any]], **engine: Any) -> Settings:
    return load_settings(given | {"engine": given["engine"] | engine})


def exchange(folder: Path) -> None:
    config = folder / "adapter_config.json"
    config.write_text(config.read_text("utf-8").replace('"r": 2', '"r": 3'), "utf-8")


async def receipt(parts: Parts | Recommender, variant: str | None = None, **fields: Any) -> Receipt:
    asked = {"k": 3, "strategy": Strategy.GENERATE, "variant": variant} | fields
    request = RecommendRequest(**asked)
    maker = parts if isinstance(parts, Recommender) else parts.recommender
    return (await recommend(maker, request, "r")).receipt


class TestVllm:
    async def test_each_variant_asks_for_its_own_model(
        self, url: str, stub: Stub, given: dict[str, Any], tuned: Path
    ) -> None:
        name = made_model("tuned", tuned).name
        async with opened(settings_of(given, url=url)) as parts:
            assert await parts.amiss() == []
            told = [
                await receipt(parts),
                await receipt(parts, "default"),
                await receipt(parts, "tuned"),
            ]
            said = await answer(parts.answerer, AnswerRequest(CHOICE, variant="tuned"), "a")
        assert [(one.variant, one.model) for one in told] == [
            ("default", MODEL), ("default", MODEL), ("tuned", name),
        ]  # fmt: skip
        assert (said.variant, said.model) == ("tuned", name)
        assert stub.adapters == {name: str(tuned)}

    async def test_weights_that_were_exchanged_are_not_loaded_under_the_old_name(
        self, url: str, stub: Stub, given: dict[str, Any], tuned: Path
    ) -> None:
        async with opened(settings_of(given, url=url)) as parts:
            exchange(tuned)
            stub.adapters = {}
            (amiss,) = await parts.amiss()
            assert "other weights" in amiss
            assert (await receipt(parts, "tuned")).path is not Road.LLM
        assert stub.adapters == {}

    async def test_the_default_may_be_a_model_of_ones_own(
        self, url: str, given: dict[str, Any], tuned: Path
    ) -> None:
        given["engine"]["models"][MODEL] = None
        given["variants"] = {"base": {"model": MODEL}}
        async with opened(settings_of(given, url=url, model="tuned")) as parts:
            told = [await receipt(parts), await receipt(parts, "base")]
        assert [one.model for one in told] == [made_model("tuned", tuned).name, MODEL]

    async def test_default_may_be_said_to_be_another(
        self, url: str, given: dict[str, Any], tuned: Path
    ) -> None:
        given["variants"]["default"] = {"model": "tuned", "strategy": "rank"}
        async with opened(settings_of(given, url=url)) as parts:
            told = await receipt(parts, strategy=Strategy.AUTO)
        assert (told.variant, told.strategy) == ("default", Strategy.RANK)
        assert told.model == made_model("tuned", tuned).name

    @pytest.mark.parametrize("strategy", [Strategy.GENERATE, Strategy.RANK])
    async def test_a_variant_may_say_who_the_model_is(
        self, url: str, stub: Stub, given: dict[str, Any], strategy: Strategy
    ) -> None:
        role = "You are the bookseller of Elm Street."
        given["variants"] = {"warm": {"role": role}}
        async with opened(settings_of(given, url=url)) as parts:
            said = {}
            for name in ("default", "warm"):
                stub.asked.clear()
                told = await receipt(parts, name, strategy=strategy)
                assert (told.path, told.model) == (Road.LLM, MODEL)
                read = [stub.tokenizer.decode(body["prompt"]) for body in stub.asked]
                said[name] = (told.prompt, [role in text for text in read])
        assert not any(said["default"][1])
        assert any(said["warm"][1])
        assert str(said["warm"][0]).startswith(f"{said['default'][0]}+")

    @pytest.mark.parametrize("role", ["", "x" * 301, "two\nlines", "a NUL \0", 3])
    async def test_a_role_that_is_none_stops_the_start(
        self, given: dict[str, Any], role: object
    ) -> None:
        given["variants"] = {"warm": {"role": role}}
        with pytest.raises(BadSettings, match="VARIANTS"):
            settings_of(given)

    async def test_what_is_kept_of_one_role_is_not_told_for_another(
        self, url: str, given: dict[str, Any]
    ) -> None:
        asked = RecommendRequest(k=3, strategy=Strategy.GENERATE, history=())
        keys = set()
        for role in (None, "You are a bookseller.", "You are a grocer."):
            given["variants"] = {"default": {"role": role, "strategy": "generate"}}
            async with opened(settings_of(given, url=url)) as parts:
                keys.add(question_of(parts.recommender, asked))
        assert len(keys) == 3

    async def test_trouble_with_one_is_told_and_touches_no_other(
        self, url: str, stub: Stub, given: dict[str, Any]
    ) -> None:
        stub.adapters = None
        async with opened(settings_of(given, url=url)) as parts:
            (amiss,) = await parts.amiss()
            base, other = await receipt(parts), await receipt(parts, "tuned")
            stub.adapters = {}
            assert await parts.amiss() == []
            assert (await receipt(parts, "tuned")).path is Road.LLM
        assert amiss.startswith("engine of tuned: ")
        assert "--enable-lora" in amiss
        assert (base.path, base.degraded) == (Road.LLM, False)
        assert (other.degraded, other.variant, other.model) == (True, "tuned", None)

    async def test_engines_of_one_server_share_its_places(
        self, url: str, given: dict[str, Any]
    ) -> None:
        given["variants"]["again"] = {"model": "tuned", "strategy": "rank"}
        async with opened(settings_of(given, url=url)) as parts:
            engines = {name: each.engine for name, each in parts.recommender.others.items()}
            assert engines["again"] is engines["tuned"] is not parts.recommender.engine
            assert parts.recommender.others["again"].pace is parts.recommender.others["tuned"].pace
            assert parts.recommender.others["tuned"].pace is not parts.recommender.pace
            for engine in engines.values():
                assert isinstance(engine, RemoteEngine)
                assert isinstance(parts.recommender.engine, RemoteEngine)
                assert engine.access.upstream is parts.recommender.engine.access.upstream
            assert [*upstreams(parts.models())] == ["engine"]

    async def test_questions_alone_have_variants_too(
        self, url: str, given: dict[str, Any], tuned: Path
    ) -> None:
        async with opened_answerer(settings_of(given, url=url)) as answerer:
            said = await answer(answerer, AnswerRequest(CHOICE, variant="tuned"), "a")
        assert said.model == made_model("tuned", tuned).name


class TestWhatStopsTheStart:
    async def stopped(self, given: dict[str, Any], words: str, **engine: Any) -> None:
        with pytest.raises(BadSettings, match=words):
            async with opened(settings_of(given, **engine)):
                pass

    async def test_a_variant_of_an_unknown_model(self, given: dict[str, Any]) -> None:
        given["variants"] = {"b": {"model": "tuend"}}
        await self.stopped(given, r"LISTWRIGHT_VARIANTS: b names the model tuend.*MODELS")

    async def test_a_model_that_the_embedded_engine_has_not(self, given: dict[str, Any]) -> None:
        words = r"LISTWRIGHT_ENGINE__MODEL is gone, and the embedded engine has no such model"
        await self.stopped(given, words, kind="embedded", model="gone")

    async def test_no_folder_for_the_embedded_engine(self, given: dict[str, Any]) -> None:
        await self.stopped(given, "needs a folder", kind="embedded", models={"tuned": None})

    async def test_a_name_that_the_small_model_has(
        self, given: dict[str, Any], tmp_path: Path
    ) -> None:
        given["variants"] = {"small": {"model": NAME}}
        for folder in (whole(tmp_path / "whole"), None):
            words = "MODELS: SmolLM2-135M-Instruct-int4 .*the small model's own name"
            await self.stopped(given, words, kind="embedded", models={NAME: folder})

    @pytest.mark.parametrize("kind", ["none", "openai"])
    async def test_an_engine_that_loads_none(self, given: dict[str, Any], kind: str) -> None:
        given["variants"] = {}
        await self.stopped(given, f"MODELS: an engine of kind {kind} loads no models", kind=kind)

    async def test_a_model_where_there_is_no_engine(self, given: dict[str, Any]) -> None:
        await self.stopped(given, "tuned names a model", kind="none", models={})

    async def test_a_folder_that_is_gone(self, given: dict[str, Any], tmp_path: Path) -> None:
        models = {"tuned": tmp_path / "gone"}
        await self.stopped(given, "MODELS: tuned .*there is no folder", models=models)

    async def test_a_whole_model_for_a_running_vllm(
        self, given: dict[str, Any], tmp_path: Path
    ) -> None:
        models = {"tuned": whole(tmp_path / "whole")}
        await self.stopped(given, "loads adapters alone", models=models)

    async def test_an_adapter_that_fits_not(self, given: dict[str, Any], tmp_path: Path) -> None:
        parent = whole(tmp_path / "wide", width=16)
        models = {"tuned": adapter(tmp_path / "narrow", parent)}
        await self.stopped(given, "made for another model", models=models)

    async def test_an_adapter_of_another_tokenizer(
        self, given: dict[str, Any], tuned: Path
    ) -> None:
        (tuned / "tokenizer.json").write_text("{}", "utf-8")
        await self.stopped(given, "trained with another tokenizer")


def served(*variants: tuple[str, dict[str, Any], Engine | None]) -> dict[str, Served]:
    return {name: Served(Variant(name, **terms), engine) for name, terms, engine in variants}


class TestRequests:
    """What a variant says holds where a request says nothing."""

    @pytest.fixture
    def parts(self) -> Recommender:
        engine = SpellingEngine()
        made = recommender(engine=engine, retrievers=[ToyRetriever("similarity")])
        terms = {"strategy": Strategy.RETRIEVE, "prior_weight": 3.5}
        named = served(
            ("default", {}, engine), ("plain", terms, engine), ("dead", {}, DeadEngine())
        )
        return with_others(made, named)

    async def test_its_strategy_and_weight(self, parts: Recommender) -> None:
        told = await receipt(parts, "plain", strategy=Strategy.AUTO)
        assert (told.variant, told.strategy) == ("plain", Strategy.RETRIEVE)
        assert told.prior_weight == 3.5

    async def test_a_request_that_says_something_wins(self, parts: Recommender) -> None:
        told = await receipt(parts, "plain", strategy=Strategy.GENERATE, prior_weight=0.0)
        assert (told.variant, told.strategy) == ("plain", Strategy.GENERATE)
        assert told.prior_weight == 0.0

    async def test_who_names_none_gets_the_default(self, parts: Recommender) -> None:
        told = await receipt(parts)
        assert (told.variant, told.strategy) == ("default", Strategy.GENERATE)

    async def test_one_that_is_not_there(self, parts: Recommender) -> None:
        with pytest.raises(UnknownVariant, match="no variant 'tuned'") as refused:
            await receipt(parts, "tuned")
        assert "dead, default, plain" in refused.value.hint

    async def test_each_has_its_own_engine(self, parts: Recommender) -> None:
        assert (await receipt(parts, "dead")).degraded
        assert not (await receipt(parts)).degraded
