"""What an answer takes, stage by stage, with and without what small models add to its prompt.

    python -m loadtest.bench_answer [--file QUESTIONS.jsonl] [--engine KIND] [--engine-url URL]

The same questions by the pipeline that the service uses, 1 and 8 at a time: without supplements;
with both, made on the spot; and with both remembered. Who asks again meets a prompt that the engine
may have kept, with supplements or without. What remembered supplements cost by themselves is told
by an engine that keeps none of these prompts, against one that meets the plain ones first.

An engine in the process is opened anew for that, to keep nothing. Of vLLM another tenant asks each
time, for whom it has nothing yet. Of another server no one can say what it keeps: that road is left
out. The thought is the engine's own unless a sidecar is configured (LISTWRIGHT_SIDECAR__URL).
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from loadtest.questions import OWN
from loadtest.report import table
from models.evaluate.questions import read_questions
from service.domain import Cot
from service.pipeline.answer import answer
from service.pipeline.answerer import Answerer
from service.question import Answered, AnswerRequest
from service.settings import Settings, load_settings
from service.wiring_answer import opened_answerer

SIDE_BY_SIDE = (1, 8)
STAGES = ("read", "supplements", "answer", "validate", "total")
DEADLINE_MS = 120_000

FIRST: Final = "no supplements, first time"
AGAIN: Final = "no supplements, again"
MADE: Final = "both, made on the spot"
REMEMBERED: Final = "both, remembered"
FRESH: Final = "both, remembered, prompt not"

RATIOS: Final = ((FRESH, FIRST), (REMEMBERED, FIRST), (REMEMBERED, AGAIN))

_WARM_UP = "Which is warm?\n1. coat\n2. sieve\nAnswer:"


@dataclass(frozen=True, slots=True)
class Gone:
    """What came of it: an answer each, the seconds of all, and how many at a time."""

    road: str
    at_once: int
    answers: tuple[Answered, ...]
    seconds: float

    @property
    def totals(self) -> list[float]:
        """Milliseconds of each answer."""
        return [answer.timings["total"] for answer in self.answers]

    @property
    def median(self) -> float:
        """Milliseconds of the middle one."""
        return statistics.median(self.totals)

    def row(self) -> list[str]:
        """The medians of the stages, and how it spreads."""
        stages = [statistics.median(a.timings[stage] for a in self.answers) for stage in STAGES]
        late = sorted(self.totals)[-2:][0]
        used = sum(s.used for a in self.answers for s in a.supplements)
        return [
            self.road,
            *(f"{stage:.1f}" for stage in stages),
            f"{late:.1f}",
            f"{len(self.answers) / self.seconds:.2f}",
            str(used),
        ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", type=Path, help="questions, a line of JSON each; else a few own")
    parser.add_argument("--engine", default="embedded")
    parser.add_argument("--engine-url")
    parser.add_argument("--limit", type=int, default=12)
    given = parser.parse_args()
    texts = [one.question for one in read_questions(given.file)] if given.file else list(OWN)
    engine = {"kind": given.engine} | ({"url": given.engine_url} if given.engine_url else {})
    asyncio.run(_measure(texts[: given.limit], engine))


async def _measure(texts: Sequence[str], engine: dict[str, str]) -> None:
    bare = [AnswerRequest(t, cot=Cot.OFF, similar=0, prior_weight=0.0) for t in texts]
    for at_once in SIDE_BY_SIDE:
        # Opened anew: nothing is remembered from the round before.
        async with opened_answerer(_settings(engine)) as parts:
            thinks = Cot.SIDECAR if parts.sidecar else Cot.SELF
            plain, rich = _patient(bare), _patient([AnswerRequest(t, cot=thinks) for t in texts])
            await _warm(parts, thinks)
            gone = [
                await _go(parts, plain, at_once, FIRST),
                await _go(parts, plain, at_once, AGAIN),
                await _go(parts, rich, at_once, MADE),
                await _go(parts, rich, at_once, REMEMBERED),
            ]
        if engine["kind"] != "openai":
            async with opened_answerer(_settings(engine, kept=0)) as anew:
                await _warm(anew, thinks)
                knowing = replace(anew, cache=parts.cache)
                gone.append(await _go(knowing, rich, at_once, FRESH))
        _print(gone, at_once)


def _settings(engine: dict[str, str], **more: Any) -> Settings:
    tenant = {"tenant": secrets.token_hex()} if engine["kind"] == "vllm" else {}
    return load_settings({"engine": {**engine, **tenant, **more}})


async def _warm(parts: Answerer, thinks: Cot) -> None:
    """What is read first otherwise pays for the prompts' constant beginnings."""
    await _go(parts, _patient([AnswerRequest(_WARM_UP, cot=thinks)]), 1, "")


def _patient(requests: Sequence[AnswerRequest]) -> tuple[AnswerRequest, ...]:
    return tuple(replace(request, deadline_ms=DEADLINE_MS) for request in requests)


async def _go(parts: Answerer, requests: Sequence[AnswerRequest], at_once: int, name: str) -> Gone:
    places = asyncio.Semaphore(at_once)

    async def one(request: AnswerRequest) -> Answered:
        async with places:
            return await answer(parts, request, "bench")

    began = time.perf_counter()
    answers = await asyncio.gather(*map(one, requests))
    return Gone(name, at_once, tuple(answers), time.perf_counter() - began)


def _print(gone: Sequence[Gone], at_once: int) -> None:
    header = ("ms, median", *STAGES, "slowest but one", "answers/s", "supplements used")
    table(header, [one.row() for one in gone], title=f"{at_once} at a time")
    medians = {one.road: one.median for one in gone}
    for road, base in RATIOS:
        if road in medians:
            print(f"({road}) : ({base}): {medians[road] / medians[base]:.2f}")


if __name__ == "__main__":
    main()
