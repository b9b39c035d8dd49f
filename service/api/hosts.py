"""Where no keys are set: which hosts a request may ask for, and which pages may send one.

A site may have its own name lead to this machine (DNS rebinding). For a browser all that is here is
then the site's own, and whoever visits it asks in its stead. A request names the host it is for,
and a page cannot change that: so what may be a stranger's name is refused. A name that nobody can
buy may still be a neighbour's, who answers for it on a network that both share; programs go by such
names, so they may ask. With whatever changes something a browser says besides from which page it
is: that has to be one of this machine, or of a host that the operator names. A key is known to no
page, so with keys any host will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.errors import Forbidden, UnknownHost, error_response
from service.api.trace import trace_of
from service.errors import BadInput

ANY: Final = "*"
"""As the operator says that it may be any."""

PROBES: Final = frozenset({"/healthz", "/readyz"})
"""They tell nothing of anybody, and whoever probes may ask under whatever name."""

NOBODYS: Final = ("localhost", "internal", "lan", "home.arpa", "svc", "svc.cluster.local")
"""Below these nobody can buy a name. Below `local` any machine nearby answers for itself."""

_PAGE: Final = re.compile(r"https?://(.+)")

_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]*)?")
"""An address of IPv6, or a name or address of IPv4; with or without a port."""


class Hosted:
    """Refuses requests for other hosts than this one's, and those of other hosts' pages."""

    def __init__(self, app: ASGIApp, known: Iterable[str]) -> None:
        self._app, self._known = app, frozenset(known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        error = None
        if scope["type"] == "http" and scope["path"] not in PROBES:
            error = self._refusal(_said(scope, b"host"), _said(scope, b"origin"))
        if error is None:
            await self._app(scope, receive, send)
            return
        trace = trace_of(scope)
        trace.error = error
        await error_response(trace.error, trace.request_id)(scope, receive, send)

    def _refusal(self, hosts: list[str], origins: list[str]) -> BadInput | None:
        """Of two hosts either may be meant; of none it is not known."""
        host = host_in(hosts[0]) if len(hosts) == 1 else None
        if host is None or not (host in self._known or is_nobodys(host)):
            return UnknownHost("without keys nothing is served under this host")
        if all(self._is_home(origin, hosts[0]) for origin in origins):
            return None
        return Forbidden(
            "without keys a web page of this origin may ask nothing",
            hint="Set up API keys, or name its host in LISTWRIGHT_SERVER__HOSTS.",
        )

    def _is_home(self, origin: str, asked: str) -> bool:
        """Whether a page is of this machine, of a host that was named, or of the very address."""
        found = _PAGE.fullmatch(origin.lower())
        host = host_in(found[1]) if found else None
        if found is None or host is None:
            return False
        itself = _is_address(host) and found[1] == asked.lower()
        return itself or host in self._known or is_here(host)


def _said(scope: Scope, header: bytes) -> list[str]:
    """All that is said under a header's name."""
    return [value.decode("latin-1") for name, value in scope["headers"] if name == header]


def host_in(header: str) -> str | None:
    """The host that a header names, in small letters and without its port; None if it is none.

    One label that ends with a dot is a name of the public tree, and keeps the dot.
    """
    found = _HOST.fullmatch(header.lower())
    if found is None:
        return None
    host = str(found[1] or found[2])
    bare = host.removesuffix(".")
    return bare if "." in bare or bare in NOBODYS else host


def is_here(host: str) -> bool:
    """Whether this host is the machine that says it."""
    if _is_address(host):
        return ip_address(host).is_loopback
    return f".{host}".endswith(".localhost")


def is_nobodys(host: str) -> bool:
    """Whether no stranger can have this host lead here."""
    if "." not in host and ":" not in host:
        # Of a network's own: a service of Compose, of the namespace, a machine nearby.
        return True
    return host.endswith(tuple(f".{name}" for name in NOBODYS)) or _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
