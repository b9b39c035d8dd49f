"""What can go wrong with a server behind HTTP, as errors of ours: the one place that maps them.

Messages name the fault, and may be read by whoever asked for a list: where the server is stands in
none of them, nor what was sent, nor the server's own words, which may quote it: except the
plugin's, which speak of parameters alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import aiohttp
import orjson
from aiohttp.http_exceptions import HttpProcessingError

from service.engines.remote.told import told as told_of
from service.engines.remote.too_long import is_too_long
from service.engines.wire.parameters import MARK
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout, PromptTooLong

BROKEN: Final = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError)
"""How a connection shows that the other side had closed it already."""


class Unheard(EngineFailed):
    """The network failed: what the server itself would say is not known."""


class Unreachable(Unheard):
    """No connection can be had, so nothing more will come over those there were."""


class BrokenOff(Unheard):
    """The connection ended in the middle, or had ended before."""


class NotAsked(EngineFailed):
    """The server was not asked: what is known of it speaks against that."""


class Unready(EngineBusy):
    """503: full, not up yet, or a proxy with no server behind it. Only a look tells which."""


class Unweighed(EngineFailed):
    """It says nothing of these candidates; lists and texts may be had of it all the same."""


class Unweighable(Unweighed):
    """It does not say how likely tokens are, whatever it is asked."""


_FAULTS: Final[tuple[tuple[type[Exception], type[EngineError], str], ...]] = (
    (aiohttp.ConnectionTimeoutError, EngineTimeout, "cannot be connected to in time"),
    (TimeoutError, EngineTimeout, "does not answer in time"),
    (aiohttp.ClientConnectorDNSError, Unheard, "has a name that does not resolve"),
    (UnicodeError, Unheard, "has a name that does not resolve"),
    (aiohttp.ClientSSLError, Unheard, "does not prove by TLS who it is"),
    (aiohttp.ServerFingerprintMismatch, Unheard, "does not prove by TLS who it is"),
    (aiohttp.ClientConnectorError, Unreachable, "cannot be connected to"),
    (aiohttp.ClientConnectionError, BrokenOff, "broke off the connection"),
    (aiohttp.ClientPayloadError, BrokenOff, "broke off the connection"),
    (aiohttp.ClientResponseError, Unheard, "answers with something that is not HTTP"),
    (aiohttp.InvalidURL, Unheard, "has no usable address"),
    (aiohttp.ClientError, Unheard, "cannot be asked"),
    (HttpProcessingError, Unheard, "answers with something that is not HTTP"),
    (OSError, Unheard, "cannot be reached"),
)
"""The first that fits counts."""

_FOREIGN: Final = tuple(foreign for foreign, _, _ in _FAULTS)

_WORDS: Final[Mapping[int, str]] = {
    400: "refuses the request as invalid",
    401: "does not accept the API key (setting API_KEY)",
    403: "does not accept the API key (setting API_KEY)",
    404: "does not know the model or the path",
    408: "did not answer in time",
    422: "refuses the request as invalid",
    429: "has too many requests",
    503: "is overloaded or not ready",
    504: "did not answer in time",
}

_KINDS: Final[Mapping[int, type[EngineError]]] = {
    408: EngineTimeout,
    429: EngineBusy,
    503: Unready,
    504: EngineTimeout,
}

_ERRORS: Final = range(400, 600)

_TOO_LONG: Final = "says that the prompt is too long"
_OUTSIDE: Final = "knows fewer tokens than this service sends: it serves another model (400)"
_OUT_OF_VOCABULARY: Final = re.compile(r"Token id \d+ is out of vocabulary")
"""As vLLM words it."""
_IDENTIFIER: Final = re.compile(r"[\w.\[\]-]{1,60}")
_LONGEST: Final = 400

DRAWING: Final = frozenset({"temperature", "seed"})
"""Parameters of how tokens are drawn. Some models have their own way, and refuse another."""

_PARAMETERS: Final = re.compile(r"\b(?:temperature|seed|messages|response_format|stream)\b")


class Refused(EngineFailed):
    """The server answered with a status of its own; which one, and the plugin's words if any."""

    def __init__(  # noqa: PLR0913 - all that can be read out of a refusal
        self,
        message: str,
        status: int,
        plugin: str = "",
        *,
        said: str = "",
        renamed_limit: bool = False,
        undrawn: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(message)
        self.answered = status
        self.plugin = plugin
        self.said = said
        """The server's own words, to be looked at and never told: they may quote anything."""
        self.renamed_limit = renamed_limit
        """Whether it wants `max_completion_tokens` where it was sent `max_tokens`."""
        self.undrawn = undrawn
        """Parameters of drawing that it does not take as they were sent."""


@contextmanager
def mapped() -> Iterator[None]:
    """Whatever goes wrong with the network in here becomes an EngineError."""
    try:
        yield
    except _FOREIGN as error:
        kind, words = next(
            (k, words) for foreign, k, words in _FAULTS if isinstance(error, foreign)
        )
        raise kind(f"the model's server {words}") from error


async def piece(response: aiohttp.ClientResponse) -> bytes:
    """What has come of a response; nothing at its end."""
    with mapped():
        return await response.content.readany()


def refusal(status: int, body: bytes) -> EngineError:
    """The error for an answer that is none: by its status, and what may be told of its body."""
    told = told_of(body)
    said = str(told.get("message", ""))
    if status == 400 and _OUT_OF_VOCABULARY.match(said):  # noqa: PLR2004 - a bad request
        return Refused(f"the model's server {_OUTSIDE}", status)
    plugin = " ".join(said.split())[:_LONGEST] if _is_plugins(status, told) else ""
    if not plugin and is_too_long(status, told):
        return PromptTooLong(f"the model's server {_TOO_LONG} ({_numbers(status, told)})")
    kind, words = _KINDS.get(status), _WORDS.get(status) or _unusual(status)
    message = f"the model's server {words} ({plugin or _numbers(status, told)})"
    if kind:
        return kind(message)
    return Refused(
        message,
        status,
        plugin,
        said=said,
        renamed_limit=_wants_another_limit(told, said),
        undrawn=_undrawn(told, said),
    )


def _is_plugins(status: int, told: Mapping[str, Any]) -> bool:
    """Whether the plugin speaks: it names the parameter at fault, which is one of its own."""
    return status == 400 and str(told.get("param")).startswith(MARK)  # noqa: PLR2004


def _wants_another_limit(told: Mapping[str, Any], said: str) -> bool:
    unsupported = told.get("param") == "max_tokens" and told.get("code") == "unsupported_parameter"
    return unsupported or "max_completion_tokens" in said


def _undrawn(told: Mapping[str, Any], said: str) -> frozenset[str]:
    """The parameters of drawing it is about. Words that name others too may only quote them."""
    param = told.get("param")
    named = {param} if isinstance(param, str) else set(_PARAMETERS.findall(said))
    return frozenset(named) if named <= DRAWING else frozenset()


def told_off(error: object) -> EngineError:
    """The error for an error that comes in the middle of an answer, as an event."""
    told = error if isinstance(error, dict) else {}
    code = told.get("code")
    status = code if isinstance(code, int) and code in _ERRORS else 500
    return refusal(status, orjson.dumps({"error": told}))


def _unusual(status: int) -> str:
    if status >= 500:  # noqa: PLR2004 - HTTP's own classes
        return "failed"
    return "sends us elsewhere" if status < 400 else "refuses the request"  # noqa: PLR2004


def _numbers(status: int, told: Mapping[str, Any]) -> str:
    """The status with what else identifies the fault: names of kinds and fields, never content."""
    names = [told.get(key) for key in ("type", "param")]
    fit = [name for name in names if isinstance(name, str) and _IDENTIFIER.fullmatch(name)]
    return " ".join([str(status), *fit])
