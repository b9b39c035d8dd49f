"""Requests as they arrive at a server's front: checked before anything is decoded.

Nothing here imports vLLM: its sampling parameters are looked at by the names they have there.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from service.engines.plugin.asked_plan import (
    LabelSource,
    Spellable,
    Versions,
    asked_plan,
    blamed_on_catalogue,
)
from service.engines.plugin.openings import Openings
from service.engines.text.list_room import least_tokens
from service.engines.wire.labels import Labels
from service.engines.wire.parameters import CATALOGUE, Asked, from_xargs
from service.engines.wire.values import bad
from service.errors import BadParameters, UnknownVersion
from service.steering.lexicon import Frame
from service.steering.plan import Plan

log: Final = logging.getLogger(__name__)

CLASHING: Final = (
    "structured_outputs",
    "stop",
    "thinking_token_budget",
    "repetition_detection",
    "trace_decode_token_ids",
    "ignore_eos",
    "min_tokens",
)
"""What would write over the list, end it before it is complete, or keep its place after its end,
whatever the speller says."""

PROBE: Final = 1
"""`max_tokens` of a request that only asks whether such a list could be had."""

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
    def temperature(self) -> float:
        """0 where nothing is drawn."""
        ...

    @property
    def repetition_penalty(self) -> float:
        """1 for none."""
        ...

    @property
    def max_tokens(self) -> int | None:
        """How long the text may become; None: as long as the model's context allows."""
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
        self._passed: Params | None = None

    def check(self, params: Params) -> None:
        """BadParameters if a request is ours and cannot be met; others are passed at once."""
        # Where the plugin is both installed and named, vLLM has each request checked twice.
        if params is self._passed:
            return
        asked = from_xargs(params.extra_args)
        if asked is None:
            return
        plan, frame = self._planned(asked)
        check_sampling(params, frame.end)
        _check_length(params.max_tokens, plan.fewest, frame)
        self._passed = params

    def _planned(self, asked: Asked) -> tuple[Plan, Frame]:
        """The plan of the list that is asked for, and what stands around its rows."""
        if isinstance(asked.source, Labels):
            source: Spellable = LabelSource(asked.source)
            return asked_plan(asked, source), source.frame
        with _taken_up(), blamed_on_catalogue():
            # On the event loop of everybody's requests, so this wait has an end too.
            source = self._openings.of(asked.source).wait()
            return asked_plan(asked, source), source.frame


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


def _check_length(most: int | None, k: int, frame: Frame) -> None:
    least = least_tokens(frame, k)
    if most is not None and most != PROBE and most < least:
        raise bad("max_tokens", f"is {most}; a list of {k} takes {least} tokens at least")


@contextmanager
def _taken_up() -> Iterator[None]:
    """Whatever a disk or a damaged file does to a catalogue is a reason to refuse the request."""
    try:
        yield
    except BadParameters:
        raise
    except Exception as error:
        # Not what it says, which may be what was asked.
        log.error("a catalogue cannot be used: %s", type(error).__name__)  # noqa: TRY400
        raise bad(CATALOGUE, "cannot be used on this server") from error
