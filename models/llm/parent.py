"""What a model is made of: a whole checkpoint, or an adapter and the one that it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field

from models.llm.adapters import merged, parent_of, under
from models.llm.checkpoint import Checkpoint, checkpoint_in, is_adapter
from models.llm.loading import Precision, load_model, save_model
from models.llm.tensors import weight_bytes
from models.steps.config import Choices
from models.steps.digest import digest_of
from models.steps.output import Recipe, made
from models.steps.telling import Moment, Telling


class Merging(Choices):
    """How an adapter is merged."""

    precision: Precision = Field(default="bfloat16", description="Of the weights written.")


# Without slots: the digests are kept once they were counted.
@dataclass(frozen=True)
class Parent:
    """A model as people name it."""

    folder: Path
    standing: Checkpoint
    """The whole checkpoint that it is, or stands on."""

    @classmethod
    def named(cls, folder: Path, base: Path | None = None) -> Parent:
        """What a folder holds; `base` where an adapter's own word for its parent is outdated."""
        standing = parent_of(folder, base) if is_adapter(folder) else checkpoint_in(folder)
        return cls(folder, standing)

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """Of its parts; all of them is read, once. DamagedArtifact where one was altered."""
        if not is_adapter(self.folder):
            return {"model": digest_of(self.folder)}
        return {"adapter": digest_of(self.folder), "parent": digest_of(self.standing.folder)}

    @property
    def digest(self) -> str:
        """Equal for equal models."""
        return " on ".join(self.digests.values())

    def whole(self, aside: Path, telling: Telling, precision: Precision = "bfloat16") -> Checkpoint:
        """A checkpoint of it, made aside where there is none yet: an adapter is merged for that."""
        if not is_adapter(self.folder):
            return self.standing

        def make(work: Path) -> Mapping[str, Any]:
            telling(Moment("load the parent", 0, 1))
            model = load_model(self.standing, precision)
            telling(Moment("load the parent", 1, 1))
            telling(Moment("merge the adapter", 0, 1))
            whole = merged(under(model, self.folder), self.folder)
            telling(Moment("merge the adapter", 1, 1))
            telling(Moment("write", 0, 1))
            save_model(whole, self.standing, work)
            telling(Moment("write", 1, 1))
            return {"bytes": weight_bytes(work)}

        recipe = Recipe("merge adapter", Merging(precision=precision), self.digests)
        return checkpoint_in(made(aside, recipe, make))
