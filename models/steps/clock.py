"""How long a step has worked, over all the runs that it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def timed(file: Path) -> Iterator[Callable[[], float]]:
    """A clock of seconds, which goes on from what runs that were ended have left in a file.

    One that was killed outright leaves nothing there.
    """
    before = float(file.read_text("utf-8")) if file.is_file() else 0.0
    began = time.monotonic()

    def clock() -> float:
        return before + time.monotonic() - began

    try:
        yield clock
    except BaseException:
        with suppress(OSError):  # what ended the run is to be told, not this
            aside = file.with_name(f"{file.name}.new")
            aside.write_text(str(clock()), "utf-8")
            aside.replace(file)
        raise
