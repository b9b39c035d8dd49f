"""The way to one Redis server: what is sent along it together, and what is sent once more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisLost
from redis.exceptions import NoScriptError, RedisError

from service.store.redis_calls import Call, Command, Plain

CONNECTIONS: Final = 64
"""As many trips are on their way at a time; the others wait for them."""

DEFAULT_PORT: Final = 6379

LOST: Final = (RedisLost, ConnectionError)
"""A connection that a restarted server has dropped is found out by using it."""


class Address(NamedTuple):
    """Where a server is."""

    host: str
    port: int


class Unsaid(Exception):
    """What a call comes to that nobody waited for any more when it was to set off."""


class Wire:
    """Connections to one server; each trip has one to itself."""

    def __init__(self, url: str, timeout: float, set_off: Callable[[], None]) -> None:
        """It connects when it is first used. `set_off` is called with each trip."""
        parts = urlsplit(url)
        self.address = Address(parts.hostname or "localhost", parts.port or DEFAULT_PORT)
        self._set_off = set_off
        self._places = asyncio.Semaphore(CONNECTIONS)
        self._client = Redis.from_url(
            url,
            decode_responses=True,
            # What somebody else has put there must not cost others the trip that it shares.
            encoding_errors="replace",
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            # What is said again is for us to say: not everything may be.
            retry=Retry(NoBackoff(), 0),
            max_connections=CONNECTIONS,
        )

    async def said(
        self, calls: Sequence[Call | Plain], waited_for: Callable[[int], bool]
    ) -> list[Any]:
        """What each call came to, or what went wrong with it; Unsaid if nobody waits for it.

        Of those nothing sets off any more: whoever was told that a call failed may have done
        something else since, which it would undo.
        """
        found: list[Any] = [Unsaid()] * len(calls)

        async def say(places: Sequence[int], *, whole: bool = False) -> None:
            async with self._places:
                due = [at for at in places if waited_for(at)]
                told = await self._sent(
                    [calls[at].whole if whole else calls[at].command for at in due]
                )
            for at, what in zip(due, told, strict=True):
                found[at] = what

        await say(range(len(calls)))
        lost = [at for at, what in enumerate(found) if isinstance(what, LOST) and calls[at].again]
        if lost:
            await say(lost)
        strange = [at for at, what in enumerate(found) if isinstance(what, NoScriptError)]
        if strange:
            await say(strange, whole=True)
        return found

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _sent(self, commands: Sequence[Command]) -> list[Any]:
        if not commands:
            return []
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                self._set_off()
                for command in commands:
                    pipe.execute_command(*command)
                return await pipe.execute(raise_on_error=False)
        except (RedisError, OSError) as error:
            return [error] * len(commands)
        except RuntimeError as error:
            # uvloop's word for a connection that was reset meanwhile, which redis-py lets pass.
            return [ConnectionResetError(str(error))] * len(commands)


def url_at(url: str, address: Address) -> str:
    """The same way in, to another server."""
    parts = urlsplit(url)
    whom, sign, _ = parts.netloc.rpartition("@")
    host = f"[{address.host}]" if ":" in address.host else address.host
    return urlunsplit(parts._replace(netloc=f"{whom}{sign}{host}:{address.port}"))
