"""`listwright tune --variant`: the lists of a variant's model are measured, beside the others'."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from toyshop import DeadEngine, SpellingEngine, recommender
from typer.testing import CliRunner

from models.tune import __main__ as command
from models.tune.__main__ import app, asked_for
from models.tune.tune import How
from service.domain import Strategy, Variant
from service.pipeline.parts import Recommender
from service.ports import Engine
from service.settings import Settings, load_settings
from service.tuning import Blend, Measured, Situation, Tuning
from service.wiring_variants import Served, with_others

BLENDS: Mapping[Situation, Blend] = {Situation("none"): Blend({"popularity": 1.0})}


class Base(SpellingEngine):
    model = "base"


class Tuned(SpellingEngine):
    model = "tuned@1a2b3c4d"


def measured(model: str, ndcg: float = 0.1) -> Measured:
    return Measured(model, Strategy.GENERATE, True, False, 10.0, ndcg, 30, above=0.0, error=0.0)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Tuning]:
    """What is published by a ranker whose tuning measured a model long ago."""
    published: list[Tuning] = []
    before = Tuning(BLENDS, (measured("base", ndcg=0.5), measured("tuned@1a2b3c4d", ndcg=0.9)))
    bound = SimpleNamespace(ranker=SimpleNamespace(tuning=before, version="r1"))
    engines: dict[str, Engine] = {"default": Base(), "tuned": Tuned(), "dead": DeadEngine()}
    served = {name: Served(Variant(name), engine) for name, engine in engines.items()}
    parts = SimpleNamespace(
        catalogue=None,
        ranker=SimpleNamespace(current=lambda: bound),
        recommender=with_others(recommender(engine=engines["default"]), served),
    )

    @asynccontextmanager
    async def opened(_: Settings) -> AsyncIterator[Any]:
        yield parts

    async def tuned(held: Recommender, _cases: object, _how: How) -> Tuning:
        assert held.engine is not None
        return Tuning(BLENDS, (measured(held.engine.model),))

    def retuned(root: Path, tuning: Tuning, **_: str) -> Path:
        published.append(tuning)
        return root

    monkeypatch.setattr(command, "opened", opened)
    monkeypatch.setattr(command, "held_out", lambda *_: (parts.recommender.catalogue, []))
    monkeypatch.setattr(command, "tuned", tuned)
    monkeypatch.setattr(command, "retuned", retuned)
    return published


@pytest.fixture(autouse=True)
def _variants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTWRIGHT_ENGINE__MODELS", '{"tuned": "/srv/models/tuned"}')
    variants = '{"tuned": {"model": "tuned"}, "dead": {"strategy": "rank"}}'
    monkeypatch.setenv("LISTWRIGHT_VARIANTS", variants)


@pytest.mark.parametrize(
    ("options", "figures"),
    [
        ([], {"base": 0.1, "tuned@1a2b3c4d": 0.9}),
        (["--variant", "tuned"], {"base": 0.5, "tuned@1a2b3c4d": 0.1}),
    ],
)
def test_its_model_is_measured_and_others_stay(
    published: list[Tuning], options: list[str], figures: dict[str, float]
) -> None:
    done = CliRunner().invoke(app, ["--catalogue", "shop", *options])
    assert done.exit_code == 0, done.output
    (tuning,) = published
    assert {one.model: one.ndcg for one in tuning.measured} == figures


def test_one_that_is_not_there_is_told_before_anything_is_opened(published: list[Tuning]) -> None:
    done = CliRunner().invoke(app, ["--catalogue", "shop", "--variant", "tuend"])
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert "LISTWRIGHT_VARIANTS has no tuend" in said
    assert "There are: dead, default, tuned." in said
    assert not published


def test_no_other_model_is_opened_beside_it() -> None:
    assert set(asked_for(load_settings(), "tuned").variants) == {"tuned"}
    assert not asked_for(load_settings(), "default").variants


def test_blends_alone_need_no_model() -> None:
    settings = asked_for(load_settings(), None)
    assert settings.engine.kind == "none"
    assert (settings.engine.models, settings.variants) == ({}, {})
