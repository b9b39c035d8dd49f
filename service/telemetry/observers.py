"""Observers beside the metrics: one that logs, and one that tells several."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from service.ports import AnswerMade, Decoding, ListMade, Looked, Observer, Weighed, Written

LOG: Final = logging.getLogger("listwright.made")


@dataclass(frozen=True, slots=True)
class Observers:
    """Tells each of several observers."""

    observers: tuple[Observer, ...]

    def stage(self, name: str, seconds: float) -> None:
        """A stage of the pipeline took this long."""
        for observer in self.observers:
            observer.stage(name, seconds)

    def listed(self, made: ListMade) -> None:
        """A list was made, and goes out."""
        for observer in self.observers:
            observer.listed(made)

    def answered(self, made: AnswerMade) -> None:
        """A question was answered, and the answer goes out."""
        for observer in self.observers:
            observer.answered(made)

    def withheld(self, made: ListMade | AnswerMade) -> None:
        """It was made, broke the promise, and goes no further."""
        for observer in self.observers:
            observer.withheld(made)

    def decoded(self, decoding: Decoding | Written | Weighed, model: str) -> None:
        """A model decoded a list or a text, or weighed candidates."""
        for observer in self.observers:
            observer.decoded(decoding, model)

    def left_out(self, part: str, error: Exception) -> None:
        """A part was late or failed, and was done without."""
        for observer in self.observers:
            observer.left_out(part, error)

    def looked_up(self, cache: str, outcome: Looked) -> None:
        """Something was looked for in a cache."""
        for observer in self.observers:
            observer.looked_up(cache, outcome)


class LogObserver:
    """Logs what an operator should look into; what goes well is in the request's own line."""

    def stage(self, name: str, seconds: float) -> None:
        """Nothing to look into."""

    def listed(self, made: ListMade) -> None:
        """Violations in a draft: an engine that does not do what it should."""
        _tell_of_draft(made, made.drafted.violations)

    def answered(self, made: AnswerMade) -> None:
        """The same of an answer."""
        _tell_of_draft(made, made.drafted)

    def withheld(self, made: ListMade | AnswerMade) -> None:
        """A promise was broken: no draft's fault, since drafts are mended."""
        fields = _facts(made) | {"violations": dict(made.violations)}
        LOG.error("withheld", extra={"fields": fields})

    def decoded(self, decoding: Decoding | Written | Weighed, model: str) -> None:
        """Nothing to look into."""

    def left_out(self, part: str, error: Exception) -> None:
        """A part was late or failed; its message may quote the user, so only its class is told."""
        fields = {"part": part, "error": type(error).__name__}
        LOG.warning("left out", extra={"fields": fields})

    def looked_up(self, cache: str, outcome: Looked) -> None:
        """Nothing to look into: a cache that failed was left out, and is told as such."""


def _tell_of_draft(made: ListMade | AnswerMade, violations: Mapping[str, int]) -> None:
    if violations:
        LOG.warning("violations", extra={"fields": _facts(made) | {"violations": dict(violations)}})


def _facts(made: ListMade | AnswerMade) -> dict[str, object]:
    facts: dict[str, object] = {"path": made.path.value}
    return facts | {"type": made.task.value} if isinstance(made, AnswerMade) else facts
