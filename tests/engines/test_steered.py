from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steering_world import END, World, lexicon_of, worlds

from service.domain import Controls
from service.engines.plugin import making as making_module
from service.engines.plugin import openings as openings_module
from service.engines.plugin.admission import PROBE, Front, NoVersions
from service.engines.plugin.asked_plan import Spellable
from service.engines.plugin.makers import Makers
from service.engines.plugin.making import Making, Ready
from service.engines.plugin.openings import MOST_OPENING, Openings
from service.engines.plugin.steered import Steered
from service.engines.wire import parameters as wire
from service.engines.wire.parameters import to_xargs
from service.errors import BadCatalogue, BadParameters, DamagedArtifact, UnknownVersion
from service.steering.assignment import Assignment
from service.steering.lexicon import Frame
from service.steering.plan import Stock, compile_plan
from service.steering.speller import Choices, Speller

VOCABULARY = 100
ESCAPE = 98
VERSION = "c0123456789ab"


class OneVolume:
    """One world, which is always open."""

    def __init__(self, world: World) -> None:
        self.world = world

    def at_hand(self, version: str) -> Spellable | None:
        return OneVolume.volume(self, version) if version == VERSION else None

    def volume(self, version: str) -> Spellable:
        if version != VERSION:
            raise UnknownVersion("not here")
        world = self.world
        return SimpleNamespace(
            size=len(world.titles),
            lexicon=world.lexicon,
            frame=world.frame,
            postings=world.postings,
        )


def params(extra_args: dict[str, Any] | None, **changes: Any) -> Any:
    rest = {
        "temperature": 0.0,
        "repetition_penalty": 1.0,
        "max_tokens": None,
        "stop_token_ids": [],
        "all_stop_token_ids": {END, ESCAPE},
        "extra_args": extra_args,
    }
    return SimpleNamespace(**(rest | changes))


def assignment(world: World) -> Assignment:
    plan = compile_plan(world.stock, world.controls, world.k)
    return Assignment(
        world.lexicon,
        world.frame,
        plan,
        VERSION,
        world.controls,
        world.stock.banned,
        world.prior,
        1.0,
    )


def makers(world: World, vocabulary: int = VOCABULARY) -> Makers:
    return Makers(OneVolume(world), vocabulary, ESCAPE)


def admitted(world: World, vocabulary: int = VOCABULARY) -> Steered:
    extra_args = to_xargs(assignment(world))
    steered = makers(world, vocabulary).admit(params(extra_args))
    assert steered
    return steered


def write(steered: Steered, dice: np.random.Generator, most: int = 400) -> list[int]:
    """Random tokens among those allowed, until the end."""
    written: list[int] = []
    while END not in written:
        assert len(written) < most
        offer = steered.offer()
        token = int(dice.choice(offer.tokens)) if isinstance(offer, Choices) else offer
        assert steered.known == (None if isinstance(offer, Choices) else offer)
        written.append(token)
        steered.follow([token])
    return written


solvable = worlds().filter(lambda world: bool(world.valid))


@given(solvable, st.integers(0, 2**32 - 1))
def test_a_list_is_valid_and_the_end_is_for_ever(world: World, seed: int) -> None:
    steered = admitted(world)
    written = write(steered, np.random.default_rng(seed))
    speller = assignment(world).speller()
    for token in written:
        speller.push(token)
    assert world.obeys(speller.rows, world.controls)
    for _ in range(3):
        assert steered.offer() == END
        steered.follow([END])
    assert steered.read == len(written) + 3


@given(solvable, st.integers(0, 2**32 - 1))
def test_a_list_read_anew_goes_on_alike(world: World, seed: int) -> None:
    dice = np.random.default_rng(seed)
    steered, again = admitted(world), admitted(world)
    written = write(steered, dice)
    half = written[: int(dice.integers(len(written)))]
    again.follow(half)
    steered.rewind()
    steered.follow(half)
    assert steered.read == again.read
    mine, other = steered.offer(), again.offer()
    if isinstance(mine, Choices):
        assert isinstance(other, Choices)
        assert mine.tokens.tolist() == other.tokens.tolist()
        assert mine.bonus.tobytes() == other.bonus.tobytes()
    else:
        assert mine == other


def test_a_list_that_cannot_be_read_anew_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Assignment):
        def speller(self) -> Speller:
            raise MemoryError

    asked = assignment(small_world())
    making = Making()
    making.promise.set_result(
        Ready(Failing(asked.lexicon, asked.frame, asked.plan), asked.speller())
    )
    steered = Steered(making, VOCABULARY, ESCAPE)
    first = steered.offer()
    assert first != ESCAPE
    steered.rewind()
    steered.follow([first] if isinstance(first, int) else [])
    assert steered.offer() == ESCAPE
    assert "MemoryError" in caplog.text


@given(solvable, st.integers(-5, VOCABULARY + 5))
def test_a_token_it_did_not_allow_ends_it(world: World, token: int) -> None:
    steered = admitted(world)
    offer = steered.offer()
    allowed = offer.tokens.tolist() if isinstance(offer, Choices) else [offer]
    steered.follow([token])
    if token not in allowed:
        assert steered.offer() == min(END, ESCAPE)
        steered.follow([1, 2, 3])
        assert steered.offer() == min(END, ESCAPE)
        assert steered.read == 4


@given(solvable)
def test_a_token_after_the_end_is_a_fault(world: World) -> None:
    steered = admitted(world)
    write(steered, np.random.default_rng(0))
    steered.follow([1])
    assert steered.offer() == min(END, ESCAPE)


@pytest.mark.parametrize(("vocabulary", "expected"), [(55, [ESCAPE]), (61, [50, 60])])
def test_a_choice_the_model_lacks_is_never_offered(vocabulary: int, expected: list[int]) -> None:
    lexicon, _ = lexicon_of([(50, 0), (60, 0)])
    plan = compile_plan(Stock(2, {}.__getitem__, np.zeros(0, dtype=np.int64)), Controls(), 1)
    making = Making()
    making.promise.set_result(Ready.of(Assignment(lexicon, Frame(((),), END), plan)))
    offered = Steered(making, vocabulary, ESCAPE).offer()
    assert (offered.tokens.tolist() if isinstance(offered, Choices) else [offered]) == expected


@given(solvable)
def test_a_token_the_model_lacks_is_never_looked_at(world: World) -> None:
    steered = admitted(world, vocabulary=1)  # titles may hold token 0 alone
    offer = steered.offer()
    assert offer == min(END, ESCAPE)


def test_a_fault_is_logged_once_without_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    making = Making()
    making.promise.set_exception(KeyError("a secret wish"))
    steered = Steered(making, VOCABULARY, ESCAPE)
    with caplog.at_level(logging.ERROR):
        assert [steered.offer() for _ in range(3)] == [ESCAPE] * 3
    assert len(caplog.records) == 1
    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DamagedArtifact("tokens.npy is damaged"), "tokens.npy is damaged"),
        (BadParameters("a secret wish", parameter="listwright_k"), "listwright_k"),
    ],
)
def test_what_the_operator_can_mend_is_told(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    making = Making()
    making.promise.set_exception(error)
    with caplog.at_level(logging.ERROR):
        Steered(making, VOCABULARY, ESCAPE).offer()
    assert told in caplog.text
    assert "secret" not in caplog.text


class TestMakers:
    def test_a_request_that_is_not_ours_is_passed(self) -> None:
        bare = Makers(NoVersions(), VOCABULARY, ESCAPE)
        assert bare.admit(params(None)) is None
        assert bare.admit(params({"other": 1})) is None

    def test_a_wrongly_worded_request_is_ended_not_free(self) -> None:
        steered = Makers(NoVersions(), VOCABULARY, ESCAPE).admit(params({"listwright": 9}))
        assert steered
        assert steered.offer() == min(END, ESCAPE)

    def test_the_models_own_end_serves_a_request_that_brings_none(self) -> None:
        bare = Makers(NoVersions(), VOCABULARY, ESCAPE)
        steered = bare.admit(params({"listwright": 9}, all_stop_token_ids=set()))
        assert steered
        assert steered.offer() == ESCAPE


class Closed(OneVolume):
    """One world that is open only once it has been opened, which lasts until it is let."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.let, self.opened = threading.Event(), threading.Event()
        self.asked: list[str] = []

    def at_hand(self, version: str) -> Spellable | None:
        return super().at_hand(version) if self.opened.is_set() else None

    def volume(self, version: str) -> Spellable:
        self.asked.append(version)
        assert self.let.wait(20)
        self.opened.set()
        return super().volume(version)


def small_world() -> World:
    return World(((1, 0), (2, 0), (3, 0)), {}, frozenset(), Controls(), 2)


def xargs(version: str = VERSION) -> dict[str, Any]:
    return to_xargs(replace(assignment(small_world()), catalogue=version))


@pytest.fixture
def closed() -> Iterator[Closed]:
    versions = Closed(small_world())
    yield versions
    versions.let.set()


class TestOpening:
    """A version on a disk that is slow, or does not answer."""

    @pytest.fixture(autouse=True)
    def _little_patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(openings_module, "OPENING_S", 0.2)

    def test_it_is_not_waited_for_until_the_first_token(self, closed: Closed) -> None:
        steered = Makers(closed, VOCABULARY, ESCAPE).admit(params(xargs()))
        assert steered
        closed.let.set()
        assert END in write(steered, np.random.default_rng(0))

    def test_all_who_ask_for_it_wait_once(
        self, closed: Closed, caplog: pytest.LogCaptureFixture
    ) -> None:
        engine = Makers(closed, VOCABULARY, ESCAPE)
        batch = [engine.admit(params(xargs())) for _ in range(64)]
        started = time.monotonic()
        assert {steered.offer() for steered in batch if steered} == {min(END, ESCAPE)}
        assert time.monotonic() - started < 2
        assert "still being opened" in caplog.text
        assert closed.asked == [VERSION]

    def test_it_is_there_for_the_next(self, closed: Closed) -> None:
        engine = Makers(closed, VOCABULARY, ESCAPE)
        late = engine.admit(params(xargs()))
        assert late
        assert late.offer() == min(END, ESCAPE)
        closed.let.set()
        assert closed.opened.wait(20)
        following = engine.admit(params(xargs()))
        assert following
        assert END in write(following, np.random.default_rng(0))
        assert late.offer() == min(END, ESCAPE)

    def test_whoever_comes_too_late_waits_no_more(self, closed: Closed) -> None:
        engine = Makers(closed, VOCABULARY, ESCAPE)
        first = engine.admit(params(xargs()))
        assert first
        first.offer()
        for _ in range(20):
            later = engine.admit(params(xargs()))
            assert later
            wait_until(lambda later=later: later._making._until < time.monotonic())
            started = time.monotonic()
            later.offer()
            assert time.monotonic() - started < 0.1

    def test_open_versions_are_served_beside_any_that_are_being_opened(self) -> None:
        class Mixed(Closed):
            def at_hand(self, version: str) -> Spellable | None:
                return OneVolume.at_hand(self, version)

        versions = Mixed(small_world())
        engine = Makers(versions, VOCABULARY, ESCAPE)
        slow = [engine.admit(params(xargs(f"c{number:012x}"))) for number in range(4)]
        wait_until(lambda: len(versions.asked) == len(slow))
        open_one = engine.admit(params(xargs()))
        assert open_one
        assert END in write(open_one, np.random.default_rng(0))
        versions.let.set()

    def test_no_more_than_a_few_are_opened_at_once(self, closed: Closed) -> None:
        openings = Openings(closed)
        for number in range(MOST_OPENING):
            openings.of(f"c{number:012x}")
        with pytest.raises(BadCatalogue, match=str(MOST_OPENING)):
            openings.of(VERSION)
        assert openings.of(f"c{0:012x}").volume

    def test_after_a_minute_nobody_is_kept(
        self, closed: Closed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        openings = Openings(closed)
        kept = openings.of(VERSION)
        assert openings.of(VERSION) is kept
        monkeypatch.setattr(openings_module, "HOPELESS_S", -1.0)
        with pytest.raises(BadCatalogue, match="still being opened"):
            openings.of(VERSION)

    def test_what_failed_is_tried_again(self, closed: Closed) -> None:
        openings = Openings(closed)
        closed.let.set()
        for _ in range(2):
            with pytest.raises(UnknownVersion):
                openings.of("c000000000000").wait()
        assert len(closed.asked) == 2

    def test_the_front_does_not_wait_for_ever_either(self, closed: Closed) -> None:
        front = Front(closed)
        with pytest.raises(BadParameters, match="still being opened") as caught:
            front.check(params(xargs()))
        assert caught.value.parameter == "listwright_catalogue"
        closed.let.set()
        assert closed.opened.wait(20)
        front.check(params(xargs()))


def test_a_speller_that_does_not_come_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(making_module, "MAKING_S", 0.05)
    assert Steered(Making(), VOCABULARY, ESCAPE).offer() == ESCAPE
    assert "not made in time" in caplog.text


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


class Counted(OneVolume):
    """One world that counts how often the rows of a category are asked for."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked: list[str] = []

    def at_hand(self, version: str) -> Spellable | None:
        return self.volume(version)

    def volume(self, version: str) -> Spellable:
        spellable = super().volume(version)

        def postings(category: str) -> np.ndarray:
            self.asked.append(category)
            return spellable.postings(category)

        return SimpleNamespace(**{**vars(spellable), "postings": postings})


FOUR = World(
    ((1, 0), (2, 0), (3, 0), (4, 0)),
    {"all": frozenset(range(4)), "low": frozenset({0, 1}), "rest": frozenset({2, 3})},
    frozenset(),
    Controls(),
    2,
)


def of_four(**changes: Any) -> dict[str, Any]:
    return to_xargs(assignment(FOUR)) | {f"listwright_{key}": v for key, v in changes.items()}


class TestFront:
    @given(worlds())
    def test_it_lets_through_exactly_what_can_be_met(self, world: World) -> None:
        sent = params(to_xargs(assignment(world)))
        front = Front(OneVolume(world))
        if world.valid:
            front.check(sent)
        else:
            with pytest.raises(BadParameters):
                front.check(sent)

    @pytest.mark.parametrize(
        ("changes", "at_fault", "beside"),
        [
            ({"include": ["low"], "exclude": ["low"]}, wire.EXCLUDE, [wire.INCLUDE]),
            ({"exclude": ["all"]}, wire.EXCLUDE, []),
            ({"exclude": ["all"], "shares": ["low>=0.5"]}, wire.EXCLUDE, []),
            ({"include": ["low"], "k": 3}, wire.INCLUDE, []),
            ({"include": ["low"], "shares": ["rest>=0.5"]}, wire.SHARES, [wire.INCLUDE]),
            ({"shares": ["low>=0.6", "rest>=0.6"]}, wire.SHARES, []),
            (
                {"include": ["low"], "exclude": ["rest"], "shares": ["all<=0.5"]},
                wire.SHARES,
                [],
            ),
            ({"include": ["all"], "banned": [0, 1, 2]}, wire.K, []),
            ({"banned": [0, 1, 2]}, wire.K, []),
        ],
    )
    def test_what_clashes_is_named(
        self, changes: dict[str, Any], at_fault: str, beside: list[str]
    ) -> None:
        with pytest.raises(BadParameters) as caught:
            Front(OneVolume(replace(FOUR, k=4))).check(params(of_four(**changes)))
        assert caught.value.parameter == at_fault
        assert {key for key in wire.KNOWN - {wire.MARK} if f"{key} " in f"{caught.value} "} == {
            at_fault,
            *beside,
        }

    @pytest.mark.parametrize("infeasible", [False, True])
    def test_what_a_request_can_make_it_do_is_bounded(self, *, infeasible: bool) -> None:
        many = [f"c{number}" for number in range(64)]
        none = frozenset({3} if not infeasible else range(4))
        world = replace(FOUR, members=dict.fromkeys(many, none) | {"all": frozenset(range(4))})
        versions = Counted(world)
        sent = of_four(include=["all"] * 64, exclude=many, shares=["all<=1"])
        if infeasible:
            with pytest.raises(BadParameters):
                Front(versions).check(params(sent))
        else:
            Front(versions).check(params(sent))
        named = 1 + 64 + 1
        assert named <= len(versions.asked) <= (4 if infeasible else 2) * named

    def test_a_request_that_is_checked_twice_is_looked_at_once(self) -> None:
        versions = Counted(FOUR)
        front = Front(versions)
        sent, other = params(of_four(include=["all"])), params(of_four(include=["all"]))
        front.check(sent)
        once = len(versions.asked)
        front.check(sent)
        assert len(versions.asked) == once > 0
        front.check(other)
        assert len(versions.asked) == 2 * once

    def test_a_refused_request_is_refused_again(self) -> None:
        front, bad = Front(OneVolume(FOUR)), params(of_four(include=["none such"]))
        for _ in range(2):
            with pytest.raises(BadParameters):
                front.check(bad)

    @pytest.mark.parametrize(
        ("changes", "passes"),
        [
            ({"max_tokens": None}, True),
            ({"max_tokens": 2 * 2 + 2 + 1}, True),
            ({"max_tokens": 2 * 2 + 2}, False),
            ({"max_tokens": 2}, False),
            ({"max_tokens": PROBE}, True),
            ({"ignore_eos": True}, False),
            ({"ignore_eos": False}, True),
            ({"min_tokens": 1}, False),
            ({"min_tokens": 0}, True),
        ],
    )
    def test_how_long_a_text_may_or_must_be(self, changes: dict[str, Any], *, passes: bool) -> None:
        front, sent = Front(OneVolume(FOUR)), params(of_four(), **changes)
        if passes:
            front.check(sent)
            return
        with pytest.raises(BadParameters) as caught:
            front.check(sent)
        assert caught.value.parameter == next(iter(changes))


class TestBrokenCatalogue:
    """What no error of ours foresees is still a 400 of the parameter that names the catalogue."""

    @pytest.mark.parametrize(
        "error", [PermissionError(13, "no"), OSError(5, "io"), OSError(116, "stale"), IndexError()]
    )
    def test_a_disk_that_fails(self, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
        class Failing(Closed):
            def volume(self, version: str) -> Spellable:
                raise error

        refused(Front(Failing(FOUR)), caplog, type(error).__name__)

    def test_a_machine_without_a_thread_left(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def no_thread(*_: object, **__: object) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(openings_module.Thread, "start", no_thread)
        refused(Front(Closed(FOUR)), caplog, "RuntimeError")

    def test_a_file_that_names_rows_there_are_not(self, caplog: pytest.LogCaptureFixture) -> None:
        world = replace(FOUR, members={"all": frozenset({0, 4_000_000})})
        refused(Front(OneVolume(world)), caplog, "IndexError", include=["all"])


def refused(front: Front, caplog: pytest.LogCaptureFixture, logged: str, **changes: Any) -> None:
    with pytest.raises(BadParameters, match="cannot be used on this server") as caught:
        front.check(params(of_four(**changes)))
    assert caught.value.parameter == wire.CATALOGUE
    assert [record.message for record in caplog.records] == [
        f"a catalogue cannot be used: {logged}"
    ]
