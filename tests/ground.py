"""Where the tests stand: the repository, and a guard that keeps them off the network."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


class NetworkReached(RuntimeError):
    """A test tried to leave this machine."""


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", errors="replace")
    if not isinstance(host, str) or host in {"", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook sees each socket call, whichever library makes it."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        # A Unix socket's address is a path; only a tuple names a host.
        host = address[0] if isinstance(address, tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if not _is_local(host):
        raise NetworkReached(f"tests stay on this machine: {event} to {host!r}")


def guard_network() -> None:
    """From now on, for this process."""
    sys.addaudithook(_refuse_network)
