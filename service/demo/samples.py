"""Sample requests for whatever catalogue and user are at hand, and what each must come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.domain import Item
from service.ports import Catalogue

COMMON: Final = 40
"""Items a category needs to be good for a sample."""

LENGTH: Final = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One request to show; `refused` with this code if it is not to be answered with a list."""

    title: str
    body: Mapping[str, Any]
    refused: str = ""


def samples(catalogue: Catalogue, user: str | None, history: Sequence[str]) -> list[Sample]:
    """Plain, and weighed by the model; two with controls, spelled by it; a query; a conflict."""
    k = min(LENGTH, catalogue.size - len(set(history)))
    rows = [row for row in catalogue.rows(history).tolist() if row >= 0]
    met = [catalogue.item(row) for row in rows[-50:]]
    liked = _liked(catalogue, met)
    plain: dict[str, Any] = {"user_id": user, "k": k} if user else {"k": k}
    found = [
        Sample("What may this user like next?", plain),
        Sample("The same, as the model weighs it", {**plain, "strategy": "rank"}),
    ]
    if liked:
        found += _controlled(catalogue, plain, liked)
    last = met[-1] if met else catalogue.item(int(catalogue.popular_rows[0]))
    words = " ".join(last.title.replace(",", " ").split()[-3:]).lower()
    found.append(Sample(f"A search: {words}", {**plain, "intent": {"query": words}}))
    if liked:
        clash = {"include": [liked[0]], "exclude": [liked[0]]}
        wish = {**plain, "intent": clash}
        found.append(Sample("What cannot be", wish, refused="conflicting_controls"))
    return found


def _controlled(catalogue: Catalogue, plain: Mapping[str, Any], liked: list[str]) -> list[Sample]:
    wanted = liked[0]
    inside = set(catalogue.postings(wanted).tolist())
    found: list[Sample] = []
    if others := _overlapping(catalogue, wanted, inside):
        intent = {"include": [wanted], "exclude": [others[0]]}
        title = f"Only {wanted}, but nothing of {others[0]}"
        found.append(Sample(title, {**plain, "strategy": "generate", "intent": intent}))
    about = liked[1] if len(liked) > 1 else wanted
    if catalogue.size - len(catalogue.postings(about)) >= COMMON:
        shares = [{"category": about, "op": "~", "share": 0.3}]
        wish = {"strategy": "generate", "intent": {"shares": shares}}
        body = {**plain, "k": 2 * plain["k"], **wish}
        found.append(Sample(f"About 30% {about}", body))
    return found


def _liked(catalogue: Catalogue, met: Sequence[Item]) -> list[str]:
    """Categories with enough items, those the user has met most first."""
    counts = Counter(name for item in met for name in item.categories)
    common = [name for name in catalogue.categories if len(catalogue.postings(name)) >= COMMON]
    return sorted(common, key=lambda name: (-counts[name], name))


def _overlapping(catalogue: Catalogue, wanted: str, inside: set[int]) -> list[str]:
    """Categories that some, but by far not all, items of the wanted one have as well."""
    shared = Counter(
        name for row in sorted(inside) for name in catalogue.item(row).categories if name != wanted
    )
    most = len(inside) - COMMON // 2
    return [name for name, count in shared.most_common() if count <= min(most, len(inside) // 2)]
