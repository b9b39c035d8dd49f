"""An experiment from settings to counters: who gets which variant, and what became of its lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from bookcase import bare, tools
from engines.stub_server import MODEL, Stub
from prometheus_client.parser import text_string_to_metric_families
from real_redis import RealRedis, real_redis

from service.api.app import create_app
from service.api.service import Bounds
from service.catalog.build import build
from service.domain import User
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.pipeline.variants import serving, subject
from service.settings import load_settings
from service.wiring import Parts, opened

USERS = [f"u{number}" for number in range(10_000)]
ASKING = USERS[:200]
BOLD, CALM = {"strategy": "retrieve", "share": 0.2}, {"prior_weight": 0.5, "share": 0.3}
NO_ENGINE = {"kind": "none"}
LARGE = "large-model"
SHARES = {"default": 0.5, "bold": 0.2, "calm": 0.3}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRedis]:
    with real_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    titles = [f"Book {number}" for number in range(12)]
    return build(bare(*titles), tmp_path_factory.mktemp("books"), tools(similar=False))


@asynccontextmanager
async def gateway(
    catalogue: Path,
    url: str,
    engine: Mapping[str, object] = NO_ENGINE,
    **variants: Mapping[str, object],
) -> AsyncIterator[tuple[httpx.AsyncClient, Parts]]:
    settings = load_settings(
        {
            "catalogue": {"path": catalogue},
            "engine": engine,
            "retrieval": {"similarity": False},
            "recommend": {"max_k": 4, "default_k": 2},
            "store": {"kind": "redis", "url": url, "timeout_ms": 10_000},
            "variants": variants,
        }
    )
    async with opened(settings) as parts:
        transport = httpx.ASGITransport(create_app(parts, Bounds(max_k=4, default_k=2)))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            yield client, parts


def assigned(parts: Parts) -> dict[str, str]:
    """The variant of each user, as this gateway has it."""
    makers = {user: serving(parts.recommender, None, subject(User(user), "")) for user in USERS}
    return {user: maker.variant.name for user, maker in makers.items()}


async def asked(client: httpx.AsyncClient, user: str, **more: str) -> dict[str, Any]:
    response = await client.post("/recommend", json={"user_id": user} | more)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def counted(client: httpx.AsyncClient, name: str) -> Counter[str]:
    """A counter by variant, whatever else it is told apart by."""
    return Counter({told[0]: value for told, value in (await by(client, name, "variant")).items()})


async def by(client: httpx.AsyncClient, name: str, *labels: str) -> Counter[tuple[str, ...]]:
    """A counter by some of its labels."""
    found: Counter[tuple[str, ...]] = Counter()
    for family in text_string_to_metric_families((await client.get("/metrics")).text):
        for sample in family.samples:
            if sample.name == name and sample.value:
                found[tuple(sample.labels[label] for label in labels)] += int(sample.value)
    return found


async def test_users_are_parted_by_the_shares_alike_everywhere_and_counted_apart(
    catalogue: Path, server: RealRedis
) -> None:
    async with AsyncExitStack() as stack:
        one, parts = await stack.enter_async_context(
            gateway(catalogue, server.url, bold=BOLD, calm=CALM)
        )
        other, others = await stack.enter_async_context(
            gateway(catalogue, server.url, calm=CALM, bold=BOLD)
        )
        of = assigned(parts)
        assert assigned(others) == of
        for name, share in SHARES.items():
            # Four standard errors of 10,000 users.
            assert Counter(of.values())[name] / len(USERS) == pytest.approx(share, abs=0.02)
        lists = {user: await asked(one, user) for user in ASKING}
        assert all(made["receipt"]["variant"] == of[user] for user, made in lists.items())
        for user in ASKING[:20]:
            assert (await asked(other, user))["receipt"]["variant"] == of[user]
        for made in lists.values():
            clicked = [made["items"][0]["id"]]
            said = {"request_id": made["request_id"], "clicked": clicked}
            assert (await other.post("/feedback", json=said)).status_code == 200
        expected = Counter(of[user] for user in ASKING)
        assert await counted(one, "listwright_lists_total") == expected
        assert await counted(other, "listwright_feedback_total") == expected


async def test_a_share_that_changes_moves_only_whom_it_must(
    catalogue: Path, server: RealRedis
) -> None:
    async with gateway(catalogue, server.url, bold=BOLD, calm=CALM) as (_, parts):
        before = assigned(parts)
    async with gateway(catalogue, server.url, bold=BOLD | {"share": 0.3}, calm=CALM) as (_, parts):
        after = assigned(parts)
    moved = Counter((before[user], after[user]) for user in USERS if before[user] != after[user])
    # Into the one that grew; of the default, which shrank, a few go elsewhere.
    assert {(was, now) for was, now in moved if now != "bold"} <= {("default", "calm")}
    assert Counter(after.values())["bold"] / len(USERS) == pytest.approx(0.3, abs=0.02)
    assert sum(moved.values()) / len(USERS) < 0.2


async def test_whoever_names_a_variant_gets_it_and_prompts_are_named_in_what_is_remembered(
    catalogue: Path, server: RealRedis
) -> None:
    async with gateway(catalogue, server.url, bold=BOLD, calm=CALM) as (client, parts):
        made = (await client.post("/recommend", json={"user_id": "u1", "variant": "calm"})).json()
        assert made["receipt"]["variant"] == "calm"
        (exposure,) = await parts.exposures.exposed("default", made["request_id"])
        assert exposure is not None
        assert (exposure.variant, exposure.prompt) == ("calm", made["receipt"]["prompt"])
        unknown = await client.post("/recommend", json={"variant": "wild"})
        assert unknown.status_code == 422


async def test_variants_by_model_are_told_apart_in_receipts_counters_and_feedback(
    catalogue: Path, server: RealRedis, cache_dir: Path
) -> None:
    stub = Stub(ChatTokenizer(ensure_model(cache_dir, print), NAME), {}, adapters={LARGE: ""})
    large = {"model": LARGE, "share": 0.5}
    async with stub.serving() as url:
        models = {MODEL: None, LARGE: None}
        engine = {"kind": "openai", "url": url, "model": MODEL, "models": models}
        async with gateway(catalogue, server.url, engine, large=large) as (client, parts):
            of = assigned(parts)
            users = ASKING[:30]
            assert {of[user] for user in users} == {"default", "large"}
            for user in users:
                made = await asked(client, user, strategy="generate")
                receipt = made["receipt"]
                decodes = {"default": MODEL, "large": LARGE}[of[user]]
                told = (receipt["variant"], receipt["model"], receipt["path"])
                assert told == (of[user], decodes, "llm")
                shown = [item["id"] for item in made["items"]]
                # One of two is clicked where the large model made the list, and both elsewhere.
                clicked = shown[:1] if decodes == LARGE else shown
                said = {"request_id": made["request_id"], "shown": shown, "clicked": clicked}
                assert (await client.post("/feedback", json=said)).status_code == 200
            many = Counter(of[user] for user in users)
            pairs = {("default", MODEL): many["default"], ("large", LARGE): many["large"]}
            for name in ("listwright_lists_total", "listwright_list_seconds_count"):
                assert await by(client, name, "variant", "model") == pairs
            fed = await by(client, "listwright_feedback_total", "variant", "model", "kind")
    assert fed == {
        ("default", MODEL, "shown"): 2 * many["default"],
        ("default", MODEL, "clicked"): 2 * many["default"],
        ("large", LARGE, "shown"): 2 * many["large"],
        ("large", LARGE, "clicked"): many["large"],
    }
    asked_for = Counter(body["model"] for body in stub.asked)
    # And some more, before there were users: a start asks each model how fast it is.
    assert asked_for.keys() == {MODEL, LARGE}
    assert all(asked_for[model] >= many[variant] for variant, model in pairs)
