"""The HTTP server: uvicorn, told to leave signals, loops and logs to whoever runs it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Generator
from typing import Final

import uvicorn
from fastapi import FastAPI

from service.api.descriptors import connections
from service.api.readiness import Readiness
from service.api.turnstile import turnstile
from service.errors import BadSettings

MAX_HEADER_BYTES: Final = 65_536

TAKEN: Final = 32
"""New connections that are taken in one turn of the loop. uvloop takes one for each listening
socket, so where each turn makes a list others would wait for seconds to be as much as refused."""

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Server(uvicorn.Server):
    """Ends when told to, and does nothing else about a signal.

    uvicorn raises a caught signal once more when it has ended. That would cancel the closing of
    all that is served, which comes after it.
    """

    def __init__(
        self,
        app: FastAPI,
        shutdown_seconds: int,
        readiness: Readiness | None = None,
        drain_seconds: float = 0.0,
        request_seconds: float = 10.0,
    ) -> None:
        self._readiness, self._drain_seconds = readiness or Readiness(), drain_seconds
        super().__init__(
            uvicorn.Config(
                app,
                # The faster parser would read a header of any length into memory.
                http=turnstile(app.state.refusals, request_seconds, connections()),
                h11_max_incomplete_event_size=MAX_HEADER_BYTES,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=shutdown_seconds,
            )
        )

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to end."""
        taking = [each.dup() for each in sockets or () for _ in range(1, TAKEN)]
        await super().serve([*(sockets or ()), *taking])

    def _leave(self, number: int) -> None:
        """Say that this is not ready, and serve on until balancers have heard of it; then end.

        Whoever presses Ctrl-C, or sends a second signal, does not wait for that.
        """
        at_once = self._readiness.leaving or number == signal.SIGINT or not self._drain_seconds
        self._readiness.leaving = True
        if at_once:
            self.handle_exit(number, None)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(self._drain_seconds, self.handle_exit, number, None)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """All of them end the server; a second SIGINT does not wait for requests."""
        loop = asyncio.get_running_loop()
        # Under nohup a terminal that is closed ends nothing. A script's `&` has SIGINT passed over
        # as well; whoever sends that by hand means it.
        nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        heard = [number for number in SIGNALS if number != signal.SIGHUP or not nohup]
        for number in heard:
            loop.add_signal_handler(number, self._leave, number)
        try:
            yield
        finally:
            for number in heard:
                loop.remove_signal_handler(number)


def bound(host: str, port: int, tries: int = 1) -> socket.socket:
    """A socket on the port, or on one of the next ones; BadSettings if none can be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    reason = ""
    for candidate in range(port, min(port + tries, 65_536)):
        # asyncio's own loop sends at once only where TCP is named: else a body waits 40 ms behind
        # its head for whoever acknowledges late.
        taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((host, candidate))
            # Bound alone, another could still take it; it answers once it is served.
            taken.listen()
        except OSError as error:
            taken.close()
            reason = error.strerror or str(error)
        else:
            return taken
    raise BadSettings(
        f"cannot listen on {host}:{port}: {reason}",
        hint="Choose another with --port or --host.",
    )


def url_of(listening: socket.socket) -> str:
    """Where a person on this machine finds the service."""
    host, port = listening.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - read, not bound
    return f"http://{name}:{port}"
