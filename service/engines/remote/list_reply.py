"""A reply that is a list: its lines are told as they come, and what there is at the end counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from service.engines.remote.call import Call, Reader
from service.engines.remote.reply import Access, Asking, hear_out
from service.ports import Decoding, Job, Spelled
from service.steering.wanted import Wanted


class ListReader(Reader, Protocol):
    """Makes the lines of a list of what a server says."""

    @property
    def lines(self) -> Sequence[Spelled]:
        """The lines so far. It only ever grows."""
        ...

    @property
    def wanted(self) -> Mapping[Wanted, int]:
        """What the model wanted so far, as far as that is known. It only ever grows."""
        ...

    @property
    def forced(self) -> int:
        """How many tokens so far left the model no choice, as far as that is known."""
        ...


async def hear_list(
    access: Access, call: Callable[[], Call[ListReader]], job: Job, *, light: bool = False
) -> Decoding:
    """The list, if a short one, that comes of a call; EngineError without a line."""
    told: list[Spelled] = []
    wanted: dict[Wanted, int] = {}
    forced = 0

    def tell(reader: ListReader) -> None:
        nonlocal forced
        forced = reader.forced
        wanted.update(reader.wanted)
        for line in reader.lines[len(told) :]:
            told.append(line)
            job.tell(line)

    heard = await hear_out(access, Asking(call, job.deadline, tell, light))
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
        prompt=heard.prompt,
        forced=forced,
        wanted=wanted,
    )
