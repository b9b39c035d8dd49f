"""One server behind HTTP: a pooled session, opened when first needed, and how it is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import aiohttp
import orjson

from service.engines.remote.server_errors import BROKEN, mapped, piece, refusal
from service.errors import BadSettings, EngineFailed

CONNECT_S: Final = 2.0

KEEP_S: Final = 3.0
"""How long an idle connection is kept. uvicorn closes its own after 5 s: whoever used one at that
moment would write into a connection that is being closed."""

LARGEST_ANSWER: Final = 1 << 20
"""Bytes that are read of an answer which is no stream."""

_Ask: TypeAlias = Callable[[str, str, bytes | None], Awaitable[aiohttp.ClientResponse]]

_HINT: Final = "A URL is such as http://127.0.0.1:8000; the key stands apart."


class Server:
    """Asks one server. Whatever goes wrong with that is an EngineError."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        self.address = _authority(url)
        """Host and port, for those who run the service."""
        if api_key is not None and not (api_key.isascii() and api_key.isprintable()):
            raise BadSettings(
                "the API key of a model's server has characters that no HTTP header can hold"
            )
        self._base = url.rstrip("/").removesuffix("/v1")
        # Compressed events would be held back until a block is full.
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def get(self, path: str) -> Any:
        """The JSON at a path."""
        async with self._asked("GET", path, None, self._opened) as response:
            return await _json(response)

    async def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that answers a body."""
        async with self._asked("POST", path, orjson.dumps(body), self._opened) as response:
            return await _json(response)

    async def tell(self, path: str, body: Mapping[str, Any]) -> None:
        """Have something done that is answered by nothing but its having been done."""
        async with self._asked("POST", path, orjson.dumps(body), self._opened) as response:
            await _body(response)

    @asynccontextmanager
    async def stream(self, path: str, body: bytes) -> AsyncIterator[aiohttp.ClientResponse]:
        """The response to a body, to be read while it comes.

        Leaving before its end closes the connection, by which the server knows to stop decoding.
        Whether it is asked once more when that fails is decided elsewhere.
        """
        async with self._asked("POST", path, body, self._request) as response:
            yield response

    async def close(self) -> None:
        """Close every connection; there will be no other."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def _asked(
        self, method: str, path: str, body: bytes | None, ask: _Ask
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        with mapped():
            response = await ask(method, path, body)
        try:
            if response.status != 200:  # noqa: PLR2004 - the one status that is an answer
                raise refusal(response.status, await _body(response))
            yield response
        finally:
            # Back to the pool if it was read to its end, else closed.
            response.release()

    async def _opened(self, method: str, path: str, body: bytes | None) -> aiohttp.ClientResponse:
        """The response; asked for once more if a kept connection turns out to have been closed."""
        tracked = SimpleNamespace(reused=False)
        try:
            return await self._request(method, path, body, tracked)
        except BROKEN:
            if not tracked.reused:
                raise
        return await self._request(method, path, body, tracked)

    async def _request(
        self, method: str, path: str, body: bytes | None, tracked: SimpleNamespace | None = None
    ) -> aiohttp.ClientResponse:
        return await self._pool().request(
            method,
            self._base + path,
            data=body,
            headers=self._headers,
            # A server that sends us elsewhere would be sent the key there.
            allow_redirects=False,
            trace_request_ctx=tracked or SimpleNamespace(),
        )

    def _pool(self) -> aiohttp.ClientSession:
        if self._closed:
            raise EngineFailed("the engine is closed")
        if self._session is None:
            trace = aiohttp.TraceConfig()
            trace.on_connection_reuseconn.append(_note_reuse)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S),
                trace_configs=[trace],
            )
        return self._session


def _authority(url: str) -> str:
    """Host and port of a URL that holds nothing secret."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        # What the resolver does first. It raises what no one expects of a network.
        (host or "").encode("idna")
    except ValueError as error:
        raise BadSettings(f"the server's URL is none: {error}", hint=_HINT) from error
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise BadSettings("a server's URL holds a host, and no user, password or query", hint=_HINT)
    if parts.scheme not in {"http", "https"}:
        raise BadSettings("a server's URL begins with http:// or https://", hint=_HINT)
    return parts.netloc


async def _note_reuse(
    _session: aiohttp.ClientSession,
    context: SimpleNamespace,
    _params: aiohttp.TraceConnectionReuseconnParams,
) -> None:
    context.trace_request_ctx.reused = True


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    while len(body) < LARGEST_ANSWER and (chunk := await piece(response)):
        body += chunk
    return bytes(body)


async def _json(response: aiohttp.ClientResponse) -> Any:
    try:
        return orjson.loads(await _body(response))
    except orjson.JSONDecodeError as error:
        message = "the model's server answers with something that is not JSON"
        raise EngineFailed(message) from error
