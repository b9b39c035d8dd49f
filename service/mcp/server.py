"""The protocol, as the official package speaks it: one POST, one answer, nothing kept between.

Any gateway behind a balancer can answer any message. Imported where an agent first calls: it takes
two seconds on two busy cores and 26 MB, which whoever has no agents need not spend.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as ToolShown
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from service.mcp.tools import Arguments, Outcome, Tool

Ask: TypeAlias = Callable[[Request, Tool, Arguments], Awaitable[Outcome]]
"""Does what a tool stands for, on behalf of a request."""

INSTRUCTIONS: Final = (
    "Recommends from one catalogue. Categories are named exactly as `search_items` shows them. "
    "Lists are valid by construction and need no checking; an error says what to change."
)

ERROR: Final = "listwright/error"
"""Under which name a result's `_meta` holds an error as the API shows it."""


class Speaker:
    """Speaks the protocol for some tools."""

    def __init__(self, tools: Sequence[Tool], ask: Ask, version: str) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._shown = [_shown(tool) for tool in tools]
        self._ask = ask
        # It tells of each message; so do we, under the request's id, without what a client named.
        logging.getLogger("mcp").setLevel(logging.ERROR)
        self._server: Server[Any] = Server(
            "listwright",
            version=version,
            instructions=INSTRUCTIONS,
            get_tool_input_schema=self._takes,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        # Its spans would carry what a client calls its messages; the route has one already.
        self._server.middleware.clear()

    async def answer(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request. All that it starts ends with it."""
        manager = StreamableHTTPSessionManager(
            self._server, json_response=True, stateless=True, max_request_body_size=limit
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    async def _list(
        self, _context: ServerRequestContext[Any, Any], _page: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=self._shown)

    async def _call(
        self, context: ServerRequestContext[Any, Any], wanted: CallToolRequestParams
    ) -> CallToolResult:
        tool = self._tools.get(wanted.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"the tools are {', '.join(self._tools)}")
        assert context.request is not None  # noqa: S101 - HTTP always hands it on
        done = await self._ask(context.request, tool, wanted.arguments or {})
        return CallToolResult(
            content=[TextContent(type="text", text=done.text)],
            structured_content=done.answer,
            is_error=done.error is not None,
            _meta=None if done.error is None else {ERROR: done.error},
        )

    def _takes(self, name: str) -> dict[str, Any] | None:
        return self._tools[name].takes if name in self._tools else None


def _shown(tool: Tool) -> ToolShown:
    return ToolShown(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes,
        output_schema=tool.gives,
        annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
    )
