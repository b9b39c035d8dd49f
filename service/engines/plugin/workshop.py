"""Threads that make spellers: first those a step waits for, and none that nobody will use."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Final, TypeAlias

from service.engines.plugin.making import Making

MAKERS: Final = 2
"""Threads that make spellers. They only reckon: versions are opened elsewhere."""

Part: TypeAlias = Callable[[Making], None]
"""Some of the work on a making: it keeps the promise, or sees to it that another part will."""


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    making: weakref.ref[Making]
    part: Part


class Workshop:
    """Does what it is given in the order it came, but for what is waited for, which goes first.

    It holds no making itself: what is waiting here when its request has left the batch is gone
    with it. A hundred callers who hang up leave no work behind for those who come next.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MAKERS, thread_name_prefix="listwright")
        self._jobs: deque[_Job] = deque()
        self._lock = Lock()

    def submit(self, making: Making, part: Part) -> None:
        """Have a part done. Whatever goes wrong is told to the one who waits."""
        try:
            with self._lock:
                self._pool.submit(self._work)
                self._jobs.append(_Job(weakref.ref(making), part))
        except RuntimeError as error:  # the machine has no thread left: that ends one request
            making.promise.set_exception(error)

    def _work(self) -> None:
        taken = self._take()
        if taken is None:
            return
        making, part = taken
        try:
            part(making)
        except BaseException as error:  # noqa: BLE001 - told to the one who waits
            making.promise.set_exception(error)

    def _take(self) -> tuple[Making, Part] | None:
        with self._lock:
            live = [(job, making) for job in self._jobs if (making := job.making()) is not None]
            if not live:
                self._jobs.clear()
                return None
            chosen, making = next((each for each in live if each[1].wanted), live[0])
            self._jobs = deque(job for job, _ in live if job is not chosen)
        return making, chosen.part
