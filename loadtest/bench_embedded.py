"""What steering costs and buys on the embedded engine, against the same model decoding freely.

    python -m loadtest.bench_embedded [--users 30] [--k 10] [--catalogue DIR]

For the same users and prompts: lists spelled under the speller, and lists the model writes freely,
line by line, resolved by exact title. Prints forward passes against tokens per list, seconds per
list, and how many of the free lists would have been valid.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from loadtest.report import table
from service.catalog.artifact import LoadedCatalogue
from service.demo.write import write_shop
from service.domain import Controls, Intent, Item, Prompt, User
from service.engines.embedded import EmbeddedEngine
from service.pipeline.clock import Deadline
from service.pipeline.validate import judge
from service.ports import Decoding, Job
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import HISTORY_SHOWN
from service.settings import Settings, load_settings
from service.steering.arrays import IntArray
from service.steering.assignment import Assignment
from service.steering.plan import Plan, Stock, compile_plan
from service.steering.speller import Choices, Speller
from service.wiring import build_catalogue, opened

VOCABULARY = 49_152
"""Of the embedded model."""

LINE_TOKENS = 30
"""How many tokens a freely decoding model may spend on one title."""


class FreeHand(Speller):
    """Stands where a speller stands and allows everything, up to a number of tokens or lines."""

    def __init__(self, end: int, newline: int, lines: int) -> None:
        self.written: list[int] = []
        self._everything = Choices(np.arange(VOCABULARY), np.zeros(VOCABULARY))
        self._end, self._newline = end, newline
        self._lines, self._most = lines, lines * LINE_TOKENS

    @property
    def rows(self) -> list[int]:
        """None: free text names no rows."""
        return []

    @property
    def complete(self) -> bool:
        """Whether the model ended its list, or wrote as much as it may."""
        ended = bool(self.written) and self.written[-1] == self._end
        lines = self.written.count(self._newline)
        return ended or lines >= self._lines or len(self.written) >= self._most

    @property
    def done(self) -> bool:
        """The same: nothing is forced at the end."""
        return self.complete

    @property
    def forced(self) -> IntArray:
        """Nothing."""
        return np.zeros(0, dtype=np.int32)

    @property
    def choices(self) -> Choices | None:
        """Every token there is."""
        return None if self.complete else self._everything

    def push(self, token: int) -> None:
        """Write a token down."""
        self.written.append(token)


@dataclass(frozen=True)
class FreeRein(Assignment):
    """An assignment whose speller is a free hand."""

    hand: FreeHand | None = None

    def speller(self) -> Speller:
        """The hand, whose writing is read afterwards."""
        assert self.hand is not None  # noqa: S101 - made by `free` alone
        return self.hand


@dataclass
class Measured:
    """What lists of one kind took."""

    seconds: list[float] = field(default_factory=list)
    passes: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    valid: int = 0
    existing: int = 0

    def row(self, name: str, k: int) -> list[str]:
        """One line of the table."""
        lists = len(self.seconds)
        passes, tokens = statistics.mean(self.passes), statistics.mean(self.tokens)
        return [
            name,
            f"{lists}",
            f"{tokens:.1f}",
            f"{passes:.1f}",
            f"{passes / tokens:.2f}",
            f"{statistics.median(self.seconds):.2f}",
            f"{100 * self.valid / lists:.1f}",
            f"{100 * self.existing / (lists * k):.1f}",
        ]


HEADER = ["", "lists", "tokens", "passes", "passes/token", "s/list", "valid lists %", "existing %"]
SECONDS = 300.0
"""No list of a benchmark is cut short."""


@dataclass(frozen=True)
class Bench:
    """An engine, a catalogue and the length of the lists."""

    engine: EmbeddedEngine
    catalogue: LoadedCatalogue
    k: int
    titles: Mapping[str, Item]

    def prompt(self, history: tuple[str, ...]) -> Prompt:
        """What is asked for a user; the same for both kinds."""
        rows = self._known(history)
        titles = [self.catalogue.spelling(int(row)) for row in rows[-HISTORY_SHOWN:]]
        return recommend_prompt(titles, Intent(), self.k)

    async def steered(self, history: tuple[str, ...], out: Measured) -> None:
        """One list under the speller, with no prior: the model alone, but obedient."""
        lexicon, frame = self.catalogue.lexicon, self.catalogue.frame
        decoding = await self._timed(history, Assignment(lexicon, frame, self._plan(history)), out)
        self._judge([self.catalogue.item(row) for row in decoding.rows], history, out)

    async def free(self, history: tuple[str, ...], out: Measured) -> None:
        """One list the model writes as it likes; a line counts if it is a title there is."""
        tokenizer = self.engine.tokenizer
        hand = FreeHand(tokenizer.end, tokenizer.encode("\n")[-1], self.k)
        lexicon, frame = self.catalogue.lexicon, self.catalogue.frame
        await self._timed(history, FreeRein(lexicon, frame, self._plan(history), hand=hand), out)
        lines = [line for line in tokenizer.decode(hand.written).split("\n") if line.strip()]
        self._judge([self._resolved(line) for line in lines], history, out)

    def _plan(self, history: tuple[str, ...]) -> Plan:
        catalogue = self.catalogue
        stock = Stock(catalogue.size, catalogue.postings, np.unique(self._known(history)))
        return compile_plan(stock, Controls(), self.k)

    async def _timed(
        self, history: tuple[str, ...], assignment: Assignment, out: Measured
    ) -> Decoding:
        began = time.perf_counter()
        job = Job(self.prompt(history), assignment, Deadline(SECONDS))
        decoding = await self.engine.spell(job)
        out.seconds.append(time.perf_counter() - began)
        out.tokens.append(decoding.tokens)
        out.passes.append(decoding.passes)
        return decoding

    def _judge(self, items: list[Item | None], history: tuple[str, ...], out: Measured) -> None:
        verdict = judge(items, self.k, frozenset(history), Controls())
        out.valid += not verdict.violations
        out.existing += min(verdict.exists, self.k)

    def _resolved(self, line: str) -> Item | None:
        """The item whose title a line is, its number and the model's last token left off."""
        title = re.sub(r"^\s*\d+\.\s*", "", line).replace("<|im_end|>", "").strip()
        return self.titles.get(title)

    def _known(self, history: tuple[str, ...]) -> IntArray:
        rows = self.catalogue.rows(history)
        return rows[rows >= 0]


async def run(settings: Settings, users: int, k: int) -> None:
    """The same users, steered and free."""
    measured = {"steered": Measured(), "free": Measured()}
    async with opened(settings) as parts:
        engine = parts.recommender.engine
        everything = map(parts.catalogue.item, range(parts.catalogue.size))
        titles = {item.title: item for item in everything}
        bench = Bench(engine, parts.catalogue, k, titles)
        for user in parts.store.users(users):
            history = await parts.store.history(User(user))
            await bench.steered(history, measured["steered"])
            await bench.free(history, measured["free"])
    table(HEADER, [figures.row(name, k) for name, figures in measured.items()])
    steered, free = measured["steered"], measured["free"]
    share = sum(steered.passes) / sum(steered.tokens)
    ratio = statistics.median(steered.seconds) / statistics.median(free.seconds)
    verdict = "met" if share <= 0.5 else "NOT met"
    print(f"passes per token, steered: {share:.2f} (aim: at most 0.50: {verdict})")
    print(f"seconds per list, steered / free: {ratio:.2f}")


def main() -> None:
    """Build the demo shop's catalogue, or take one, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalogue", type=Path, help="a built catalogue; else the demo shop")
    parser.add_argument("--users", type=int, default=30)
    parser.add_argument("--k", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.catalogue
        if path is None:
            shop = write_shop(Path(folder))
            path = Path(folder) / "catalogue"
            build_catalogue(shop.items, shop.events, path, load_settings())
        settings = load_settings({"catalogue": {"path": path}, "retrieval": {"similarity": False}})
        asyncio.run(run(settings, options.users, options.k))


if __name__ == "__main__":
    main()
