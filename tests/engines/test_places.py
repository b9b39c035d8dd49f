"""Places at a server, how many there are, and what may be asked of it once more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.engines.remote.firsts import FAIR, FAIR_S, FAIREST, SLOW, SLOW_S, Firsts
from service.engines.remote.limit import CUT, Limit
from service.engines.remote.outcome import CROWDED, Outcome
from service.engines.remote.places import Place, Places
from service.engines.remote.retries import FEW, Retries
from service.engines.remote.server_errors import NotAsked
from service.errors import EngineBusy, EngineLate
from service.pipeline.clock import Deadline

OUTCOMES = st.sampled_from(sorted(Outcome))


class TestTheLimit:
    def test_it_begins_at_what_the_operator_allows(self) -> None:
        assert Limit(64).now == 64

    def test_calls_of_one_moment_cut_it_once(self) -> None:
        limit = Limit(64)
        generation = limit.generation
        for _ in range(20):
            limit.cut(generation)
        assert limit.now == int(64 * CUT)
        limit.cut(limit.generation)
        assert limit.now == int(64 * CUT * CUT)

    @given(most=st.integers(1, 500), steps=st.lists(st.booleans(), max_size=300))
    def test_it_stays_within_bounds_and_recovers(self, most: int, steps: list[bool]) -> None:
        limit = Limit(most)
        for good in steps:
            if good:
                limit.grow()
            else:
                limit.cut(limit.generation)
            assert 1 <= limit.now <= most
        for _ in range(25 * most):
            limit.grow()
        assert limit.now == most


class TestRetries:
    @given(share=st.floats(0, 1), wanted=st.lists(st.booleans(), max_size=500))
    def test_they_are_a_share_of_the_calls_and_a_few(
        self, share: float, wanted: list[bool]
    ) -> None:
        retries, spent = Retries(share), 0
        for made, again in enumerate(wanted, start=1):
            retries.earn()
            spent += again and retries.spend()
            assert spent <= FEW + share * made

    def test_without_a_share_there_are_none(self) -> None:
        retries = Retries(0.0)
        retries.earn()
        assert not retries.spend()


class TestFirstTokens:
    def test_nothing_is_slow_before_anything_is_known(self) -> None:
        firsts = Firsts()
        assert not firsts.slow(1e9)
        assert not firsts.fair(FAIR_S - 0.1)
        assert firsts.fair(FAIR_S)

    def test_what_is_fair_and_what_is_slow_follow_from_what_is_usual(self) -> None:
        firsts = Firsts()
        firsts.note(0.3)
        assert not firsts.fair(0.3 * FAIR - 0.01)
        assert firsts.fair(0.3 * FAIR + 0.01)
        assert not firsts.slow(0.3 * SLOW - 0.01)
        assert firsts.slow(0.3 * SLOW + 0.01)

    def test_a_slow_server_is_not_given_up_before_it_usually_speaks(self) -> None:
        firsts = Firsts()
        firsts.note(5.0)
        assert not firsts.fair(5.1)
        assert firsts.fair(5.0 * FAIREST + 0.1)

    def test_a_quick_server_is_not_slow_for_a_moment_of_a_second(self) -> None:
        firsts = Firsts()
        firsts.note(0.01)
        assert not firsts.slow(SLOW_S)

    def test_what_lasts_becomes_usual(self) -> None:
        firsts = Firsts()
        firsts.note(0.1)
        for _ in range(300):
            firsts.note(3.0)
        assert not firsts.slow(3.0)


@dataclass
class Crowd:
    """Calls that hold a place until they are told to leave it."""

    places: Places
    order: list[str] = field(default_factory=list)
    ends: dict[str, asyncio.Event] = field(default_factory=dict)
    had: dict[str, Place] = field(default_factory=dict)

    def come(self, name: str, seconds: float = 60) -> asyncio.Task[None]:
        self.ends[name] = asyncio.Event()
        return asyncio.create_task(self._hold(name, seconds))

    async def _hold(self, name: str, seconds: float) -> None:
        async with self.places.one(Deadline(seconds)) as place:
            self.order.append(name)
            self.had[name] = place
            await self.ends[name].wait()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class TestPlaces:
    async def test_who_comes_first_is_served_first(self) -> None:
        crowd = Crowd(Places(1, 5))
        works = [crowd.come(name) for name in "abcd"]
        await settled()
        assert (crowd.order, crowd.places.running, crowd.places.waiting) == (["a"], 1, 3)
        assert crowd.places.ahead() == 4.0
        for name in "abcd":
            crowd.ends[name].set()
        await asyncio.gather(*works)
        assert crowd.order == [*"abcd"]
        assert (crowd.places.running, crowd.places.waiting, crowd.places.ahead()) == (0, 0, 0)

    async def test_the_queue_is_bounded(self) -> None:
        crowd = Crowd(Places(1, 1))
        works = [crowd.come(name) for name in "ab"]
        await settled()
        with pytest.raises(EngineBusy, match="1 requests are waiting"):
            await crowd.come("c")
        for name in "ab":
            crowd.ends[name].set()
        await asyncio.gather(*works)

    async def test_who_cannot_be_in_time_is_refused_at_once(self) -> None:
        now = 0.0
        crowd = Crowd(Places(1, 5, lambda: now))
        for _ in range(20):
            work = crowd.come("slow")
            await settled()
            now += 10.0
            crowd.ends["slow"].set()
            await work
        works = [crowd.come(name) for name in "ab"]
        await settled()
        with pytest.raises(EngineLate, match="after the deadline"):
            await crowd.come("c", seconds=5.0)
        works.append(crowd.come("d", seconds=50.0))
        await settled()
        assert crowd.places.waiting == 2
        for name in "abd":
            crowd.ends[name].set()
        await asyncio.gather(*works)

    async def test_who_is_turned_away_with_a_place_tells_nothing_of_how_long_it_is_held(
        self,
    ) -> None:
        now = 0.0
        places = Places(1, 5, lambda: now)
        for _ in range(20):
            async with places.one(Deadline(60)):
                now += 10.0
        for _ in range(50):
            with pytest.raises(NotAsked):
                async with places.one(Deadline(60)):
                    raise NotAsked("it fails")
        crowd = Crowd(places)
        works = [crowd.come(name) for name in "ab"]
        await settled()
        with pytest.raises(EngineLate, match="after the deadline"):
            await asyncio.wait_for(crowd.come("c", seconds=5.0), 5.0)
        for name in "ab":
            crowd.ends[name].set()
        await asyncio.gather(*works)

    async def test_who_gives_up_loses_nobody_a_place(self) -> None:
        crowd = Crowd(Places(1, 5))
        works = [crowd.come(name) for name in "abc"]
        await settled()
        works[1].cancel()
        # The place is handed over in the same moment as its next holder goes.
        crowd.ends["a"].set()
        await asyncio.sleep(0)
        works[2].cancel()
        await asyncio.gather(*works, return_exceptions=True)
        assert (crowd.places.running, crowd.places.waiting) == (0, 0)
        last = crowd.come("d")
        crowd.ends["d"].set()
        await last

    @pytest.mark.parametrize("outcome", sorted(CROWDED))
    async def test_too_much_makes_it_fewer_and_success_more(self, outcome: Outcome) -> None:
        places = Places(10, 5)
        async with places.one(Deadline(60)) as place:
            pass
        places.note(place, outcome, slow=False)
        assert places.limit == 7
        for _ in range(100):
            places.note(Place(1, last=True), Outcome.OK, slow=False)
        assert places.limit == 10

    async def test_what_is_not_used_does_not_grow(self) -> None:
        places = Places(10, 5)
        places.note(Place(0, last=False), Outcome.BUSY, slow=False)
        for _ in range(100):
            places.note(Place(1, last=False), Outcome.OK, slow=False)
        assert places.limit == 7

    async def test_a_slow_answer_makes_it_a_little_fewer(self) -> None:
        places = Places(10, 5)
        places.note(Place(0, last=True), Outcome.OK, slow=True)
        assert places.limit == 9

    async def test_growing_lets_in_who_waits(self) -> None:
        crowd = Crowd(Places(2, 5))
        crowd.places.note(Place(0, last=True), Outcome.BUSY, slow=False)
        works = [crowd.come(name) for name in "ab"]
        await settled()
        assert (crowd.places.limit, crowd.order) == (1, ["a"])
        crowd.places.note(crowd.had["a"], Outcome.OK, slow=False)
        await settled()
        assert (crowd.places.limit, crowd.order) == (2, ["a", "b"])
        for name in "ab":
            crowd.ends[name].set()
        await asyncio.gather(*works)

    @given(
        steps=st.lists(
            st.tuples(
                st.sampled_from(["come", "end", "cancel", "note"]), st.integers(0, 9), OUTCOMES
            ),
            max_size=60,
        )
    )
    def test_no_place_is_ever_lost(self, steps: list[tuple[str, int, Outcome]]) -> None:
        async def played() -> None:
            crowd = Crowd(Places(3, 4))
            works: dict[str, asyncio.Task[None]] = {}
            acts: dict[str, Callable[[str, Outcome], object]] = {
                "come": lambda name, _: name in works or works.update({name: crowd.come(name)}),
                "end": lambda name, _: name in works and crowd.ends[name].set(),
                "cancel": lambda name, _: name in works and works[name].cancel(),
                "note": lambda name, outcome: (
                    name in crowd.had and crowd.places.note(crowd.had[name], outcome, slow=False)
                ),
            }
            for place, (act, who, outcome) in enumerate(steps):
                acts[act](str(who), outcome)
                if place % 3:
                    await asyncio.sleep(0)
                assert crowd.places.running <= 3
            for work in works.values():
                work.cancel()
            await asyncio.gather(*works.values(), return_exceptions=True)
            assert (crowd.places.running, crowd.places.waiting) == (0, 0)

        asyncio.run(played())
