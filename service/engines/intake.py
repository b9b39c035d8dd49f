"""Requests as they arrive at a server: checked at its front, made ready in its engine.

Nothing here imports vLLM: its sampling parameters are looked at by the names they have there.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Protocol

from service.engines.commission import Shelf, Volume, assignment, survey
from service.engines.steered import Ready, Steered
from service.engines.wire import from_xargs, is_ours
from service.engines.wire_values import bad
from service.errors import BadSettings, UnknownVersion

MAKERS: Final = 2
"""Threads that make spellers beside the decoding."""

CLASHING: Final = (
    "structured_outputs",
    "stop",
    "thinking_token_budget",
    "repetition_detection",
    "trace_decode_token_ids",
)
"""What would write over the list, or end it before it is complete, whatever the speller says."""

LEAST_PENALTY: Final = 0.01
MOST_PENALTY: Final = 100.0
"""Within these a logit that was scaled by the repetition penalty is still a number."""


class Params(Protocol):
    """What is looked at of vLLM's SamplingParams, beside the names in CLASHING."""

    @property
    def extra_args(self) -> dict[str, Any] | None:
        """The request's vllm_xargs."""
        ...

    @property
    def repetition_penalty(self) -> float:
        """1 for none."""
        ...

    @property
    def stop_token_ids(self) -> Collection[int] | None:
        """Tokens that end the text, beside end-of-text."""
        ...

    @property
    def all_stop_token_ids(self) -> Collection[int]:
        """Those and end-of-text, once the engine has filled them in."""
        ...


class BareShelf:
    """The shelf of a server that was told of no catalogues."""

    @staticmethod
    def volume(version: str) -> Volume:
        """There is none."""
        message = f"this server has no catalogues, {version[:40]!r} included"
        raise UnknownVersion(message, hint="Start it with LISTWRIGHT_PLUGIN__CATALOGUES set.")


class Front:
    """What a server's front knows: enough to refuse what its engine could not do."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def check(self, params: Params) -> None:
        """BadParameters if a request is ours and cannot be met; others are passed at once."""
        asked = from_xargs(params.extra_args)
        if asked is None:
            return
        volume, _ = survey(asked, self._shelf)
        check_sampling(params, volume.frame.end)


def check_sampling(params: Params, end: int) -> None:
    """BadParameters if the request's other parameters could break the list."""
    for name in CLASHING:
        if getattr(params, name, None):
            raise bad(name, "cannot be combined with a steered list")
    others = set(params.stop_token_ids or ()) - {end}
    if others:
        raise bad("stop_token_ids", f"may hold {end} alone, which ends a steered list")
    if not LEAST_PENALTY <= params.repetition_penalty <= MOST_PENALTY:
        limits = f"{LEAST_PENALTY:g} to {MOST_PENALTY:g}"
        raise bad("repetition_penalty", f"must be within {limits} for a steered list")


class Makers:
    """What a server's engine makes of requests, in threads beside the decoding."""

    def __init__(
        self, shelf: Shelf, vocabulary: int, escape: int, closed: BadSettings | None = None
    ) -> None:
        self._shelf = shelf
        self._vocabulary = vocabulary
        self._escape = escape
        self._closed = closed
        self._pool = ThreadPoolExecutor(MAKERS, thread_name_prefix="listwright")

    def admit(self, params: Params) -> Steered | None:
        """A request that has entered the batch; None if it is not ours."""
        if not is_ours(params.extra_args):
            return None
        making = self._making(params.extra_args)
        # The token that ends this very request at once, should it have to be ended.
        escape = min(params.all_stop_token_ids, default=self._escape)
        return Steered(making, self._vocabulary, escape)

    def _making(self, extra_args: dict[str, Any] | None) -> Future[Ready]:
        try:
            return self._pool.submit(self._ready, extra_args)
        except RuntimeError as error:  # the machine has no thread left: that ends one request
            failed: Future[Ready] = Future()
            failed.set_exception(error)
            return failed

    def _ready(self, extra_args: dict[str, Any] | None) -> Ready:
        if self._closed:
            raise self._closed
        asked = from_xargs(extra_args)
        if asked is None:
            raise BadSettings("a request that is not ours was to be made ready")
        return Ready.of(assignment(asked, self._shelf, self._vocabulary))
