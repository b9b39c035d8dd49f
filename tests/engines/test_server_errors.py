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
from service.errors import (
    BadSettings,
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineTimeout,
    PromptTooLong,
)

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


TOO_LONG = (
    {"code": "context_length_exceeded", "message": "no", "type": "invalid_request_error"},
    {"code": 400, "type": "exceed_context_size_error", "message": "no", "n_ctx": 256},
    {"message": "This model's maximum context length is 4096 tokens. However, you requested 5000"},
    {"message": "The decoder prompt (length 9) is longer than the maximum model length of 8."},
    {"message": "Input length (900) exceeds model's maximum context length (512)."},
    {"message": "The input (900 tokens) is longer than the model's context length (512 tokens)."},
    {"message": "Requested tokens (900) exceed context window of 512"},
    {"message": "max_tokens must be at least 1, got -186."},
    {"message": "Prompt contains 900 tokens, too large for model with 512 maximum context length"},
    {"message": "litellm.ContextWindowExceededError: litellm.BadRequestError: no"},
    "the request exceeds the available context size. try increasing it",
    "the input length exceeds the context length",
    "Input validation error: `inputs` must have less than 1024 tokens. Given: 1168",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 1244",
)


@pytest.mark.parametrize("said", TOO_LONG)
@pytest.mark.parametrize("status", [400, 422])
def test_a_prompt_that_is_too_long_in_the_words_of_many(said: object, status: int) -> None:
    error = refusal(status, json.dumps({"error": said}).encode())
    assert isinstance(error, PromptTooLong)
    assert str(status) in error.message
    bare = json.dumps({"object": "error", "detail": said}).encode()
    assert isinstance(refusal(status, bare), PromptTooLong)


def test_a_prompt_that_is_too_long_by_its_status_or_name_alone() -> None:
    assert isinstance(refusal(413, b"<html>"), PromptTooLong)
    assert isinstance(told_off({"code": "context_length_exceeded"}), PromptTooLong)
    assert isinstance(
        told_off({"code": 400, "message": "exceeds the available context size"}), PromptTooLong
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            400,
            "max_tokens is too large: 50000. This model supports at most 16384 completion tokens",
        ),
        (400, "max_tokens=5000 cannot be greater than max_model_len=4096"),
        (400, "response_format is not supported"),
        (400, "Unsupported parameter: 'context_length'"),
        (500, "This model's maximum context length is 4096 tokens"),
        (400, "cannot parse: " + "x" * 3_000 + " maximum context length"),
    ],
)
def test_what_is_not_about_the_length_of_a_prompt(status: int, said: str) -> None:
    assert isinstance(refusal(status, json.dumps({"error": {"message": said}}).encode()), Refused)


def test_the_plugins_words_are_of_its_parameters_whatever_they_are() -> None:
    said = {"message": "listwright_k: maximum context length", "param": "listwright_k"}
    assert isinstance(refusal(400, json.dumps({"error": said}).encode()), Refused)


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
