"""Spans of a real service over a server's stub, taken by a collector that speaks OTLP."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from engines.stub_server import Stub
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from service.api.app import create_app
from service.api.service import Bounds
from service.catalog.artifact import LoadedCatalogue, load
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadSettings
from service.settings import Settings, load_settings
from service.telemetry.spans import SpanObserver, spans, spans_to
from service.wiring import build_catalogue, opened

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLER = {"traceparent": f"00-{TRACE}-{PARENT}-01", "baggage": "customer=hush"}
TITLES = ("Red Mug", "Blue Mug", "Red Sock", "Blue Sock", "Red Lamp", "Blue Lamp")
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@dataclass
class Collector:
    """Takes spans, as OTLP over HTTP brings them."""

    url: str
    spans: list[Span] = field(default_factory=list)
    services: set[str] = field(default_factory=set)

    def take(self, body: bytes) -> None:
        for of_one in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {each.key: each.value.string_value for each in of_one.resource.attributes}
            self.services.add(named["service.name"])
            self.spans += (span for scope in of_one.scope_spans for span in scope.spans)

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


@contextmanager
def collecting() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield collector
        server.shutdown()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> LoadedCatalogue:
    file = tmp_path_factory.mktemp("files") / "items.jsonl"
    rows = ({"id": f"i{n}", "title": title} for n, title in enumerate(TITLES))
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    settings = load_settings({"cache": {"folder": cache_dir}, "retrieval": {"similarity": False}})
    return load(build_catalogue(file, None, file.parent / "built", settings))


def settings_for(
    built: LoadedCatalogue, cache: Path, url: str | None = None, *, traces: bool = True
) -> Settings:
    return load_settings(
        {
            "cache": {"folder": cache},
            "catalogue": {"path": built.folder},
            "retrieval": {"similarity": False},
            "engine": {"kind": "none"} if url is None else {"kind": "vllm", "url": url},
            "server": {"traces": traces},
        }
    )


def attributes(span: Span) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, str(each.value.WhichOneof("value")))
        for each in span.attributes
    }


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(settings) as parts:
        transport = httpx.ASGITransport(create_app(parts, Bounds(), spans=parts.spans))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            yield client


async def test_a_request_its_stages_and_its_calls_are_one_trace(
    built: LoadedCatalogue, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = ChatTokenizer(ensure_model(cache_dir, print), NAME)
    stub = Stub(tokenizer, {built.version: built})  # type: ignore[dict-item]
    with collecting() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        async with (
            stub.serving() as url,
            served(settings_for(built, cache_dir, url)) as client,
        ):
            asked = {"user_id": "ann", "k": 3, "strategy": "generate"}
            made = await client.post("/recommend", json=asked, headers=CALLER)
            assert made.json()["receipt"]["path"] == "llm"
    assert collector.services == {"listwright"}
    (request,) = collector.named("POST /recommend")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)
    assert attributes(request)["listwright.path"] == "llm"
    assert {"decoded", "looked up"} <= {event.name for event in request.events}
    stages = [span for span in collector.spans if span.parent_span_id == request.span_id]
    assert {*made.json()["timings"]} - {"total"} <= {span.name for span in stages}
    for stage in stages:
        assert request.start_time_unix_nano <= stage.start_time_unix_nano
        assert stage.start_time_unix_nano <= stage.end_time_unix_nano
    calls = [span for span in stages if span.kind == Span.SPAN_KIND_CLIENT]
    told = {headers["traceparent"] for headers in stub.headers if "traceparent" in headers}
    assert calls
    assert "hush" not in str(stub.headers)
    assert told >= {f"00-{TRACE}-{call.span_id.hex()}-01" for call in calls}


async def test_spans_tell_nothing_of_who_asked_for_what(
    built: LoadedCatalogue, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collecting() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        async with served(settings_for(built, cache_dir)) as client:
            await client.post("/recommend", json={"user_id": "ann", "k": 2})
            for path in ("/users/ann/history", "/items?q=hush", "/healthz", "/nothing/ann"):
                await client.get(path)
    told = str(collector.spans)
    assert "/users/{user_id:path}/history" in told
    for word in ("ann", "hush", "healthz"):
        assert word not in told


async def test_unless_it_is_wanted_nothing_is_sent(
    built: LoadedCatalogue, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collecting() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        async with served(settings_for(built, cache_dir, traces=False)) as client:
            assert (await client.post("/recommend", json={"k": 2})).status_code == 200
    assert collector.spans == []


async def test_without_what_sends_them_it_does_not_start(
    built: LoadedCatalogue, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
    monkeypatch.setitem(sys.modules, exporter, None)
    with pytest.raises(BadSettings, match="not installed"):
        async with served(settings_for(built, cache_dir)):
            pass


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("OTEL_SERVICE_NAME", "shop-eu", "shop-eu"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=shop-us", "shop-us"),
        ("OTEL_SERVICE_NAME", "", "listwright"),
    ],
)
def test_a_service_may_be_called_otherwise(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with collecting() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        with spans(wanted=True) as provider:
            assert provider is not None
            SpanObserver(provider).stage("plan", 0.1)
    assert collector.services == {told}


def test_a_collector_that_is_away_does_not_keep_the_service_from_ending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody is there: each batch would be tried for ten seconds."""
    monkeypatch.setattr("service.telemetry.spans.LEFT_S", 0.2)
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    with spans(wanted=True) as provider:
        assert provider is not None
        for number in range(2_000):
            SpanObserver(provider).stage(f"stage {number}", 0.1)
        ending = time.monotonic()
    assert time.monotonic() - ending < 8


async def test_what_goes_on_after_its_request_is_noted_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        collecting() as collector,
        spans_to(OTLPSpanExporter(f"{collector.url}/v1/traces")) as made,
    ):
        observer = SpanObserver(made)
        request = made.get_tracer("test").start_span("request")
        request.end()
        with trace.use_span(request):
            observer.left_out("engine", TimeoutError())
    assert [event for span in collector.named("request") for event in span.events] == []
    assert caplog.records == []
