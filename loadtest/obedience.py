"""Do lists obey? Real users, random controls, the figures of the controllable-recommendation paper.

    python -m loadtest.obedience --data FOLDER_OR_ITEMS [--events FILE] [--users 200]

Builds a catalogue, asks for a list for each user with controls drawn at random from the
catalogue's own categories, and judges every list with the validator against the source item table.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from loadtest.report import table
from service.catalog.artifact import LoadedCatalogue
from service.domain import Controls, Intent, Op, RecommendRequest, Share, Strategy, User
from service.errors import ConflictingControls
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.pipeline.validate import judge
from service.settings import Settings, load_settings
from service.wiring import build_catalogue, opened


@dataclass
class Tally:
    """What the lists of one strategy turned out to hold."""

    lists: int = 0
    infeasible: int = 0
    items: int = 0
    controls: int = 0
    seconds: list[float] = field(default_factory=list)
    broken: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    degraded: int = 0
    paths: Counter[str] = field(default_factory=Counter)

    def row(self, name: str) -> list[str]:
        """One line of the table, in the paper's words."""
        broken = self.broken
        counted = 100 * (1 - broken["count"] / max(1, self.lists))
        per_item = {kind: 100 * broken[kind] / max(1, self.items) for kind in broken}
        obeyed = 100 * (1 - broken["control"] / max(1, self.controls))
        middle = sorted(self.seconds)[len(self.seconds) // 2] if self.seconds else 0.0
        return [
            name,
            f"{self.lists}",
            f"{self.infeasible}",
            f"{counted:.1f}",
            f"{per_item.get('repeat', 0):.2f}",
            f"{per_item.get('nonexistent', 0):.2f}",
            f"{per_item.get('in_history', 0):.2f}",
            f"{obeyed:.1f} of {self.controls}",
            f"{self.repaired}",
            f"{self.degraded}",
            f"{middle:.2f}",
            " ".join(f"{path}:{count}" for path, count in self.paths.items()),
        ]


HEADER = [
    "strategy",
    "lists",
    "conflict",
    "CorrectCount %",
    "RepeatItem %",
    "NonExist %",
    "InHistory %",
    "controls met %",
    "repaired",
    "degraded",
    "s/list",
    "paths",
]


def random_controls(dice: random.Random, categories: list[str]) -> Controls:
    """Up to one include list, one exclude and two shares: what a merchandiser might set."""
    picked = dice.sample(categories, min(len(categories), 5))
    include = tuple(picked[:2]) if dice.random() < 0.3 else ()
    exclude = tuple(picked[2:3]) if dice.random() < 0.4 else ()
    shares = tuple(
        Share(category, dice.choice(list(Op)), dice.choice([0.1, 0.2, 0.3, 0.5]))
        for category in picked[3 : 3 + dice.choice([0, 1, 1, 2])]
    )
    return Controls(include, exclude, shares)


async def ask(
    parts: Recommender, request: RecommendRequest, history: tuple[str, ...], tally: Tally
) -> None:
    """One list, judged."""
    began = time.perf_counter()
    try:
        answer = await recommend(parts, request, "bench")
    except ConflictingControls:
        tally.infeasible += 1
        return
    tally.seconds.append(time.perf_counter() - began)
    items = [line.item for line in answer.items]
    verdict = judge(items, request.k, frozenset(history), request.intent.controls)
    tally.lists += 1
    tally.items += len(items)
    tally.controls += len(verdict.controls)
    tally.broken.update(verdict.violations)
    tally.repaired += answer.receipt.repaired
    tally.degraded += answer.receipt.degraded
    tally.paths[answer.receipt.path] += 1


async def run(settings: Settings, users: int, k: int, seed: int) -> dict[str, Tally]:
    """The same users and controls for each strategy."""
    tallies = {strategy.value: Tally() for strategy in (Strategy.GENERATE, Strategy.RETRIEVE)}
    async with opened(settings) as parts:
        catalogue: LoadedCatalogue = parts.catalogue
        for name, tally in tallies.items():
            dice = random.Random(seed)
            for user in parts.store.users(users):
                history = await parts.store.history(User(user))
                request = RecommendRequest(
                    k=k,
                    history=history,
                    intent=Intent(controls=random_controls(dice, list(catalogue.categories))),
                    strategy=Strategy(name),
                )
                await ask(parts.recommender, request, history, tally)
    return tallies


def main() -> None:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--events", type=Path)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        built = build_catalogue(options.data, options.events, Path(folder), load_settings())
        print(f"built {built} in {time.perf_counter() - began:.1f} s")
        settings = load_settings({"catalogue": {"path": Path(folder)}})
        tallies = asyncio.run(run(settings, options.users, options.k, options.seed))
    table(HEADER, [tally.row(name) for name, tally in tallies.items()])
    sys.exit(any(tally.broken for tally in tallies.values()))


if __name__ == "__main__":
    main()
