"""The client finds out what is wrong with an answer, without the service's own validator."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from loadtest.traffic.asks import Ask, Kind
from loadtest.traffic.checks import problems
from loadtest.traffic.goods import Goods

READER = "reader-1"
INTENT = {
    "include": ["Bread", "Moss"],
    "exclude": ["Rare"],
    "shares": [{"category": "Moss", "op": "<=", "share": 0.29}],
}
"""With k=10: at most two of Moss."""


def ask(**body: Any) -> Ask:
    return Ask(Kind.LIST, {"k": 10, "user_id": READER, "intent": INTENT} | body, READER)


def line(goods: Goods, item_id: str) -> dict[str, Any]:
    item = goods.item(goods.versions[0], item_id)
    assert item is not None
    return {"id": item.id, "title": item.title, "categories": list(item.categories)}


def fit(goods: Goods, category: str, count: int) -> list[str]:
    met = goods.seeded(goods.versions[0], READER)
    rows = goods.first.postings(category).tolist()
    items = [goods.first.item(row) for row in rows]
    return [x.id for x in items if "Rare" not in x.categories and x.id not in met][:count]


@pytest.fixture
def right(goods: Goods) -> dict[str, Any]:
    ids = fit(goods, "Bread", 8) + fit(goods, "Moss", 2)
    share = {"kind": "share", "categories": ["Moss"], "op": "<=", "share": 0.29}
    return {
        "request_id": "r",
        "items": [line(goods, item_id) for item_id in ids],
        "receipt": {
            "k": 10,
            "path": "ranked",
            "degraded": False,
            "exists": 10,
            "repeats": 0,
            "in_history": 0,
            "relaxed": [],
            "catalogue": goods.versions[0],
            "controls": [
                {"kind": "include", "categories": ["Bread", "Moss"], "got": 10, "holds": True},
                {"kind": "exclude", "categories": ["Rare"], "got": 0, "holds": True},
                share | {"got": 2, "holds": True},
            ],
        },
    }


def test_what_is_right_is_right(goods: Goods, right: dict[str, Any]) -> None:
    assert problems(ask(), right, (), goods) == []


def swap(place: int, category: str) -> Callable[[dict[str, Any], Goods], None]:
    def broken(answer: dict[str, Any], goods: Goods) -> None:
        answer["items"][place] = line(goods, fit(goods, category, 20)[-1])

    return broken


def rare(answer: dict[str, Any], goods: Goods) -> None:
    row = next(r for r in goods.first.postings("Rare").tolist() if _is_bread(goods, r))
    answer["items"][0] = line(goods, goods.first.item(row).id)


def _is_bread(goods: Goods, row: int) -> bool:
    return "Bread" in goods.first.item(row).categories


def twice(answer: dict[str, Any], goods: Goods) -> None:
    answer["items"][1] = answer["items"][0]


def short(answer: dict[str, Any], goods: Goods) -> None:
    answer["items"].pop()


def invented(answer: dict[str, Any], goods: Goods) -> None:
    answer["items"][0]["id"] = "b99999"


def renamed(answer: dict[str, Any], goods: Goods) -> None:
    answer["items"][0]["title"] = "Another"


def met_before(answer: dict[str, Any], goods: Goods) -> None:
    met = min(goods.seeded(goods.versions[0], READER))
    answer["items"][0] = line(goods, met)


def receipt(**said: Any) -> Callable[[dict[str, Any], Goods], None]:
    def broken(answer: dict[str, Any], goods: Goods) -> None:
        answer["receipt"] |= said

    return broken


def without_a_control(answer: dict[str, Any], goods: Goods) -> None:
    answer["receipt"]["controls"].pop()


def not_held(answer: dict[str, Any], goods: Goods) -> None:
    answer["receipt"]["controls"][0]["holds"] = False


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (short, "9 items instead of 10"),
        (twice, "stands there twice"),
        (invented, "there is no item b99999"),
        (renamed, "told otherwise"),
        (met_before, "in the history"),
        (swap(0, "Chess"), "include ['Bread', 'Moss'] is broken"),
        (rare, "exclude ['Rare'] is broken"),
        (swap(0, "Moss"), "share ['Moss'] is broken"),
        (receipt(repeats=1), "the receipt says repeats 1"),
        (receipt(exists=9), "the receipt says exists 9"),
        (receipt(in_history=1), "the receipt says in_history 1"),
        (receipt(k=9), "the receipt says k 9"),
        (receipt(relaxed=[{}]), "the receipt says relaxed"),
        (receipt(path="magic"), "how the list was made"),
        (receipt(catalogue="another"), "there is no catalogue another"),
        (without_a_control, "controls are not those of the list"),
        (not_held, "controls are not those of the list"),
        (receipt(controls=None), "this is no answer"),
    ],
)
def test_what_is_wrong_is_found(
    broken: Callable[[dict[str, Any], Goods], None],
    said: str,
    goods: Goods,
    right: dict[str, Any],
) -> None:
    answer = deepcopy(right)
    broken(answer, goods)
    assert said in "; ".join(problems(ask(), answer, (), goods))


def test_what_was_acknowledged_before_counts_as_met(goods: Goods, right: dict[str, Any]) -> None:
    known = {right["items"][3]["id"]}
    assert problems(ask(), right, known, goods) == ["1 items are in the history"]


def test_a_history_in_the_request_is_the_one_that_counts(
    goods: Goods, right: dict[str, Any]
) -> None:
    brought = Ask(Kind.LIST, {"k": 10, "intent": INTENT, "history": [right["items"][0]["id"]]})
    assert problems(brought, right, (), goods) == ["1 items are in the history"]


@pytest.mark.parametrize(
    ("op", "share", "held"),
    [("<=", 0.29, 2), (">=", 0.21, 3), ("~", 0.25, 3), ("~", 0.2, 2)],
)
def test_shares_are_read_as_they_are_written(
    op: str, share: float, held: int, goods: Goods, right: dict[str, Any]
) -> None:
    asked = ask(intent={"shares": [{"category": "Moss", "op": op, "share": share}]})
    for got in (held - 1, held, held + 1):
        ids = fit(goods, "Bread", 10 - got) + fit(goods, "Moss", got)
        right["items"] = [line(goods, item_id) for item_id in ids]
        account = {"kind": "share", "categories": ["Moss"], "op": op, "share": share}
        right["receipt"]["controls"] = [account | {"got": got, "holds": True}]
        allowed = got <= held if op == "<=" else got >= held if op == ">=" else got == held
        assert (problems(asked, right, (), goods) == []) == allowed


@pytest.mark.parametrize(
    ("kind", "right_one", "wrong_ones"),
    [
        ("multiple_choice", {"choice": "3"}, [{"choice": "4"}, {"text": "3"}]),
        ("ranking", {"ranking": ["2", "1", "3"]}, [{"ranking": ["1", "2", "2"]}]),
        ("retrieval", {"selection": ["1", "3"]}, [{"selection": ["1"]}, {"selection": ["1", "1"]}]),
    ],
)
def test_answers_name_what_was_asked(
    kind: str, right_one: dict[str, Any], wrong_ones: list[dict[str, Any]], goods: Goods
) -> None:
    asked = Ask(Kind.QUESTION, {"type": kind, "options": ["a", "b", "c"], "k": 2})
    assert problems(asked, {"answer": right_one}, (), goods) == []
    for wrong in wrong_ones:
        assert problems(asked, {"answer": wrong}, (), goods)


def test_each_event_has_to_be_accounted_for(goods: Goods) -> None:
    asked = Ask(Kind.EVENTS, {"events": [{}, {}]})
    assert problems(asked, {"new": 1, "known": 1, "late": 0}, (), goods) == []
    assert problems(asked, {"new": 1, "known": 0, "late": 0}, (), goods) == ["events are missing"]
