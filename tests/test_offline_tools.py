"""From files to a tuned service, by the commands of the README, with everything real."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
import ringroad

from service.domain import Intent, RecommendRequest, Strategy
from service.pipeline.recommend import recommend
from service.retrieval.ranker import load_ranker, ranker_root
from service.settings import load_settings
from service.tuning import Situation, Wording
from service.wiring import Parts, opened

SIZE = ("--dimension", "8", "--length", "6", "--epochs", "12", "--learning-rate", "0.01")
LINES = ("Red", "Green", "Blue", "Grey")


def run(*arguments: str | Path) -> int:
    """A command as in a terminal: in a process of its own, which a tool takes over."""
    command = [sys.executable, "-c", "from service.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own interpreter


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stops on a ring, each on one of four lines; users ride from one to the next."""
    folder = tmp_path_factory.mktemp("ring")
    items = [
        {"id": name, "title": f"Stop {name}", "categories": [f"{LINES[at % 4]} Line"]}
        for at, name in enumerate(ringroad.IDS)
    ]
    events = [
        {"user": f"u{user}", "item": ringroad.IDS[stop], "timestamp": 100 * user + place}
        for user, walk in enumerate(ringroad.walks(users=80))
        for place, stop in enumerate(walk.tolist())
    ]
    for name, rows in (("items", items), ("events", events)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def catalogue(shop: Path, cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("catalogue")
    assert run("build", "--items", shop, "--out", out) == 0
    return out


def test_from_files_to_a_tuned_service(catalogue: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settings = load_settings({"catalogue": {"path": catalogue}})

    async def story() -> None:
        async with opened(settings) as parts:
            before = (await recommend(parts.recommender, asked(), "1")).receipt
            assert before.retrievers == ("popularity", "similarity")
            wish = asked(intent=Intent(text="take me along the Green Line, please"))
            wished = await recommend(parts.recommender, wish, "w")
            assert "mentions" in wished.receipt.retrievers
            assert "Green Line" in wished.items[0].item.categories
            assert await asyncio.to_thread(run, "train", "--catalogue", catalogue, *SIZE) == 0
            await taken_up(parts)
            trained = await recommend(parts.recommender, asked(), "2")
            assert trained.receipt.retrievers == ("popularity", "sasrec", "similarity")
            assert ringroad.IDS[9] in [line.item.id for line in trained.items]
            tune = ("tune", "--catalogue", catalogue, "--users", "30", "--cases", "60")
            assert await asyncio.to_thread(run, *tune) == 0
            await taken_up(parts)
            tuned = (await recommend(parts.recommender, asked(Strategy.AUTO), "3")).receipt
            assert "for 30 validation requests" in tuned.why
            assert not tuned.degraded
            assert tuned.ranker != trained.receipt.ranker
            again = ("train", "--catalogue", catalogue, *SIZE, "--seed", "5")
            assert await asyncio.to_thread(run, *again) == 0
            await taken_up(parts)
            anew = (await recommend(parts.recommender, asked(Strategy.AUTO), "4")).receipt
            assert "for 30 validation requests" in anew.why
            assert anew.ranker not in {tuned.ranker, trained.receipt.ranker}

    asyncio.run(story())
    told = capfd.readouterr()
    assert "best" in told.err
    assert "Published" in told.out
    assert told.out.index("It has no tuning") < told.out.index(
        "It has the tuning of the one before"
    )
    tuning = load_ranker(ranker_root(catalogue)).tuning
    assert {situation.words for situation in tuning.blends} == set(Wording)
    assert tuning.blends[Situation("4-10")].weights["sasrec"] > 0
    assert {one.strategy for one in tuning.measured} == {
        Strategy.RANK, Strategy.GENERATE,
    }  # fmt: skip


def test_tuning_without_a_ranker_says_what_to_do(
    shop: Path, cache_dir: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("build", "--items", shop, "--out", tmp_path) == 0
    assert run("tune", "--catalogue", tmp_path, "--users", "0") == 1
    told = capfd.readouterr().err
    assert "there is no ranker beside" in told
    assert "listwright train" in told
    assert "Traceback" not in told


def test_tuning_beside_a_ranker_that_cannot_be_read_says_why(
    shop: Path, cache_dir: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("build", "--items", shop, "--out", tmp_path) == 0
    root = ranker_root(tmp_path / (tmp_path / "CURRENT").read_text("utf-8").strip())
    root.mkdir(parents=True)
    (root / "CURRENT").write_text("r0123456789ab", "utf-8")
    assert run("tune", "--catalogue", tmp_path, "--users", "0") == 1
    told = capfd.readouterr().err
    assert "cannot be used" in told
    assert "there is no ranker beside" not in told


def test_the_tools_tell_their_own_options(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("tune", "--help") == 0
    assert "--users" in capfd.readouterr().out
    assert run("train", "--help") == 0
    told = capfd.readouterr().out
    assert "--learning-rate" in told
    assert "listwright train" in told
    assert "models.sasrec" not in told


def asked(
    strategy: Strategy = Strategy.RETRIEVE,
    intent: Intent = Intent(),  # noqa: B008 - frozen
) -> RecommendRequest:
    return RecommendRequest(k=3, history=tuple(ringroad.IDS[4:9]), strategy=strategy, intent=intent)


async def taken_up(parts: Parts) -> None:
    """Wait until the service has the ranker that was published last."""
    ranker = parts.ranker
    assert ranker is not None
    named = (ranker_root(parts.catalogue.folder) / "CURRENT").read_text("ascii").strip()
    async with asyncio.timeout(20):
        while (now := ranker.current()) is None or now.ranker.version != named:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
