"""When a server is looked at: at once the first time, later beside requests, never too often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from patience import until

from service.engines.remote import standing
from service.engines.remote import watch as watching
from service.engines.remote.server_errors import Refused, Unheard, Unreachable, Unready
from service.engines.remote.standing import Standing, served
from service.engines.remote.watch import LATEST_S, Watch
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout


class Look:
    """What is found, how long finding it takes, and how often it was looked for."""

    def __init__(self) -> None:
        self.found = Standing(model="m")
        self.fails: Exception | str | None = None
        self.seconds = 0.0
        self.count = 0
        self.now = 0.0

    async def __call__(self) -> Standing:
        self.count += 1
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise EngineFailed(self.fails) if isinstance(self.fails, str) else self.fails
        return replace(self.found)


@pytest.fixture
def look() -> Look:
    return Look()


@pytest.fixture
async def watch(look: Look) -> AsyncIterator[Watch]:
    watch = Watch("host:1", look, lambda: look.now)
    yield watch
    await watch.close()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_first_is_waited_for_and_then_remembered(watch: Watch, look: Look) -> None:
    assert (await watch.known()).model == "m"
    look.found = Standing(model="other")
    look.now += LATEST_S
    assert (await watch.known()).model == "m"
    assert look.count == 1


async def test_what_is_old_is_looked_at_beside_the_request(watch: Watch, look: Look) -> None:
    await watch.known()
    look.found = Standing(model="other")
    look.now += LATEST_S + 1
    assert (await watch.known()).model == "m"
    await settled()
    assert (await watch.known()).model == "other"


async def test_trouble_and_doubt_are_looked_into_after_a_second(watch: Watch, look: Look) -> None:
    look.fails = "down"
    assert (await watch.known()).trouble == "down"
    look.fails = None
    look.now += 0.5
    assert (await watch.known()).trouble == "down"
    look.now += 1.0
    await watch.known()
    await settled()
    assert (await watch.known()).trouble is None
    watch.doubt()
    look.now += 1.1
    await watch.known()
    await settled()
    assert look.count == 3


async def test_a_failed_look_forgets_nothing_else(watch: Watch, look: Look) -> None:
    look.found = Standing(model="m", steered=False)
    await watch.known()
    look.fails = "down"
    look.now += 2.0
    assert await watch.fresh() == Standing("down", "m", None, steered=False)


async def test_all_who_wait_wait_for_one_look(watch: Watch, look: Look) -> None:
    look.seconds = 0.05
    first, *others = [asyncio.ensure_future(watch.fresh()) for _ in range(5)]
    await asyncio.sleep(0.01)
    first.cancel()
    assert [(await other).model for other in others] == ["m"] * 4
    assert look.count == 1


async def test_who_will_not_wait_hears_how_it_stood_and_the_look_goes_on(
    watch: Watch, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TOLD_WITHIN_S", 0.01)
    look.seconds = 0.1
    assert (await watch.lately()).model == "m", "the first is waited for"
    look.found, look.now = Standing(model="other"), 2.0
    assert [(await watch.lately()).model for _ in range(2)] == ["m", "m"]
    assert (await watch.fresh()).model == "other"
    assert (await watch.lately()).model == "other"
    assert look.count == 2


async def test_a_look_has_an_end(watch: Watch, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LONGEST_S", 0.02)
    look.seconds = 60
    assert (await watch.fresh()).trouble == "the model's server does not answer in time"


FULL = EngineBusy("full")
NOT_HEARD = [EngineTimeout("down"), Unheard("down"), Unreachable("down"), Unready("down")]
HEARD = [EngineFailed("down"), Refused("down", 400)]


@pytest.mark.parametrize("down", NOT_HEARD, ids=lambda error: type(error).__name__)
async def test_a_full_server_is_there(watch: Watch, look: Look, down: EngineError) -> None:
    look.found = Standing(model="m", context=9, steered=False)
    await watch.known()
    for fails, trouble in ((down, "down"), (FULL, None)):
        look.fails = fails
        look.now += 2.0
        assert await watch.fresh() == Standing(trouble, "m", 9, steered=False)
    look.now += 1.1
    await watch.known()
    await settled()
    assert look.count == 4, "what a full server could not say is asked for soon"


@pytest.mark.parametrize("said", HEARD, ids=lambda error: type(error).__name__)
async def test_what_a_server_said_holds_while_it_is_full(
    watch: Watch, look: Look, caplog: pytest.LogCaptureFixture, said: EngineError
) -> None:
    caplog.set_level("INFO")
    await watch.known()
    for look.fails in (said, FULL, FULL):
        look.now += 2.0
        assert (await watch.fresh()).trouble == "down"
    assert [record.message for record in caplog.records] == ["down (host:1)"]
    look.fails = None
    look.now += 2.0
    assert (await watch.fresh()).trouble is None


async def test_what_a_look_came_back_with_holds_while_the_server_is_full(
    watch: Watch, look: Look
) -> None:
    look.found = Standing("no catalogue", model="m")
    first = await watch.known()
    look.fails = FULL
    look.now += 2.0
    assert await watch.fresh() is first


async def test_a_full_server_at_the_first_look_is_used(watch: Watch, look: Look) -> None:
    look.fails = FULL
    assert await watch.known() == Standing()


async def test_a_server_that_is_not_up_yet_is_not_used(watch: Watch, look: Look) -> None:
    look.fails = Unready("loading")
    assert (await watch.known()).trouble == "loading"


@pytest.mark.parametrize(
    ("fails", "hung"),
    [
        (TimeoutError(), "the model's server does not answer in time"),
        (EngineTimeout("late"), "late"),
        (Unreachable("gone"), "gone"),
        (Unheard("reset"), None),
        (Refused("failed", 500), None),
        (EngineFailed("another model"), None),
        (Unready("no server behind"), None),
        (ValueError("a bug"), None),
        (FULL, None),
        (None, None),
    ],
)
async def test_what_speaks_of_a_server_that_hangs(
    watch: Watch, look: Look, fails: Exception | None, hung: str | None
) -> None:
    assert watch.hung_since(-1.0) is None
    look.fails, look.now = fails, 5.0
    await watch.known()
    assert watch.hung_since(4.0) == hung


async def test_a_look_that_began_before_says_nothing_of_what_came_after(
    watch: Watch, look: Look
) -> None:
    look.fails, look.seconds = Unreachable("gone"), 0.02
    looking = watch.look()
    await until(lambda: look.count)
    look.now = 5.0
    await looking
    assert watch.hung_since(3.0) is None
    assert watch.hung_since(-1.0) == "gone"


async def test_a_look_that_breaks_is_trouble_and_in_the_log(
    watch: Watch, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    look.fails = UnicodeError("label empty")
    trouble = (await watch.known()).trouble
    assert trouble == "the model's server could not be looked at (UnicodeError)"
    assert "label empty" in caplog.text


async def test_what_stays_the_same_stays_the_same_object(watch: Watch, look: Look) -> None:
    first = await watch.known()
    look.now += 2.0
    assert await watch.fresh() is first
    look.fails = "down"
    look.now += 2.0
    await watch.fresh()
    look.fails = None
    look.now += 2.0
    again = await watch.fresh()
    assert again == first
    assert again is not first


async def test_closing_ends_a_look_and_who_waits_for_it_hears_why(look: Look) -> None:
    look.seconds = 60
    watch = Watch("host:1", look)
    waiting = [asyncio.ensure_future(watch.fresh()) for _ in range(3)]
    await until(lambda: look.count)
    await watch.close()
    for one in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(one, EngineError)
        assert one.message == "the engine is closed"
    with pytest.raises(EngineFailed, match="closed"):
        await watch.known()
    assert look.count == 1


async def test_each_change_is_one_line(
    watch: Watch, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for fails, steered in [("down", True), ("down", True), (None, True), (None, False)]:
        look.fails, look.found = fails, Standing(model="m", steered=steered)
        look.now += 2.0
        await watch.fresh()
    assert [record.message.split(",")[0] for record in caplog.records] == [
        "down (host:1)",
        "the model's server is there again (host:1)",
        "the model's vLLM runs without Listwright's plugin",
    ]
    assert caplog.records[-1].message.endswith("(host:1)")


class Lists:
    """A server that answers this."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    async def get(self, _path: str) -> object:
        return self._answer


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"data": None}, {"data": []}, {"data": ["m"]}, {"data": [{}]}]
)
async def test_a_list_of_models_of_any_shape(answer: object) -> None:
    with pytest.raises(EngineFailed, match="serves no model, not any"):
        await served(Lists(answer), None)  # type: ignore[arg-type]


async def test_the_wanted_model_or_the_first() -> None:
    cards = Lists({"data": [{"id": "a", "max_model_len": 9}, {"id": "b", "max_model_len": None}]})
    assert await served(cards, None) == standing.Served("a", 9)  # type: ignore[arg-type]
    assert await served(cards, "b") == standing.Served("b", None)  # type: ignore[arg-type]
    with pytest.raises(EngineFailed, match="serves a, b, not c"):
        await served(cards, "c")  # type: ignore[arg-type]
