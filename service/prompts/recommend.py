"""What an engine is asked for a list of titles: one constant instruction, the task, the data.

Plain next-item lists, lists within or without categories, lists with shares and item search are
one prompt with more or fewer lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.domain import Intent, Prompt
from service.prompts.role import edition, system
from service.prompts.wishes import notes, task, wishes

VERSION: Final = "recommend/2"

# The same for every user and task: engines keep what they computed for it.
DUTY: Final = (
    "Answer with titles only, one per line, numbered 1. 2. 3., never the same item twice,"
    " nothing from the history."
)


def recommend_prompt(
    history: Sequence[str], intent: Intent, k: int, role: str | None = None, *, thought: str = ""
) -> Prompt:
    """Ask for k items, given the titles of the history (oldest first) and the intent."""
    user = "\n".join([task(intent, k), *wishes(history, intent), *notes(thought)])
    return Prompt(version=edition(VERSION, role), system=system(role, DUTY), user=user)
