from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest
from toyshop import recommender

from service.api.lists import RecommendAnswer
from service.domain import Controls, Intent, Op, RecommendRequest, Share
from service.errors import BadInput
from service.pipeline.recommend import recommend
from service.pipeline.verify import verify

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
]


@pytest.mark.parametrize(("tamper", "problem"), TAMPERED)
def test_a_tampered_response_does_not(
    tamper: Callable[[dict[str, Any]], Any], problem: str
) -> None:
    body = copy.deepcopy(response())
    tamper(body)
    assert any(problem in found for found in verify(body, PARTS.catalogue))


def test_with_the_history_its_items_are_found_out() -> None:
    body = response()
    listed = tuple(item["id"] for item in body["items"][:1])
    assert "in_history: 1" in verify(body, PARTS.catalogue, listed)
    assert any("not the one" in problem for problem in verify(body, PARTS.catalogue, listed))


@pytest.mark.parametrize("body", [{}, {"items": 3}, {"items": [], "receipt": None}])
def test_what_is_no_response_is_said_to_be_none(body: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="not a response"):
        verify(body, PARTS.catalogue)
