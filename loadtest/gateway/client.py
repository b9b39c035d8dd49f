"""A client that costs little: requests made beforehand, sent over connections that are kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

END: Final = b"\r\n\r\n"
OK: Final = b"HTTP/1.1 200"


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: the seconds of each answer, and how many were none."""

    seconds: list[float] = field(default_factory=list)
    wrong: int = 0
    took: float = 0.0


def request(url: str, body: bytes) -> bytes:
    """One POST, as it goes over the wire."""
    parts = urlsplit(url)
    head = f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json"
    return f"{head}\r\ncontent-length: {len(body)}".encode() + END + body


async def ask(url: str, requests: Iterator[bytes], clients: int, seconds: float) -> Asked:
    """Have so many clients ask for so long, each the moment it has its answer.

    Who is told to come again later does so.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    wrong = 0
    times: list[float] = []
    began = time.perf_counter()

    async def client() -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection(host, port)
        while time.perf_counter() < began + seconds:
            asked = time.perf_counter()
            writer.write(next(requests))
            later = await _answered(reader)
            if later is None:
                times.append(time.perf_counter() - asked)
            else:
                wrong += 1
                await asyncio.sleep(min(later, began + seconds - time.perf_counter()))
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(client())
    return Asked(times, wrong, time.perf_counter() - began)


async def _answered(reader: asyncio.StreamReader) -> float | None:
    """Read one answer to its end; in how many seconds to come again if it is not a good one."""
    head = await reader.readuntil(END)
    low = head.lower()
    if b"transfer-encoding: chunked" in low:
        while (line := await reader.readline()) != b"0\r\n":
            await reader.readexactly(int(line, 16) + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(_header(low, b"content-length")))
    return None if head.startswith(OK) else float(_header(low, b"retry-after") or 0)


def _header(head: bytes, name: bytes) -> bytes:
    return head.partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0].strip()
