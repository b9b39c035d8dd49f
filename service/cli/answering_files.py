"""`listwright answer --file`: every question of a file, side by side, resumable."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from service.api.answered import QuestionAnswer
from service.cli.answer_file import AnswerFile
from service.cli.answering import request_of
from service.cli.console import err, out, tell
from service.cli.progress import Report, progress
from service.cli.question_file import Line, body_of, lines_of
from service.errors import ListwrightError
from service.pipeline.answer import answer
from service.pipeline.answerer import Answerer
from service.settings import Settings
from service.wiring_answer import opened_answerer


def answer_file(
    settings: Settings, file: Path, answers: Path, wish: Mapping[str, object], concurrent: int
) -> int:
    """Answer what has no answer yet; how many questions have none by the settings of now."""
    # What is asked of all lines is checked before any of them.
    request_of(settings, {**wish, "question": "?"})
    lines = lines_of(file, wish, settings)
    with AnswerFile(answers, lines) as kept, progress(err()) as report:
        open_lines = [line for line in lines if not kept.has(line)]
        run = _Run(settings, wish, kept, report, total=len(lines), open_lines=open_lines)
        if open_lines:
            asyncio.run(run.all(min(concurrent, _places(settings))))
        account = kept.account()
    earlier = len(lines) - len(open_lines)
    before = f", {earlier} of them before" if earlier else ""
    answered = f"{len(lines) - account.nothing} of {len(lines)} questions have an answer"
    out().print(f"{answered}{before}: {answers}", markup=False)
    if account.degraded:
        tell(
            f"{account.degraded} of {len(lines)} answers are degraded",
            hint="Why stands in their lines. The same command asks for them again.",
        )
    if run.in_vain:
        tell(
            f"{run.in_vain} of {len(lines)} questions had a better answer before, which was kept",
            hint=f"The last of the new ones had this to say: {run.why}",
        )
    if account.older:
        tell(
            f"{account.older} of {len(lines)} answers were made with other settings",
            hint="The same command tries again; with another --out no earlier ones are kept.",
        )
    if account.nothing:
        tell(
            f"{account.nothing} of {len(lines)} questions got no answer",
            hint="Why stands in their lines. The same command tries them again.",
        )
    return account.nothing + account.older


def _places(settings: Settings) -> int:
    """How many questions may be under way before the engine or the sidecar is busy."""
    engine, sidecar = settings.engine, settings.sidecar
    several = engine.workers if engine.kind == "embedded" else engine.concurrent
    places = several + engine.queue
    return min(places, sidecar.concurrent + sidecar.queue) if sidecar.url else places


class _Run:
    """The questions that are open, and what becomes of them."""

    def __init__(  # noqa: PLR0913 - what a run is made of
        self,
        settings: Settings,
        wish: Mapping[str, object],
        kept: AnswerFile,
        report: Report,
        *,
        total: int,
        open_lines: list[Line],
    ) -> None:
        self._settings, self._wish, self._kept, self._report = settings, wish, kept, report
        self._total, self._done = total, total - len(open_lines)
        self._open = open_lines
        self.in_vain = 0
        self.why = ""

    async def all(self, concurrent: int) -> None:
        """Answer all of them, so many at a time."""
        self._report("answering", self._done, self._total)
        try:
            async with opened_answerer(self._settings) as parts, asyncio.TaskGroup() as workers:
                # One iterator for all workers: each takes the next line that nobody has taken.
                lines = iter(self._open)
                for _ in range(min(concurrent, len(self._open))):
                    workers.create_task(self._some(parts, lines))
        except ExceptionGroup as several:
            # A file that can no longer be written fails all workers alike.
            raise several.exceptions[0] from several

    async def _some(self, parts: Answerer, lines: Iterator[Line]) -> None:
        for line in lines:
            entry = await self._entry(parts, line)
            if not self._kept.add(entry):
                self.in_vain += 1
                error = entry.get("error")
                self.why = error["message"] if error else entry["answer"]["why"]
            self._done += 1
            self._report("answering", self._done, self._total)

    async def _entry(self, parts: Answerer, line: Line) -> dict[str, Any]:
        """The line that answers a line, or says why it has no answer; the run goes on."""
        entry: dict[str, Any] = line.told()
        try:
            body, named = body_of(line, self._wish)
            entry |= {} if named is None else {"id": named}
            made = await answer(parts, request_of(self._settings, body), f"line-{line.number}")
        except ListwrightError as error:
            told = {"code": error.code, "message": error.message, "hint": error.hint}
            return entry | {"error": told}
        except Exception as error:  # noqa: BLE001 - one question must not cost the others theirs
            return entry | {"error": {"code": "internal", "message": repr(error), "hint": ""}}
        return entry | {"answer": QuestionAnswer.of(made).model_dump(mode="json")}
