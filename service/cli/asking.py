"""`listwright recommend`: one list in the terminal, by the pipeline the server uses."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping
from typing import Any, Final

import typer

from service.api.lists import RecommendAnswer
from service.api.parsing import parse
from service.api.schemas import recommend_body
from service.cli.console import out
from service.cli.serving import bounds_of
from service.cli.show import show_answer
from service.pipeline.recommend import recommend
from service.settings import Settings
from service.wiring import opened

SHARE: Final = re.compile(
    r"\s*(?P<category>.+?)\s*(?P<op><=|>=|~)\s*(?P<part>[0-9.]+)\s*(?P<per>%?)\s*"
)


def share(text: str) -> dict[str, object]:
    """`Toys<=0.3` or `Toys ~ 30%` as the API takes it."""
    if found := SHARE.fullmatch(text):
        try:
            part = float(found["part"]) / (100 if found["per"] else 1)
        except ValueError:
            pass  # two decimal points
        else:
            return {"category": found["category"], "op": found["op"], "share": part}
    raise typer.BadParameter(f"{text!r} is not like 'Toys<=0.3', 'Toys>=0.3' or 'Toys~30%'")


def ask(settings: Settings, body: Mapping[str, Any], *, as_json: bool) -> None:
    """Make a list and print it."""
    bounds = bounds_of(settings)
    # The same schema as over HTTP, so the same bounds and the same words for what is wrong.
    asked = parse(json.dumps(body).encode(), recommend_body(bounds))
    question = asked.to_domain(bounds, settings.catalogue.tenant)

    async def made() -> tuple[RecommendAnswer, float]:
        async with opened(settings) as parts:
            began = time.perf_counter()
            answer = RecommendAnswer.of(await recommend(parts.recommender, question, "cli"))
            return answer, (time.perf_counter() - began) * 1e3

    answer, milliseconds = asyncio.run(made())
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        show_answer(out(), answer.model_dump(mode="json"), milliseconds)
