"""The whole road with everything real: demo shop, artifact, retrievers, model, API."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from service.api.app import create_app
from service.cli.commands import app as command_line
from service.cli.serving import bounds_of
from service.demo.write import write_shop
from service.domain import Op, Share, User
from service.settings import Settings, load_settings
from service.steering.plan import quota
from service.wiring import Parts, build_catalogue, opened

SHOP_SEED = 11


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    files = write_shop(folder, SHOP_SEED)
    settings = load_settings({"cache": {"folder": cache_dir}})
    build_catalogue(files.items, files.events, folder / "catalogue", settings)
    return folder


@pytest.fixture(scope="module")
def items(shop: Path) -> dict[str, dict[str, Any]]:
    lines = (shop / "items.jsonl").read_text("utf-8").splitlines()
    return {item["id"]: item for item in map(json.loads, lines)}


@pytest.fixture(scope="module")
def settings(shop: Path, cache_dir: Path) -> Settings:
    return load_settings(
        {"cache": {"folder": cache_dir}, "catalogue": {"path": shop / "catalogue"}}
    )


class Front:
    """The API over an opened service, on a loop of its own."""

    def __init__(self, runner: asyncio.Runner, parts: Parts, client: httpx.AsyncClient) -> None:
        self.runner, self.parts, self.client = runner, parts, client

    def post(self, **body: Any) -> httpx.Response:
        return self.runner.run(self.client.post("/recommend", json=body))

    def get(self, path: str) -> httpx.Response:
        return self.runner.run(self.client.get(path))


@pytest.fixture(scope="module")
def front(settings: Settings) -> Iterator[Front]:
    async def held() -> AsyncIterator[tuple[Parts, httpx.AsyncClient]]:
        async with opened(settings) as parts:
            transport = httpx.ASGITransport(create_app(parts, bounds_of(settings)))
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                yield parts, client

    with asyncio.Runner() as runner:
        holding = held()
        parts, client = runner.run(anext(holding))  # type: ignore[arg-type]
        yield Front(runner, parts, client)
        runner.run(holding.aclose())  # type: ignore[attr-defined]


def history_of(front: Front, user: str) -> list[str]:
    return list(front.runner.run(front.parts.store.history(User(user))))  # type: ignore[arg-type]


def broken(
    answer: dict[str, Any], items: dict[str, dict[str, Any]], history: list[str], intent: Any
) -> list[str]:
    """What an answer breaks, judged from the shop's own file and nothing of the service's."""
    ids = [line["id"] for line in answer["items"]]
    known = [items[item_id] for item_id in ids if item_id in items]
    has = [set(item["categories"]) for item in known]
    include, exclude = set(intent.get("include", ())), set(intent.get("exclude", ()))
    found = {
        "count": len(ids) != answer["receipt"]["k"],
        "exists": len(known) != len(ids),
        "repeats": len(set(ids)) != len(ids),
        "history": bool(set(ids) & set(history)),
        "include": bool(include) and any(not held & include for held in has),
        "exclude": any(held & exclude for held in has),
    }
    for share in intent.get("shares", ()):
        low, high = quota(Share(share["category"], Op(share["op"]), share["share"]), len(ids))
        got = sum(share["category"] in held for held in has)
        found[f"share of {share['category']}"] = not low <= got <= high
    return [name for name, is_broken in found.items() if is_broken]


@pytest.mark.parametrize("strategy", ["generate", "rank", "retrieve", "auto"])
def test_random_wishes_are_obeyed(
    front: Front, items: dict[str, dict[str, Any]], strategy: str
) -> None:
    dice = random.Random(strategy)
    categories = sorted({name for item in items.values() for name in item["categories"]})
    conflicts = 0
    for user in front.parts.store.users(12):
        picked = dice.sample(categories, 5)
        ops = dice.choices(["<=", ">=", "~"], k=2)
        intent = {
            "include": picked[:2] if dice.random() < 0.3 else [],
            "exclude": picked[2:3],
            "shares": [
                {"category": name, "op": op, "share": dice.choice([0.1, 0.25, 0.3])}
                for name, op in zip(picked[3:], ops, strict=True)
            ][: dice.randint(0, 2)],
        }
        response = front.post(user_id=user, k=8, intent=intent, strategy=strategy)
        if response.status_code == 422:
            conflicts += 1
            assert response.json()["error"]["code"] == "conflicting_controls"
            continue
        answer = response.json()
        assert broken(answer, items, history_of(front, user), intent) == []
        assert answer["receipt"]["path"] == ("ranked" if strategy == "retrieve" else "llm")
        assert not answer["receipt"]["degraded"]
        assert answer["receipt"]["strategy"] in {strategy, "generate"}
    assert conflicts < 8


def test_a_search_finds_what_was_searched_for(front: Front) -> None:
    answer = front.post(k=5, intent={"query": "espresso coffee beans"}).json()
    assert any("Coffee" in category for line in answer["items"] for category in line["categories"])


def test_who_asks_for_it_gets_a_list_that_was_thought_about_first(
    front: Front, items: dict[str, dict[str, Any]]
) -> None:
    user, intent = front.parts.store.users(1)[0], {"text": "for the kitchen", "exclude": ["Gifts"]}
    asked = {"user_id": user, "k": 5, "intent": intent, "strategy": "generate", "inside": True}
    answer = front.post(**asked, cot="self").json()
    (thought,) = answer["supplements"]
    assert thought["kind"] == "thought"
    assert thought["milliseconds"] > 0
    notes = "Notes on the user, may be wrong"
    # A model this small may say nothing that is fit to be shown; then the receipt says so.
    assert thought["text"] in answer["inside"]["prompt"]["user"]
    assert (notes in answer["inside"]["prompt"]["user"]) == thought["used"]
    assert answer["receipt"]["degraded"] != thought["used"]
    assert "think" in [stage["name"] for stage in answer["inside"]["stages"]]
    assert answer["receipt"]["model"]
    assert broken(answer, items, history_of(front, user), intent) == []
    again = front.post(**asked, cot="self").json()["supplements"][0]
    assert (again["text"], again["cached"]) == (thought["text"], True)
    assert front.post(**asked).json()["supplements"] == []


def test_a_sidecar_that_is_not_there_is_told_of(front: Front) -> None:
    answer = front.post(k=3, strategy="generate", cot="sidecar").json()
    (thought,) = answer["supplements"]
    assert (thought["used"], thought["why"]) == (False, "the sidecar is not configured")
    assert answer["receipt"]["degraded"]


def test_words_that_count_more_change_more(front: Front) -> None:
    store, heard = front.parts.store, []
    user = max(store.users(50), key=lambda name: len(history_of(front, name)))
    asked = {"user_id": user, "k": 10, "strategy": "retrieve"}
    without = {line["id"] for line in front.post(**asked).json()["items"]}
    for weight in (0, 1, 10):
        wish = {"intent": {"text": "a long weekend in the mountains"}, "wish_weight": weight}
        answer = front.post(**asked, **wish).json()
        assert answer["receipt"]["wish_weight"] == weight
        heard.append(len({line["id"] for line in answer["items"]} - without))
    assert heard[0] <= heard[1] < heard[2]


def test_a_saved_response_verifies_by_the_command(front: Front, shop: Path, tmp_path: Path) -> None:
    user = front.parts.store.users(1)[0]
    answer = front.post(user_id=user, k=5, intent={"exclude": ["Gifts"]}).json()
    saved = tmp_path / "receipt.json"
    command = ["verify", str(saved), "--catalogue", str(shop / "catalogue")]
    saved.write_text(json.dumps(answer))
    assert CliRunner().invoke(command_line, command).exit_code == 0
    answer["items"][0]["id"] = answer["items"][1]["id"]
    saved.write_text(json.dumps(answer))
    assert CliRunner().invoke(command_line, command).exit_code == 1


def test_ten_thousand_items_of_history(front: Front, items: dict[str, dict[str, Any]]) -> None:
    history = [*list(items)[:2_000], *(f"gone-{n}" for n in range(8_000))]
    answer = front.post(history=history, k=5).json()
    assert broken(answer, items, history, {}) == []
    assert answer["receipt"]["history"]["unknown"] == 8_000


def test_the_same_request_gets_the_same_list(front: Front) -> None:
    body = {"user_id": front.parts.store.users(3)[2], "k": 5, "temperature": 0.8, "seed": 4}
    first, _, again = front.post(**body), front.post(k=3), front.post(**body)
    assert first.json()["items"] == again.json()["items"]


def test_metrics_tell_of_it(front: Front) -> None:
    front.post(k=2)
    text = front.get("/metrics").text
    for name in ("lists_total", "stage_seconds_bucket", "engine_tokens_total", "violations_total"):
        assert f"listwright_{name}" in text
    assert 'listwright_violations_total{kind="control",of="list",variant="default"} 0.0' in text
    assert front.get("/readyz").status_code == 200


async def test_without_an_engine_the_ranker_makes_the_lists(settings: Settings) -> None:
    bare = settings.model_copy(
        update={"engine": settings.engine.model_copy(update={"kind": "none"})}
    )
    async with opened(bare) as parts:
        transport = httpx.ASGITransport(create_app(parts, bounds_of(bare)))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            user = parts.store.users(1)[0]
            answer = (await client.post("/recommend", json={"user_id": user})).json()
    assert (answer["receipt"]["path"], answer["receipt"]["model"]) == ("ranked", None)
