"""Which variant somebody is assigned: always the same, by the shares, and moved by nothing else."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import User, Variant
from service.pipeline.variants import assigned, subject

USERS = [f"shop/u{number}" for number in range(20_000)]


def variants(**shares: float) -> list[Variant]:
    return [Variant(), *(Variant(name, share=share) for name, share in shares.items())]


def parts(**shares: float) -> Counter[str]:
    return Counter(assigned(variants(**shares), user) for user in USERS)


def test_without_shares_all_get_the_default() -> None:
    assert parts() == parts(tuned=0.0) == {"default": len(USERS)}


def test_users_are_parted_as_the_shares_say() -> None:
    found = parts(tuned=0.3, weighed=0.1)
    for name, share in (("default", 0.6), ("tuned", 0.3), ("weighed", 0.1)):
        # Four standard errors of 20,000 users.
        assert found[name] / len(USERS) == pytest.approx(share, abs=0.014)


def test_all_of_them_may_get_others() -> None:
    assert set(parts(one=1 / 3, two=1 / 3, three=1 / 3)) == {"one", "two", "three"}


@pytest.mark.parametrize(
    "after", [{"tuned": 0.2, "weighed": 0.1}, {"tuned": 0.1, "weighed": 0.1, "new": 0.2}]
)
def test_whoever_has_a_variant_keeps_it_or_moves_into_one_that_grew(
    after: dict[str, float],
) -> None:
    before = {"tuned": 0.1, "weighed": 0.1}
    (grown,) = (name for name in after if after[name] != before.get(name))
    moved = Counter(
        (assigned(variants(**before), user), assigned(variants(**after), user)) for user in USERS
    )
    strays = {(was, now) for was, now in moved if now not in {was, grown}}
    assert all(was == "default" for was, _ in strays)
    # Few of the default's, of whose users a fifth or a tenth had to go.
    assert sum(moved[stray] for stray in strays) / len(USERS) < 0.05


@given(st.text(), st.text())
def test_it_depends_on_nothing_but_names(user: str, name: str) -> None:
    there = variants(**{name: 0.5})
    assert len({assigned(there, user) for _ in range(3)}) == 1


def test_a_user_is_one_of_a_tenant_and_a_request_of_nobody_itself() -> None:
    assert subject(User("ann", "shop"), "r1") == "shop/ann"
    assert subject(None, "r1") == "r1"
