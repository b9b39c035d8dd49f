"""Adapters that a vLLM server loads while it runs, asked to by whoever finds that it has not.

A server that was started anew has forgotten them: so each look asks again where one is missing.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from service.engines.remote.engine import RemoteOptions
from service.engines.remote.server import Server
from service.engines.remote.server_errors import Refused
from service.engines.remote.standing import NotServed, Served, served
from service.errors import EngineFailed

PATH: Final = "/v1/load_lora_adapter"

LOADS_WITHIN_S: Final = 2.5
"""How long a look waits for it. The server goes on by itself, and the next look finds it there."""

ALLOW: Final = "start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"
"""What a vLLM needs that adapters can be loaded into."""

_THERE_ALREADY: Final = re.compile("already been loaded")
"""Another gateway was faster."""

_REASONS: Final = (
    (re.compile("not enabled"), ALLOW),
    (re.compile("greater than max_lora_rank"), "start it with a greater --max-lora-rank"),
    (
        re.compile("No adapter found|does not exist|No such file"),
        "it finds no adapter in the folder, which it must have under the same path",
    ),
)
"""What vLLM 0.32 says, and what to do. Its own words hold paths, so they are not told."""

_NO_ROUTE: Final = (404, 405)


async def served_or_loaded(server: Server, options: RemoteOptions) -> Served:
    """The model that is wanted, loaded if it can be; EngineFailed if the server has it not."""
    wanted, folder = options.model, options.adapter
    try:
        return await served(server, wanted)
    except NotServed:
        if wanted is None or folder is None:
            raise
    if await asyncio.to_thread(options.changed):
        raise EngineFailed(
            f"the folder of the adapter {wanted} holds other weights since this service started:"
            " start it anew"
        )
    await _load(server, wanted, folder)
    return await served(server, wanted)


async def _load(server: Server, name: str, folder: Path) -> None:
    body = {"lora_name": name, "lora_path": str(folder)}
    try:
        async with asyncio.timeout(LOADS_WITHIN_S):
            await server.tell(PATH, body)
    except TimeoutError as error:
        raise EngineFailed(f"the model's server is loading the adapter {name}") from error
    except Refused as refused:
        if not _THERE_ALREADY.search(refused.said):
            what = f"the model's server does not load the adapter {name}: {_reason(refused)}"
            raise EngineFailed(what) from refused


def _reason(refused: Refused) -> str:
    if refused.answered in _NO_ROUTE and refused.said in {"Not Found", "Method Not Allowed"}:
        return ALLOW
    known = (todo for words, todo in _REASONS if words.search(refused.said))
    return next(known, f"is it one for the model there, and a plain LoRA? ({refused.answered})")
