"""The step that blends two models: adapters are merged into their parents first.

A killed run keeps the parents it merged; the blend itself is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.llm.parent import Parent
from models.llm.tensors import weight_bytes
from models.merge.blend import refuse_unused, slerp
from models.merge.choices import SlerpChoices
from models.merge.distance import apart
from models.merge.fit import refuse_unlike
from models.steps.output import Recipe, made
from models.steps.telling import Moment, Telling
from models.steps.work import STATE
from service.errors import BadInput


def merge_slerp(
    one: Parent, other: Parent, choices: SlerpChoices, out: Path, telling: Telling
) -> Path:
    """Make the blend; BadInput, before any work, where the two cannot be blended."""
    refuse_unlike(one.standing, other.standing)
    refuse_unused(one.standing, choices)
    digests = {"one": one.digest, "other": other.digest}
    if digests["one"] == digests["other"]:
        raise BadInput(
            f"{one.folder} and {other.folder} are the same model.",
            hint="Name two that differ: any blend of these would be the model itself.",
        )

    def make(work: Path) -> Mapping[str, Any]:
        first = one.whole(work / STATE / "one", telling)
        second = other.whole(work / STATE / "other", telling)
        telling(Moment("blend", 0, 1))
        slerp(first, second, choices, work)
        telling(Moment("blend", 1, 1))
        return {
            "bytes": weight_bytes(work),
            "from_one": asdict(apart(work, first.folder, "compare with one", telling)),
            "from_other": asdict(apart(work, second.folder, "compare with other", telling)),
        }

    return made(out, Recipe("merge slerp", choices, digests), make)
