"""Where no keys are set: which hosts a request may ask for.

A site may have its own name lead to this machine (DNS rebinding). For a browser all that is here is
then the site's own, and whoever visits it asks in its stead. A request names the host it is for,
and a page cannot change that: so what may be a stranger's name is refused. A key is known to no
page, so with keys any host will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.errors import UnknownHost, error_response
from service.api.trace import trace_of

ANY: Final = "*"
"""As the operator says that it may be any."""

PROBES: Final = frozenset({"/healthz", "/readyz"})
"""They tell nothing of anybody, and whoever probes may ask under whatever name."""

NOBODYS: Final = ("localhost", "local", "internal", "lan", "home.arpa", "svc")
"""Below these nobody can buy a name. `local` has Kubernetes' `cluster.local` too."""

_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]*)?")
"""An address of IPv6, or a name or address of IPv4; with or without a port."""


class Hosted:
    """Refuses requests for other hosts than this one's."""

    def __init__(self, app: ASGIApp, known: Iterable[str]) -> None:
        self._app, self._known = app, frozenset(known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["path"] in PROBES or self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        trace = trace_of(scope)
        trace.error = UnknownHost("without keys nothing is served under this host")
        await error_response(trace.error, trace.request_id)(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        """Of two hosts either may be meant; of none it is not known."""
        given = [value for name, value in scope["headers"] if name == b"host"]
        host = host_in(given[0].decode("latin-1")) if len(given) == 1 else None
        return host is not None and (host in self._known or is_nobodys(host))


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
