"""Gateways that share a Redis serve the same catalogue: whoever is asked for another tells all."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import httpx
import pytest
from bookcase import bare, tools
from real_redis import RealRedis, real_redis
from shopfront import error_of

from service import wiring_editions
from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.app import create_app
from service.api.service import Bounds
from service.catalog.build import build
from service.settings import load_settings
from service.store.limits import MemoryLimits
from service.versions import point
from service.wiring import opened

OLD, NEW, NEXT = ("Ant", "Bee", "Cat", "Dog"), ("Elk", "Fox", "Gnu", "Hen"), ("Ibis", "Jay", "Koi")
PATIENCE_S = 20.0

_numbers = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRedis]:
    with real_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@dataclass(frozen=True)
class Versions:
    """Of one catalogue, in a folder that gateways have copies of; CURRENT names the oldest."""

    root: Path
    old: str
    new: str
    next: str

    def copy(self, folder: Path, *without: str) -> Path:
        shutil.copytree(self.root, folder, ignore=shutil.ignore_patterns(*without))
        return folder


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    root = tmp_path_factory.mktemp("built") / "catalogues"
    made = [build(bare(*titles), root, tools(similar=False)).name for titles in (OLD, NEW, NEXT)]
    point(root, made[0])
    return Versions(root, *made)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring_editions, "EVERY_S", 0.02)


async def seen(so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await so():  # noqa: ASYNC110 - another gateway has no event for us
            await asyncio.sleep(0.01)


@dataclass(frozen=True)
class Gateway:
    client: httpx.AsyncClient

    async def reload(self, version: str | None = None) -> httpx.Response:
        return await self.client.post(
            "/catalogue/reload", json={} if version is None else {"version": version}
        )

    async def rollback(self) -> httpx.Response:
        return await self.client.post("/catalogue/rollback")

    async def serves(self) -> str:
        found: str = (await self.client.get("/catalogue")).json()["version"]
        return found

    async def amiss(self) -> list[str]:
        found: list[str] = (await self.client.get("/readyz")).json()["degraded"]
        return found

    async def counted(self) -> str:
        return (await self.client.get("/metrics")).text

    async def until(self, version: str) -> None:
        async def so() -> bool:
            return await self.serves() == version

        await seen(so)

    async def until_told(self, words: str) -> None:
        async def so() -> bool:
            return any(words in each for each in await self.amiss())

        await seen(so)

    async def until_well(self) -> None:
        async def so() -> bool:
            return await self.amiss() == []

        await seen(so)


@asynccontextmanager
async def gateway(root: Path, url: str, prefix: str) -> AsyncIterator[Gateway]:
    settings = load_settings(
        {
            "catalogue": {"path": root},
            "engine": {"kind": "none"},
            "retrieval": {"similarity": False},
            "recommend": {"max_k": 4, "default_k": 3},
            "store": {"kind": "redis", "url": url, "prefix": prefix, "timeout_ms": 2_000},
        }
    )
    keyring = Keyring({digest_of("boss"): Holder("boss", admin=True)})
    async with opened(settings) as parts:
        guarded = replace(parts, access=Access(MemoryLimits(), keyring))
        # A busy machine is not what is tested here, and no reason to refuse.
        bounds = Bounds(max_k=4, default_k=3, busy_seconds=PATIENCE_S)
        transport = httpx.ASGITransport(create_app(guarded, bounds))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://shop", headers={"x-api-key": "boss"}
        ) as client:
            yield Gateway(client)


@asynccontextmanager
async def two(
    one: Path, other: Path, server: RealRedis, prefix: str | None = None
) -> AsyncIterator[tuple[Gateway, Gateway]]:
    prefix = prefix or f"g{next(_numbers)}"
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(gateway(one, server.url, prefix))
        yield first, await stack.enter_async_context(gateway(other, server.url, prefix))


async def test_what_one_is_asked_for_all_serve(
    versions: Versions, server: RealRedis, tmp_path: Path
) -> None:
    async with two(versions.root, versions.copy(tmp_path / "other"), server) as (one, other):
        assert await one.serves() == await other.serves() == versions.old
        assert (await one.reload(versions.new)).status_code == 200
        assert await one.serves() == versions.new
        await other.until(versions.new)
        assert (await other.reload(versions.next)).status_code == 200
        await one.until(versions.next)
        for left in (versions.new, versions.old):
            assert (await other.rollback()).json()["version"] == left
            await one.until(left)
        nothing = await one.rollback()
        assert (nothing.status_code, error_of(nothing)["code"]) == (404, "unknown_version")
        assert await one.amiss() == await other.amiss() == []


async def test_who_lacks_the_version_goes_on_says_so_and_follows_once_it_is_there(
    versions: Versions, server: RealRedis, tmp_path: Path
) -> None:
    lacking = versions.copy(tmp_path / "lacking", versions.new)
    async with two(versions.root, lacking, server) as (one, other):
        assert (await one.reload(versions.new)).status_code == 200
        await other.until_told(f"catalogue: {versions.new} is to be served")
        assert await other.serves() == versions.old
        assert 'listwright_trouble{part="catalogue"} 1.0' in await other.counted()
        assert (await other.client.post("/recommend", json={})).status_code == 200
        shutil.copytree(versions.root / versions.new, lacking / ".coming")
        (lacking / ".coming").rename(lacking / versions.new)
        await other.until(versions.new)
        assert await other.amiss() == []
        assert 'listwright_trouble{part="catalogue"} 0.0' in await other.counted()


async def test_who_cannot_open_the_version_goes_on_and_says_so(
    versions: Versions, server: RealRedis, tmp_path: Path
) -> None:
    damaged = versions.copy(tmp_path / "damaged")
    (damaged / versions.new / "manifest.json").write_text("{}", "utf-8")
    async with two(versions.root, damaged, server) as (one, other):
        assert (await one.reload(versions.new)).status_code == 200
        await other.until_told(f"catalogue: {versions.new} is to be served")
        assert await other.serves() == versions.old
        assert (await one.rollback()).status_code == 200
        await other.until_well()


async def test_what_a_gateway_cannot_open_it_asks_nobody_to_serve(
    versions: Versions, server: RealRedis, tmp_path: Path
) -> None:
    damaged = versions.copy(tmp_path / "damaged")
    (damaged / versions.new / "manifest.json").write_text("{}", "utf-8")
    async with two(damaged, versions.root, server) as (one, other):
        assert (await one.reload(versions.new)).status_code == 409
        await asyncio.sleep(0.1)
        assert await one.serves() == await other.serves() == versions.old
        assert await other.amiss() == []


async def test_who_starts_serves_what_all_serve(
    versions: Versions, server: RealRedis, tmp_path: Path
) -> None:
    prefix = f"g{next(_numbers)}"
    async with gateway(versions.root, server.url, prefix) as one:
        assert (await one.reload(versions.new)).status_code == 200
        for named in (versions.root, versions.root / versions.old):
            async with gateway(named, server.url, prefix) as other:
                assert await other.serves() == versions.new
        lacking = versions.copy(tmp_path / "lacking", versions.new)
        async with gateway(lacking, server.url, prefix) as other:
            assert await other.serves() == versions.old
            await other.until_told(f"catalogue: {versions.new} is to be served")


async def test_while_redis_is_away_nothing_changes(versions: Versions, tmp_path: Path) -> None:
    with real_redis(tmp_path, "--appendonly", "yes") as server:
        async with two(versions.root, versions.root, server, "away") as (one, other):
            assert (await one.reload(versions.new)).status_code == 200
            await other.until(versions.new)
            server.stop()
            for refused in (await one.reload(versions.next), await other.rollback()):
                assert (refused.status_code, error_of(refused)["code"]) == (
                    503,
                    "store_unavailable",
                )
            await asyncio.sleep(0.1)
            assert await one.serves() == await other.serves() == versions.new
            assert (await one.client.post("/recommend", json={})).status_code == 200
            async with gateway(versions.root, server.url, "away") as late:
                assert await late.serves() == versions.old, "what CURRENT names, for want of more"
                server.start()
                await late.until(versions.new)
            assert (await other.rollback()).status_code == 200
            await one.until(versions.old)


async def test_where_redis_lost_its_data_all_serve_what_was_served(
    versions: Versions, tmp_path: Path
) -> None:
    with real_redis(tmp_path) as server:
        async with gateway(versions.root, server.url, "lost") as one:
            server.stop()
            server.start()
            await asyncio.sleep(0.1)
            with server.plain() as client:
                assert client.keys("lost:p") == [], "nobody was asked for anything yet"
            assert (await one.reload(versions.new)).status_code == 200
            server.stop()
            server.start()
            async with gateway(versions.root, server.url, "lost") as late:
                await late.until(versions.new)
                assert await one.serves() == versions.new
                await late.until_well()


async def test_where_redis_lost_its_data_who_lacks_the_version_leads_nobody_back(
    versions: Versions, tmp_path: Path
) -> None:
    lacking = versions.copy(tmp_path / "lacking", versions.new)
    with real_redis(tmp_path) as server:
        async with gateway(lacking, server.url, "lost") as behind:
            async with gateway(versions.root, server.url, "lost") as one:
                assert (await one.reload(versions.new)).status_code == 200
                await behind.until_told(f"catalogue: {versions.new} is to be served")
            server.stop()
            server.start()

            async def pointed_again() -> bool:
                with server.plain() as client:
                    return bool(client.exists("lost:p"))

            await seen(pointed_again)
            async with gateway(versions.root, server.url, "lost") as one:
                assert await one.serves() == versions.new
                await behind.until_told(f"catalogue: {versions.new} is to be served")


async def test_of_two_administrators_at_once_the_last_wins_everywhere(
    versions: Versions, server: RealRedis
) -> None:
    async with two(versions.root, versions.root, server) as (one, other):

        async def agreed() -> bool:
            return await one.serves() == await other.serves()

        for _ in range(5):
            asked = (one.reload(versions.new), other.reload(versions.next), one.rollback())
            told = await asyncio.gather(*asked)
            assert {each.status_code for each in told} <= {200, 404}
            await seen(agreed)
            assert await one.amiss() == await other.amiss() == []


async def test_under_load_no_request_fails_and_every_list_is_of_one_catalogue(
    versions: Versions, server: RealRedis, tmp_path: Path
) -> None:
    of = {versions.old: OLD, versions.new: NEW, versions.next: NEXT}
    served: set[tuple[int, str]] = set()

    async def shop(number: int, at: Gateway, going_on: Callable[[], bool]) -> None:
        while going_on():
            response = await at.client.post("/recommend", json={"user_id": "ann", "k": 3})
            assert response.status_code == 200, response.text
            answer = response.json()
            receipt = answer["receipt"]
            assert {item["title"] for item in answer["items"]} <= set(of[receipt["catalogue"]])
            assert (receipt["exists"], receipt["repeats"], len(answer["items"])) == (3, 0, 3)
            served.add((number, receipt["catalogue"]))

    async with two(versions.root, versions.copy(tmp_path / "other"), server) as both:
        switching = asyncio.Event()
        shoppers = [
            asyncio.create_task(shop(number, at, lambda: not switching.is_set()))
            for number, at in enumerate(both)
            for _ in range(4)
        ]
        for turn, version in enumerate((versions.new, versions.next, versions.old) * 3):
            assert (await both[turn % 2].reload(version)).status_code == 200
            await both[(turn + 1) % 2].until(version)
        switching.set()
        await asyncio.gather(*shoppers)
    assert served == {(number, version) for number in (0, 1) for version in of}
