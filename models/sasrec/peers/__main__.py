"""`python -m models.sasrec.peers --data DIR`: our SASRec against RecTools', on the same cut.

Both learn from all users, and are tested on those with three meetings or more: the last one is the
test, the one before it says when to stop. All items are ranked, save those of the history.
`make compare-sasrec` installs RecTools apart.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from rich.table import Table

from models.data.dataset import read_dataset
from models.data.split import Split, leave_one_out
from models.evaluate.bootstrap import DRAWS, EDGES
from models.evaluate.bootstrap import SEED as BOOTSTRAP_SEED
from models.sasrec.batches import cut
from models.sasrec.config import Config
from models.sasrec.evaluate import gains, ranks
from models.sasrec.lessons import asked
from models.sasrec.rankers import ranker_of
from models.sasrec.telling import shown
from service.cli.console import err, errors_told, out
from service.errors import BadInput
from service.retrieval.ranker import load_ranker
from service.steering.arrays import FloatArray

K: Final = 10
PEER: Final = Path(__file__).with_name("rectools.py")

app = typer.Typer(add_completion=False, no_args_is_help=True)


class Size(StrEnum):
    """How large RecTools' net is made: as it comes, or as ours."""

    DEFAULT = "default"
    SAME = "same"


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What one of them came to: the gain of each test case, and where it stopped."""

    name: str
    gains: FloatArray
    validation: float
    epochs: int

    @property
    def hits(self) -> FloatArray:
        """Whether each case was a hit."""
        return (self.gains > 0).astype(np.float64)


@app.command()
def compare(
    data: Annotated[Path, typer.Option(help="A folder of MovieLens or RecBole files.")],
    *,
    peer_python: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help="The Python that RecTools is installed for."
        ),
    ],
    size: Annotated[list[Size], typer.Option(help="Repeat for both.")] = [Size.SAME],  # noqa: B006
    seconds: Annotated[float, typer.Option(min=1, help="The longest RecTools may train.")] = 1800,
    seed: Annotated[int, typer.Option(min=0)] = 1,
) -> None:
    """Train both, and say how good each is on the test."""
    with errors_told(), tempfile.TemporaryDirectory() as folder:
        split = leave_one_out(read_dataset(data))
        if not split.test:
            raise BadInput(f"{data}: nobody has met three items")
        mine = ours(split, Path(folder), seed)
        peers = [theirs(split, Path(folder), peer_python, one, (seconds, seed)) for one in size]
        out().print(_table(mine, peers))


def ours(split: Split, folder: Path, seed: int) -> Side:
    """The net that the service would read."""
    with shown(err()) as telling:
        ranker = load_ranker(ranker_of(split, folder, Config(seed=seed), telling))
    number = {item: n for n, item in enumerate(ranker.ids)}
    cases = asked(split.test, np.array([number.get(item, -1) for item in split.dataset.ids]))
    facts = ranker.facts
    return Side("Listwright", gains(ranks(ranker.net, cases), K), facts.ndcg, facts.best_epoch)


def theirs(split: Split, folder: Path, python: Path, size: Size, bounds: tuple[float, int]) -> Side:
    """RecTools' model, in a process of its own."""
    written, lists = folder / "split.npz", folder / f"{size}.json"
    _, seed = bounds
    write_split(split, written, Config().length if size is Size.SAME else None, seed)
    # Its own folder must not be looked in: there `rectools` is the script itself.
    command = [python, "-P", PEER, written, lists, size, *map(str, bounds)]
    done = subprocess.run(list(map(str, command)), check=False)  # noqa: S603 - as named
    if done.returncode or not lists.exists():
        raise BadInput(f"RecTools ({size}) came to no lists; it ended with {done.returncode}")
    found = json.loads(lists.read_text("utf-8"))
    places = [
        float(made.index(case.target)) if case.target in made else np.inf
        for made, case in zip(found["lists"], split.test, strict=True)
    ]
    name = "RecTools, same size" if size is Size.SAME else "RecTools as it comes"
    if found["cut_short"]:
        name += ", stopped by time"
    return Side(name, gains(np.array(places), K), found["ndcg"], found["epochs"])


def write_split(split: Split, path: Path, window: int | None, seed: int) -> None:
    """The sequences as the peer reads them: those of test users first, then what is learnt.

    Of a longer sequence than its window the peer would learn the end alone, and ours all of it, in
    pieces. So a peer of the same size is given pieces too, though the same ones all the time, where
    ours are cut elsewhere every epoch.
    """
    asked_about = [split.dataset.sequences[case.user] for case in split.test]
    learnt = [sequence for sequence in split.train if len(sequence)]
    if window is not None:
        learnt = cut(learnt, window, np.random.default_rng(seed))
    met = [*asked_about, *learnt]
    ends = np.cumsum([len(one) for one in met])
    np.savez(path, items=np.concatenate(met), ends=ends, tested=len(asked_about))


def _table(mine: Side, peers: Sequence[Side]) -> Table:
    users = len(mine.gains)
    table = Table(
        "", "epochs", "validation NDCG@10", "HR@10", "NDCG@10", "ours / theirs, NDCG@10",
        title=f"SASRec on {users} test users",
    )  # fmt: skip
    for side in (mine, *peers):
        ratio = "" if side is mine else _ratio(mine.gains, side.gains)
        figures = (side.validation, side.hits.mean(), side.gains.mean())
        table.add_row(side.name, str(side.epochs), *(f"{figure:.4f}" for figure in figures), ratio)
    return table


def _ratio(mine: FloatArray, other: FloatArray) -> str:
    """The ratio of two means, and its 95% interval over draws of users."""
    dice = np.random.default_rng(BOOTSTRAP_SEED)
    drawn = dice.integers(len(mine), size=(DRAWS, len(mine)))
    below = np.maximum(other[drawn].mean(axis=1), 1e-12)
    low, high = np.percentile(mine[drawn].mean(axis=1) / below, EDGES)
    return f"{mine.mean() / max(float(other.mean()), 1e-12):.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    app(prog_name="python -m models.sasrec.peers")
