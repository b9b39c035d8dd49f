"""`GET /about` and `GET /users`: what a page asks before anything else."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from quiz import Sage
from shopfront import Shop, error_of, visit
from toyshop import SpellingEngine, ToyRetriever

from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.service import Bounds
from service.domain import Variant
from service.pipeline.parts import Policy, Recommender
from service.store.limits import MemoryLimits


@dataclass
class ModelShop(Shop):
    """Such a shop with a model, a variant, a ranker."""

    @property
    def recommender(self) -> Recommender:
        plain = super().recommender
        bold = replace(plain, variant=Variant("bold"))
        return replace(
            plain,
            engine=SpellingEngine(),
            retrievers=(ToyRetriever(),),
            ranker=lambda: "r7",
            others={"bold": bold},
            policy=Policy(deadline_ms=700),
        )


async def test_what_the_service_is_made_of() -> None:
    shop = ModelShop()
    async with visit(shop, Bounds(max_k=33, default_k=3, max_deadline_ms=900)) as client:
        told = (await client.get("/about")).json()
    assert told.pop("version")
    assert told == {
        "model": shop.recommender.engine.model,
        "sidecar": None,
        "strategies": ["auto", "generate", "rank", "retrieve"],
        "variants": ["default", "bold"],
        "default_k": 3,
        "max_k": 33,
        "max_free_k": 30,
        "deadline_ms": 700,
        "max_deadline_ms": 900,
        "similarity": True,
        "ranker": "r7",
        "playground": True,
    }


async def test_of_what_there_is_not_nothing_is_promised() -> None:
    async with visit(bounds=Bounds(playground=False)) as client:
        told = (await client.get("/about")).json()
    assert told["model"] is None
    assert told["ranker"] is None
    assert told["strategies"] == ["auto", "retrieve"]
    assert told["max_free_k"] is None
    assert not told["similarity"]
    assert not told["playground"]


async def test_who_thinks_beside_it_is_told() -> None:
    shop = Shop()
    shop.desk = replace(shop.desk, sidecar=Sage())
    async with visit(shop) as client:
        assert (await client.get("/about")).json()["sidecar"] == Sage().model


def keyed() -> Shop:
    holders = {
        digest_of("own"): Holder("own"),
        digest_of("other"): Holder("other", tenant="other"),
    }
    return Shop(access=Access(MemoryLimits(), Keyring(holders)))


async def test_users_are_those_of_the_holders_tenant() -> None:
    async with visit(keyed()) as client:
        for key, users in {"own": [{"id": "u1", "events": 2}], "other": []}.items():
            headers = {"x-api-key": key}
            assert (await client.get("/users", headers=headers)).json() == {"users": users}
        assert (await client.get("/users")).status_code == 401


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5"])
async def test_how_many_users_has_bounds(limit: str) -> None:
    async with visit() as client:
        response = await client.get(f"/users?limit={limit}")
        assert response.status_code == 422
        assert "limit" in error_of(response)["message"]


async def test_without_the_playground_nobody_is_shown() -> None:
    async with visit(bounds=Bounds(playground=False)) as client:
        assert (await client.get("/users")).status_code == 404


@pytest.mark.parametrize(("most", "free"), [(100, 30), (7, 7)])
async def test_how_long_a_free_list_may_be_is_what_free_takes(most: int, free: int) -> None:
    async with visit(ModelShop(), Bounds(max_k=most, default_k=1)) as client:
        assert (await client.get("/about")).json()["max_free_k"] == free
        assert (await client.post("/free", json={"k": free})).status_code == 200
        refused = await client.post("/free", json={"k": free + 1})
        assert refused.status_code == 422
