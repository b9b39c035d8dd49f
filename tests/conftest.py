"""What all tests share: where data and caches are, and a guard that keeps them off the network."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path

import pytest

# Read by the libraries when they are first imported, so set before any test imports one.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

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


sys.addaudithook(_refuse_network)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Data that lies beside the repository on some machines and is not part of it."""
    path = REPOSITORY.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip("shared data not here")
    return path


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """Where converted models are kept between runs; converting them takes a while."""
    path = Path(os.environ.get("LISTWRIGHT_CACHE", "~/.cache/listwright")).expanduser()
    path.mkdir(parents=True, exist_ok=True)
    return path
