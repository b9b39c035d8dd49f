"""How often do controls hold where what may be spelled is masked, and nobody plans ahead?

    python -m loadtest.bench_mask [--catalogue DIR] [--users 200]

Each user of the demo shop asks for ten with one to four random shares, and with an include or an
exclude now and then, all of which some list can meet. The list is made under masks that know more
and more of this: from existing titles alone to the plan. No mask allows what is in the history or
in the list already. The model is told all controls whatever the mask, and has no prior; the
prior's lists are those of `retrieve`, asked for what the mask knows. The validator counts.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from loadtest.obedience import random_controls
from loadtest.report import table
from service.cli.demo import shop
from service.domain import Controls, Intent, Item, Op, RecommendRequest, Share, Strategy, User
from service.pipeline.clock import Deadline
from service.pipeline.recommend import recommend
from service.pipeline.validate import judge
from service.ports import Engine, Job
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import HISTORY_SHOWN
from service.settings import Settings, load_settings
from service.steering.assignment import Assignment
from service.steering.plan import Plan, Stock, compile_plan
from service.steering.quotas import MAX_SHARES
from service.wiring import Parts, opened

K: Final = 10
SHARES: Final = (0.1, 0.2, 0.3, 0.5)
SECONDS: Final = 300.0
"""No list of a benchmark is cut short."""


def _capped(controls: Controls) -> Controls:
    """Upper bounds alone: a category is closed once it has all it may have.

    They are planned like all others, so this mask is better than one that merely closes.
    """
    most = [
        Share(share.category, Op.AT_MOST, share.share)
        for share in controls.shares
        if share.op is not Op.AT_LEAST
    ]
    return Controls(controls.include, controls.exclude, tuple(most))


MASKS: Final[Mapping[str, Callable[[Controls], Controls]]] = {
    "existing titles": lambda _: Controls(),
    "and include, exclude": lambda controls: Controls(controls.include, controls.exclude),
    "and a category closed at its bound": _capped,
    "the plan": lambda controls: controls,
}
"""What each mask knows of a request's controls."""


@dataclass(frozen=True)
class Case:
    """What one user asks for."""

    history: tuple[str, ...]
    controls: Controls


@dataclass
class Tally:
    """What became of the controls in the lists of one maker under one mask."""

    lists: Counter[int] = field(default_factory=Counter)
    """By the number of shares that were asked for."""
    whole: Counter[int] = field(default_factory=Counter)
    """Those in which every control holds."""
    shares: Counter[Op] = field(default_factory=Counter)
    held: Counter[Op] = field(default_factory=Counter)

    def add(self, items: list[Item], case: Case) -> None:
        """Judge a list against all that was asked for."""
        verdict = judge(items, K, frozenset(case.history), case.controls)
        count = len(case.controls.shares)
        self.lists[count] += 1
        self.whole[count] += not verdict.violations
        for outcome in verdict.controls:
            if outcome.op is not None:
                self.shares[outcome.op] += 1
                self.held[outcome.op] += outcome.holds

    def row(self, name: str) -> list[str]:
        """One line of the table, in per cent."""
        by_count = (_percent(self.whole[n], self.lists[n]) for n in range(1, MAX_SHARES + 1))
        by_op = (_percent(self.held[op], self.shares[op]) for op in Op)
        return [name, _percent(self.whole.total(), self.lists.total()), *by_count, *by_op]


HEADER: Final = [
    "% of lists in which all holds",
    "all",
    *(f"shares: {count}" for count in range(1, MAX_SHARES + 1)),
    *(f"{op.value} held" for op in Op),
]


def _percent(part: int, of: int) -> str:
    return f"{100 * part / of:.1f}" if of else "-"


@dataclass(frozen=True)
class Bench:
    """A served catalogue, and an engine that is asked outside the pipeline."""

    parts: Parts

    @property
    def _engine(self) -> Engine:
        engine = self.parts.recommender.engine
        assert engine is not None  # noqa: S101 - the settings of a bench name one
        return engine

    async def cases(self, users: int, seed: int) -> list[Case]:
        """The users in turn with one, two, three and four shares, drawn until a list can obey."""
        dice = random.Random(seed)
        found = []
        for number, user in enumerate(self.parts.store.users(users)):
            history = await self.parts.store.history(User(user))
            drawn = self._drawn(dice, 1 + number % MAX_SHARES)
            fitting = next(each for each in drawn if self._plan(history, each).feasible)
            found.append(Case(history, fitting))
        return found

    def _drawn(self, dice: random.Random, shares: int) -> Iterator[Controls]:
        categories = list(self.parts.catalogue.categories)
        while True:
            drawn = random_controls(dice, categories)
            others = [each for each in categories if each not in drawn.include + drawn.exclude]
            bounds = [
                Share(category, dice.choice(list(Op)), dice.choice(SHARES))
                for category in dice.sample(others, shares)
            ]
            yield Controls(drawn.include, drawn.exclude, tuple(bounds))

    async def by_model(self, case: Case, known: Controls) -> list[Item]:
        """A list that the model spells, told all and held to what the mask knows."""
        catalogue = self.parts.catalogue
        rows = catalogue.rows(case.history)
        titles = [catalogue.spelling(int(row)) for row in rows[rows >= 0][-HISTORY_SHOWN:]]
        prompt = recommend_prompt(titles, Intent(controls=case.controls), K)
        plan = self._plan(case.history, known)
        assignment = Assignment(catalogue.lexicon, catalogue.frame, plan)
        decoding = await self._engine.spell(Job(prompt, assignment, Deadline(SECONDS)))
        return [catalogue.item(row) for row in decoding.rows]

    async def by_prior(self, case: Case, known: Controls) -> list[Item]:
        """The best of the retrievers among what the mask allows."""
        request = RecommendRequest(
            k=K,
            history=case.history,
            intent=Intent(controls=known),
            strategy=Strategy.RETRIEVE,
        )
        answer = await recommend(self.parts.recommender, request, "bench")
        return [line.item for line in answer.items]

    def _plan(self, history: tuple[str, ...], controls: Controls) -> Plan:
        catalogue = self.parts.catalogue
        rows = catalogue.rows(history)
        stock = Stock(catalogue.size, catalogue.postings, np.unique(rows[rows >= 0]))
        return compile_plan(stock, controls, K)


async def compared(bench: Bench, users: int, seed: int) -> dict[str, Tally]:
    """The same requests under every mask, by the model alone and by the prior alone."""
    tallies: dict[str, Tally] = {}
    cases = await bench.cases(users, seed)
    for maker, made in (("model", bench.by_model), ("prior", bench.by_prior)):
        for mask, known in MASKS.items():
            tally = tallies[f"{maker}: {mask}"] = Tally()
            for case in cases:
                tally.add(await made(case, known(case.controls)), case)
    return tallies


async def run(settings: Settings, users: int, seed: int) -> dict[str, Tally]:
    """What came of it over a catalogue."""
    async with opened(settings) as parts:
        return await compared(Bench(parts), users, seed)


def main() -> None:
    """Take the demo shop, trained and tuned, or another catalogue, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalogue", type=Path, help="a built catalogue; else the demo shop")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    catalogue = options.catalogue
    if catalogue is None:
        catalogue = shop(load_settings(), load_settings().cache.folder / "demo")
    settings = load_settings({"catalogue": {"path": catalogue}})
    tallies = asyncio.run(run(settings, options.users, options.seed))
    table(HEADER, [tally.row(name) for name, tally in tallies.items()])


if __name__ == "__main__":
    main()
