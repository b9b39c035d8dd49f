"""From a trained net to a published ranker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from safetensors.numpy import save

from models.sasrec.training import Trained
from service.errors import DamagedArtifact
from service.retrieval.index import EXACT_ROWS, build_index, save_index
from service.retrieval.ranker import load_ranker
from service.retrieval.ranker_facts import (
    IDS_FILE,
    INDEX_FILE,
    LAST,
    TUNING_FILE,
    WEIGHTS_FILE,
    Facts,
    ids_digest,
)
from service.retrieval.ranker_publish import publish
from service.retrieval.tuning_file import write_tuning
from service.tuning import Tuning


@dataclass(frozen=True, slots=True)
class Use:
    """What a ranker is for: the version of a catalogue, what was held back, and how it is tuned."""

    catalogue: str
    held: str = LAST
    tuning: Tuning = field(default_factory=Tuning)


def publish_trained(root: Path, trained: Trained, ids: Sequence[str], use: Use) -> Path:
    """Make a trained net the current ranker; `ids` names its items."""
    return publish(root, lambda folder: write(folder, trained, ids, use))


def tuning_before(root: Path) -> Tuning:
    """The tuning of the current ranker; nothing where there is none that can be used.

    What SASRec says keeps its unit when it is trained anew, so this fits the next one better than
    no tuning does.
    """
    try:
        return load_ranker(root).tuning
    except DamagedArtifact:
        return Tuning()


def write(folder: Path, trained: Trained, ids: Sequence[str], use: Use) -> Facts:
    """The files of a ranker, and what they are."""
    # Not save_file: its files can be read by nobody but who trained.
    (folder / WEIGHTS_FILE).write_bytes(save(trained.tensors))
    (folder / IDS_FILE).write_text(json.dumps(list(ids)), encoding="utf-8")
    write_tuning(folder / TUNING_FILE, use.tuning)
    if len(ids) > EXACT_ROWS:
        save_index(build_index(trained.tensors["items"]), folder / INDEX_FILE)
    return Facts(
        catalogue=use.catalogue,
        ids_sha256=ids_digest(ids),
        shape=trained.shape,
        config=asdict(trained.config),
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
        losses=tuple(trained.losses),
        ndcg=trained.ndcg,
        hr=trained.hr,
        held=use.held,
    )
