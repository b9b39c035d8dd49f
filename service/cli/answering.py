"""`listwright answer QUESTION`: one answer in the terminal, by the pipeline the server uses."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping

import typer

from service.api.answered import QuestionAnswer
from service.api.parsing import parse
from service.api.question_schema import answer_body
from service.cli.console import out
from service.cli.serving import bounds_of
from service.cli.show_answered import show_answered
from service.pipeline.answer import answer
from service.question import AnswerRequest
from service.settings import Settings
from service.wiring_answer import opened_answerer

REQUEST_ID = "cli"


def request_of(settings: Settings, body: Mapping[str, object]) -> AnswerRequest:
    """A request as over HTTP: the same bounds, and the same words for what is wrong."""
    bounds = bounds_of(settings)
    return parse(json.dumps(body).encode(), answer_body(bounds)).to_domain(bounds)


def answer_one(
    settings: Settings, question: str, wish: Mapping[str, object], *, as_json: bool
) -> None:
    """Answer a question and print the answer; `-` is stdin."""
    if question == "-":
        question = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    request = request_of(settings, {**wish, "question": question})

    async def made() -> QuestionAnswer:
        async with opened_answerer(settings) as parts:
            return QuestionAnswer.of(await answer(parts, request, REQUEST_ID))

    answered = asyncio.run(made())
    if as_json:
        typer.echo(answered.model_dump_json(indent=2))
    else:
        show_answered(out(), answered)
