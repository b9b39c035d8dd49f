"""Requests as they arrive at a server's front: checked before anything is decoded.

Nothing here imports vLLM: its sampling parameters are looked at by the names they have there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, Protocol

from service.engines.asked_plan import (
    LabelSource,
    Spellable,
    Versions,
    asked_plan,
    blamed_on_catalogue,
)
from service.engines.openings import Openings
from service.engines.wire import Labels, from_xargs
from service.engines.wire_values import bad
from service.errors import UnknownVersion

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


class NoVersions:
    """The versions of a server that was told of no catalogues."""

    @staticmethod
    def at_hand(_version: str) -> None:
        """There is none."""

    @staticmethod
    def volume(version: str) -> Spellable:
        """There is none."""
        message = f"this server has no catalogues, {version[:40]!r} included"
        raise UnknownVersion(message, hint="Start it with LISTWRIGHT_PLUGIN__CATALOGUES set.")


class Front:
    """What a server's front knows: enough to refuse what its engine could not do."""

    def __init__(self, versions: Versions) -> None:
        self._openings = Openings(versions)

    def check(self, params: Params) -> None:
        """BadParameters if a request is ours and cannot be met; others are passed at once."""
        asked = from_xargs(params.extra_args)
        if asked is None:
            return
        source = self._source(asked.source)
        asked_plan(asked, source)
        check_sampling(params, source.frame.end)

    def _source(self, source: str | Labels) -> Spellable:
        if isinstance(source, Labels):
            return LabelSource(source)
        with blamed_on_catalogue():
            # On the event loop of everybody's requests, so this wait has an end too.
            return self._openings.of(source).wait()


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
