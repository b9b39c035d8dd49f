"""A question's stem as it is shown: harmless line by line, and of bounded size."""

from __future__ import annotations

from typing import Final

from service.prompts.fence import Room, harmless, shortened

STEM_LIMIT: Final = 6_000


def shown_stem(stem: str, share: float = 1.0) -> str:
    """The stem line by line; of a long one the beginning and the end, where the question stands."""
    lines = map(harmless, stem.splitlines())
    return shortened("\n".join(text for text in lines if text), Room.of(STEM_LIMIT, share))
