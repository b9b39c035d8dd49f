"""The embedded engine: a small instruct model in the process, steered token by token, on CPU."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.engines.local.decoder import Decoder
from service.engines.local.runtime import Model
from service.engines.text.lines import Lines
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout, SpellingError
from service.modelfolder import read_manifest
from service.ports import Deadline, Decoding, Job, Spelled, Tell

GRACE: Final = 0.05
"""Seconds past the deadline in which a decode that is under way may hand in what it has."""


@dataclass(frozen=True, slots=True)
class EmbeddedOptions:
    """How much of the machine the engine may take."""

    threads: int = 2
    workers: int = 1
    queue: int = 32
    context: int = 8192


class EmbeddedEngine:
    """Lists one at a time for each worker, first come first served, in a queue with a bound."""

    labels = 0

    def __init__(self, folder: Path, options: EmbeddedOptions = EmbeddedOptions()) -> None:
        self.model: str = read_manifest(folder)["name"]
        self.tokenizer = ChatTokenizer(folder, self.model)
        self._options = options
        model = Model(folder, options.threads, options.context)
        self._decoders: queue.SimpleQueue[Decoder] = queue.SimpleQueue()
        for _ in range(options.workers):
            self._decoders.put(Decoder(model))
        self._pool = ThreadPoolExecutor(options.workers, thread_name_prefix="decode")
        self._taken = 0
        self._lock = threading.Lock()
        self._closed = False

    async def spell(self, job: Job) -> Decoding:
        """Spell a list; what is there when the deadline comes, if anything is."""
        if self._closed:
            message = "the engine is closed"
            raise EngineFailed(message)
        if self._taken >= self._options.queue + self._options.workers:
            message = f"{self._taken} lists are waiting already"
            raise EngineBusy(message)
        loop, stop = asyncio.get_running_loop(), threading.Event()

        def hear(line: Spelled) -> None:
            if not stop.is_set():
                job.tell(line)

        def keep_going() -> bool:
            return not stop.is_set() and job.deadline.remaining() > 0

        lines = Lines(lambda line: _on_loop(loop, hear, line))
        with self._lock:
            self._taken += 1
        work = self._pool.submit(self._decode, job, keep_going, lines)
        work.add_done_callback(self._release)
        return await self._result(work, stop, job.deadline)

    def ahead(self) -> float:
        """How many lists a new one would have to wait for."""
        return self._taken / self._options.workers

    async def trouble(self) -> str | None:
        """Only a closed engine makes no lists; when the queue is full the ranker makes them."""
        return f"the engine {self.model} is closed" if self._closed else None

    async def close(self) -> None:
        """Finish the lists under way and let go of the model."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown)

    async def _result(
        self, work: Future[Decoding], stop: threading.Event, deadline: Deadline
    ) -> Decoding:
        try:
            # Not wait_for: in Python 3.11 that hands in a list though its caller has gone.
            async with asyncio.timeout(deadline.remaining() + GRACE):
                return await asyncio.wrap_future(work)
        except TimeoutError as error:
            message = "the deadline passed before the list was handed in"
            raise EngineTimeout(message) from error
        finally:
            stop.set()

    def _decode(self, job: Job, keep_going: Callable[[], bool], lines: Lines) -> Decoding:
        """In a worker's thread. Whatever the runtime does wrong becomes one kind of error."""
        speller = job.assignment.speller()

        def progress(tokens: list[int]) -> None:
            if len(speller.rows) > len(lines.told):
                lines.update(speller.rows, self.tokenizer.decode(tokens))

        decoder = self._decoders.get()
        try:
            rendered = self.tokenizer.render(job.prompt)
            written = decoder.decode(rendered, speller, job.sampling, keep_going, progress)
            return Decoding(
                lines=tuple(lines.told),
                tokens=len(written.tokens),
                passes=written.passes,
                stopped=written.stopped,
                seconds_to_first=written.to_first,
                seconds=time.perf_counter() - written.began,
            )
        except (EngineError, SpellingError):
            raise
        except Exception as error:
            decoder.forget()
            message = f"decoding failed: {type(error).__name__}"
            raise EngineFailed(message) from error
        finally:
            self._decoders.put(decoder)

    def _release(self, _work: Future[Decoding]) -> None:
        with self._lock:
            self._taken -= 1


def _on_loop(loop: asyncio.AbstractEventLoop, hear: Tell, line: Spelled) -> None:
    loop.call_soon_threadsafe(hear, line)
