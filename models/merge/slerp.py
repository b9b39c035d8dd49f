"""The step that blends two models: adapters are merged into their parents first.

A killed run keeps the parents it merged; the blend itself is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.llm.adapters import parent_of
from models.llm.checkpoint import Checkpoint, checkpoint_in, is_adapter
from models.llm.tensors import weight_bytes
from models.merge.adapter import merge_adapter
from models.merge.apart import apart
from models.merge.blend import refuse_unused, slerp
from models.merge.choices import SlerpChoices
from models.merge.fit import refuse_unlike
from models.steps.digest import digest_of
from models.steps.output import STATE, Recipe, made
from models.steps.telling import Moment, Telling
from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class Parent:
    """A whole checkpoint, or an adapter and what it stands on."""

    folder: Path
    standing: Checkpoint
    """The whole checkpoint that it is, or stands on."""

    @classmethod
    def named(cls, folder: Path, base: Path | None = None) -> Parent:
        """What a folder holds; `base` where an adapter's own word for its parent is outdated."""
        standing = parent_of(folder, base) if is_adapter(folder) else checkpoint_in(folder)
        return cls(folder, standing)

    @property
    def digest(self) -> str:
        """The same for the same model."""
        own = digest_of(self.folder)
        return f"{own} on {digest_of(self.standing.folder)}" if is_adapter(self.folder) else own

    def whole(self, aside: Path) -> Checkpoint:
        """A checkpoint of it, made aside where there is none yet."""
        if not is_adapter(self.folder):
            return self.standing
        return checkpoint_in(merge_adapter(self.folder, self.standing.folder, aside))


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
        first = one.whole(work / STATE / "one")
        second = other.whole(work / STATE / "other")
        telling(Moment("blend", 0, 1))
        slerp(first, second, choices, work)
        telling(Moment("blend", 1, 1))
        return {
            "bytes": weight_bytes(work),
            "from_one": asdict(apart(work, first.folder, "compare with one", telling)),
            "from_other": asdict(apart(work, second.folder, "compare with other", telling)),
        }

    return made(out, Recipe("merge slerp", choices, digests), make)
