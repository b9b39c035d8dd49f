"""Another catalogue takes the place of the one served, under load, without anybody noticing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from bookcase import bare, tools
from shopfront import error_of

from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.app import create_app
from service.api.service import Bounds
from service.catalog.build import build
from service.errors import DamagedArtifact, UnknownVersion
from service.settings import Settings, load_settings
from service.store.limits import MemoryLimits
from service.store.pointer import MemoryPointer
from service.versions import point
from service.wiring import Parts, opened
from service.wiring_editions import AGAIN_S, Edition, Editions
from service.wiring_engine import encoder_of

OLD, NEW = ("Ant", "Bee", "Cat", "Dog"), ("Elk", "Fox", "Gnu", "Hen")
PATIENCE_S = 20.0
BOSS = {"authorization": "Bearer boss"}


@pytest.fixture
def versions(tmp_path: Path) -> tuple[Path, str, str]:
    """A folder of two versions; CURRENT names the older one."""
    root = tmp_path / "catalogues"
    old = build(bare(*OLD), root, tools(similar=False)).name
    new = build(bare(*NEW), root, tools(similar=False)).name
    point(root, old)
    return root, old, new


@pytest.fixture
def settings(versions: tuple[Path, str, str]) -> Settings:
    return load_settings(
        {
            "catalogue": {"path": versions[0]},
            "engine": {"kind": "none"},
            "retrieval": {"similarity": False},
            "recommend": {"max_k": 4, "default_k": 2},
        }
    )


def titles(parts: Parts) -> set[str]:
    return {parts.catalogue.item(row).title for row in range(parts.catalogue.size)}


async def test_what_was_built_last_is_served_and_what_was_before_again(
    versions: tuple[Path, str, str], settings: Settings
) -> None:
    root, old, new = versions
    async with opened(settings) as parts:
        assert titles(parts) == set(OLD)
        assert (await parts.editions.reload()).catalogue.version == old
        point(root, new)
        assert titles(parts) == set(OLD), "nothing is served that nobody asked for"
        assert (await parts.editions.reload()).catalogue.version == new
        assert titles(parts) == set(NEW)
        assert parts.recommender.catalogue is parts.catalogue
        assert f'listwright_catalogue_items{{version="{new}"}} 4.0' in (
            parts.metrics.exposition().decode()
        )
        assert old not in parts.metrics.exposition().decode()
        assert (await parts.editions.rollback()).catalogue.version == old
        with pytest.raises(UnknownVersion, match="no other version was served"):
            await parts.editions.rollback()
        assert (await parts.editions.reload(new)).catalogue.version == new


async def test_what_cannot_be_served_changes_nothing(
    versions: tuple[Path, str, str], settings: Settings
) -> None:
    root, old, new = versions
    async with opened(settings) as parts:
        for strange in ("", "..", "c0123456789ab", f"../{root.name}/{new}", "x" * 999):
            with pytest.raises(UnknownVersion):
                await parts.editions.reload(strange)
        (damaged,) = (root / new).glob("manifest.json")
        damaged.write_text("{}", "utf-8")
        with pytest.raises(DamagedArtifact):
            await parts.editions.reload(new)
        assert parts.catalogue.version == old
        with pytest.raises(UnknownVersion):
            await parts.editions.rollback()


async def test_words_are_encoded_once_whatever_is_served(tmp_path: Path, cache_dir: Path) -> None:
    root = tmp_path / "catalogues"
    chosen = {"cache": {"folder": cache_dir}, "engine": {"kind": "none"}}
    encoder = encoder_of(load_settings(chosen))
    old, new = (
        build(bare(*titles), root, tools(encoder=encoder)).name  # type: ignore[arg-type]
        for titles in (OLD, NEW)
    )
    more = {"catalogue": {"path": root / old}, "recommend": {"max_k": 4, "default_k": 2}}
    async with visited(load_settings(chosen | more)) as client:
        for turn, user in enumerate(("ann", "bob", "zoe")):
            asked = {"user_id": user, "intent": {"query": "an animal that flies"}}
            assert (await client.post("/recommend", json=asked)).status_code == 200
            counted = (await client.get("/metrics")).text
            for outcome, count in (("miss", 1), ("hit", turn)):
                labels = f'cache="embeddings",outcome="{outcome}"'
                assert f"listwright_cache_total{{{labels}}} {count}.0" in counted
            assert (await client.post("/catalogue/reload", json={"version": new})).is_success


@asynccontextmanager
async def visited(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    keyring = Keyring({digest_of("boss"): Holder("boss", admin=True)})
    async with opened(settings) as parts:
        guarded = replace(parts, access=Access(MemoryLimits(), keyring))
        # A busy machine is not what is tested here, and no reason to refuse.
        bounds = Bounds(max_k=4, default_k=2, busy_seconds=PATIENCE_S)
        transport = httpx.ASGITransport(create_app(guarded, bounds))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://shop", headers=BOSS
        ) as client:
            yield client


async def test_under_load_every_list_is_of_one_catalogue(
    versions: tuple[Path, str, str], settings: Settings
) -> None:
    _, old, new = versions
    of = {old: set(OLD), new: set(NEW)}
    served: list[str] = []

    async def shop(client: httpx.AsyncClient, done: asyncio.Event) -> None:
        while not done.is_set():
            response = await client.post("/recommend", json={"k": 4})
            assert response.status_code == 200, response.text
            answer = response.json()
            version = answer["receipt"]["catalogue"]
            assert {item["title"] for item in answer["items"]} == of[version]
            served.append(version)

    async with visited(settings) as client:
        done = asyncio.Event()
        shoppers = [asyncio.create_task(shop(client, done)) for _ in range(8)]
        for version in (new, old) * 5:
            response = await client.post("/catalogue/reload", json={"version": version})
            assert (response.status_code, response.json()["version"]) == (200, version)
            await asyncio.sleep(0.02)
        done.set()
        await asyncio.gather(*shoppers)
    assert set(served) == {old, new}
    changes = sum(one != other for one, other in pairwise(served))
    assert changes >= 5


async def test_over_http_a_catalogue_that_cannot_be_served_is_told(
    versions: tuple[Path, str, str], settings: Settings
) -> None:
    root, old, new = versions
    async with visited(settings) as client:
        unknown = await client.post("/catalogue/reload", json={"version": "c0123456789ab"})
        assert (unknown.status_code, error_of(unknown)["code"]) == (404, "unknown_version")
        (root / new / "manifest.json").unlink()
        point(root, new)
        damaged = await client.post("/catalogue/reload", json={})
        assert (damaged.status_code, error_of(damaged)["code"]) == (409, "not_switched")
        assert "the catalogue served goes on" in error_of(damaged)["message"]
        nothing = await client.post("/catalogue/rollback")
        assert (nothing.status_code, error_of(nothing)["code"]) == (404, "unknown_version")
        assert (await client.get("/catalogue")).json()["version"] == old
        refused = await client.post("/catalogue/reload", json={"version": 7})
        assert refused.status_code == 422


async def test_what_could_not_be_opened_is_tried_again_after_a_while(
    versions: tuple[Path, str, str], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    _, old, new = versions
    tried: list[Path] = []
    now = [0.0]
    pointer = MemoryPointer()
    async with opened(settings) as parts:

        async def opening(folder: Path) -> Edition:
            tried.append(folder)
            raise DamagedArtifact("a file is not as it was written")

        editions = Editions(
            parts.editions.current, opening, lambda _edition: None, pointer, lambda: now[0]
        )
        await editions.follow()
        assert (tried, editions.trouble()) == ([], None)
        await pointer.point(new, old)
        with caplog.at_level(logging.WARNING):
            for now[0] in (0.0, 1.0, AGAIN_S - 1):
                await editions.follow()
        assert [folder.name for folder in tried] == [new]
        assert f"{new} is to be served, and {old} goes on here" in str(editions.trouble())
        assert caplog.text.count(f"{new} is to be served") == 1
        now[0] = AGAIN_S
        await editions.follow()
        assert len(tried) == 2
        await pointer.back(old)
        await editions.follow()
        assert editions.trouble() is None
        assert editions.current.version == old
