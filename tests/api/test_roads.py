"""What is served is what is declared, with the right it takes; all else is not reached."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from shopfront import Shop, error_of
from starlette.routing import Mount

from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.app import create_app
from service.api.roads import ROADS, Right, Road
from service.api.service import Bounds
from service.store.limits import MemoryLimits

NOT_SERVED = {"/docs/oauth2-redirect"}
"""The framework brings it; nothing here logs in by OAuth, so it is not declared."""

ADMINS = [road.path for road in ROADS if road.right is Right.ADMIN]
KEYED = [road for road in ROADS if road.right is not Right.OPEN]


def shop() -> Shop:
    holders = {digest_of("plain"): Holder("plain"), digest_of("boss"): Holder("boss", admin=True)}
    return Shop(access=Access(MemoryLimits(), Keyring(holders)))


def served(app: FastAPI) -> dict[str, set[str]]:
    """Every path that the router knows, with its methods."""
    found: dict[str, set[str]] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount):
            found[f"{route.path}/{{path:path}}"] = {"GET", "HEAD"}
        else:
            found.setdefault(str(context.path), set()).update(context.methods or ())
    return found


async def ask(app: FastAPI, method: str, path: str, key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        return await client.request(method, path, headers=headers)


def test_what_is_served_is_what_is_declared() -> None:
    known = served(create_app(Shop(), Bounds()))
    declared = {road.path: set(road.methods) for road in ROADS}
    assert {path: known[path] for path in known if path not in NOT_SERVED} == declared
    assert known.keys() >= NOT_SERVED


def test_without_the_playground_its_roads_are_not_served() -> None:
    known = served(create_app(Shop(), Bounds(playground=False)))
    declared = {road.path: set(road.methods) for road in ROADS if not road.playground}
    assert {path: known[path] for path in known if path not in NOT_SERVED} == declared


@pytest.mark.parametrize("path", ["/free", "/users", "/playground", "/playground/main.js"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_nor_are_they_roads_of_any_method(method: str, path: str) -> None:
    bounds = Bounds(playground=False)
    response = await ask(create_app(Shop(), bounds), method, path)
    assert (response.status_code, "allow" in response.headers) == (404, False)
    # Nor does whoever has no key hear that they were there.
    assert (await ask(create_app(shop(), bounds), method, path)).status_code == 401
    assert (await ask(create_app(shop(), bounds), method, path, "plain")).status_code == 404


@pytest.mark.parametrize("path", ["/secret", "/items-of-all", *NOT_SERVED])
@pytest.mark.parametrize("key", [None, "plain", "boss"])
async def test_a_route_that_nobody_declared_is_not_reached(path: str, key: str | None) -> None:
    for place, status in ((shop(), 401 if key is None else 404), (Shop(), 404)):
        app = create_app(place, Bounds())
        app.add_api_route(path, lambda: "reached")
        assert (await ask(app, "GET", path, key)).status_code == status


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "HEAD", "X-NEW"])
async def test_a_method_that_nobody_declared_is_not_reached(method: str) -> None:
    app = create_app(shop(), Bounds())
    app.add_api_route("/catalogue", lambda: "reached", methods=[method])
    response = await ask(app, method, "/catalogue", "boss")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    if method != "HEAD":
        assert error_of(response)["hint"] == "Use GET."


ENDINGS = ["%0A", "%0a%0a", "%0D", "%20", "/", "%2F", "//", "%00", ";x", "?x", "#x", "%3F", "%23"]


@pytest.mark.parametrize("path", ADMINS)
@pytest.mark.parametrize("ending", ENDINGS)
async def test_no_spelling_of_a_path_lends_an_administrators_right(path: str, ending: str) -> None:
    """The router takes a path that ends with a line's end for the same path."""
    for place, key in ((shop(), "plain"), (Shop(), None)):
        response = await ask(create_app(place, Bounds()), "POST", path + ending, key)
        assert response.status_code in {403, 404}


@pytest.mark.parametrize(
    "path",
    [
        "/healthz/..%2fmetrics",
        "/static-offline-docs/../metrics",
        "/static-offline-docs/..%2f..%2fcore.py",
        "/docs/..%2Fcatalogue",
        "/METRICS",
        "/metrics%0A",
        "/healthz%0A",
        "/./metrics",
    ],
)
async def test_no_spelling_of_a_path_opens_it(path: str) -> None:
    response = await ask(create_app(shop(), Bounds()), "GET", path)
    assert response.status_code in {401, 404}


@pytest.mark.parametrize("path", ["/users/ann/history%0A", "/items/a%0A"])
async def test_a_line_feed_is_no_part_of_a_path(path: str) -> None:
    assert (await ask(create_app(Shop(), Bounds()), "GET", path)).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_may_ask_without_a_body(path: str) -> None:
    assert (await ask(create_app(shop(), Bounds()), "HEAD", path)).status_code == 200


@pytest.mark.parametrize("road", KEYED, ids=lambda road: road.path)
async def test_a_road_that_is_not_open_needs_a_key(road: Road) -> None:
    app = create_app(shop(), Bounds())
    for method in road.methods:
        path = road.path.replace("{user_id:path}", "u").replace("{item_id:path}", "i1")
        assert (await ask(app, method, path)).status_code == 401
        assert (await ask(app, method, path, "wrong")).status_code == 401


TWICE = [
    [("authorization", "Bearer plain"), ("authorization", "Bearer boss")],
    [("x-api-key", "plain"), ("x-api-key", "plain")],
    [("authorization", "Bearer boss"), ("x-api-key", "plain")],
]


@pytest.mark.parametrize("headers", TWICE)
async def test_of_two_keys_neither_counts(headers: list[tuple[str, str]]) -> None:
    transport = httpx.ASGITransport(create_app(shop(), Bounds()))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        response = await client.get("/catalogue", headers=headers)
        assert error_of(response)["message"] == "the request has more than one key"
        assert response.status_code == 401
        # What says who somebody is to a proxy is no key of ours.
        proxied = [("authorization", "Basic cGxhaW46"), ("x-api-key", "plain")]
        assert (await client.get("/catalogue", headers=proxied)).status_code == 200
