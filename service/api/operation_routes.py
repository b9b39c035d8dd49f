"""The routes for whoever operates the service."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter, Response

from service.api.answer import as_json
from service.api.answers import HealthAnswer, ReadyAnswer
from service.api.readiness import Readiness
from service.api.service import Service

LEAVING: Final = "the service is ending, and takes no new work"

TOLD_WITHIN_S: Final = 1.5
"""How long `/readyz` waits for its parts; a balancer's probe waits for some seconds itself."""

NOT_HEARD: Final = "not all parts have said yet how they are"


def operation_routes(service: Service, readiness: Readiness) -> APIRouter:
    """What probes and Prometheus ask."""
    router = APIRouter(tags=["operation"])

    @router.get(
        "/readyz",
        response_model=ReadyAnswer,
        responses={503: {"model": ReadyAnswer, "description": "The service is ending"}},
    )
    async def readyz() -> Response:
        """That requests are served, and what they have to do without.

        A service whose engine is away is ready: the ranker makes its lists, and similarity answers
        what has options. If it said otherwise, all gateways of one engine would be taken from the
        balancer at once.
        """
        if readiness.leaving:
            return as_json(ReadyAnswer(ready=False, degraded=[LEAVING]), status=503)
        return as_json(ReadyAnswer(ready=True, degraded=await _amiss(service)))

    # Some balancers ask so; the server leaves the body away.
    router.add_api_route("/readyz", readyz, methods=["HEAD"], include_in_schema=False)

    @router.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Counters and latencies for Prometheus."""
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(service.metrics.exposition(), media_type=kind)

    @router.get("/healthz", response_model=HealthAnswer)
    async def healthz() -> Response:
        """Whether the process runs; depends on nothing."""
        return as_json(HealthAnswer(status="alive"))

    router.add_api_route("/healthz", healthz, methods=["HEAD"], include_in_schema=False)

    return router


async def _amiss(service: Service) -> list[str]:
    """What has to be done without, told in time: who waits too long takes this for a dead one."""
    try:
        async with asyncio.timeout(TOLD_WITHIN_S):
            return await service.amiss()
    except TimeoutError:
        return [NOT_HEARD]
