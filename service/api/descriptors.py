"""How many connections there may be: each is an open file, of which a process has so many.

Where more came than there are files, new connections would be dropped without a word.
"""

from __future__ import annotations

import logging
import resource
from contextlib import suppress
from typing import Final

LOG: Final = logging.getLogger("listwright.service")

MOST: Final = 10_000
"""Many more than the requests that admission lets in: most connections are idle."""

OTHERS: Final = 1_024
"""Files for all else: the catalogue, and connections to models, Redis and the sidecar."""


def connections() -> int:
    """As many as there may be, once this process has been given all files that it may have."""
    files = _raised()
    held = min(MOST, max(files - OTHERS, files // 2))
    if held < MOST:
        LOG.warning(
            "%d connections at a time: this process may open %d files (ulimit -Hn, LimitNOFILE=)",
            held,
            files,
        )
    return held


def _raised() -> int:
    """The soft limit, raised to the hard one or to what is needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = MOST + OTHERS
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        with suppress(ValueError):
            # A kernel may allow fewer than the limit that it tells.
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            return allowed
    return needed if soft == resource.RLIM_INFINITY else soft
