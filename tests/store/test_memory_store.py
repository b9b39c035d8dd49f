from __future__ import annotations

from pathlib import Path

import pytest
from bookcase import bare, books, readings, source, tools

from service.catalog.artifact import load
from service.catalog.build import build
from service.ports import HistoryStore
from service.store.memory import MemoryStore


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> MemoryStore:
    folder = tmp_path_factory.mktemp("store")
    shuffled = sorted(readings(), key=lambda reading: (reading[1], reading[0]))
    build(source(folder, books(), shuffled), folder / "out", tools(similar=False))
    return MemoryStore(load(folder / "out").histories)


async def test_a_history_is_complete_and_oldest_first(store: MemoryStore) -> None:
    as_port: HistoryStore = store
    for reader in (f"reader-{n}" for n in range(30)):
        met = sorted((time, item) for user, item, time in readings() if user == reader)
        assert await as_port.history(reader) == tuple(item for _, item in met)


@pytest.mark.parametrize("user", ["", "reader-30", "READER-1", "\ud800"])
async def test_a_user_nobody_has_seen_has_none(store: MemoryStore, user: str) -> None:
    assert await store.history(user) == ()


def test_some_users_can_be_shown(store: MemoryStore) -> None:
    some = store.users(7)
    assert len(set(some)) == 7
    assert some == store.users(7)
    assert len(set(store.users(1000))) == 30
    assert store.users(0) == ()


async def test_without_events_there_is_nobody(tmp_path: Path) -> None:
    build(bare("One"), tmp_path, tools(similar=False))
    store = MemoryStore(load(tmp_path).histories)
    assert store.users(5) == ()
    assert await store.history("anyone") == ()
