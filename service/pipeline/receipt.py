"""The receipt: the account of one list that anyone can check."""

from __future__ import annotations

from service.domain import Receipt
from service.pipeline.brief import Brief, wish_weight
from service.pipeline.draft import Draft
from service.pipeline.galley import Galley
from service.pipeline.parts import Recommender
from service.pipeline.validate import Verdict, outcomes


def receipt(  # noqa: PLR0913, PLR0917 - an account of all of these
    parts: Recommender,
    brief: Brief,
    drafted: Draft,
    galley: Galley,
    repaired: int,
    verdict: Verdict,
) -> Receipt:
    """What was asked, what was made of it, and by whom."""
    missing = brief.found.missing
    left_out = "".join(f"; {name} was left out" for name in missing)
    failed = brief.thought is not None and brief.thought.failed
    if brief.thought is not None and failed:
        left_out += f"; nothing was thought: {brief.thought.why}"
    rejected = f"; {galley.rejected} lines did not stand" if galley.rejected else ""
    return Receipt(
        k=verdict.k,
        path=drafted.path,
        strategy=drafted.strategy,
        degraded=drafted.degraded or bool(missing) or failed or galley.rejected > 0,
        why=drafted.why + rejected + left_out,
        exists=verdict.exists,
        repeats=verdict.repeats,
        in_history=verdict.in_history,
        controls=verdict.controls,
        repaired=repaired,
        relaxed=outcomes(galley.items, verdict.k, brief.relaxed),
        history_used=len(brief.history.banned),
        history_unknown=brief.history.unknown,
        history_digest=brief.history.digest,
        catalogue=parts.catalogue.version,
        model=drafted.model,
        prompt=drafted.prompt,
        prior_weight=drafted.weight,
        retrievers=("popularity", *brief.found.used),
        ranker=brief.found.ranker,
        variant=parts.variant.name,
        wish_weight=wish_weight(brief.request),
    )
