"""The connection to Redis, alone or a cluster of them; what goes wrong there in our own words."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from service.errors import StoreUnavailable
from service.ports import StoreObserver

Client: TypeAlias = Redis | RedisCluster
Command: TypeAlias = tuple[str | int, ...]

CONNECTIONS: Final = 64
"""As many calls are on their way at a time; the others wait for them."""

TURNS: Final = 3
"""Of the loop, for which a call waits for others: tasks that were begun with it get as far by then
as to make theirs. Some microseconds."""

ONCE_MORE: Final = 1
"""A connection that a restarted server has dropped is found out by using it."""


SOON_S: Final = 0.01
"""What is given up before this was not given up for being late."""

HANGS: Final = "Redis does not answer, by the last that it was asked"
AGAIN: Final = "Send the request again."


@dataclass(frozen=True, slots=True)
class RedisOptions:
    """Where it is, and how long it is waited for."""

    url: str
    cluster: bool = False
    timeout: float = 0.5
    """Seconds that an answer may take, a connection included."""


@dataclass(frozen=True)
class Script:
    """What Redis does in one go; it remembers scripts by their digest until it is restarted."""

    name: str
    """As it is called where its calls are told."""
    text: str

    @cached_property
    def digest(self) -> str:
        """By which it is called."""
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Call:
    """A script, for the keys of one user."""

    script: Script
    keys: Sequence[str]
    values: Sequence[str | int] = ()

    @property
    def name(self) -> str:
        """What it is told as."""
        return self.script.name

    @property
    def command(self) -> Command:
        """As Redis takes it where it knows the script."""
        return ("EVALSHA", self.script.digest, len(self.keys), *self.keys, *self.values)

    @property
    def whole(self) -> Command:
        """As Redis takes it in any case."""
        return ("EVAL", self.script.text, len(self.keys), *self.keys, *self.values)


@dataclass(frozen=True, slots=True)
class Plain:
    """A command that Redis has of its own, for one key."""

    command: Command

    @property
    def name(self) -> str:
        """What it is told as."""
        return str(self.command[0]).lower()

    @property
    def whole(self) -> Command:
        """There is no other way to say it."""
        return self.command


class RedisServer:
    """Redis as the stores use it. StoreUnavailable for whatever goes wrong on the way there.

    Calls of a few turns of the event loop, whoever makes them, leave together: one round trip.
    What waits behind others for a connection is waited for no longer than what has one. While it
    hangs, one call at a time finds out whether it still does, and the others are told at once.
    """

    def __init__(self, options: RedisOptions, told: StoreObserver | None = None) -> None:
        """`told`: who hears of each call, if somebody does."""
        self._told = told
        self._client = _connected(options)
        self._longest = options.timeout
        self._hangs = False
        """Whether it did not answer the last time that it was waited for."""
        self._places = asyncio.Semaphore(CONNECTIONS)
        self._leaving: list[tuple[Call | Plain, asyncio.Future[Any]]] = []
        self._trips: set[asyncio.Task[None]] = set()

    async def run(self, call: Call | Plain) -> Any:
        """What a call comes to. Whoever cancels this no longer hears of it; it may be done."""
        loop = asyncio.get_running_loop()
        if self._hangs and self._trips:
            with self._told_of(call.name):
                raise StoreUnavailable(HANGS, hint=AGAIN)
        if not self._leaving:
            loop.call_soon(self._depart, TURNS)
        told: asyncio.Future[Any] = loop.create_future()
        self._leaving.append((call, told))
        with self._told_of(call.name), _failing_closed():
            try:
                async with asyncio.timeout(self._longest):
                    return await told
            except TimeoutError:
                self._hangs = True
                raise

    async def remove(self, *keys: str) -> None:
        """Remove keys of one hash tag."""
        with self._told_of("delete"), _failing_closed():
            async with asyncio.timeout(self._longest), self._places:
                self._set_off()
                await self._client.delete(*keys)

    async def evicting(self) -> str | None:
        """Why it would drop what was acknowledged once it is full; None where it would not."""
        with _failing_closed():
            async with asyncio.timeout(self._longest), self._places:
                told = await self._client.info("memory")
        of_each = told.values() if "maxmemory" not in told else (told,)
        for facts in of_each:
            policy = str(facts.get("maxmemory_policy"))
            if policy.startswith("allkeys-"):
                return (
                    f"Redis may evict histories: its maxmemory-policy is {policy}, and must be"
                    " noeviction, or volatile-lru, which drops only what is cached"
                )
        return None

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    def _set_off(self) -> None:
        if self._told is not None:
            self._told.travelled()

    @contextmanager
    def _told_of(self, operation: str) -> Iterator[None]:
        """Tell how long something took, and what went wrong with it if something did."""
        began, wrong = time.perf_counter(), None
        try:
            yield
        except StoreUnavailable as error:
            wrong = error.__cause__ if isinstance(error.__cause__, Exception) else error
            raise
        except asyncio.CancelledError:
            # A request's time was over first: told, or a Redis that hangs would look well. Whoever
            # did not wait at all, as one that may not ask so often, says nothing of it.
            if time.perf_counter() - began >= SOON_S:
                wrong = StoreUnavailable("nobody waited for it to the end")
            raise
        finally:
            if self._told is not None:
                self._told.called(operation, time.perf_counter() - began, wrong)

    def _depart(self, turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._depart, turns - 1)
            return
        leaving, self._leaving = self._leaving, []
        trip = asyncio.create_task(self._trip(leaving))
        self._trips.add(trip)
        trip.add_done_callback(self._trips.discard)

    async def _trip(self, leaving: Sequence[tuple[Call | Plain, asyncio.Future[Any]]]) -> None:
        try:
            found = await self._found([call for call, _ in leaving])
        except Exception as error:  # noqa: BLE001 - told to each of those who wait for it
            found = [error] * len(leaving)
        self._hangs = all(isinstance(what, TimeoutError | RedisTimeout) for what in found)
        for (_, told), what in zip(leaving, found, strict=True):
            if told.done():
                continue
            if isinstance(what, Exception):
                told.set_exception(what)
            else:
                told.set_result(what)

    async def _found(self, calls: Sequence[Call | Plain]) -> list[Any]:
        """What each call came to, or what went wrong with it."""
        found = await self._sent([call.command for call in calls])
        strange = [place for place, what in enumerate(found) if isinstance(what, NoScriptError)]
        if strange:
            whole = await self._sent([calls[place].whole for place in strange])
            for place, what in zip(strange, whole, strict=True):
                found[place] = what
        return found

    async def _sent(self, commands: Sequence[Command]) -> list[Any]:
        async with self._places, self._client.pipeline(transaction=False) as pipe:
            self._set_off()
            for command in commands:
                pipe.execute_command(*command)
            try:
                return await pipe.execute(raise_on_error=False)
            except RuntimeError as error:
                # uvloop's word for a connection that was reset meanwhile, which redis-py lets pass.
                raise ConnectionResetError(str(error)) from error


def _connected(options: RedisOptions) -> Client:
    """It connects when it is first used."""
    kind = RedisCluster if options.cluster else Redis
    client: Client = kind.from_url(
        options.url,
        decode_responses=True,
        # What somebody else has put there must not cost others the trip that it shares.
        encoding_errors="replace",
        socket_timeout=options.timeout,
        socket_connect_timeout=options.timeout,
        retry=Retry(NoBackoff(), ONCE_MORE),
        max_connections=CONNECTIONS,
    )
    return client


@contextmanager
def _failing_closed() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreUnavailable(
            f"Redis did not answer ({type(error).__name__})", hint=AGAIN
        ) from error
