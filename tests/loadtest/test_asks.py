"""Requests that are drawn: the same for a seed, of every kind, and never impossible."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from loadtest.traffic.asks import MIX, Asker, Kind
from loadtest.traffic.goods import Goods


def test_a_seed_draws_the_same_again(goods: Goods) -> None:
    one, other = (Asker(goods, 7) for _ in range(2))
    for _ in range(50):
        assert one.ask(one.kind()) == other.ask(other.kind())


def test_every_kind_comes_as_often_as_it_is_to(goods: Goods) -> None:
    asker = Asker(goods, 1)
    drawn = Counter(asker.kind() for _ in range(4_000))
    for kind, share in MIX.items():
        assert abs(drawn[kind] / 4_000 - share) < 0.03


def test_events_are_different_events(goods: Goods) -> None:
    asker = Asker(goods, 1)
    ids = [asker.ask(Kind.EVENTS).body["events"][0]["id"] for _ in range(50)]
    assert all(one != other for one, other in pairwise(sorted(ids)))


def test_feedback_is_about_a_list_that_was_told(goods: Goods) -> None:
    asker = Asker(goods, 1)
    listed = {"request_id": "r", "items": [{"id": "b1"}, {"id": "b2"}]}
    assert asker.ask(Kind.FEEDBACK, listed).body == {
        "request_id": "r",
        "shown": ["b1", "b2"],
        "clicked": ["b1"],
    }
    assert asker.ask(Kind.FEEDBACK).kind is Kind.EVENTS


def test_controls_leave_enough_for_everybody(goods: Goods) -> None:
    asker = Asker(goods, 3)
    bounded = 0
    for _ in range(300):
        intent = asker.ask(Kind.LIST).body["intent"]
        shares = [share["category"] for share in intent.get("shares", ())]
        without = [*intent.get("exclude", ()), *shares]
        assert goods.left(intent.get("include", ()), without) >= 100
        bounded += bool(intent.get("include") or without)
    assert bounded > 100
