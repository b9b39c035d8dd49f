"""What a catalogue was built with, and after it what came in since."""

from __future__ import annotations

from pathlib import Path

import pytest
from bookcase import bare, books, readings, source, tools

from service.catalog.artifact import load
from service.catalog.build import build
from service.catalog.histories import Histories
from service.domain import Event, User
from service.ports import HistoryStore, Recorded
from service.store.memory import MemoryHistories
from service.store.seeded import SeededHistories

READER = User("reader-3")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Histories:
    folder = tmp_path_factory.mktemp("store")
    shuffled = sorted(readings(), key=lambda reading: (reading[1], reading[0]))
    build(source(folder, books(), shuffled), folder / "out", tools(similar=False))
    return load(folder / "out").histories


@pytest.fixture
def store(built: Histories) -> SeededHistories:
    return SeededHistories(built, MemoryHistories())


def met(number: int, item: str, user: User = READER) -> Event:
    return Event(f"e{number}", user, item, number)


async def test_a_history_is_complete_and_oldest_first(store: SeededHistories) -> None:
    as_port: HistoryStore = store
    for reader in (f"reader-{n}" for n in range(30)):
        known = sorted((time, item) for user, item, time in readings() if user == reader)
        assert await as_port.history(User(reader)) == tuple(item for _, item in known)


async def test_what_comes_in_follows(store: SeededHistories) -> None:
    before = await store.history(READER)
    assert await store.record([met(2, "new"), met(1, before[0])]) == Recorded(new=2)
    others = [item for item in before if item != before[0]]
    assert await store.history(READER) == (*others, before[0], "new")
    await store.forget(READER)
    assert await store.history(READER) == before


async def test_the_catalogue_knows_the_users_of_one_tenant(built: Histories) -> None:
    live = MemoryHistories()
    store = SeededHistories(built, live, tenant="books")
    assert await store.history(READER) == ()
    assert await store.history(User(READER.id, "books")) != ()


@pytest.mark.parametrize("user", ["", "reader-30", "READER-1", "\ud800"])
async def test_a_user_nobody_has_seen_has_none(store: SeededHistories, user: str) -> None:
    assert await store.history(User(user)) == ()


def test_some_users_can_be_shown(store: SeededHistories) -> None:
    some = store.users(7)
    assert len(set(some)) == 7
    assert some == store.users(7)
    assert len(set(store.users(1000))) == 30
    assert store.users(0) == ()


def test_those_shown_are_of_one_tenant_and_counted(built: Histories) -> None:
    store = SeededHistories(built, MemoryHistories(), tenant="books")
    some = store.known("books", 7)
    assert tuple(one.id for one in some) == store.users(7)
    assert [one.events for one in some] == [len(built.history(one.id)) for one in some]
    assert all(one.events for one in some)
    assert store.known("other", 7) == store.known("books", 0) == ()


async def test_without_events_there_is_nobody(tmp_path: Path) -> None:
    build(bare("One"), tmp_path, tools(similar=False))
    catalogue = load(tmp_path)
    store = SeededHistories(catalogue.histories, MemoryHistories())
    assert store.users(5) == ()
    assert await store.history(User("anyone")) == ()
