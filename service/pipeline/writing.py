"""Answers in free words, kept within their limit, or taken back to what their source says."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import replace
from typing import Final

from service.errors import EngineFailed
from service.pipeline.answerer import Answerer
from service.pipeline.fitting import fitting
from service.pipeline.inquiry import IN_TIME, Inquiry, Made
from service.ports import Engine, Page, Written
from service.prompts.answer import answer_prompt
from service.questions.text.spans import apart
from service.questions.text.words import count, enough, trimmed

TOKENS_A_WORD: Final = 8
"""More than words come to in any script: the words are counted as they come."""

TOKENS_AROUND: Final = 32

_BETWEEN: Final = re.compile(r"[,;]")
"""What stands between the entries of a list in free words, if not a new line."""

_AROUND: Final = " \t\"'.-*"
_NUMBER: Final = re.compile(r"\d{1,3}[.)]\s+")
"""What stands around them, and before them if they are numbered."""


async def written(parts: Answerer, inquiry: Inquiry) -> Made:
    """An answer within its limit of words, ended at a sentence; EngineError if there is none."""
    if parts.engine is None:
        raise EngineFailed("no engine is configured, and nothing else can write")
    said, version = await _said(parts, parts.engine, inquiry)
    most = inquiry.case.question.max_words
    text = trimmed(said.text, most, broken_off=said.stopped is not None)
    if not count(text):
        raise EngineFailed("the engine wrote nothing that can be read")
    return replace(_made(parts.engine, said, version), text=text)


async def quoted(parts: Answerer, engine: Engine, inquiry: Inquiry) -> Made:
    """Spans of the source that a server which nothing steers names in free words."""
    said, version = await _said(parts, engine, inquiry, quotes=True)
    found = _quotations(said.text, inquiry.case.candidates, inquiry.case.question.choose)
    if not found:
        raise EngineFailed("the engine named nothing that occurs in the text")
    return replace(_made(engine, said, version), places=found)


def _quotations(text: str, candidates: tuple[str, ...], most: int) -> tuple[int, ...]:
    """The places of the candidates that a text lists, in order, none of them within another."""
    place = {candidate.casefold(): at for at, candidate in reversed([*enumerate(candidates)])}
    named = [place[entry] for entry in _entries(text, place)]
    kept = apart(candidates[at] for at in dict.fromkeys(named))
    return tuple(place[span.casefold()] for span in kept[:most])


def _entries(text: str, known: Container[str]) -> Iterator[str]:
    """What is known, line by line; of a line that is not, what stands between its commas."""
    for line in text.casefold().split("\n"):
        bare = _NUMBER.sub("", line, count=1)
        entry = next((e for e in (line.strip(_AROUND), bare.strip(_AROUND)) if e in known), None)
        pieces = [entry] if entry else _BETWEEN.split(bare)
        yield from (piece for piece in (p.strip(_AROUND) for p in pieces) if piece in known)


def _made(engine: Engine, said: Written, version: str) -> Made:
    """How it came about, without what was said."""
    return Made(
        why=f"{IN_TIME}; {said.stopped}" if said.stopped else IN_TIME,
        degraded=said.stopped is not None,
        model=engine.model,
        prompt=version,
    )


async def _said(
    parts: Answerer, engine: Engine, inquiry: Inquiry, *, quotes: bool = False
) -> tuple[Written, str]:
    async def ask(share: float) -> tuple[Written, str]:
        page = _page(inquiry, share, quotes=quotes)
        inquiry.asked.prompt = page.prompt
        said = await engine.write(page)
        parts.observer.decoded(said, engine.model)
        return said, page.prompt.version

    return await fitting(ask)


def _page(inquiry: Inquiry, share: float, *, quotes: bool) -> Page:
    case = inquiry.case
    most = case.question.max_words
    return Page(
        prompt=answer_prompt(
            case.question,
            inquiry.gathered.seen,
            without=case.request.without,
            # Its last line, which tells the speller that this was all, is not asked for.
            numbers=quotes,
            share=share,
        ),
        tokens=TOKENS_AROUND + TOKENS_A_WORD * most,
        deadline=inquiry.deadline,
        sampling=case.request.sampling,
        enough=lambda text: enough(text, most),
    )
