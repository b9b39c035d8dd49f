"""A reply that is a list: its lines are told as they come, and what there is at the end counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from service.engines.remote.call import Call, Reader
from service.engines.remote.reply import Access, Asking, hear_out
from service.ports import Decoding, Job, Spelled


class ListReader(Reader, Protocol):
    """Makes the lines of a list of what a server says."""

    @property
    def lines(self) -> Sequence[Spelled]:
        """The lines so far. It only ever grows."""
        ...


async def hear_list(access: Access, call: Callable[[], Call[ListReader]], job: Job) -> Decoding:
    """The list, if a short one, that comes of a call; EngineError without a line."""
    told: list[Spelled] = []

    def tell(reader: ListReader) -> None:
        for line in reader.lines[len(told) :]:
            told.append(line)
            job.tell(line)

    heard = await hear_out(access, Asking(call, job.deadline, tell))
    if not told:
        raise heard.nothing("line")
    return Decoding(
        lines=tuple(told),
        tokens=heard.tokens,
        passes=heard.tokens,
        stopped=heard.stopped,
        seconds_to_first=heard.to_first,
        seconds=heard.seconds,
        fault=heard.error,
    )
