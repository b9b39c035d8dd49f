"""What an engine is asked that cannot be steered: to choose among numbered candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.domain import Intent, Prompt
from service.prompts.fence import fenced
from service.prompts.wishes import ROLE, RULE_OF_DATA, shown_titles, task, wishes

VERSION: Final = "choose/1"

SYSTEM: Final = (
    f"{ROLE} Choose among the numbered candidates only. Answer with JSON alone:"
    ' {"numbers": [...]}, their numbers, the best first, none twice.'
    f" {RULE_OF_DATA}"
)


def choose_prompt(
    history: Sequence[str], intent: Intent, k: int, candidates: Sequence[str]
) -> Prompt:
    """Ask for k of the candidates, which are numbered from 1 in the order given."""
    numbered = [f"{n}. {title}" for n, title in enumerate(shown_titles(candidates), start=1)]
    parts = [task(intent, k), *wishes(history, intent), "Candidates:\n" + fenced(numbered)]
    return Prompt(version=VERSION, system=SYSTEM, user="\n".join(parts))
