"""What is told of calls to Redis, and what goes wrong with them in our own words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from redis.exceptions import RedisError

from service.errors import StoreUnavailable
from service.ports import StoreObserver

SOON_S: Final = 0.01
"""What is given up before this was not given up for being late."""

AGAIN: Final = "Send the request again."


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells whoever hears of it, if somebody does."""

    told: StoreObserver | None = None

    def set_off(self) -> None:
        """A trip begins."""
        if self.told is not None:
            self.told.travelled()

    @contextmanager
    def of(self, operation: str) -> Iterator[None]:
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
            if self.told is not None:
                self.told.called(operation, time.perf_counter() - began, wrong)


@contextmanager
def failing_closed() -> Iterator[None]:
    """StoreUnavailable for whatever goes wrong on the way there."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreUnavailable(
            f"Redis did not answer ({type(error).__name__})", hint=AGAIN
        ) from error
