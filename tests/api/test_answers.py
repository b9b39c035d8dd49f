"""What a good request gets, and what surrounds every request."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from counted import lists_made
from shopfront import STORE_DOWN, Shelf, Shop, Store, error_of, goods, visit

import service.api.list_routes
from service.api import operation_routes
from service.api.app import create_app
from service.api.lists import ReceiptAnswer, RecommendAnswer
from service.api.service import Bounds
from service.domain import Cot, Item, RecommendRequest, User
from service.errors import ListwrightError
from service.pipeline.verify import verify

REQUEST = {
    "user_id": "u1",
    "k": 6,
    "intent": {
        "text": "something for the kitchen",
        "query": "mug",
        "include": ["Red", "Blue", "Green"],
        "exclude": ["Sock"],
        "shares": [
            {"category": "Mug", "op": "~", "share": 0.34},
            {"category": "Red", "op": "<=", "share": 0.5},
            {"category": "Blue", "op": ">=", "share": 0.1},
        ],
    },
    "strategy": "auto",
    "prior_weight": 2,
    "wish_weight": 1.5,
    "cot": "off",
    "explain": True,
    "deadline_ms": 5_000,
    "on_conflict": "relax",
    "strict_history": True,
    "temperature": 0.5,
    "seed": 3,
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with visit() as client:
        yield client


async def test_a_list_with_everything_asked_for(client: httpx.AsyncClient) -> None:
    response = await client.post("/recommend", json=REQUEST)
    assert response.status_code == 200, response.text
    answer = response.json()
    RecommendAnswer.model_validate(answer)
    assert len(answer["items"]) == 6
    assert set(answer["items"][0]) == {"id", "title", "categories", "score", "source", "reason"}
    receipt = answer["receipt"]
    assert set(receipt) == set(ReceiptAnswer.model_fields)
    include, exclude, about, most, least = receipt["controls"]
    assert include == {
        "kind": "include",
        "category": "Red or Blue or Green",
        "categories": ["Red", "Blue", "Green"],
        "want": "=6",
        "got": 6,
        "holds": True,
    }
    assert (exclude["kind"], exclude["got"]) == ("exclude", 0)
    assert (about["op"], about["share"], about["want"], about["got"]) == ("~", 0.34, "=2", 2)
    assert (most["op"], most["want"]) == ("<=", "<=3")
    assert (least["op"], least["want"]) == (">=", ">=1")
    assert receipt["history"]["used"] == 2
    assert receipt["prior_weight"] == 2.0
    assert receipt["wish_weight"] == 1.5
    assert answer["supplements"] == []
    assert answer["timings"]["total"] > 0
    assert verify(answer, Shelf(goods()), ["i1", "i2"]) == []


async def test_an_empty_request_gets_the_default_list(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/recommend", json={})).json()
    assert len(answer["items"]) == 10
    assert "reason" not in answer["items"][0]
    assert answer["receipt"]["model"] is None
    assert answer["receipt"]["relaxed"] == []


async def test_zero_is_told_again_without_its_sign(client: httpx.AsyncClient) -> None:
    shares = [{"category": "Red", "op": ">=", "share": -0.0}]
    body = {"k": 3, "prior_weight": -0.0, "temperature": -0.0, "intent": {"shares": shares}}
    answer = await client.post("/recommend", json=body)
    assert '"prior_weight":0.0' in answer.text
    assert '"share":0.0' in answer.text
    assert "-0.0" not in answer.text


async def test_relaxed_controls_are_accounted_for(client: httpx.AsyncClient) -> None:
    intent = {"include": ["Red"], "exclude": ["Red"]}
    body = {"k": 3, "intent": intent, "on_conflict": "relax"}
    receipt = (await client.post("/recommend", json=body)).json()["receipt"]
    assert [control["kind"] for control in receipt["controls"]] == ["include"]
    assert [control["kind"] for control in receipt["relaxed"]] == ["exclude"]


async def test_a_request_reaches_the_pipeline_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[RecommendRequest] = []

    async def note(_: object, request: RecommendRequest, request_id: str, show: object) -> None:
        asked.append(request)
        raise ListwrightError(request_id)

    monkeypatch.setattr(service.api.list_routes, "recommend", note)
    async with visit(bounds=Bounds(temperature=0.7)) as client:
        await client.post("/recommend", json={**REQUEST, "history": ["i5"]})
        await client.post("/recommend", json={})
    full, empty = asked
    assert (full.k, full.user, full.history) == (6, User("u1"), ("i5",))
    assert (full.intent.text, full.intent.query) == ("something for the kitchen", "mug")
    assert full.intent.controls.include == ("Red", "Blue", "Green")
    assert [share.share for share in full.intent.controls.shares] == [0.34, 0.5, 0.1]
    assert (full.sampling.temperature, full.sampling.seed) == (0.5, 3)
    assert (full.prior_weight, full.deadline_ms, full.explain) == (2.0, 5_000, True)
    assert (full.wish_weight, full.cot) == (1.5, Cot.OFF)
    assert (empty.wish_weight, empty.cot) == (None, Cot.AUTO)
    assert (full.on_conflict, full.strict_history) == ("relax", True)
    assert (empty.k, empty.history, empty.deadline_ms) == (10, None, None)
    assert empty.sampling.temperature == 0.7


class TestRequestId:
    @pytest.mark.parametrize("given", ["abc-1_2.3:4", "A" * 128])
    async def test_a_sane_one_is_kept(self, client: httpx.AsyncClient, given: str) -> None:
        response = await client.post("/recommend", json={}, headers={"X-Request-ID": given})
        assert response.headers["x-request-id"] == given
        assert response.json()["request_id"] == given

    @pytest.mark.parametrize("given", ["", "a b", "A" * 129, "x\ty", "<b>", "ä"])
    async def test_any_other_is_replaced(self, client: httpx.AsyncClient, given: str) -> None:
        headers = [(b"X-Request-ID", given.encode("latin-1"))]
        response = await client.get("/healthz", headers=headers)
        assert response.headers["x-request-id"] != given
        assert len(response.headers["x-request-id"]) == 32

    async def test_without_one_each_request_gets_its_own(self, client: httpx.AsyncClient) -> None:
        ids = {(await client.get("/healthz")).headers["x-request-id"] for _ in range(5)}
        assert len(ids) == 5


class TestCatalogue:
    @pytest.mark.parametrize("item_id", ["a/b/c", "ключ", "100%", "a b", "a?b#c", "日本/語"])
    async def test_ids_of_any_shape(self, item_id: str) -> None:
        shelf = Shelf([Item(item_id, "A Thing", ("X",), {"price": 2, "new": True})])
        async with visit(Shop(shelf)) as client:
            response = await client.get("/items/" + quote(item_id))
        assert response.json() == {
            "id": item_id,
            "title": "A Thing",
            "categories": ["X"],
            "attributes": {"price": 2, "new": True},
        }

    @pytest.mark.parametrize("path", ["/items/nope", "/items/", "/items/i1/i2"])
    async def test_an_unknown_item(self, client: httpx.AsyncClient, path: str) -> None:
        response = await client.get(path)
        assert response.status_code == 404
        assert error_of(response)["code"] == "not_found"

    async def test_search(self, client: httpx.AsyncClient) -> None:
        found = (await client.get("/items", params={"q": "mug", "limit": 3})).json()["items"]
        assert [item["title"] for item in found] == ["Red Mug 0", "Blue Mug 5", "Green Mug 10"]
        assert len((await client.get("/items")).json()["items"]) == 20

    async def test_summary(self, client: httpx.AsyncClient) -> None:
        answer = (await client.get("/catalogue")).json()
        assert (answer["version"], answer["items"]) == ("shelf-1", 40)
        assert answer["categories"][0] == {"name": "Blue", "items": 10}
        assert (answer["users"], answer["events"]) == (1, 2)
        assert (answer["tokenizer"], answer["encoder"]) == ("letters", None)


class SilentShop(Shop):
    """Whose parts never say how they are."""

    async def amiss(self) -> list[str]:
        return await asyncio.Future()


class TestOperation:
    async def test_alive_and_ready(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/healthz")).json() == {"status": "alive"}
        assert (await client.get("/readyz")).json() == {"ready": True, "degraded": []}
        assert (await client.get("/docs")).status_code == 200

    async def test_an_engine_that_is_away_is_said_and_takes_nobody_from_the_balancer(self) -> None:
        async with visit(Shop(wrong={"engine": "the server is away"})) as client:
            response = await client.get("/readyz")
            assert response.status_code == 200
            assert response.json() == {"ready": True, "degraded": ["engine: the server is away"]}
            assert (await client.post("/recommend", json={"k": 2})).status_code == 200

    async def test_a_part_that_does_not_say_how_it_is_holds_up_no_probe(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(operation_routes, "TOLD_WITHIN_S", 0.05)
        async with visit(SilentShop()) as client, asyncio.timeout(10):
            response = await client.get("/readyz")
        assert response.status_code == 200
        assert response.json() == {"ready": True, "degraded": [operation_routes.NOT_HEARD]}

    async def test_metrics_count_by_route_and_not_by_path(self, client: httpx.AsyncClient) -> None:
        for path in ("/items/i1", "/items/i2", "/items/secret", "/secret/1", "/secret/2"):
            await client.get(path)
        await client.post("/recommend", json={"k": 3})
        response = await client.get("/metrics")
        assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "secret" not in response.text
        lines = response.text.splitlines()
        assert 'listwright_requests_total{route="/items/{item_id:path}",status="200"} 2.0' in lines
        assert 'listwright_requests_total{route="other",status="404"} 2.0' in lines
        assert f"{lists_made('popular', 'retrieve', degraded='false')} 1.0" in lines
        assert any(
            line.startswith('listwright_stage_seconds_count{stage="plan"}') for line in lines
        )


class TestErrors:
    async def test_there_is_nothing_here(self, client: httpx.AsyncClient) -> None:
        response = await client.get("/nowhere")
        assert (response.status_code, error_of(response)["code"]) == (404, "not_found")

    @pytest.mark.parametrize(("method", "path"), [("GET", "/recommend"), ("DELETE", "/items")])
    async def test_another_method(self, client: httpx.AsyncClient, method: str, path: str) -> None:
        response = await client.request(method, path)
        assert (response.status_code, error_of(response)["code"]) == (405, "method_not_allowed")
        assert response.headers["allow"] in {"POST", "GET"}

    async def test_a_store_that_is_down_can_be_asked_again(self) -> None:
        async with visit(Shop(store=Store(STORE_DOWN))) as client:
            response = await client.post("/recommend", json={"user_id": "u1"})
        assert (response.status_code, error_of(response)["code"]) == (503, "store_unavailable")
        assert int(response.headers["retry-after"]) > 0

    async def test_the_unexpected_is_logged_and_not_shown(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with visit(Shop(store=Store(RuntimeError("secret of the house")))) as client:
            response = await client.post("/recommend", json={"user_id": "u1"})
        error = error_of(response)
        assert (response.status_code, error["code"]) == (500, "internal")
        assert "secret" not in response.text
        assert "secret of the house" in caplog.text
        logged = [vars(record)["fields"] for record in caplog.records if record.exc_info]
        assert logged == [{"request_id": error["request_id"]}]

    async def test_one_line_a_request_without_the_users_words(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "listwright.request")
        async with visit() as client:
            await client.post("/recommend", json=REQUEST)
            await client.post("/recommend", json={"intent": {"include": ["kitchen"]}})
        done, refused = [vars(record)["fields"] for record in caplog.records]
        assert (done["route"], done["status"], done["k"]) == ("/recommend", 200, 6)
        assert (done["path"], done["strategy"], done["controls"]) == ("popular", "retrieve", 5)
        assert (refused["status"], refused["error"]) == (422, "unknown_category")
        assert "kitchen" not in json.dumps([done, refused])
        assert "Mug" not in json.dumps([done, refused])


class Slow:
    """A store that takes for ever, and notes when it is told to stop."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def history(self, _: str) -> tuple[str, ...]:
        self.asked.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return ()


class TestLoad:
    async def test_beyond_the_bound_requests_are_shed(self) -> None:
        slow, shop = Slow(), Shop()
        shop.store = slow  # type: ignore[assignment]
        async with visit(shop, Bounds(max_concurrent=1)) as client:
            first = asyncio.create_task(client.post("/recommend", json={"user_id": "u1"}))
            await slow.asked.wait()
            second = await client.post("/recommend", json={})
            assert (second.status_code, error_of(second)["code"]) == (503, "overloaded")
            assert int(second.headers["retry-after"]) > 0
            assert (await client.get("/healthz")).status_code == 200
            first.cancel()
            await slow.cancelled.wait()
            await asyncio.gather(first, return_exceptions=True)
            assert (await client.post("/recommend", json={})).status_code == 200

    async def test_a_client_that_hangs_up_cancels_the_work(self) -> None:
        slow, shop = Slow(), Shop()
        shop.store = slow  # type: ignore[assignment]
        incoming: list[dict[str, Any]] = [
            {"type": "http.request", "body": b'{"user_id": "u1"}', "more_body": False}
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if incoming:
                return incoming.pop()
            await slow.asked.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/recommend",
            "raw_path": b"/recommend",
            "query_string": b"",
            "headers": [(b"host", b"shop"), (b"content-type", b"application/json")],
            "http_version": "1.1",
        }
        await asyncio.wait_for(create_app(shop, Bounds())(scope, receive, send), 5)
        assert slow.cancelled.is_set()
        assert sent[0]["status"] == 499


def _schema() -> dict[str, Any]:
    return create_app(Shop(), Bounds(max_k=33, default_k=3)).openapi()


class TestPage:
    def test_every_field_has_a_description_and_an_example(self) -> None:
        schemas = _schema()["components"]["schemas"]

        def described(facts: dict[str, Any]) -> bool:
            # Where a field is an object of its own, the page shows that object's description.
            target = schemas.get(facts.get("$ref", "").rpartition("/")[2], {})
            return bool(facts.get("description") or target.get("description"))

        bare = [
            f"{name}.{field}"
            for name, schema in schemas.items()
            for field, facts in schema.get("properties", {}).items()
            if not (described(facts) and facts.get("examples"))
        ]
        assert bare == []

    def test_every_parameter_has_a_description_and_an_example(self) -> None:
        parameters = [
            parameter
            for path in _schema()["paths"].values()
            for operation in path.values()
            for parameter in operation.get("parameters", [])
        ]
        assert {parameter["name"] for parameter in parameters} == {
            *("item_id", "q", "limit", "user_id"),
        }
        for parameter in parameters:
            assert parameter["description"]
            assert parameter["schema"].get("examples") or parameter.get("examples")

    def test_every_reference_leads_somewhere(self) -> None:
        page = _schema()
        text = json.dumps(page)
        for part in text.split('"$ref": "#/components/schemas/')[1:]:
            assert part.partition('"')[0] in page["components"]["schemas"]

    def test_the_bounds_are_the_operators_own(self) -> None:
        body = _schema()["paths"]["/recommend"]["post"]["requestBody"]["content"]
        assert body["application/json"]["schema"]["$ref"].endswith("/RecommendRequest")
        k = _schema()["components"]["schemas"]["RecommendRequest"]["properties"]["k"]
        assert (k["minimum"], k["maximum"], k["default"]) == (1, 33, 3)

    async def test_the_examples_are_real_requests(self, client: httpx.AsyncClient) -> None:
        page = _schema()
        content = page["paths"]["/recommend"]["post"]["requestBody"]["content"]
        response = await client.post("/recommend", json=content["application/json"]["example"])
        assert response.status_code == 200
        fields = page["components"]["schemas"]["RecommendRequest"]["properties"]
        for name, facts in fields.items():
            response = await client.post("/recommend", json={name: facts["examples"][0]})
            code = error_of(response)["code"] if response.status_code != 200 else "fine"
            assert code in {"fine", "unknown_category"}, (name, response.text)


async def test_the_api_page_needs_no_other_host(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    for source in sources:
        assert (await client.get(source)).status_code == 200
