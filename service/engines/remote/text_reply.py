"""A reply that is a text: read until it is enough, and what there is at the end counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from service.engines.remote.call import Call, Sent
from service.engines.remote.reply import Access, Asking, hear_out
from service.engines.remote.sse import Event
from service.engines.text.prose import CUT, Prose
from service.errors import EngineFailed
from service.ports import Page, Written

LONGEST_TOKEN: Final = 128
"""Characters; a text that has more for each token that it may have is none of ours."""

Said: TypeAlias = Callable[[Event], Any]
"""What of an event is the model's answer; None where there is nothing of it."""


class TextReader:
    """Puts a text together. A server that goes on beyond the limit it was given is not heard."""

    def __init__(self, page: Page, said: Said) -> None:
        self._prose = Prose(page.enough)
        self._said = said
        self._longest = LONGEST_TOKEN * page.tokens

    @property
    def text(self) -> str:
        """What has come."""
        return self._prose.text

    @property
    def due(self) -> bool:
        """Whether a word may have ended."""
        return self._prose.due or self._overlong

    @property
    def complete(self) -> bool:
        """Whether there is enough."""
        return self._prose.over

    def hear(self, choice: Event) -> int:
        """Take in the next piece of the text."""
        said = self._said(choice)
        if said is None or said == "":
            return 0
        if not isinstance(said, str):
            raise EngineFailed("the model's server sends events of another shape")
        self._prose.grow(said)
        return 1

    def work(self) -> None:
        """Ask whether there is enough."""
        if not self._prose.ask() and self._overlong:
            raise EngineFailed("the model's server goes on beyond the limit it was given")

    def end(self, *, cut: bool) -> str | None:
        """Why there is no more, if the model did not say itself that this was all."""
        return CUT if cut and not self._prose.ask() else None

    @property
    def _overlong(self) -> bool:
        return self._prose.length > self._longest


async def hear_text(
    access: Access, reader: TextReader, call: Callable[[], Sent], page: Page
) -> Written:
    """The text that comes of a call; EngineError without a word."""
    # Nothing after enough is needed, so it is hung up then.
    asking = Asking(lambda: Call(call(), reader, brief=True), page.deadline)
    heard = await hear_out(access, asking)
    if not reader.text.strip():
        raise heard.nothing("word")
    return Written(
        text=reader.text,
        tokens=heard.tokens,
        passes=heard.tokens,
        stopped=heard.stopped,
        seconds_to_first=heard.to_first,
        seconds=heard.seconds,
        prompt=heard.prompt,
    )
