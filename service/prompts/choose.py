"""What an engine is asked that cannot be steered: to choose among numbered candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.domain import Intent, Prompt
from service.prompts.fence import fenced
from service.prompts.role import edition, system
from service.prompts.wishes import notes, shown_titles, task, wishes

VERSION: Final = "choose/1"

DUTY: Final = (
    "Choose among the numbered candidates only. Answer with JSON alone:"
    ' {"numbers": [...]}, their numbers, the best first, none twice.'
)


def choose_prompt(  # noqa: PLR0913 - what is known, and what there is to choose
    history: Sequence[str],
    intent: Intent,
    k: int,
    candidates: Sequence[str],
    role: str | None = None,
    *,
    thought: str = "",
) -> Prompt:
    """Ask for k of the candidates, which are numbered from 1 in the order given."""
    numbered = [f"{n}. {title}" for n, title in enumerate(shown_titles(candidates), start=1)]
    known = [*wishes(history, intent), *notes(thought)]
    parts = [task(intent, k), *known, "Candidates:\n" + fenced(numbered)]
    return Prompt(edition(VERSION, role), system(role, DUTY), "\n".join(parts))
