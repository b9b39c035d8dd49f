from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steering_world import END, World, lexicon_of, worlds

from service.domain import Controls
from service.engines.commission import Volume
from service.engines.intake import BareShelf, Front, Makers
from service.engines.steered import Ready, Steered
from service.engines.wire import to_xargs
from service.errors import BadParameters, DamagedArtifact, UnknownVersion
from service.steering.assignment import Assignment
from service.steering.lexicon import Frame
from service.steering.plan import Stock, compile_plan
from service.steering.speller import Choices

VOCABULARY = 100
ESCAPE = 98


class OneVolume:
    """A shelf with one world on it."""

    def __init__(self, world: World) -> None:
        self.world = world

    def volume(self, version: str) -> Volume:
        if version != "c0123456789ab":
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
        "repetition_penalty": 1.0,
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
        "c0123456789ab",
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
        look = steered.look()
        token = int(dice.choice(look.tokens)) if isinstance(look, Choices) else look
        assert steered.known == (None if isinstance(look, Choices) else look)
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
        assert steered.look() == END
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
    mine, other = steered.look(), again.look()
    if isinstance(mine, Choices):
        assert isinstance(other, Choices)
        assert mine.tokens.tolist() == other.tokens.tolist()
        assert mine.bonus.tobytes() == other.bonus.tobytes()
    else:
        assert mine == other


@given(solvable, st.integers(-5, VOCABULARY + 5))
def test_a_token_it_did_not_allow_ends_it(world: World, token: int) -> None:
    steered = admitted(world)
    look = steered.look()
    allowed = look.tokens.tolist() if isinstance(look, Choices) else [look]
    steered.follow([token])
    if token not in allowed:
        assert steered.look() == min(END, ESCAPE)
        steered.follow([1, 2, 3])
        assert steered.look() == min(END, ESCAPE)
        assert steered.read == 4


@given(solvable)
def test_a_token_after_the_end_is_a_fault(world: World) -> None:
    steered = admitted(world)
    write(steered, np.random.default_rng(0))
    steered.follow([1])
    assert steered.look() == min(END, ESCAPE)


@pytest.mark.parametrize(("vocabulary", "look"), [(55, [ESCAPE]), (61, [50, 60])])
def test_a_choice_the_model_lacks_is_never_offered(vocabulary: int, look: list[int]) -> None:
    lexicon, _ = lexicon_of([(50, 0), (60, 0)])
    plan = compile_plan(Stock(2, {}.__getitem__, np.zeros(0, dtype=np.int64)), Controls(), 1)
    making: Future[Ready] = Future()
    making.set_result(Ready.of(Assignment(lexicon, Frame(((),), END), plan)))
    offered = Steered(making, vocabulary, ESCAPE).look()
    assert (offered.tokens.tolist() if isinstance(offered, Choices) else [offered]) == look


@given(solvable)
def test_a_token_the_model_lacks_is_never_looked_at(world: World) -> None:
    steered = admitted(world, vocabulary=1)  # titles may hold token 0 alone
    look = steered.look()
    assert look == min(END, ESCAPE)


def test_a_fault_is_logged_once_without_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    making: Future[Ready] = Future()
    making.set_exception(KeyError("a secret wish"))
    steered = Steered(making, VOCABULARY, ESCAPE)
    with caplog.at_level(logging.ERROR):
        assert [steered.look() for _ in range(3)] == [ESCAPE] * 3
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
    making: Future[Ready] = Future()
    making.set_exception(error)
    with caplog.at_level(logging.ERROR):
        Steered(making, VOCABULARY, ESCAPE).look()
    assert told in caplog.text
    assert "secret" not in caplog.text


class TestMakers:
    def test_a_request_that_is_not_ours_is_passed(self) -> None:
        bare = Makers(BareShelf(), VOCABULARY, ESCAPE)
        assert bare.admit(params(None)) is None
        assert bare.admit(params({"other": 1})) is None

    @given(solvable)
    def test_making_is_not_waited_for_until_the_first_token(self, world: World) -> None:
        opened = threading.Event()

        class SlowShelf(OneVolume):
            def volume(self, version: str) -> Volume:
                opened.wait(10)
                return super().volume(version)

        slow = Makers(SlowShelf(world), VOCABULARY, ESCAPE)
        steered = slow.admit(params(to_xargs(assignment(world))))
        assert steered
        assert not opened.is_set()
        opened.set()
        assert END in write(steered, np.random.default_rng(0))

    def test_a_wrongly_worded_request_is_ended_not_free(self) -> None:
        steered = Makers(BareShelf(), VOCABULARY, ESCAPE).admit(params({"listwright": 9}))
        assert steered
        assert steered.look() == min(END, ESCAPE)

    def test_the_models_own_end_serves_a_request_that_brings_none(self) -> None:
        bare = Makers(BareShelf(), VOCABULARY, ESCAPE)
        steered = bare.admit(params({"listwright": 9}, all_stop_token_ids=set()))
        assert steered
        assert steered.look() == ESCAPE


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
