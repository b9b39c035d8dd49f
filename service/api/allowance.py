"""How many bytes of a body each route reads: what its longest honest request takes.

What is read is worked on as well, and by others than the parser: a history of two megabytes is
hashed for its receipt. What is declared as larger is refused before any of it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

USUAL: Final = 2_000_000
"""What `LISTWRIGHT_SERVER__MAX_BODY_BYTES` is by default."""

HONEST: Final[Mapping[str, int]] = {
    "/recommend": 1_000_000,
    "/free": 1_000_000,
    "/answer": 1_000_000,
    "/events": 500_000,
    "/feedback": 500_000,
    "/catalogue/reload": 20_000,
}
"""As sent, escapes and all. Ten thousand ids of 90 bytes; a question as long as may be in any
script, and a thousand options; a thousand events of 500 bytes; three thousand ids of 160; a name.
`/verify` reads all there may be: a list with its titles, and a history beside it."""

MESSAGE_BYTES: Final = 300_000
"""Of what an agent says; the longest question fits. The protocol's package reads each several
times."""


def allowances(limit: int) -> dict[str, int]:
    """The bound of each path that has one below `limit`; whose ids are longer sets a higher one."""
    wider = {path: max(most, most * limit // USUAL) for path, most in HONEST.items()}
    bounds = wider | {"/mcp": MESSAGE_BYTES}
    return {path: min(most, limit) for path, most in bounds.items()}
