"""Rankers out of what users met: of a data set that was cut by time, or of a built catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from models.data.served import Served, last_left_out
from models.data.split import Case, Split, sampled
from models.sasrec.checkpoint import Checkpoint
from models.sasrec.config import Config
from models.sasrec.export import Use, publish_trained, tuning_before
from models.sasrec.lessons import lessons
from models.sasrec.telling import Telling, silently
from models.sasrec.training import train
from service.retrieval.ranker_facts import ELSEWHERE
from service.steering.arrays import IntArray


def ranker_of(
    split: Split,
    root: Path,
    config: Config,
    telling: Telling = silently,
    *,
    catalogue: str = "none",
) -> Path:
    """Publish a ranker that saw nothing of the test, into a folder; that of its version.

    `catalogue` names the version of the one it will serve.
    """
    cases = sampled(split.validation, config.cases, config.seed)
    taught = split.train, cases
    how = (root, config, telling)
    return _published(taught, split.dataset.ids, lambda: Use(catalogue, ELSEWHERE), how)


def ranker_for(served: Served, root: Path, config: Config, telling: Telling = silently) -> Path:
    """Publish a ranker trained on the histories of a catalogue; the folder of its version.

    It goes on with the tuning of the one before: a service that takes it up at once is tuned.
    """
    taught = last_left_out(served.sequences, config.cases, config.seed)

    def use() -> Use:
        return Use(served.version, tuning=tuning_before(root))

    return _published(taught, served.ids, use, (root, config, telling))


def _published(
    taught: tuple[Sequence[IntArray], Sequence[Case]],
    ids: Sequence[str],
    use: Callable[[], Use],
    how: tuple[Path, Config, Telling],
) -> Path:
    root, config, telling = how
    lesson = lessons(*taught, len(ids))
    checkpoint = Checkpoint.of(root, lesson.sequences, lesson.cases, config)
    trained = train(lesson.sequences, lesson.cases, len(lesson.items), config, telling, checkpoint)
    # Asked for now: the one before may have been tuned while this one was trained.
    folder = publish_trained(root, trained, [ids[n] for n in lesson.items.tolist()], use())
    checkpoint.done()
    return folder
