"""What an engine is asked that weighs candidates: for the mark of the one, which is a token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.domain import Intent, Prompt
from service.prompts.fence import fenced
from service.prompts.role import edition, system
from service.prompts.wishes import notes, shown_titles, wishes

VERSION: Final = "rank/2"

DUTY: Final = (
    "Of the marked candidates choose the one that the user would want next."
    " Answer with the mark before its title alone, without another word."
)


def rank_prompt(  # noqa: PLR0913 - what is known, and what there is to weigh
    history: Sequence[str],
    intent: Intent,
    marks: Sequence[str],
    candidates: Sequence[str],
    role: str | None = None,
    *,
    thought: str = "",
) -> Prompt:
    """Ask which candidate comes first; the marks are those of the candidates, in order."""
    marked = [
        f"{mark}. {title}" for mark, title in zip(marks, shown_titles(candidates), strict=True)
    ]
    parts = [*wishes(history, intent), *notes(thought), "Candidates:\n" + fenced(marked)]
    return Prompt(edition(VERSION, role), system(role, DUTY), "\n".join(parts))
