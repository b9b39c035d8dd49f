"""Ends a group of processes once whoever started it is gone, however that came.

It reads which group that is, and the end of its input tells it when: the system closes the other
side also for one that was killed. Run by its path and on the standard library, it is there at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from typing import Final

ENDS_WITHIN_S: Final = 10.0
LOOKS_EVERY_S: Final = 0.1


def end(group: int) -> None:
    """Ask the first of a group to end, as it would end the others; then make all of them."""
    with suppress(ProcessLookupError):
        os.kill(group, signal.SIGTERM)
        patience = time.monotonic() + ENDS_WITHIN_S
        while time.monotonic() < patience:
            os.kill(group, 0)
            time.sleep(LOOKS_EVERY_S)
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    told = sys.stdin.read()
    if told:
        end(int(told))
