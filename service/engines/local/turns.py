"""Turns at the decoders of this process: one at a time for each, first come first served.

Who has no hurry does its work elsewhere, and asks here before each step whether all is quiet.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from service.engines.local.decoder import Decoder
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout, SpellingError
from service.ports import Deadline, Spelled, Tell

GRACE: Final = 0.05
"""Seconds past the deadline in which a decode that is under way may hand in what it has."""

LOOK: Final = 0.1
"""Seconds after which whoever waits for quiet looks again whether anybody still waits for it."""

T = TypeVar("T")


class Turn:
    """One request's turn, from when it waits until whoever asked has gone."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._over = threading.Event()

    def goes_on(self) -> bool:
        """Whether there is anybody to decode for, and time to do it in."""
        return not self._over.is_set() and self.deadline.remaining() > 0

    async def handed_in(self, work: Future[T]) -> T:
        """What the work comes to; EngineTimeout if it is late. Either way the turn is over."""
        try:
            # Not wait_for: in Python 3.11 that hands in a result though its caller has gone.
            async with asyncio.timeout(self.deadline.remaining() + GRACE):
                return await asyncio.wrap_future(work)
        except TimeoutError as error:
            message = "the deadline passed before anything was handed in"
            raise EngineTimeout(message) from error
        finally:
            self._over.set()

    def telling(self, tell: Tell) -> Tell:
        """Tells from a worker's thread, on the event loop, as long as somebody listens."""

        def hear(line: Spelled) -> None:
            if not self._over.is_set():
                tell(line)

        return lambda line: _on_loop(self._loop, hear, line)


class Turns:
    """Who decodes and who waits, with a bound."""

    def __init__(self, decoders: Sequence[Decoder], waiting: int) -> None:
        self._workers = len(decoders)
        self._most = len(decoders) + waiting
        self._decoders: queue.SimpleQueue[Decoder] = queue.SimpleQueue()
        for decoder in decoders:
            self._decoders.put(decoder)
        self._pool = ThreadPoolExecutor(len(decoders), thread_name_prefix="decode")
        self._taken = 0
        self._lock = threading.Condition()
        self.closed = False

    async def take(self, turn: Turn, work: Callable[[Decoder], T]) -> T:
        """What the work comes to in a worker's thread; EngineError if it cannot be had in time."""
        if self.closed:
            message = "the engine is closed"
            raise EngineFailed(message)
        if self._taken >= self._most:
            message = f"{self._taken} requests are waiting already"
            raise EngineBusy(message)
        with self._lock:
            self._taken += 1
        future = self._pool.submit(self._done, work)
        future.add_done_callback(self._release)
        return await turn.handed_in(future)

    def ahead(self) -> float:
        """How many requests a new one would have to wait for."""
        return self._taken / self._workers

    def quiet(self, turn: Turn) -> bool:
        """Wait, in a thread, until nobody decodes here or is to; whether the turn then goes on."""
        with self._lock:
            while self._taken and turn.goes_on():
                self._lock.wait(min(LOOK, turn.deadline.remaining()))
        return turn.goes_on()

    async def close(self) -> None:
        """Finish what is under way, and take no more."""
        self.closed = True
        await asyncio.to_thread(self._pool.shutdown)

    def _done(self, work: Callable[[Decoder], T]) -> T:
        """In a worker's thread. Whatever the runtime does wrong becomes one kind of error."""
        decoder = self._decoders.get()
        try:
            return work(decoder)
        except (EngineError, SpellingError):
            raise
        except Exception as error:
            decoder.forget()
            message = f"decoding failed: {type(error).__name__}"
            raise EngineFailed(message) from error
        finally:
            self._decoders.put(decoder)

    def _release(self, _work: Future[Any]) -> None:
        with self._lock:
            self._taken -= 1
            self._lock.notify_all()


def _on_loop(loop: asyncio.AbstractEventLoop, hear: Tell, line: Spelled) -> None:
    loop.call_soon_threadsafe(hear, line)
