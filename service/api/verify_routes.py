"""The route that checks a list which was handed out."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from service.api.answer import as_json
from service.api.auth import holder_of
from service.api.parsing import parsed
from service.api.service import Service
from service.api.verify_schema import VerifyAnswer, VerifyBody
from service.domain import User
from service.pipeline.in_time import in_time
from service.pipeline.verify import noted, verify


def verify_routes(service: Service, body: type[VerifyBody]) -> APIRouter:
    """`POST /verify`."""
    router = APIRouter()

    @router.post("/verify", response_model=VerifyAnswer, tags=["lists"])
    async def verify_list(request: Request) -> Response:
        """Check an answer of `/recommend` against the catalogue, trusting nothing it says."""
        asked = (await parsed(request, body)).checked()
        met, catalogue = asked.history, service.catalogue
        if asked.user_id is not None:
            user = User(asked.user_id, holder_of(request.scope).tenant)
            seconds = service.recommender.policy.deadline_ms / 1e3
            met = list(await in_time(service.store.history(user), seconds))
        # In a thread: what comes from anybody may be as long as a list can be.
        problems = await asyncio.to_thread(verify, asked.answer, catalogue, met)
        return as_json(
            VerifyAnswer(
                holds=not problems,
                problems=problems,
                notes=noted(asked.answer, met),
                catalogue=catalogue.version,
            )
        )

    return router
