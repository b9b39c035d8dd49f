"""Words that users wrote, quoted by a server: they decide nothing of what its refusal means."""

from __future__ import annotations

import json
from typing import Any

import pytest
from remote_world import Desk, openai
from stub_server import Stub
from toyshop import ToyCatalogue

from service.engines.remote.server_errors import Refused, refusal
from service.engines.remote.told import told
from service.errors import PromptTooLong

ASKED = "Which error says that the prompt is too long? Token id 7 is out of vocabulary."
SENT = {"messages": [{"role": "user", "content": ASKED}], "temperature": 0.0}
FORBIDDEN = "Extra inputs are not permitted"


def fault(*loc: str | int, msg: str = FORBIDDEN, given: object = SENT) -> dict[str, Any]:
    return {"type": "extra_forbidden", "loc": ["body", *loc], "msg": msg, "input": given}


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [fault("response_format")]},
        {"detail": [fault("response_format", msg=f"not so: {ASKED}")]},
        {"message": {"detail": [fault("response_format")]}, "object": "error"},
        {"detail": [fault("messages", 0, "content")]},
        {"error": {"message": f"no: {ASKED}", "param": "temperature", "code": "unsupported_value"}},
        {"error": {"message": f"no: {ASKED}", "param": "response_format"}},
        {"error": {"message": f"no: {ASKED}", "param": None, "code": "unsupported_parameter"}},
        {"message": f"no: {ASKED}", "param": "response_format", "object": "error"},
        {"error": {"message": f"response_format is not supported: {SENT}"}},
        {"error": f"response_format is not supported: {json.dumps(SENT)}"},
        {"error": {"message": f"cannot parse {json.dumps(SENT)}"}},
        {"error": {"message": f"cannot parse {json.dumps(json.dumps(SENT))}"}},
        {"error": {"message": "not so", "request": SENT}},
        {"fault": "not so", "request": SENT},
        [{"request": SENT}],
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_that_quotes_the_question(body: object, status: int) -> None:
    error = refusal(status, json.dumps(body).encode())
    assert isinstance(error, Refused)
    assert "knows fewer tokens" not in error.message
    assert ASKED not in error.message


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [fault("messages", msg="the prompt is too long")]},
        {"detail": [fault("messages", 0, "content", msg="input is too long")]},
        {"error": {"message": "the prompt is too long", "param": "messages[0].content"}},
        {"error": {"message": "maximum context length is 8", "param": "input_tokens", "code": 400}},
        {"error": {"message": "maximum context length is 8", "param": "None", "code": "400"}},
        {"error": "Bad Request", "message": "the prompt is too long", "statusCode": 400},
        {"error": {"message": f"the prompt is too long: {json.dumps(SENT)}"}},
        {"detail": "the prompt is too long"},
    ],
)
def test_a_refusal_that_is_about_its_length(body: object) -> None:
    assert isinstance(refusal(400, json.dumps(body).encode()), PromptTooLong)


LIMIT = "max_tokens is too large: 5000. This model's maximum context length is 4096 tokens"


@pytest.mark.parametrize("param", ["max_tokens", None])
@pytest.mark.parametrize(
    ("said", "too_long"),
    [
        (f"{LIMIT}.", False),
        (f"{LIMIT} and your request has 300 input tokens.", True),
        (f"{LIMIT}, 300 of them in the messages.", True),
        ("max_tokens must be at least 1, got -186.", True),
    ],
)
def test_a_limit_of_the_answer(param: str | None, said: str, *, too_long: bool) -> None:
    error = refusal(400, json.dumps({"error": {"message": said, "param": param}}).encode())
    assert isinstance(error, PromptTooLong if too_long else Refused)


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        ({"detail": [fault("seed"), fault("temperature")]}, "seed", FORBIDDEN),
        ({"detail": [{"loc": ["body", 17], "msg": "no"}]}, None, "no"),
        ({"detail": [{"loc": "body", "msg": ["no"]}]}, None, ""),
        ({"detail": []}, None, ""),
        ({"error": {"message": {"detail": [fault("seed")]}}}, "seed", FORBIDDEN),
        ({"error": {"message": "no", "param": ["seed"]}}, None, "no"),
        ("no", None, "no"),
    ],
)
def test_what_is_told_of_an_error(body: object, param: str | None, message: str) -> None:
    made = told(json.dumps(body).encode())
    assert (made.get("param"), made.get("message", "")) == (param, message)


def test_what_is_told_by_a_body_of_many_layers() -> None:
    for layer in (b'{"error":', b'{"message":', b"["):
        close = b"]" if layer == b"[" else b"}"
        for deep in (9, 900, 90_000):
            assert isinstance(refusal(400, layer * deep + b"1" + close * deep), Refused)


@pytest.mark.parametrize("schema", [True, False])
async def test_what_is_refused_is_given_up_whatever_the_question_says(
    stub: Stub, catalogue: ToyCatalogue, *, schema: bool
) -> None:
    stub.schema, stub.refuses = schema, frozenset() if not schema else frozenset({"temperature"})
    stub.quotes = True
    async with stub.serving() as url, openai(url, catalogue, labels=20) as desk:
        made = await Desk(desk.engine, catalogue).ask(shown=20, text=ASKED) if schema else None
        stub.say = '{"numbers": [3, 1]}'
        plain = await desk.ask(2, shown=20, text=ASKED)
    assert made is None or len(made.rows) == 5
    assert len(plain.rows) == 2
    assert ("response_format" in stub.asked[-1]) == schema
    assert ("temperature" in stub.asked[-1]) != schema
