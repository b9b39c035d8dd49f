"""A road between two programs on loopback that can be made slow, narrow, or be cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

READ: Final = 65_536
NO_LINGER: Final = struct.pack("ii", 1, 0)
AHEAD: Final = 64
"""Pieces that may be under way in one direction."""


@dataclass(slots=True)
class Road:
    """Carries TCP connections to a port; its state may be changed while they are open."""

    target: int
    delay: float = 0.0
    """Seconds that every piece is under way, in each direction."""
    bytes_a_second: float | None = None
    """How much goes through, of each connection and direction; None: all there is."""
    _travellers: set[asyncio.StreamWriter] = field(default_factory=set)
    _carrying: set[asyncio.Task[None]] = field(default_factory=set)

    def cut(self) -> int:
        """Tear all connections, in the middle of whatever is said; how many there were."""
        torn = [each for each in self._travellers if not each.transport.is_closing()]
        for writer in torn:
            # Closed without lingering it is reset: the other end sees a fault, not an end.
            ends: socket.socket = writer.get_extra_info("socket")
            ends.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            writer.transport.abort()
        return len(torn)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        """The port by which it is entered."""
        server = await asyncio.start_server(self._enter, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            self.cut()
            await asyncio.gather(*self._carrying)

    def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying = asyncio.create_task(self._carry(reader, writer))
        self._carrying.add(carrying)
        carrying.add_done_callback(self._carrying.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, beyond = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, beyond}
        self._travellers |= pair
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, beyond))
                both.create_task(self._pass(there, writer))
        except* OSError:
            pass  # One end was torn, and so is the other, below: that is what roads are cut for.
        finally:
            self._travellers -= pair
            for end in pair:
                end.transport.abort()
                with contextlib.suppress(OSError):
                    await end.wait_closed()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction: what is read at once is handed over when it is due."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(AHEAD)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._read(reader, under_way))
            both.create_task(self._hand_over(under_way, writer))

    async def _read(
        self, reader: asyncio.StreamReader, under_way: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        """Until all is said; nothing more is what tells so."""
        piece = b"-"
        while piece:
            piece = await reader.read(READ)
            await under_way.put((asyncio.get_running_loop().time() + self.delay, piece))

    async def _hand_over(
        self, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, piece = await under_way.get()
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            if self.bytes_a_second is not None:
                # Before it, not after: it has arrived when its last byte has.
                await asyncio.sleep(len(piece) / self.bytes_a_second)
            if not piece:
                # Whoever said this has said all; the other direction may go on.
                writer.write_eof()
                return
            writer.write(piece)
            await writer.drain()
