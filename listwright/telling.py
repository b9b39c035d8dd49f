"""A list that is told line by line: server-sent events, from their bytes to items and the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pydantic import ValidationError

from listwright.answers import ListedItem, Recommended
from listwright.errors import ConnectionFailed, error_of, unreadable
from listwright.reply import Reply, bounded


class Telling:
    """What has been heard so far."""

    def __init__(self, reply: Reply, read: Callable[[Reply], Recommended]) -> None:
        self._reply, self._read = reply, read
        self._left, self._heard = b"", 0
        self._name, self._data = "", b""
        self.answer: Recommended | None = None
        """The whole, once it has been told."""
        self.left = False
        """Whether the block it was told in has been left, and the connection with it."""

    def heard(self, chunk: bytes) -> Iterator[ListedItem]:
        """The items that have been told with this."""
        self._heard += len(chunk)
        bounded(self._heard, self._reply.status, self._reply.headers)
        # Only a line feed ends a line here: titles hold other signs that end one elsewhere.
        *lines, self._left = (self._left + chunk).split(b"\n")
        for line in lines:
            item = self._line(line.removesuffix(b"\r"))
            if item is not None:
                yield item

    def listening(self) -> None:
        """Nothing; ValueError where the block has been left."""
        if self.left:
            raise ValueError("the list was left before its end: read it within the with block")

    def over(self) -> Recommended:
        """The whole; ConnectionFailed where the stream ended without it."""
        if self.answer is None:
            self.listening()
            raise ConnectionFailed("the stream ended before the list did", "Ask again.")
        return self.answer

    def _line(self, line: bytes) -> ListedItem | None:
        name, _, value = line.partition(b":")
        if name == b"event":
            self._name = value.strip().decode("utf-8", "replace")
        elif name == b"data":
            self._data += value.removeprefix(b" ")
        elif not line:
            told, data = self._name, self._data
            self._name, self._data = "", b""
            return self._event(told, data)
        return None

    def _event(self, name: str, data: bytes) -> ListedItem | None:
        """What an event tells; one of a kind that is not known tells nothing."""
        if name == "error":
            raise error_of(self._reply.status, self._reply.headers, data)
        if name == "answer":
            self.answer = self._read(replace(self._reply, body=data))
        if name != "item":
            return None
        try:
            return ListedItem.model_validate_json(data)
        except ValidationError:
            raise unreadable(
                "a line of the list", self._reply.status, self._reply.headers
            ) from None
