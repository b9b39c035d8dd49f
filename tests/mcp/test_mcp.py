"""Agents: the official client against a running service, over streamable HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from shopfront import Shop, error_of, visit
from whole_service import PLAIN, catalogue_in, served

import service.api.mcp_routes
from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.allowance import MESSAGE_BYTES
from service.api.app import create_app
from service.api.errors import RETRY_AFTER
from service.api.server import Server, bound, url_of
from service.api.service import Bounds
from service.errors import StoreUnavailable
from service.store.limits import MemoryLimits

ERAS = ("legacy", "auto")
"""The protocol with its handshake, and the newer one without."""

QUESTION = "Which keeps rain out?\n1. hat\n2. jacket"
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}

every_era = pytest.mark.parametrize("era", ERAS)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return catalogue_in(tmp_path_factory.mktemp("agents"))


@asynccontextmanager
async def agent(url: str, era: str, **headers: str) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=era) as client,
    ):
        yield client


@asynccontextmanager
async def employed(catalogue: Path, era: str) -> AsyncIterator[Client]:
    async with (
        served(catalogue, keyed=True) as url,
        agent(url, era, authorization=f"Bearer {PLAIN}") as client,
    ):
        yield client


def words(result: Any) -> str:
    (content,) = result.content
    return str(content.text)


def error_in(result: Any) -> dict[str, str]:
    assert result.is_error
    assert result.structured_content is None
    error: dict[str, str] = result.meta["listwright/error"]
    assert words(result).startswith(f"{error['code']}: {error['message'].removesuffix('.')}.")
    assert words(result).endswith(error["hint"])
    return error


def called(tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


@every_era
async def test_tools_are_shown_with_what_they_take_and_give(catalogue: Path, era: str) -> None:
    async with employed(catalogue, era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"recommend", "answer", "search_items"}
        for tool in tools.values():
            assert tool.description
            assert tool.output_schema["type"] == tool.input_schema["type"] == "object"
            assert tool.input_schema["additionalProperties"] is False
        takes = tools["recommend"].input_schema["properties"]
        assert takes["k"]["maximum"] == 20, "this service's own bound"
        assert not {"stream", "inside"} & set(takes)
        assert {"intent", "prior_weight", "wish_weight"} <= set(takes)
        assert tools["answer"].input_schema["required"] == ["question"]
        assert "exactly" in client.instructions


@every_era
async def test_a_list_is_the_one_that_the_route_makes(catalogue: Path, era: str) -> None:
    intent = {"shares": [{"category": "Whales", "op": "~", "share": 0.5}], "exclude": ["Moss"]}
    async with employed(catalogue, era) as client:
        asked = {"k": 6, "history": ["b0"], "intent": intent, "explain": True}
        # The client holds what is given against the tool's schema, and raises if it does not fit.
        result = await client.call_tool("recommend", asked)
        made = result.structured_content
        assert len(made["items"]) == made["receipt"]["exists"] == 6
        assert sum("Whales" in item["categories"] for item in made["items"]) == 3
        first = made["items"][0]
        assert f"1. {first['title']} [{first['id']}]" in words(result)
        assert 'Held: share "Whales" ~ 50%: wanted =3, has 3' in words(result)
        assert 'Held: exclude "Moss": wanted =0, has 0' in words(result)


@every_era
async def test_a_conflict_comes_with_its_hint(catalogue: Path, era: str) -> None:
    conflict = {"k": 4, "intent": {"include": ["Whales"], "exclude": ["Whales"]}}
    async with employed(catalogue, era) as client:
        error = error_in(await client.call_tool("recommend", conflict))
        assert error["code"] == "conflicting_controls"
        assert "Whales" in error["message"]
        assert "relax" in error["hint"]
        relaxed = await client.call_tool("recommend", conflict | {"on_conflict": "relax"})
        assert len(relaxed.structured_content["receipt"]["relaxed"]) == 1
        assert "Let go: " in words(relaxed)


@every_era
async def test_questions_are_answered(catalogue: Path, era: str) -> None:
    async with employed(catalogue, era) as client:
        result = await client.call_tool("answer", {"question": QUESTION})
        choice = result.structured_content["answer"]["choice"]
        assert words(result).splitlines()[:2] == [
            choice,
            f"{choice}. {['hat', 'jacket'][int(choice) - 1]}",
        ]
        ranked = await client.call_tool("answer", {"question": QUESTION, "type": "ranking"})
        assert len(words(ranked).splitlines()) == 4
        written = await client.call_tool("answer", {"question": "Explain hats.", "max_words": 5})
        assert written.structured_content["type"] == "generation"


@every_era
async def test_items_are_found_with_their_categories(catalogue: Path, era: str) -> None:
    async with employed(catalogue, era) as client:
        result = await client.call_tool("search_items", {"words": "history whales", "limit": 2})
        found = result.structured_content["items"]
        assert 0 < len(found) <= 2
        assert f"{found[0]['title']} [{found[0]['id']}]" in words(result)
        assert (await client.call_tool("search_items", {})).structured_content["items"]


BAD = {
    "recommend": [
        {"k": 0},
        {"k": "5"},
        {"intent": {"include": ["Nope"]}},
        {"stream": True},
        {"inside": True},
        {"nonsense": 1},
    ],
    "answer": [{}, {"question": 7}, {"question": "x" * 210_000}, {"question": "?", "inside": True}],
    "search_items": [{"limit": 0}, {"limit": "9"}, {"words": "\0"}, {"q": "whales"}],
}


@every_era
async def test_what_cannot_be_is_an_error_that_says_so(catalogue: Path, era: str) -> None:
    async with employed(catalogue, era) as client:
        for tool, bad in BAD.items():
            for arguments in bad:
                error = error_in(await client.call_tool(tool, arguments))
                assert error["message"]
                assert error["code"] in {"bad_input", "unknown_category"}
        with pytest.raises(MCPError, match="the tools are recommend"):
            await client.call_tool("forget", {})


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer lw_wrong"}])
@every_era
async def test_without_a_right_key_nothing_is_told(
    catalogue: Path, era: str, header: dict[str, str]
) -> None:
    async with served(catalogue, keyed=True) as url:
        with pytest.raises(BaseException) as refused:  # noqa: PT011 - the client wraps it as it likes
            async with agent(url, era, **header) as client:
                await client.list_tools()
        assert not isinstance(refused.value, AssertionError)
        async with httpx.AsyncClient(base_url=url) as http:
            answer = await http.post("/mcp", json=called("recommend", {}), headers=HEADERS | header)
        assert (answer.status_code, error_of(answer)["code"]) == (401, "unauthorized")


@dataclass
class SlowShop(Shop):
    """Whose store does not answer until it is let, and knows when nobody waits any more."""

    began: asyncio.Event = field(default_factory=asyncio.Event)
    given_up: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        kept = self.store.history

        async def slow(user: Any) -> tuple[str, ...]:
            self.began.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.given_up.set()
                raise
            return await kept(user)

        self.store.history = slow  # type: ignore[method-assign]


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_whoever_hangs_up_ends_the_work(version: str) -> None:
    shop, listening = SlowShop(), bound("127.0.0.1", 0)
    server = Server(create_app(shop, Bounds()), shutdown_seconds=2)
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        async with httpx.AsyncClient(base_url=url_of(listening)) as http:
            asking = asyncio.ensure_future(
                http.post("/mcp", **said("recommend", {"user_id": "u1"}, version))
            )
            await asyncio.wait_for(shop.began.wait(), 30)
            asking.cancel()
        await asyncio.wait_for(shop.given_up.wait(), 30)
        assert 'route="/mcp",status="499"' in await until_counted(shop)
    finally:
        server.should_exit = True
        await running


async def until_counted(shop: Shop) -> str:
    async with asyncio.timeout(30):
        while 'status="499"' not in (shown := shop.metrics.exposition().decode()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return shown


def said(tool: str, arguments: Mapping[str, Any], version: str) -> dict[str, Any]:
    """A call as a client of some era sends it."""
    message = called(tool, arguments)
    headers = HEADERS | {"mcp-protocol-version": version}
    if version > "2026":
        prefix = "io.modelcontextprotocol/"
        message["params"]["_meta"] = {
            f"{prefix}protocolVersion": version,
            f"{prefix}clientInfo": {"name": "test", "version": "1"},
            f"{prefix}clientCapabilities": {},
        }
        headers |= {"mcp-method": "tools/call", "mcp-name": tool}
    return {"json": message, "headers": headers}


def keyed(rate: str | None = None) -> Shop:
    holders = {digest_of("plain"): Holder("plain", tenant="t", rate=rate)}
    return Shop(access=Access(MemoryLimits(), Keyring(holders)))


async def post(client: httpx.AsyncClient, message: Any, **headers: str) -> httpx.Response:
    return await client.post("/mcp", json=message, headers=HEADERS | headers)


async def test_a_call_counts_once() -> None:
    async with visit(keyed("3/hour")) as client:
        asked = [
            await post(client, called("recommend", {"k": 1}), authorization="Bearer plain")
            for _ in range(4)
        ]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 429]
    assert error_of(asked[-1])["code"] == "rate_limited"
    assert not any(answer.json()["result"]["isError"] for answer in asked[:3])


async def test_a_call_is_told_of_under_one_id(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shop = keyed()
    bearing = {"authorization": "Bearer plain", "x-request-id": "mine"}
    async with visit(shop) as client:
        await post(client, called("search_items", {}))
        made = await post(client, called("recommend", {"k": 2}), **bearing)
        refused = await post(client, called("recommend", {"k": 0}), **bearing)
    assert made.headers["x-request-id"] == "mine"
    assert made.json()["result"]["structuredContent"]["request_id"] == "mine"
    assert refused.status_code == 200
    lines = [record.fields for record in caplog.records if record.name == "listwright.request"]
    told = [(line["route"], line["status"], line.get("tool"), line.get("k")) for line in lines]
    assert told == [
        ("/mcp", 401, None, None),
        ("/mcp", 200, "recommend", 2),
        ("/mcp", 422, "recommend", None),
    ]
    assert not [record for record in caplog.records if record.name.startswith("mcp")]
    shown = shop.metrics.exposition().decode()
    assert 'listwright_requests_total{route="/mcp",status="422"} 1.0' in shown
    assert 'route="/recommend"' not in shown


async def test_its_span_is_its_own_and_holds_no_words() -> None:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(Shop(), Bounds(), spans=provider)),
        base_url="http://shop",
    ) as client:
        await post(client, called("recommend", {"k": 1, "intent": {"text": "a quiet wish"}}))
    (span,) = kept.get_finished_spans()
    assert (span.name, span.attributes["http.route"]) == ("POST /mcp", "/mcp")
    assert "quiet" not in span.to_json()


async def test_lists_are_made_for_the_tenant_of_the_key() -> None:
    shop = keyed()
    async with visit(shop) as client:
        bearing = {"authorization": "Bearer plain"}
        made = await post(client, called("recommend", {"user_id": "u1", "k": 2}), **bearing)
        listed = made.json()["result"]["structuredContent"]
        assert listed["receipt"]["history"]["used"] == 0, "u1 is another tenant's"
        said = {"request_id": listed["request_id"], "shown": [listed["items"][0]["id"]]}
        learnt = await client.post("/feedback", json=said, headers=bearing)
        assert learnt.json()["new"] == 1


async def test_what_is_away_is_told_as_an_error() -> None:
    shop = Shop()
    shop.store.broken = StoreUnavailable("the store does not answer")
    async with visit(shop) as client:
        result = (await post(client, called("recommend", {"user_id": "u1"}))).json()["result"]
    assert result["isError"]
    assert result["_meta"]["listwright/error"]["code"] == "store_unavailable"


async def test_what_is_too_much_is_told_with_when_to_ask_again() -> None:
    shop = SlowShop()
    async with visit(shop, Bounds(max_concurrent=1)) as client:
        first = asyncio.create_task(client.post("/recommend", json={"user_id": "u1"}))
        await shop.began.wait()
        result = (await post(client, called("answer", {"question": QUESTION}))).json()["result"]
        first.cancel()
    error = result["_meta"]["listwright/error"]
    assert (error["code"], error["retry_after"] in RETRY_AFTER) == ("overloaded", True)


async def test_what_stays_as_it_is_says_nothing_of_when() -> None:
    async with visit(Shop()) as client:
        result = (await post(client, called("recommend", {"k": 0}))).json()["result"]
    assert "retry_after" not in result["_meta"]["listwright/error"]


async def test_a_package_that_could_not_be_imported_is_imported_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with visit(Shop()) as client:
        with monkeypatch.context() as broken:
            broken.setitem(sys.modules, "service.mcp.server", None)
            failed = await asyncio.gather(
                *(post(client, called("search_items", {})) for _ in range(3))
            )
            assert {answer.status_code for answer in failed} == {500}
        assert (await post(client, called("search_items", {}))).status_code == 200


def test_what_others_log_changes_where_agents_are_spoken_with_alone() -> None:
    told = "import logging, service.mcp.server; print(logging.getLogger('mcp').level)"
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", told], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == logging.NOTSET


async def test_a_bug_is_told_as_one_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    shop = Shop()
    shop.store.broken = RuntimeError("secret words")
    async with visit(shop) as client:
        answer = await post(client, called("recommend", {"user_id": "u1"}))
    assert answer.json()["result"]["_meta"]["listwright/error"]["code"] == "internal"
    assert "secret" not in answer.text
    assert [record for record in caplog.records if record.getMessage() == "unexpected"]


BODIES = {
    "not JSON": (b"{", 400),
    "a batch": (json.dumps([called("recommend", {})]).encode(), 422),
    "a name twice": (
        b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"a": 1, "a": 2}}',
        422,
    ),
    "half a character": (rb'{"jsonrpc": "2.0", "id": 1, "method": "\ud800"}', 422),
    "deep": (b'{"a":' * 4_000 + b"1" + b"}" * 4_000, 400),
    "deeper than anything": (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, 422),
    "a long number": (b'{"id": ' + b"9" * 10_000 + b', "jsonrpc": "2.0", "method": "ping"}', 400),
    "no message": (b"{}", 422),
    "another protocol": (b'{"jsonrpc": "3", "id": 1, "method": "ping"}', 422),
    "an answer": (b'{"jsonrpc": "2.0", "id": 1, "result": {}}', 422),
    "no id": (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', 422),
    "an id that is none": (b'{"jsonrpc": "2.0", "id": {}, "method": "ping"}', 422),
}


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28", "nonsense"])
@pytest.mark.parametrize("body", BODIES)
async def test_what_is_no_message_is_refused(body: str, version: str) -> None:
    content, status = BODIES[body]
    headers = HEADERS | {"mcp-protocol-version": version}
    async with visit(Shop()) as client:
        answer = await client.post("/mcp", content=content, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("given", ["true", "1.5", "{}", "null", '""', r'"\u0000"', "[1]"])
async def test_an_id_that_is_none_is_told_in_plain_words(given: str) -> None:
    content = f'{{"jsonrpc": "2.0", "id": {given}, "method": "ping"}}'
    async with visit(Shop()) as client:
        answer = await client.post("/mcp", content=content.encode(), headers=HEADERS)
    told = error_of(answer)["message"]
    assert told.startswith("id must be a whole number, or text of 1 to 512 characters")
    assert ";" not in told


async def test_bodies_are_bounded_as_everywhere() -> None:
    async with visit(Shop(), Bounds(max_body_bytes=1_000)) as client:
        answer = await post(client, called("answer", {"question": "x" * 1_000}))
        plain = await client.post("/mcp", content=b"{}", headers={"content-type": "text/plain"})
    assert (answer.status_code, plain.status_code) == (413, 415)


async def test_messages_are_bounded_more_than_bodies() -> None:
    async with visit(Shop()) as client:
        longest = await post(client, called("answer", {"question": "x" * 200_000}))
        answer = await post(client, called("answer", {"question": "x" * MESSAGE_BYTES}))
    assert (longest.status_code, answer.status_code) == (200, 413)
    assert error_of(answer)["code"] == "too_large"


async def test_pages_of_strangers_are_refused_where_no_key_is_needed() -> None:
    page = {"origin": "http://elsewhere.example"}
    async with visit(Shop()) as client:
        refused = await post(client, called("search_items", {}), **page)
        assert (refused.status_code, error_of(refused)["code"]) == (403, "forbidden")
        nearby = await post(client, called("search_items", {}), host="shop.internal")
        assert nearby.status_code == 200
    async with visit(keyed()) as client:
        bearing = {"authorization": "Bearer plain", "host": "any.name.example"}
        known = await post(client, called("search_items", {}), **bearing, **page)
        assert known.status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
async def test_nothing_is_kept_between_calls(method: str) -> None:
    async with visit(Shop()) as client:
        answer = await client.request(method, "/mcp", headers=HEADERS)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert "mcp-session-id" not in (await post(client, called("search_items", {}))).headers


async def test_without_the_package_it_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service.api.mcp_routes, "find_spec", lambda _name: None)
    async with visit(Shop()) as client:
        answer = await post(client, called("search_items", {}))
    assert answer.status_code == 404
    assert "listwright[mcp]" in error_of(answer)["hint"]
