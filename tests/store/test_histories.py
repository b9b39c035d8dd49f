"""Histories keep their promise in whatever they are kept: the process, Redis, a cluster of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_redis import RealRedis
from trips import counted

from service.domain import Event, User
from service.errors import StoreUnavailable
from service.ports import HistoryStore, Recorded
from service.store.keys import Keys
from service.store.memory import MemoryHistories
from service.store.redis import RedisHistories
from service.store.redis_server import RedisOptions, RedisServer
from service.store.timeline import Timeline

MOST = 20

_numbers = count()


@pytest.fixture(params=["memory", "redis", "cluster"])
async def store(
    request: pytest.FixtureRequest, servers: dict[str, RealRedis]
) -> AsyncIterator[HistoryStore]:
    if request.param == "memory":
        yield MemoryHistories(MOST)
        return
    options = RedisOptions(servers[request.param].url, cluster=request.param == "cluster")
    server = RedisServer(options)
    yield RedisHistories(server, Keys(f"t{next(_numbers)}"), MOST)
    await server.close()


ANN = User("ann")


def event(number: int, at: int, user: User = ANN, item: str | None = None) -> Event:
    return Event(f"e{number}", user, item or f"i{number}", at)


async def test_a_user_nobody_has_seen_has_none(store: HistoryStore) -> None:
    assert await store.history(ANN) == ()
    assert await store.trouble() is None


async def test_it_is_in_the_order_of_time_however_it_came(store: HistoryStore) -> None:
    events = [event(number, at=1_000 + number) for number in range(12)]
    random.Random(4).shuffle(events)
    for each in events:
        assert await store.record([each]) == Recorded(new=1)
    assert await store.history(ANN) == tuple(f"i{number}" for number in range(12))


async def test_what_is_sent_again_counts_once(store: HistoryStore) -> None:
    events = [event(number, at=number) for number in range(5)]
    assert await store.record(events) == Recorded(new=5)
    assert await store.record([*events, event(5, at=5)]) == Recorded(new=1, known=5)
    assert len(await store.history(ANN)) == 6


async def test_the_same_id_is_the_same_event_whatever_it_says(store: HistoryStore) -> None:
    await store.record([event(1, at=1, item="lamp")])
    assert await store.record([event(1, at=9, item="rug")]) == Recorded(known=1)
    assert await store.history(ANN) == ("lamp",)


async def test_twice_in_one_batch_is_once(store: HistoryStore) -> None:
    assert await store.record([event(1, at=1), event(1, at=1)]) == Recorded(new=1, known=1)


async def test_an_item_may_be_met_again(store: HistoryStore) -> None:
    await store.record([event(1, at=1, item="tea"), event(2, at=2, item="tea")])
    assert await store.history(ANN) == ("tea", "tea")


async def test_only_the_newest_are_kept(store: HistoryStore) -> None:
    events = [event(number, at=number) for number in range(MOST + 7)]
    assert await store.record(events[7:]) == Recorded(new=MOST)
    assert await store.record(events[:7]) == Recorded(late=7)
    assert await store.history(ANN) == tuple(f"i{number}" for number in range(7, MOST + 7))
    assert await store.record([event(99, at=10, item="late")]) == Recorded(new=1)
    assert (await store.history(ANN))[:4] == ("i8", "i9", "i10", "late")


async def test_a_batch_of_more_than_are_kept_leaves_the_newest(store: HistoryStore) -> None:
    events = [event(number, at=number) for number in range(3 * MOST)]
    random.Random(7).shuffle(events)
    done = await store.record([*events, *events[:5]])
    assert done == Recorded(new=MOST, known=5, late=2 * MOST)
    assert await store.history(ANN) == tuple(f"i{n}" for n in range(2 * MOST, 3 * MOST))


async def test_users_and_tenants_do_not_meet(store: HistoryStore) -> None:
    others = [User("bob"), User("ann", "other"), User("a}nn"), User("{ann}"), User("x/ann")]
    for number, user in enumerate([ANN, *others]):
        await store.record([event(1, at=1, user=user, item=f"of {number}")])
    for number, user in enumerate([ANN, *others]):
        assert await store.history(user) == (f"of {number}",)


async def test_one_batch_is_of_many_users(store: HistoryStore) -> None:
    users = [User(f"u{number}") for number in range(300)]
    events = [event(number, at=number, user=user) for number, user in enumerate(users)]
    assert await store.record(events) == Recorded(new=300)
    assert await store.history(users[17]) == ("i17",)


async def test_ids_are_any_text(store: HistoryStore) -> None:
    odd = User("Zoë 🛒\n{a}\\:*")
    await store.record([Event("é{}:1", odd, "ítem 'x' \"y\" {z}", 5)])
    assert await store.history(odd) == ("ítem 'x' \"y\" {z}",)


async def test_what_is_forgotten_is_gone_and_may_come_again(store: HistoryStore) -> None:
    await store.record([event(1, at=1), event(1, at=1, user=User("bob"))])
    await store.forget(ANN)
    await store.forget(ANN)
    assert await store.history(ANN) == ()
    assert await store.history(User("bob")) == ("i1",)
    assert await store.record([event(1, at=1)]) == Recorded(new=1)


async def test_senders_side_by_side_lose_nothing(store: HistoryStore) -> None:
    events = [event(number, at=number) for number in range(MOST)]
    batches = [random.Random(seed).sample(events, 7) for seed in range(40)]
    done = await asyncio.gather(*(store.record(batch) for batch in batches))
    sent = {each.id for batch in batches for each in batch}
    assert sum(done, Recorded()) == Recorded(new=len(sent), known=40 * 7 - len(sent))
    assert set(await store.history(ANN)) == {each.item_id for each in events if each.id in sent}


@pytest.mark.parametrize("kind", ["memory", "redis", "cluster"])
async def test_the_longest_history_is_bounded_however_its_events_come(
    servers: dict[str, RealRedis], kind: str
) -> None:
    """In batches within and beyond the bound, out of order, many of them twice."""
    longest, sent = 10_000, 13_000
    store: HistoryStore = MemoryHistories(longest)
    if kind != "memory":
        server = RedisServer(RedisOptions(servers[kind].url, cluster=kind == "cluster", timeout=5))
        store = RedisHistories(server, Keys("bound"), longest)
    events = [event(number, at=number) for number in range(sent)]
    dice = random.Random(3)
    dice.shuffle(events)
    first, rest = events[:11_000], events[11_000:]
    batches = [rest[at : at + 1_000] + dice.sample(first, 200) for at in range(0, len(rest), 1_000)]
    done = sum([await store.record(batch) for batch in [first, *batches]], Recorded())
    newest = tuple(f"i{number}" for number in range(sent - longest, sent))
    assert await store.history(ANN) == newest
    assert done.new + done.known + done.late == sent + 200 * len(batches)
    assert await store.record(events) == Recorded(known=longest, late=sent - longest)
    assert await store.history(ANN) == newest
    if kind != "memory":
        await server.close()


async def test_the_longest_history_is_read_whole(servers: dict[str, RealRedis]) -> None:
    server = RedisServer(RedisOptions(servers["redis"].url))
    store = RedisHistories(server, Keys("long"), most=10_000)
    for first in range(0, 11_000, 1_000):
        await store.record([event(number, at=number) for number in range(first, first + 1_000)])
    assert await store.history(ANN) == tuple(f"i{number}" for number in range(1_000, 11_000))
    shorter = RedisHistories(server, Keys("long"), most=50)
    assert await shorter.record([event(20_000, at=20_000)]) == Recorded(new=1)
    assert len(await store.history(ANN)) == 50
    await server.close()


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=40).map(
        lambda pairs: [event(number, at=at) for number, at in dict(pairs).items()]
    ),
    st.randoms(),
    st.integers(1, 6),
)
def test_it_follows_from_the_events_alone(
    events: list[Event], dice: random.Random, most: int
) -> None:
    """In whatever order and however often they come."""
    timeline = Timeline()
    sent = [*events, *events]
    dice.shuffle(sent)
    for each in sent:
        timeline.add([each], most)
    newest = sorted(events, key=lambda each: (each.at, each.id))[-most:]
    assert timeline.items() == tuple(each.item_id for each in newest)
    at_once = Timeline()
    told = at_once.add(sent, most)
    assert at_once.items() == timeline.items()
    assert told == Recorded(len(newest), len(events), len(events) - len(newest))


async def test_what_was_taken_in_makes_room_for_nothing() -> None:
    store = MemoryHistories(most=5, most_of_all=7)
    await store.record([event(number, at=number) for number in range(7)])
    bob = User("bob")
    await store.record([event(1, at=1, user=bob), event(2, at=2, user=bob)])
    with pytest.raises(StoreUnavailable, match="no room"):
        await store.record([event(3, at=3, user=bob)])
    assert len(await store.history(ANN)) == 5
    await store.forget(ANN)
    assert await store.record([event(3, at=3, user=bob)]) == Recorded(new=1)


class TestRoundTrips:
    async def test_calls_made_at_once_share_one(
        self, servers: dict[str, RealRedis], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = RedisServer(RedisOptions(servers["redis"].url))
        store = RedisHistories(server, Keys("trips"), MOST)
        users = [User(f"u{number}") for number in range(50)]
        events = [event(number, at=number, user=user) for number, user in enumerate(users)]
        await store.record(events)
        await store.history(users[0])
        sent = counted(monkeypatch)
        found = await asyncio.gather(store.record(events), *map(store.history, users))
        assert sent == [100]
        assert found[0] == Recorded(known=50)
        assert found[1:] == [(f"i{number}",) for number in range(50)]
        await server.close()

    async def test_who_goes_away_takes_nobody_along(self, servers: dict[str, RealRedis]) -> None:
        server = RedisServer(RedisOptions(servers["redis"].url))
        store = RedisHistories(server, Keys("gone"), MOST)
        await store.record([event(1, at=1)])
        going, staying = (asyncio.create_task(store.history(ANN)) for _ in range(2))
        await asyncio.sleep(0)
        going.cancel()
        assert await staying == ("i1",)
        with pytest.raises(asyncio.CancelledError):
            await going
        await server.close()

    async def test_what_is_not_as_it_should_be_is_acknowledged_by_nobody(
        self, servers: dict[str, RealRedis]
    ) -> None:
        """Somebody else wrote there: nothing is half taken in, and what can be read is."""
        server = RedisServer(RedisOptions(servers["redis"].url))
        store = RedisHistories(server, Keys("odder"))
        times, items = store._keys(ANN)
        with servers["redis"].plain() as redis:
            redis.set(times, "text")
            with pytest.raises(StoreUnavailable):
                await store.record([event(1, at=1)])
            redis.delete(times)
            assert await store.record([event(1, at=1), event(2, at=2)]) == Recorded(new=2)
            redis.hdel(items, "e1")
        assert await store.history(ANN) == ("i2",)
        await server.close()

    async def test_what_fails_is_told_to_whom_it_failed(
        self, servers: dict[str, RealRedis]
    ) -> None:
        server = RedisServer(RedisOptions(servers["redis"].url))
        store = RedisHistories(server, Keys("odd"), MOST)
        await store.record([event(1, at=1)])
        with servers["redis"].plain() as client:
            client.set(Keys("odd").times(User("bob")), "no such thing")
        fine, wrong = await asyncio.gather(
            store.history(ANN), store.history(User("bob")), return_exceptions=True
        )
        assert fine == ("i1",)
        assert isinstance(wrong, StoreUnavailable)
        await server.close()
