"""Every way a server can fail has one error of ours: complete over aiohttp's and HTTP's kinds."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import http_exceptions

from service.engines.remote.server import Server
from service.engines.remote.server_errors import (
    Refused,
    Unheard,
    Unreachable,
    Unready,
    mapped,
    refusal,
    told_off,
)
from service.errors import BadSettings, EngineBusy, EngineError, EngineFailed, EngineTimeout

SECRET = "sk-not-to-be-told"  # noqa: S105 - and nothing opens with it
LATE = (TimeoutError,)


def below(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from below(narrower)


FOREIGN = sorted(
    {*below(aiohttp.ClientError), *below(http_exceptions.HttpProcessingError), *below(TimeoutError)}
    | {OSError, ConnectionResetError, ssl.SSLError, UnicodeError},
    key=lambda kind: kind.__name__,
)


def raised(kind: type[Exception]) -> Exception:
    """One of these, whatever it is made of, that holds a secret wherever it can."""
    error = kind.__new__(kind)
    error.args = (SECRET,)
    key = SimpleNamespace(host=SECRET, port=1, is_ssl=True, ssl=True)
    holds: dict[str, Any] = {
        "_conn_key": key,
        "_os_error": OSError(SECRET),
        "_certificate_error": Exception(SECRET),
        "_host": SECRET,
        "_port": 1,
        "message": SECRET,
        "request_info": SimpleNamespace(real_url=SECRET, headers={"Authorization": SECRET}),
        "history": (),
        "status": 200,
    }
    for name, value in holds.items():
        try:
            setattr(error, name, value)
        except AttributeError:
            continue
    return error


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_every_error_of_the_client_library_is_mapped(kind: type[Exception]) -> None:
    with pytest.raises(EngineError) as caught, mapped():
        raise raised(kind)
    assert isinstance(caught.value, EngineTimeout) == issubclass(kind, LATE)
    assert caught.value.message.startswith("the model's server ")
    assert SECRET not in caught.value.message


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_what_fails_on_the_way_is_nothing_that_the_server_said(kind: type[Exception]) -> None:
    with pytest.raises(EngineError) as caught, mapped():
        raise raised(kind)
    assert isinstance(caught.value, Unheard) != issubclass(kind, LATE)


def test_a_connection_that_breaks_is_not_one_that_cannot_be_had() -> None:
    for kind, reached in [
        (aiohttp.ClientConnectorError, False),
        (aiohttp.ServerDisconnectedError, True),
        (aiohttp.ClientConnectionResetError, True),
        (aiohttp.ClientConnectorDNSError, True),
        (ConnectionResetError, True),
    ]:
        with pytest.raises(EngineFailed) as caught, mapped():
            raise raised(kind)
        assert isinstance(caught.value, Unreachable) != reached, kind


def test_too_many_requests_and_not_ready_are_two_things() -> None:
    assert isinstance(refusal(503, b""), Unready)
    assert not isinstance(refusal(429, b""), Unready)


def test_what_is_ours_or_a_bug_passes() -> None:
    for error in (EngineBusy("x"), ValueError("x"), KeyError("x")):
        with pytest.raises(type(error)) as caught, mapped():
            raise error
        assert caught.value is error


def kind_of(status: int) -> type[EngineError]:
    if status in {429, 503}:
        return EngineBusy
    return EngineTimeout if status in {408, 504} else EngineFailed


@pytest.mark.parametrize("status", [*range(300, 309), *range(400, 430), *range(500, 512), 599])
def test_every_status_is_mapped(status: int) -> None:
    body = json.dumps({"error": {"message": SECRET, "type": "Some Error", "param": SECRET * 9}})
    error = refusal(status, body.encode())
    assert isinstance(error, kind_of(status))
    assert str(status) in error.message
    assert SECRET not in error.message


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"error": 3}', b'{"error": [1]}', b"\xff\x00", b"null"]
)
def test_a_body_of_any_shape(body: bytes) -> None:
    assert refusal(500, body).message == "the model's server failed (500)"


def test_what_kind_of_fault_it_is_may_be_told() -> None:
    body = json.dumps({"error": {"type": "BadRequestError", "param": "seed", "message": "no"}})
    error = refusal(400, body.encode())
    assert error.message.endswith("refuses the request as invalid (400 BadRequestError seed)")


def test_the_plugins_own_words_are_told() -> None:
    said = {"message": "listwright_k is 0,\nnot so", "param": "listwright_k", "code": 400}
    error = refusal(400, json.dumps({"error": said}).encode())
    assert isinstance(error, Refused)
    assert error.plugin == "listwright_k is 0, not so"
    assert "listwright_k is 0, not so" in error.message
    quoting = {"message": 'cannot parse {"listwright": 1, "prompt": "private"}', "param": None}
    other = refusal(400, json.dumps({"error": quoting}).encode())
    assert "private" not in other.message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 503, "message": "x"}, EngineBusy),
        ({"code": 400, "message": "x"}, EngineFailed),
        ({"code": "invalid"}, EngineFailed),
        ({"code": 7}, EngineFailed),
        ("broken", EngineFailed),
        (None, EngineFailed),
    ],
)
def test_errors_within_an_answer(error: object, kind: type[EngineError]) -> None:
    assert isinstance(told_off(error), kind)


@pytest.mark.parametrize(
    "url",
    [
        f"http://user:{SECRET}@host:1",
        f"http://host:1/?key={SECRET}",
        "http://host:99999",
        "http://host:port",
        "http://[::1",
        "http://:80",
        "http://a..b:80",
        f"http://{'x' * 64}.example",
        "ftp://host",
        "host:80",
    ],
)
def test_an_address_that_cannot_be_or_holds_a_secret(url: str) -> None:
    with pytest.raises(BadSettings) as caught:
        Server(url)
    assert SECRET not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("key", ["a\nb", "a\r\nX: y", "ключ"])
def test_a_key_that_no_header_can_hold(key: str) -> None:
    with pytest.raises(BadSettings, match="no HTTP header"):
        Server("http://host:1", key)


TEMPERATURE = "Unsupported value: 'temperature' does not support 0 with this model."


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"error": {"message": "not so", "param": "temperature"}}, {"temperature"}),
        ({"error": {"message": TEMPERATURE, "param": None}}, {"temperature"}),
        ({"error": TEMPERATURE}, {"temperature"}),
        ({"error": "neither seed nor temperature"}, {"seed", "temperature"}),
        ({"message": {"detail": [{"loc": ["body", "seed"]}]}}, {"seed"}),
        ({"error": {"message": TEMPERATURE, "param": "response_format"}}, set()),
        ({"error": 'cannot: {"messages": [], "temperature": 0.0}'}, set()),
        ({"error": "this is seeded with temperatures"}, set()),
    ],
)
def test_parameters_of_drawing_that_are_refused(body: object, names: set[str]) -> None:
    error = refusal(400, json.dumps(body).encode())
    assert isinstance(error, Refused)
    assert error.undrawn == names
