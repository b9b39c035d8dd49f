"""The wire: an assignment as the flat parameters that travel in a request to vLLM.

vLLM hands `vllm_xargs` through to the plugin: strings, numbers, and lists of them under names.
Gateway and plugin read and write them here and nowhere else, so that both walk the same speller:
what one sends, the other reads back exactly, scores to the last bit.

The presence of `listwright`, the number of this protocol, marks a request as ours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from service.domain import Controls, Op, Share
from service.engines.wire.labels import (
    CLOSING,
    INLINE,
    Labels,
    closing_fields,
    label_fields,
    labels_of,
)
from service.engines.wire.values import (
    bad,
    integer,
    integers,
    names,
    number,
    numbers,
    required,
    shown,
    text,
)
from service.steering.arrays import IntArray
from service.steering.assignment import Assignment
from service.steering.prior import Prior

PROTOCOL: Final = 1
MARK: Final = "listwright"

CATALOGUE: Final = f"{MARK}_catalogue"
K: Final = f"{MARK}_k"
INCLUDE: Final = f"{MARK}_include"
EXCLUDE: Final = f"{MARK}_exclude"
SHARES: Final = f"{MARK}_shares"
BANNED: Final = f"{MARK}_banned"
PRIOR_ROWS: Final = f"{MARK}_prior_rows"
PRIOR_SCORES: Final = f"{MARK}_prior_scores"
WEIGHT: Final = f"{MARK}_weight"

CONTROLS: Final = (INCLUDE, EXCLUDE, SHARES)

KNOWN: Final = frozenset(
    (MARK, CATALOGUE, *INLINE, K, *CONTROLS, BANNED, PRIOR_ROWS, PRIOR_SCORES, WEIGHT)
)

LONGEST_LIST: Final = 1_000
MOST_BANNED: Final = 1_000_000
MOST_SCORED: Final = 200_000
"""As many as the gateway's settings allow, from its retriever and by popularity together.

Every line of a list and every choice in it looks at all of them.
"""

_SHARE: Final = re.compile(r"(.*)(<=|>=|~)([0-9.e+-]*)", re.DOTALL)
"""Greedy: a name may hold operators itself, and the last one counts."""

Xargs: TypeAlias = dict[str, Any]
"""What vLLM calls `dict[str, str | int | float | list[str | int | float]]`."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a request asks of the plugin: rows of a catalogue, or some of its own labels."""

    k: int
    source: str | Labels
    """The catalogue's version, or the labels themselves."""
    controls: Controls
    banned: IntArray
    prior: Prior
    weight: float


def to_xargs(assignment: Assignment) -> Xargs:
    """The parameters that ask a server with the plugin for what an assignment says."""
    prior = assignment.prior
    fields: Xargs = {MARK: PROTOCOL, K: assignment.k}
    fields |= _lexicon_fields(assignment)
    controls = assignment.controls
    optional: Xargs = {
        INCLUDE: list(controls.include),
        EXCLUDE: list(controls.exclude),
        SHARES: [f"{s.category}{s.op}{float(s.share)!r}" for s in controls.shares],
        BANNED: assignment.banned.tolist(),
        PRIOR_ROWS: prior.rows.tolist(),
        PRIOR_SCORES: prior.scores.tolist(),
        WEIGHT: float(assignment.weight),
    }
    return fields | {key: value for key, value in optional.items() if value}


def is_ours(extra_args: Mapping[str, Any] | None) -> bool:
    """Whether a request is meant for the plugin, rightly or wrongly worded."""
    return any(str(key).startswith(MARK) for key in extra_args or ())


def from_xargs(extra_args: Mapping[str, Any] | None) -> Asked | None:
    """What a request asks; None if it is none of ours. BadParameters names the key and the fault.

    Whether catalogue, categories and rows exist, and whether a list can obey, is not known here.
    """
    if not extra_args or not is_ours(extra_args):
        return None
    _check_protocol(extra_args)
    return Asked(
        k=integer(K, required(extra_args, K), 1, LONGEST_LIST),
        source=_source(extra_args),
        controls=_controls(extra_args),
        banned=integers(extra_args, BANNED, MOST_BANNED),
        prior=_prior(extra_args),
        weight=_weight(extra_args),
    )


def _lexicon_fields(assignment: Assignment) -> Xargs:
    if assignment.catalogue is not None:
        if len(assignment.closing):
            raise bad(CLOSING, f"and {CATALOGUE} exclude each other")
        return {CATALOGUE: assignment.catalogue}
    if assignment.controls != Controls():
        raise bad(CATALOGUE, "is missing, and labels have no categories to control")
    return label_fields(assignment.lexicon, assignment.frame) | closing_fields(
        assignment.closing, assignment.least
    )


def _check_protocol(given: Mapping[str, Any]) -> None:
    ours = {str(key) for key in given if str(key).startswith(MARK)}
    unknown = sorted(ours - KNOWN)
    if unknown:
        raise bad(unknown[0], "is no parameter of this plugin")
    if MARK not in given:
        raise bad(min(ours), f"came without {MARK}: {PROTOCOL}")
    version = given[MARK]
    if type(version) is not int or version != PROTOCOL:
        raise bad(MARK, f"is {shown(version)}; this plugin speaks {PROTOCOL}")


def _source(given: Mapping[str, Any]) -> str | Labels:
    inline = [key for key in INLINE if key in given]
    if CATALOGUE in given:
        if inline:
            raise bad(inline[0], f"and {CATALOGUE} exclude each other")
        return text(CATALOGUE, given[CATALOGUE])
    if not inline:
        raise bad(CATALOGUE, "is missing, and so are labels in its place")
    controls = [key for key in CONTROLS if given.get(key)]
    if controls:
        raise bad(controls[0], f"needs {CATALOGUE}: labels have no categories")
    return labels_of(given)


def _controls(given: Mapping[str, Any]) -> Controls:
    return Controls(
        include=tuple(dict.fromkeys(names(given, INCLUDE))),
        exclude=tuple(dict.fromkeys(names(given, EXCLUDE))),
        shares=tuple(_share(written) for written in names(given, SHARES)),
    )


def _share(written: str) -> Share:
    parts = _SHARE.fullmatch(written)
    if not parts:
        raise bad(SHARES, f"has {shown(written)}, which is not like 'Gifts<=0.3'")
    name, op, number = parts.groups()
    try:
        share = float(number)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise bad(SHARES, f"has {shown(written)}, whose share is not between 0 and 1")
    return Share(name, Op(op), share)


def _prior(given: Mapping[str, Any]) -> Prior:
    rows = integers(given, PRIOR_ROWS, MOST_SCORED)
    scores = numbers(given, PRIOR_SCORES, MOST_SCORED)
    if len(rows) != len(scores):
        raise bad(PRIOR_SCORES, f"has {len(scores)} entries, {PRIOR_ROWS} has {len(rows)}")
    if not np.all(np.isfinite(scores)):
        raise bad(PRIOR_SCORES, "must be finite")
    try:
        return Prior.over(rows, scores)
    except ValueError as error:
        raise bad(PRIOR_ROWS, f"cannot be: {error}") from error


def _weight(given: Mapping[str, Any]) -> float:
    weight = number(WEIGHT, given.get(WEIGHT, 0.0))
    if not (math.isfinite(weight) and weight >= 0):
        raise bad(WEIGHT, f"is {weight!r}, not a finite number from 0 up")
    return weight
