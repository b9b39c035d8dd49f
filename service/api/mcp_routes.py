"""The route for agents: tools over the Model Context Protocol, each of them a route of ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.types import Message, Receive, Scope, Send

from service.access.holder import ANYONE
from service.api.allowance import allowances
from service.api.auth import holder_of
from service.api.body import MAX_NAME, Body, Name
from service.api.errors import INTERNAL, Forbidden, error_response
from service.api.mcp_tools import tools
from service.api.parsing import parsed
from service.api.service import Bounds
from service.api.trace import trace_of
from service.errors import ListwrightError, NotFound
from service.mcp.inner import led_to, reply_of
from service.mcp.tools import Arguments, Outcome, Tool, outcome

if TYPE_CHECKING:
    from service.mcp.server import Speaker

LOG: Final = logging.getLogger("listwright.request")


def _message_id(given: object) -> object:
    """A number or a name; of two types a problem would be told under what Python calls them."""
    named = isinstance(given, str) and 0 < len(given) <= MAX_NAME and "\0" not in given
    if named or type(given) is int:
        return given
    what = "must be a whole number, or text of 1 to {most} characters"
    raise PydanticCustomError("message_id", what, {"most": MAX_NAME})


class Spoken(Body):
    """A request or a notice; what it says is read by the protocol's own package.

    What is neither costs that package more the longer it is, so it comes no further than here.
    """

    model_config = ConfigDict(extra="allow")

    jsonrpc: Literal["2.0"]
    method: Name
    id: Annotated[Any, AfterValidator(_message_id)] = 0
    params: dict[str, Any] = Field(default={})


def mcp_routes(bounds: Bounds, described: Mapping[str, type[Body]]) -> APIRouter:
    """`POST /mcp`."""
    router = APIRouter()
    there = find_spec("mcp") is not None
    speaker = _Speakers(partial(tools, described))
    limit = allowances(bounds.max_body_bytes)["/mcp"]

    # The protocol says what is sent and answered, so the API page does not.
    @router.post("/mcp", include_in_schema=False)
    async def speak(request: Request) -> Response:
        """One message of an agent."""
        if not there:
            raise NotFound("no agents are served here", hint="Install listwright[mcp].")
        _refuse_browsers(request)
        await parsed(request, Spoken)
        return _Speech(request, await speaker.get(), limit)

    return router


def _refuse_browsers(request: Request) -> None:
    """Where no keys are set, a page of any site could ask in its visitor's browser.

    Browsers say with each POST which page it is from, by whatever name they reached this machine;
    agents do not. A key is known to no page, so who has one may come from anywhere.
    """
    if "origin" in request.headers and holder_of(request.scope) is ANYONE:
        raise Forbidden("web pages are not served without a key", hint="Set up API keys.")


class _Speakers:
    """The one that speaks, made when it is first needed, and again where that failed."""

    def __init__(self, offered: Callable[[], Sequence[Tool]]) -> None:
        self._offered = offered
        self._made: asyncio.Task[Speaker] | None = None

    async def get(self) -> Speaker:
        """The one."""
        if self._made is None:
            self._made = asyncio.create_task(asyncio.to_thread(self._make))
            self._made.add_done_callback(self._done)
        return await asyncio.shield(self._made)

    def _done(self, made: asyncio.Task[Speaker]) -> None:
        if made.cancelled() or made.exception() is not None:
            self._made = None

    def _make(self) -> Speaker:
        from service.mcp.server import Speaker  # noqa: PLC0415 - only where agents call

        return Speaker(self._offered(), _asked, version("listwright"))


class _Speech(Response):
    """Hands a request that has been read to the one that speaks."""

    def __init__(self, request: Request, speaker: Speaker, limit: int) -> None:
        super().__init__()
        self._request, self._speaker, self._limit = request, speaker, limit

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await self._request.body()
        begun = False

        async def receive() -> Message:
            nonlocal begun
            if begun:
                return await self._request.receive()
            begun = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._speaker.answer(self._limit, scope, receive, send)


async def _asked(request: Request, tool: Tool, arguments: Arguments) -> Outcome:
    """What the tool's route answers to the one who asks."""
    trace = trace_of(request.scope)
    trace.facts |= {"tool": tool.name}
    try:
        call = tool.call(arguments)
        return outcome(tool, await led_to(request.app.router, request, call))
    except ListwrightError as error:
        trace.error = error
    except Exception:
        LOG.exception("unexpected", extra={"fields": {"request_id": trace.request_id}})
        trace.error = INTERNAL
    said = error_response(trace.error, trace.request_id)
    return outcome(tool, reply_of(said.status_code, said.headers, bytes(said.body)))
