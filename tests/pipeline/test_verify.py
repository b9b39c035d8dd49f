from __future__ import annotations

import asyncio
import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
from toyshop import SpellingEngine, recommender

from service.api.lists import RecommendAnswer
from service.domain import Controls, Intent, Op, RecommendRequest, Share, Strategy
from service.errors import BadInput
from service.pipeline.recommend import recommend
from service.pipeline.stated import VARIANT
from service.pipeline.verify import CHANGED, OTHER, noted, verify
from service.settings import Name

PARTS = recommender()
HISTORY = ("i1", "i2")


def response() -> dict[str, Any]:
    controls = Controls(("Red", "Blue"), ("Sock",), (Share("Mug", Op.ABOUT, 0.4),))
    request = RecommendRequest(k=5, history=HISTORY, intent=Intent(controls=controls))
    answer = asyncio.run(recommend(PARTS, request, "r1"))
    body: dict[str, Any] = RecommendAnswer.of(answer).model_dump(mode="json")
    return body


def test_a_true_response_verifies() -> None:
    assert verify(response(), PARTS.catalogue) == []
    assert verify(response(), PARTS.catalogue, HISTORY) == []


def _swap_in_a_sock(body: dict[str, Any]) -> None:
    sock = next(item for item in PARTS.catalogue.items if "Sock" in item.categories)
    body["items"][0] |= {"id": sock.id, "title": sock.title, "categories": sock.categories}


TAMPERED: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda body: body["items"].pop(), "count: 1"),
    (lambda body: body["items"].__setitem__(0, body["items"][1]), "repeat: 1"),
    (lambda body: body["items"][0].update(id="nix"), "'nix' does not exist"),
    (lambda body: body["items"][0].update(title="Other"), "not as the catalogue has it"),
    (lambda body: body["items"][0].update(categories=[]), "not as the catalogue has it"),
    (lambda body: body["receipt"].update(catalogue="c0"), "made from catalogue c0"),
    (lambda body: body["receipt"].update(repeats=1), "says repeats 1"),
    (lambda body: body["receipt"]["controls"][0].update(got=9), "got 9"),
    (_swap_in_a_sock, "control: "),
    (lambda body: body["receipt"].update(exists=4), "says exists 4"),
    (lambda body: body["receipt"].update(in_history=3), "says in_history 3"),
    (lambda body: body["receipt"].update(repaired=99), "says repaired 99"),
    (lambda body: body["receipt"].update(path="llm"), "in a list made by llm"),
    (lambda body: body["receipt"]["controls"][1].update(category="Kids"), "'Kids'"),
    (lambda body: body["receipt"]["controls"][2].update(want="=3"), "wanted =3"),
    (lambda body: body["receipt"]["controls"][2].update(holds=False), "counted 2 of =2"),
    (
        lambda body: body["receipt"]["relaxed"].append(
            {**body["receipt"]["controls"][1], "got": 7}
        ),
        "got 7",
    ),
    (lambda body: body["items"][0].update(source="llm"), "items of llm"),
    (lambda body: body["receipt"].update(model="scales"), "has model scales"),
    (lambda body: body["receipt"].update(prompt="recommend/2"), "has prompt recommend/2"),
    (lambda body: body["receipt"].update(in_history=False), "says in_history False"),
    (lambda body: body["receipt"]["controls"][2].update(got=2.0), "got 2.0"),
    (lambda body: body["receipt"]["controls"][2].update(holds=1), "counted 2 of =2"),
    (lambda body: body["receipt"].update(degraded="maybe"), "has degraded 'maybe'"),
    (lambda body: body["receipt"].update(why=None), "has why None"),
    (lambda body: body["receipt"].update(prior_weight=-3), "has prior_weight -3"),
    (lambda body: body["receipt"].update(prior_weight=True), "has prior_weight True"),
    (lambda body: body["receipt"].update(prior_weight=math.nan), "has prior_weight nan"),
    (lambda body: body["receipt"].update(variant="none such"), "has variant 'none such'"),
    (lambda body: body["receipt"].update(ranker=7), "has ranker 7"),
    (lambda body: body["receipt"].update(ranker="r1"), "names a ranker"),
    (lambda body: body["receipt"].update(retrievers=["astrology"]), "has retrievers ['astrology']"),
    (lambda body: body["receipt"].update(retrievers=["similarity"]), "has retrievers"),
    (lambda body: body["receipt"].update(retrievers=["popularity", "astrology"]), "'astrology'"),
    (lambda body: body["receipt"]["retrievers"].append("popularity"), "has retrievers"),
    (lambda body: body["receipt"]["retrievers"].append("search"), "by popular has retrievers"),
    (lambda body: body["receipt"]["history"].update(used=-1), "has used -1"),
    (lambda body: body["receipt"]["history"].update(unknown=0.0), "has unknown 0.0"),
    (lambda body: body["receipt"]["history"].update(digest="zz"), "has digest 'zz'"),
    (lambda body: body["items"][0].update(score=999), "has score 999"),
    (lambda body: body["items"][0].update(score=10**400), "has score 1000"),
    (lambda body: body["items"][0].update(reason=5), "has reason 5"),
    (lambda body: body.update(origin="stolen"), "has origin 'stolen'"),
    (lambda body: body.update(request_id=None), "has request_id None"),
    (lambda body: body["timings"].update(total=-1), "has timings"),
]


@pytest.mark.parametrize(("tamper", "problem"), TAMPERED)
def test_a_tampered_response_does_not(
    tamper: Callable[[dict[str, Any]], Any], problem: str
) -> None:
    body = copy.deepcopy(response())
    tamper(body)
    assert any(problem in found for found in verify(body, PARTS.catalogue))


@pytest.mark.parametrize("strategy", [Strategy.GENERATE, Strategy.RANK])
def test_a_list_of_a_model_names_it_and_what_it_read(strategy: Strategy) -> None:
    parts = recommender(engine=SpellingEngine())
    made = asyncio.run(recommend(parts, RecommendRequest(k=5, strategy=strategy), "r1"))
    body: dict[str, Any] = RecommendAnswer.of(made).model_dump(mode="json")
    assert verify(body, parts.catalogue) == []
    for change, problem in (
        ({"strategy": str(*{Strategy.GENERATE, Strategy.RANK} - {strategy})}, "not made by the"),
        ({"model": None}, "has model None"),
        ({"prompt": None}, "has prompt None"),
    ):
        tampered = {**body, "receipt": body["receipt"] | change}
        (found,) = verify(tampered, parts.catalogue)
        assert problem in found


def test_with_the_history_its_items_are_found_out() -> None:
    body = response()
    listed = tuple(item["id"] for item in body["items"][:1])
    assert "in_history: 1" in verify(body, PARTS.catalogue, listed)
    assert OTHER in verify(body, PARTS.catalogue, listed)
    assert noted(body, listed) == []


def test_a_history_that_has_changed_since_breaks_no_promise() -> None:
    body = response()
    listed = {item["id"] for item in body["items"]}
    more = next(item.id for item in PARTS.catalogue.items if item.id not in {*HISTORY, *listed})
    for history in ((*HISTORY, more), (), ("unheard of",)):
        assert verify(body, PARTS.catalogue, history) == []
        assert noted(body, history) == [CHANGED]
    assert noted(body, HISTORY) == noted(body) == []


def test_with_the_history_its_account_is_checked() -> None:
    for name in ("used", "unknown"):
        body = response()
        body["receipt"]["history"][name] += 1
        assert any(f"history.{name}" in found for found in verify(body, PARTS.catalogue, HISTORY))


@pytest.mark.parametrize(
    "change",
    [{"categories": []}, {"share": 10**400}, {"op": "<"}, {"kind": "hope"}, {"kind": "exclude"}],
)
def test_a_control_that_is_none_is_said_to_be_none(change: dict[str, Any]) -> None:
    body = response()
    body["receipt"]["controls"][2].update(change)
    with pytest.raises(BadInput, match="not a response"):
        verify(body, PARTS.catalogue)


def test_numbers_may_be_written_as_pages_write_them() -> None:
    body = response()
    body["receipt"]["prior_weight"], body["items"][0]["score"] = 1, -2
    assert verify(body, PARTS.catalogue) == []


def test_a_variant_may_be_called_as_operators_may_call_it() -> None:
    (pattern,) = (each.pattern for each in Name.__metadata__[0].metadata)
    assert pattern == f"^{VARIANT.pattern}$"


@pytest.mark.parametrize("k", [0, True, 5.0, -1])
def test_an_account_of_no_list_is_no_response(k: object) -> None:
    body = response()
    body["items"] = []
    body["receipt"].update(k=k, exists=0)
    with pytest.raises(BadInput, match="positive whole number"):
        verify(body, PARTS.catalogue)


def test_controls_may_stand_in_any_order() -> None:
    body = response()
    body["receipt"]["controls"].reverse()
    assert verify(body, PARTS.catalogue) == []


@pytest.mark.parametrize("body", [{}, {"items": 3}, {"items": [], "receipt": None}])
def test_what_is_no_response_is_said_to_be_none(body: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="not a response"):
        verify(body, PARTS.catalogue)
