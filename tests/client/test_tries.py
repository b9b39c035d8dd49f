"""How often a call is said, and when again: without a network, and without time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from listwright import calls
from listwright.asked import Options
from listwright.client import ConnectionFailed, ListwrightApiError, Patience, RateLimited, TimedOut
from listwright.errors import error_of, retry_after
from listwright.reply import Reply
from listwright.tries import Pause, Send, tries

OK = Reply(200, {}, b"{}")
REPEATABLE, ONCE = calls.catalogue({}), calls.rollback({})


@dataclass
class Fake:
    """A clock that only pauses move, and a network that answers what it is told to."""

    outcomes: list[Any]
    now: float = 0.0
    slept: list[float] = field(default_factory=list)
    sent: int = 0

    def run(self, call: calls.Call[Any], **patience: Any) -> Reply:
        road = tries(
            call, Patience(clock=lambda: self.now, dice=lambda _low, high: high, **patience)
        )
        step = next(road)
        while True:
            came = self._came(step)
            try:
                step = road.send(came)
            except StopIteration as done:
                return done.value

    def _came(self, step: Send | Pause) -> Any:
        if isinstance(step, Pause):
            self.slept.append(step.seconds)
            self.now += step.seconds
            return None
        self.sent += 1
        return self.outcomes.pop(0)


def said(status: int, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()})


AGAIN = [
    httpx.ConnectError("x"),
    httpx.ConnectTimeout("x"),
    httpx.PoolTimeout("x"),
    said(429),
    said(503),
]
PERHAPS = [
    httpx.ReadTimeout("x"),
    httpx.ReadError("x"),
    httpx.WriteError("x"),
    httpx.RemoteProtocolError("x"),
    said(502),
    said(504),
]
NEVER = [said(400), said(401), said(404), said(409), said(422), said(500), said(302)]
NEVER += [httpx.UnsupportedProtocol("x"), httpx.DecodingError("x")]


@pytest.mark.parametrize("came", [*AGAIN, *PERHAPS], ids=repr)
def test_what_may_pass_is_tried_again(came: Any) -> None:
    assert Fake([came, came, OK]).run(REPEATABLE) is OK


@pytest.mark.parametrize("came", AGAIN, ids=repr)
def test_what_was_not_heard_is_said_again_whatever_it_is(came: Any) -> None:
    assert Fake([came, OK]).run(ONCE) is OK


@pytest.mark.parametrize("came", PERHAPS, ids=repr)
def test_what_may_have_been_heard_is_not_said_twice_where_twice_is_more(came: Any) -> None:
    fake = Fake([came])
    with pytest.raises(ListwrightApiError):
        fake.run(ONCE)
    assert fake.sent == 1


@pytest.mark.parametrize("came", NEVER, ids=repr)
def test_what_stays_as_it_is_is_not_tried_again(came: Any) -> None:
    fake = Fake([came])
    with pytest.raises(ListwrightApiError):
        fake.run(REPEATABLE)
    assert fake.sent == 1


def test_tries_are_bounded_and_pauses_double_up_to_a_bound() -> None:
    fake = Fake([said(503)] * 9)
    with pytest.raises(ListwrightApiError):
        fake.run(REPEATABLE, tries=6, pause=1.0, longest_pause=5.0, seconds=100.0)
    assert fake.sent == 6
    assert fake.slept == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_whoever_is_told_to_wait_waits_no_less() -> None:
    fake = Fake([said(429, retry_after="7"), OK])
    fake.run(REPEATABLE, pause=0.5, seconds=100.0)
    assert fake.slept == [7.5]


def test_no_try_comes_after_the_deadline() -> None:
    fake = Fake([said(429, retry_after="7")])
    with pytest.raises(RateLimited) as limited:
        fake.run(REPEATABLE, seconds=7.0)
    assert (fake.slept, limited.value.retry_after) == ([], 7.0)
    ever = Fake([httpx.ConnectError("x")] * 100)
    with pytest.raises(ConnectionFailed):
        ever.run(REPEATABLE, tries=100, pause=1.0, longest_pause=1.0, seconds=10.0)
    assert ever.now < 10.0


def test_a_call_may_have_a_deadline_of_its_own() -> None:
    fake = Fake([said(503)] * 9)
    with pytest.raises(ListwrightApiError):
        fake.run(calls.catalogue(Options(timeout=0.6)), pause=0.25, seconds=100.0)
    assert fake.slept == [0.25]


def test_a_timeout_is_told_apart() -> None:
    with pytest.raises(TimedOut) as late:
        Fake([httpx.ReadTimeout("http://lw_secret@host")]).run(REPEATABLE, tries=1)
    assert (late.value.code, late.value.status) == ("timed_out", 0)
    assert "secret" not in repr(late.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), (" 3 ", 3.0), ("soon", None), ("", None), ("-1", None), ("1e3", None)],
)
def test_how_long_to_wait(header: str, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_how_long_to_wait_may_be_a_date() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    far = retry_after("Wed, 21 Oct 2099 07:28:00 GMT")
    assert far is not None
    assert far > 1e6


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"error": 7}', b'{"error": {"code": 7}}']
)
def test_an_error_of_somebody_else_is_one_all_the_same(body: bytes) -> None:
    error = error_of(502, {"x-request-id": "r1"}, body)
    assert (error.code, error.request_id) == ("http_502", "r1")
    assert "proxy" in error.hint
