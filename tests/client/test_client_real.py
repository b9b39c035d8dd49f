"""Every method of both clients against a running service."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from both import KINDS, asking
from fastapi import FastAPI
from shopfront import Shop
from toyshop import SpellingEngine
from whole_service import BOSS, PLAIN, catalogue_in, served

import listwright.client
from listwright.client import (
    ConflictingControls,
    ConnectionFailed,
    Event,
    InvalidRequest,
    NotFound,
    Patience,
    Unauthorised,
    about,
    at_least,
    at_most,
)
from service.api.app import create_app
from service.api.server import Server, bound, url_of
from service.api.service import Bounds
from service.pipeline.parts import Recommender
from service.ports import Page, Written

every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return catalogue_in(tmp_path_factory.mktemp("asked"))


@dataclass(frozen=True)
class Asked:
    url: str
    client: Any


@asynccontextmanager
async def asked(kind: str, catalogue: Path, key: str = PLAIN) -> AsyncIterator[Asked]:
    async with (
        served(catalogue, keyed=True) as url,
        asking(kind, url, api_key=key, patience=Patience(tries=1)) as client,
    ):
        yield Asked(url, client)


@every_kind
async def test_lists(kind: str, catalogue: Path) -> None:
    async with asked(kind, catalogue) as there:
        made = await there.client.recommend(
            history=("b0",),
            k=8,
            query="whales",
            exclude={"Moss"},
            shares=[at_most("Whales", 0.25), at_least("Bread", 0.25), about("Chess", 0.25)],
            explain=True,
            strategy="retrieve",
            request_id="mine-1",
        )
        assert len(made.items) == made.receipt.exists == 8
        assert made.request_id == "mine-1"
        assert all("Moss" not in item.categories and item.reason for item in made.items)
        assert {(each.category, each.op): each.holds for each in made.receipt.controls} == {
            ("Moss", None): True,
            ("Whales", "<="): True,
            ("Bread", ">="): True,
            ("Chess", "~"): True,
        }
        checked = await there.client.verify(made, history=["b0"])
        assert (checked.holds, checked.problems) == (True, ())
        forged = made.as_json() | {"items": made.as_json()["items"][::-1][:7]}
        assert not (await there.client.verify(forged, history=["b0"])).holds


@every_kind
async def test_lists_as_they_are_made(kind: str, catalogue: Path) -> None:
    async with asked(kind, catalogue) as there:
        async with there.client.stream(k=5, include=["Whales"]) as lines:
            items = [item async for item in lines]
            made = await lines.whole()
        assert tuple(items) == made.items
        assert len(items) == 5
        async with there.client.stream(k=3, inside=True) as lines:
            made = await lines.whole()
        assert [stage.name for stage in made.inside.stages]
        with pytest.raises(ConflictingControls):
            async with there.client.stream(
                k=5, shares=[at_least("Whales", 1), at_least("Moss", 1)]
            ):
                raise AssertionError("it is refused before the first line")


@every_kind
async def test_answers(kind: str, catalogue: Path) -> None:
    async with asked(kind, catalogue) as there:
        made = await there.client.answer(
            "Which keeps rain out?", options=["hat", "jacket"], type="multiple_choice", inside=True
        )
        assert made.answer.choice in {"1", "2"}
        assert [option.text for option in made.read.options] == ["hat", "jacket"]
        assert made.inside.prompt.user
        with pytest.raises(InvalidRequest) as refused:
            await there.client.answer("Which keeps rain out?", type="multiple_choice")
        assert refused.value.code == "unreadable_question"


@every_kind
async def test_users_are_remembered_and_forgotten(kind: str, catalogue: Path) -> None:
    async with asked(kind, catalogue) as there:
        client = there.client
        events = [Event("ann/1", "b1", at=datetime(2026, 1, 1, tzinfo=UTC)), Event("ann/1", "b2")]
        first, again = await client.record(events), await client.record(events)
        assert (first.new, first.known, again.new, again.known) == (2, 0, 0, 2)
        history = await client.history("ann/1")
        assert [item.id for item in history.items] == ["b1", "b2"]
        made = await client.recommend(user_id="ann/1", k=4)
        said = [made.items[0].id]
        learnt = await client.feedback(made, shown=said, clicked=said)
        again = await client.feedback(made.request_id, clicked=said)
        assert (learnt.new, again.new, again.known) == (2, 0, 1)
        assert await client.forget("ann/1") is None
        assert (await client.history("ann/1")).items == ()


@every_kind
async def test_what_is_served(kind: str, catalogue: Path) -> None:
    async with asked(kind, catalogue) as there:
        shown = await there.client.catalogue()
        assert {category.name for category in shown.categories} >= {"Whales", "Moss"}
        found = await there.client.search_items("whales", limit=2)
        assert [await there.client.item(item.id) for item in found] == list(found)
        told = await there.client.about()
        assert (told.max_k, told.model) == (20, None)
        assert (await there.client.ready()).ready
        with pytest.raises(NotFound):
            await there.client.item("no/such ?item")


@every_kind
async def test_some_users_are_known(kind: str, catalogue: Path) -> None:
    async with asked(kind, catalogue) as there:
        known = await there.client.users(limit=2)
        assert len(known) == 2
        assert all(user.id and user.events > 0 for user in known)
        assert len(await there.client.users()) > 2
        with pytest.raises(InvalidRequest):
            await there.client.users(limit=0)


@dataclass
class AuthorsShop(Shop):
    """Whose model writes a list."""

    @property
    def recommender(self) -> Recommender:
        return replace(super().recommender, engine=Author())


class Author(SpellingEngine):
    model = "author"

    async def write(self, _page: Page) -> Written:
        return Written("1. Red Mug 0\n2. Secret Whisper", tokens=9, passes=9)


@every_kind
async def test_a_list_that_nothing_holds(kind: str, catalogue: Path) -> None:
    async with (
        serving(create_app(AuthorsShop(), Bounds())) as url,
        asking(kind, url) as client,
    ):
        made = await client.free(
            k=2, history=[], exclude=("Mug",), temperature=0.0, request_id="mine-2"
        )
        assert (made.request_id, made.k, made.model) == ("mine-2", 2, "author")
        assert made.stopped is None
        mug, whisper = made.lines
        assert (mug.id, [one.kind for one in mug.amiss]) == ("i0", ["exclude"])
        assert (whisper.id, [one.kind for one in whisper.amiss]) == (None, ["nonexistent"])
        assert not made.controls[0].holds
    async with asked(kind, catalogue) as there:
        with pytest.raises(InvalidRequest) as without:
            await there.client.free(k=2)
        assert without.value.code == "no_model"


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    listening = bound("127.0.0.1", 0)
    server = Server(app, shutdown_seconds=2)
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield url_of(listening)
    finally:
        server.should_exit = True
        await running


async def test_the_first_example_is_python_and_runs(catalogue: Path) -> None:
    """It is of the demo shop; here another is served."""
    _, _, example = str(listwright.client.__doc__).partition(":\n\n")
    said = textwrap.dedent(example)
    assert "http://127.0.0.1:8080" in said
    assert "Electronics" in said
    async with served(catalogue, keyed=False) as url:
        here = said.replace("http://127.0.0.1:8080", url).replace("Electronics", "Whales")
        names: dict[str, Any] = {}
        await asyncio.to_thread(exec, here, names)
    assert names["made"].receipt.controls[0].holds


@every_kind
async def test_an_administrator_switches_catalogues(kind: str, catalogue: Path) -> None:
    async with asked(kind, catalogue, key=BOSS) as there:
        version = (await there.client.catalogue()).version
        assert (await there.client.reload()).version == version
        assert (await there.client.reload(version)).version == version
        with pytest.raises(NotFound) as unknown:
            await there.client.reload("c0000000000ff")
        assert unknown.value.code == "unknown_version"
        with pytest.raises(NotFound):
            await there.client.rollback()


@every_kind
async def test_errors_say_what_the_service_says(kind: str, catalogue: Path) -> None:
    async with asked(kind, catalogue) as there:
        with pytest.raises(ConflictingControls) as conflict:
            await there.client.recommend(k=4, include=["Whales"], exclude=["Whales"])
        error = conflict.value
        assert (error.code, error.status) == ("conflicting_controls", 422)
        assert "Whales" in error.message
        assert error.hint in str(error)
        assert error.request_id in str(error)
        relaxed = await there.client.recommend(
            k=4, include=["Whales"], exclude=["Whales"], on_conflict="relax"
        )
        assert len(relaxed.receipt.relaxed) == 1
        with pytest.raises(Unauthorised) as forbidden:
            await there.client.reload()
        assert (forbidden.value.status, forbidden.value.code) == (403, "forbidden")
        async with asking(kind, there.url, api_key="lw_wrong") as stranger:
            with pytest.raises(Unauthorised):
                await stranger.catalogue()
            assert (await stranger.ready()).ready


@every_kind
async def test_a_service_that_is_gone_is_told_so(kind: str, catalogue: Path) -> None:
    async with served(catalogue, keyed=False) as url:
        pass
    hasty = Patience(tries=2, pause=0.001)
    async with asking(kind, url, patience=hasty) as client:
        with pytest.raises(ConnectionFailed):
            await client.ready()


async def test_many_ask_one_client_at_once(catalogue: Path) -> None:
    async with asked("awaited", catalogue) as there:
        made = await asyncio.gather(*(there.client.recommend(k=n) for n in range(1, 9)))
        assert [len(each.items) for each in made] == list(range(1, 9))
