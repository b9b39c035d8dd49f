"""Variants: ways to serve that stand side by side under names, and which one serves a request.

Who names none is assigned one by a hash: the same user always the same, all of them by the shares
that are set. Whoever has one whose share stays as it was keeps it, or moves into one that grew.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from service.domain import Cot, RecommendRequest, Strategy, User, Variant
from service.errors import UnknownVariant
from service.pipeline.answerer import Answerer
from service.pipeline.parts import Recommender

P = TypeVar("P", Recommender, Answerer)


def serving(parts: P, asked: str | None, whom: str) -> P:
    """What serves a request: the variant that it names, or the one assigned to whoever asks."""
    if asked is None:
        asked = assigned([each.variant for each in (parts, *parts.others.values())], whom)
    if asked == parts.variant.name:
        return parts
    found = parts.others.get(asked)
    if found is None:
        names = ", ".join(sorted({parts.variant.name, *parts.others}))
        raise UnknownVariant(
            f"there is no variant {asked!r}", hint=f"There are: {names}. Leave it out for any."
        )
    return found


def assigned(variants: Sequence[Variant], whom: str) -> str:
    """The variant of somebody: each has its share of all, the first what they leave."""
    first, *others = variants
    left = max(0.0, 1.0 - sum(each.share for each in others))
    shares = {first.name: left} | {each.name: each.share for each in others}
    drawn = {name: _far(name, whom) / share for name, share in shares.items() if share > 0}
    # Whose clock rings first: clocks run at the pace of the shares, each by a hash of its own.
    return min(drawn, key=drawn.__getitem__)


def _far(name: str, whom: str) -> float:
    """A draw from the exponential distribution, the same for the same two names."""
    digest = hashlib.sha256(json.dumps([name, whom]).encode()).digest()
    return -math.log((int.from_bytes(digest[:8]) + 1) / 2**64)


def subject(user: User | None, request_id: str) -> str:
    """Whom a variant is assigned to: the user, or a request of nobody by itself."""
    return request_id if user is None else f"{user.tenant}/{user.id}"


def on_terms(parts: Recommender, request: RecommendRequest) -> RecommendRequest:
    """The request, with what its variant, or the service, says where it says nothing itself."""
    terms, asked, weight = parts.variant, request.strategy, request.prior_weight
    wished, policy = request.wish_weight, parts.policy
    return replace(
        request,
        strategy=terms.strategy if asked is Strategy.AUTO else asked,
        prior_weight=terms.prior_weight if weight is None else weight,
        wish_weight=policy.wish_weight if wished is None else wished,
        cot=policy.cot if request.cot is Cot.AUTO else request.cot,
    )
