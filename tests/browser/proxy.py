"""A reverse proxy that serves a service under a path, as many shops' front doors do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from real_redis import free_port
from serving import Service

FOR_ONE_HOP = {"connection", "transfer-encoding", "content-length", "host"}


@asynccontextmanager
async def below(prefix: str, service: Service) -> AsyncIterator[Service]:
    """The service as it is seen through the proxy; answers pass as they come."""

    async def passed(request: web.Request) -> web.StreamResponse:
        url = service.url + request.raw_path.removeprefix(prefix)
        headers = {n: v for n, v in request.headers.items() if n.lower() not in FOR_ONE_HOP}
        body = await request.read()
        async with session.request(request.method, url, headers=headers, data=body) as answer:
            shown = {n: v for n, v in answer.headers.items() if n.lower() not in FOR_ONE_HOP}
            response = web.StreamResponse(status=answer.status, headers=shown)
            await response.prepare(request)
            async for part in answer.content.iter_any():
                await response.write(part)
            await response.write_eof()
            return response

    app = web.Application()
    app.router.add_route("*", f"{prefix}/{{path:.*}}", passed)
    runner = web.AppRunner(app)
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield Service(f"http://127.0.0.1:{port}", service.log)
        finally:
            await runner.cleanup()
