"""Who is let in: nobody without a key, where keys are set, and no key more often than it may."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from limits import RateLimitItem
from shopfront import Shop, error_of, visit

from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.errors import StoreUnavailable
from service.store.limits import MemoryLimits

KEYS = {
    "plain": Holder("plain"),
    "other": Holder("other", tenant="other"),
    "slow": Holder("slow", rate="3/minute"),
    "boss": Holder("boss", admin=True),
    "eye": Holder("eye", watch=True),
}
LIST = {"user_id": "u1", "k": 3}
ROADS = [
    ("POST", "/recommend"),
    ("POST", "/answer"),
    ("POST", "/events"),
    ("GET", "/users/u1/history"),
    ("DELETE", "/users/u1/history"),
    ("GET", "/items/i1"),
    ("GET", "/items"),
    ("GET", "/catalogue"),
    ("GET", "/metrics"),
    ("GET", "/nothing/here"),
    ("POST", "/catalogue/reload"),
    ("PUT", "/recommend"),
]


def guarded() -> Shop:
    keyring = Keyring({digest_of(key): holder for key, holder in KEYS.items()})
    return Shop(access=Access(MemoryLimits(), keyring))


def bearing(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with visit(guarded()) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), ROADS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer nobody"},
        {"authorization": "Bearer "},
        {"authorization": "plain"},
        {"authorization": "Basic cGxhaW46"},
        {"x-api-key": "PLAIN"},
        {"x-api-key": ""},
    ],
)
async def test_nobody_comes_in_without_a_key(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> None:
    response = await client.request(method, path, headers=headers, content=b"{broken")
    assert response.status_code == 401
    assert error_of(response)["code"] == "unauthorized"
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/docs", "/openapi.json"])
async def test_what_tells_nothing_of_anybody_is_open(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [bearing("plain"), {"authorization": "bearer  plain "}, {"x-api-key": "plain"}],
)
async def test_a_key_opens(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    response = await client.post("/recommend", json=LIST, headers=headers)
    assert response.status_code == 200, response.text


async def test_a_key_sees_the_users_of_its_tenant_alone(client: httpx.AsyncClient) -> None:
    event = {"id": "e1", "user_id": "zoe", "item_id": "i5"}
    for key in ("plain", "other"):
        sent = {"events": [event]} if key == "other" else {"events": [event | {"item_id": "i6"}]}
        await client.post("/events", json=sent, headers=bearing(key))

    async def known(key: str, user: str) -> list[str]:
        response = await client.get(f"/users/{user}/history", headers=bearing(key))
        return [item["id"] for item in response.json()["items"]]

    assert await known("plain", "zoe") == ["i6"]
    assert await known("other", "zoe") == ["i5"]
    assert await known("plain", "u1") == ["i1", "i2"]
    assert await known("other", "u1") == [], "the catalogue's users are of one tenant"
    asked = await client.post("/recommend", json=LIST, headers=bearing("other"))
    assert asked.json()["receipt"]["history"]["used"] == 0


@pytest.mark.parametrize("path", ["/catalogue/reload", "/catalogue/rollback"])
async def test_only_an_administrator_changes_what_is_served(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.post(path, headers=bearing("plain"))
    assert (response.status_code, error_of(response)["code"]) == (403, "forbidden")
    async with visit(Shop()) as anyone:
        assert (await anyone.post(path)).status_code == 403


async def test_no_key_asks_more_often_than_it_may(client: httpx.AsyncClient) -> None:
    asked = [client.get("/items", headers=bearing("slow")) for _ in range(20)]
    responses = await asyncio.gather(*asked)
    statuses = [response.status_code for response in responses]
    assert (statuses.count(200), statuses.count(429)) == (3, 17)
    refused = next(response for response in responses if response.status_code == 429)
    assert error_of(refused)["code"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert (await client.get("/items", headers=bearing("plain"))).status_code == 200
    assert (await client.get("/healthz", headers=bearing("slow"))).status_code == 200


async def test_a_list_too_many_is_not_made(client: httpx.AsyncClient) -> None:
    asked = [client.post("/recommend", json=LIST, headers=bearing("slow")) for _ in range(9)]
    streamed = client.post("/recommend", json=LIST | {"stream": True}, headers=bearing("slow"))
    statuses = [response.status_code for response in await asyncio.gather(*asked)]
    assert (statuses.count(200), statuses.count(429)) == (3, 6)
    refused = await streamed
    assert (refused.status_code, error_of(refused)["code"]) == (429, "rate_limited")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{broken", 400),
        (b'{"k": "many"}', 422),
        (b'{"k": 3, "deadline_ms": 1000000000}', 422),
        (b'{"k": 1000}', 422),
        (b'{"k": 3, "x": "' + b"a" * 3_000_000 + b'"}', 413),
    ],
)
async def test_a_list_that_is_refused_for_its_body_counts_once(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    headers = bearing("slow") | {"content-type": "application/json"}
    asked = [await client.post("/recommend", content=body, headers=headers) for _ in range(6)]
    assert [response.status_code for response in asked] == [status] * 3 + [429] * 3
    assert (await client.post("/recommend", json=LIST, headers=headers)).status_code == 429


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(4):
        yield b" " * 1_000_000


@pytest.mark.parametrize("path", ["/recommend", "/answer", "/events"])
async def test_a_body_that_is_too_large_counts_whether_or_not_it_says_so(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = bearing("slow") | {"content-type": "application/json"}
    said = [await client.post(path, content=b" " * 3_000_000, headers=headers) for _ in range(2)]
    found = [await client.post(path, content=chunks(), headers=headers) for _ in range(2)]
    assert [response.status_code for response in said + found] == [413, 413, 413, 429]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PUT", "/recommend", 405),
        ("POST", "/catalogue/reload", 403),
        ("GET", "/metrics", 403),
        ("GET", "/items/none", 404),
    ],
)
async def test_what_is_not_there_or_not_for_them_counts_once(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    asked = [await client.request(method, path, headers=bearing("slow")) for _ in range(5)]
    assert [response.status_code for response in asked] == [status] * 3 + [429] * 2


async def test_an_answer_too_many_is_not_made(client: httpx.AsyncClient) -> None:
    question = {"question": "Which?", "type": "multiple_choice", "options": ["a", "b"]}
    asked = [client.post("/answer", json=question, headers=bearing("slow")) for _ in range(9)]
    statuses = [response.status_code for response in await asyncio.gather(*asked)]
    assert statuses.count(429) == 6


@pytest.mark.parametrize(("method", "path"), ROADS)
async def test_a_key_that_watches_opens_the_metrics_and_nothing_else(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await client.request(method, path, headers=bearing("eye"))
    if path == "/metrics":
        assert response.status_code == 200
        assert "listwright_requests_total" in response.text
    else:
        assert response.status_code in {403, 404, 405}
        assert response.status_code == 403 or (method, path) in {
            ("GET", "/nothing/here"),
            ("PUT", "/recommend"),
        }


@pytest.mark.parametrize(
    ("key", "status"), [("plain", 403), ("other", 403), ("boss", 200), ("eye", 200)]
)
async def test_what_is_counted_of_all_tenants_is_not_for_each(
    client: httpx.AsyncClient, key: str, status: int
) -> None:
    assert (await client.get("/metrics", headers=bearing(key))).status_code == status


async def test_without_keys_anyone_may_read_the_metrics() -> None:
    async with visit(Shop()) as anyone:
        assert (await anyone.get("/metrics")).status_code == 200


@dataclass
class Uncounted:
    async def refused(self, rate: RateLimitItem, whom: str) -> float:
        raise StoreUnavailable("Redis did not answer")


async def test_whoever_cannot_be_counted_is_let_in() -> None:
    shop = guarded()
    assert shop.access.keyring is not None
    shop.access = Access(Uncounted(), shop.access.keyring)
    async with visit(shop) as client:
        assert (await client.get("/items", headers=bearing("slow"))).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/catalogue", 200),
        ("POST", "/recommend", 200),
        ("GET", "/nothing", 404),
        ("PUT", "/recommend", 405),
        ("GET", "/docs", 200),
        ("GET", "/metrics", 200),
    ],
)
async def test_every_answer_says_what_a_browser_may_do_with_it(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    sent = {"json": LIST} if method == "POST" else {}
    key = "eye" if path == "/metrics" else "plain"
    response = await client.request(method, path, headers=bearing(key), **sent)
    assert response.status_code == status
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("script-src" in policy) == (path == "/docs")
    assert headers.get("cache-control") == (None if path == "/docs" else "no-store")


async def test_keys_are_in_no_log_and_no_metric(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for key in ("plain", "a-wrong-key"):
            await client.post("/recommend", json=LIST, headers=bearing(key))
    metrics = (await client.get("/metrics", headers=bearing("boss"))).text
    logged = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "'key': 'plain'" in logged, "by the holder's name it is"
    for text in (logged.replace("'key': 'plain'", ""), metrics):
        assert "a-wrong-key" not in text
        assert "Bearer" not in text
