"""`listwright verify` and `listwright check`: does it hold, would it start?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from service.access.gate import Access
from service.api.server import bound
from service.catalog.artifact import load
from service.engines.remote.engine import RemoteEngine
from service.errors import BadInput, BadSettings, ListwrightError
from service.pipeline.verify import noted, verify
from service.ports import Engine
from service.settings import Settings
from service.wiring import opened
from service.wiring_engine import in_words

STORES: Final[Mapping[str, str]] = {
    "memory": "users are remembered in this process, until it ends",
    "redis": "users are remembered in Redis",
}


def found_in(
    saved: Path, catalogue: Path, history: list[str] | None
) -> tuple[list[str], list[str]]:
    """What does not hold in a saved answer, and what else is to be known; `-` is stdin."""
    raw = sys.stdin.buffer.read() if str(saved) == "-" else saved.read_bytes()
    try:
        response: Any = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{saved} is not JSON: {error}") from error
    return verify(response, load(catalogue), history), noted(response, history)


def checks(settings: Settings) -> Iterator[tuple[str, list[str]]]:
    """Each thing `serve` needs, and what is wrong with it."""
    yield "port", _port(settings)
    yield from asyncio.run(_opening(settings))


def _port(settings: Settings) -> list[str]:
    try:
        bound(settings.server.host, settings.server.port).close()
    except ListwrightError as error:
        return [_said(error)]
    return []


async def _opening(settings: Settings) -> list[tuple[str, list[str]]]:
    """The truth about opening everything is to open everything."""
    try:
        async with opened(settings) as parts:
            troubles = await parts.without()
            found = {"engine": in_words(parts.recommender.engine)}
            found |= {name: in_words(engine) for name, engine in parts.engines.items()}
            if parts.sidecar is not None:
                found["sidecar"] = f"{parts.sidecar.model} thinks before lists and answers"
            found["store"] = STORES[settings.store.kind]
            known = parts.catalogue.summary().counts.users
            found["keys"] = _keys(parts.access, settings.catalogue.tenant if known else None)
            found |= {name: why for name, why in troubles.items() if name not in found}
            return [
                ("catalogue and models", []),
                *(
                    (name, [troubles[name] + _where(parts.models().get(name))])
                    if name in troubles
                    else (f"{name}: {what}", [])
                    for name, what in found.items()
                ),
            ]
    except BadSettings as error:
        return [("settings", [_said(error)])]
    except (ListwrightError, OSError) as error:
        return [("catalogue and models", [_said(error)])]


def _keys(access: Access, tenant: str | None) -> str:
    """Who may ask; whose the catalogue's users are, if it has some and that is nobody's."""
    if access.keyring is None:
        return "none are set, and anyone may ask"
    tenants = sorted({holder.tenant for holder in access.keyring.holders if not holder.watch})
    said = f"{len(access.keyring.holders)}, of {', '.join(tenants) or 'no tenant'}"
    strange = f"; the users that the catalogue knows are of {tenant}, which has none"
    return said if tenant is None or tenant in tenants else said + strange


def _where(engine: Engine | None) -> str:
    """Where its server is, if it has one."""
    return f" ({engine.address})" if isinstance(engine, RemoteEngine) else ""


def _said(error: Exception) -> str:
    if isinstance(error, ListwrightError) and error.hint:
        return f"{error.message} ({error.hint})"
    return str(error)
