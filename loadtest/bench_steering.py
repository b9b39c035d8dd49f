"""What steering costs: building and loading a lexicon, memory, microseconds per token.

    python -m loadtest.bench_steering [--sizes 20000,200000,1000000] [--quick]

Walks are random: at each choice random logits and the prior's bonus decide, as if of an engine that
likes everything alike. What is timed is the speller alone, from one token pushed to the next tokens
known. At 20,000 titles the same lists are also made the plain way, with a trie of dicts built for
each request, and the ratio is printed.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from loadtest.naive_trie import spell_naively
from loadtest.report import table
from loadtest.residence import side_by_side
from loadtest.synthetic import DEPARTMENTS, Titles, make_titles, tokenized, tokenizer_for
from service.catalog.artifact_files import map_array, save_array
from service.domain import Controls, Op, Share
from service.settings import Settings
from service.steering.arrays import FloatArray, IntArray
from service.steering.lexicon import Frame, Lexicon
from service.steering.lexicon_build import build_lexicon
from service.steering.plan import Plan, Stock, compile_plan
from service.steering.prior import Prior
from service.steering.speller import Speller

K: Final = 10
SCORED: Final = 1_000
HISTORY: Final = 500
NAIVE_SIZE: Final = 20_000
AIM_SIZE: Final = 1_000_000
AIMS: Final = {"p50": 40.0, "p99": 2_000.0, "load": 1.0}
"""Microseconds per token at a million titles, and seconds to load them."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of request."""

    name: str
    controls: Controls
    history: int = 0


SHARES: Final = (Share("department-2", Op.ABOUT, 0.3), Share("trait-0", Op.AT_MOST, 0.5))
SCENARIOS: Final = (
    Scenario("plain", Controls()),
    Scenario("include", Controls(include=("trait-9",))),
    Scenario("two shares", Controls(shares=SHARES)),
    Scenario("500-item history", Controls(), HISTORY),
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A lexicon of synthetic titles and the categories of its rows."""

    lexicon: Lexicon
    department: IntArray
    trait: IntArray
    frame: Frame

    def postings(self, category: str) -> IntArray:
        """The rows of a category, named by what it goes by and a number."""
        kind, _, number = category.partition("-")
        return np.flatnonzero(
            (self.department if kind == "department" else self.trait) == int(number)
        )


@dataclass(slots=True)
class Timings:
    """What lists of one scenario took."""

    compiled: list[float] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    chosen: list[float] = field(default_factory=list)
    forced: list[float] = field(default_factory=list)
    megabytes: float = 0.0

    def microseconds(self, kind: str = "all") -> FloatArray:
        """What each token took: all of them, the chosen or the forced."""
        kinds = {"chosen": self.chosen, "forced": self.forced, "all": self.chosen + self.forced}
        return np.array(kinds[kind]) * 1e6

    @property
    def lists(self) -> int:
        """How many lists were spelled."""
        return len(self.begun)

    @property
    def seconds_per_list(self) -> float:
        """Plan, speller and all tokens."""
        parts = (self.compiled, self.begun, self.chosen, self.forced)
        return sum(map(sum, parts)) / self.lists


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="20000,200000,1000000", help="numbers of titles")
    parser.add_argument("--quick", action="store_true", help="20,000 titles and few lists")
    options = parser.parse_args()
    sizes = [20_000] if options.quick else [int(size) for size in options.sizes.split(",")]
    lists = 10 if options.quick else 60
    titles = make_titles(max(sizes))
    name, tokenizer = tokenizer_for(titles.texts, Settings().cache.folder)
    print(f"Tokenizer: {name}. Lists of {K}, {lists} for each line; {os.cpu_count()} cores.")
    verdicts: list[str] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            verdicts += measure(titles, tokenizer, size, lists, Path(folder))
    print("\n".join(verdicts or [f"The aims are for {AIM_SIZE:,} titles."]))


def measure(titles: Titles, tokenizer: Tokenizer, size: int, lists: int, folder: Path) -> list[str]:
    """Everything at one size; returns the aims as met or not."""
    shop, read_s = build_and_load(titles, tokenizer, size, folder)
    spelled = {
        (scenario.name, weight): spell_lists(shop, scenario, weight, lists)
        for scenario in SCENARIOS
        for weight in (0.0, 1.0)
    }
    print_tokens(size, spelled)
    if size == NAIVE_SIZE:
        print_naive(shop, spelled, min(lists, 10))
    return judged(read_s, spelled) if size == AIM_SIZE else []


def build_and_load(
    titles: Titles, tokenizer: Tokenizer, size: int, folder: Path
) -> tuple[Shop, float]:
    """Build a lexicon, write it, map it again; prints what that took."""
    start = time.perf_counter()
    tokens, offsets = tokenized(titles.texts[:size], tokenizer)
    tokenized_at = time.perf_counter()
    lexicon, order = build_lexicon(tokens, offsets)
    built_at = time.perf_counter()
    for name, array in lexicon.arrays().items():
        save_array(folder / f"{name}.npy", array)
    saved_at = time.perf_counter()
    mapped = load(folder)
    load_s = time.perf_counter() - saved_at
    load_and_read(folder)
    read_s = time.perf_counter() - saved_at - load_s
    held = side_by_side(load_and_read, folder)[0]
    print_build(
        size,
        {
            "tokens": f"{len(tokens):,}",
            "same title": f"{1 - len(set(titles.texts[:size])) / size:.1%}",
            "nodes": f"{len(lexicon.node_lo):,}",
            "root edges": f"{lexicon.node_edges[1]:,}",
            "tokenize s": f"{tokenized_at - start:.1f}",
            "build s": f"{built_at - tokenized_at:.2f}",
            "load ms": f"{load_s * 1e3:.1f}",
            "read all ms": f"{read_s * 1e3:.1f}",
            **{f"{name} MB": f"{megabytes:.1f}" for name, megabytes in held.items()},
        },
    )
    labels = [tokenizer.encode(f"{i + 1}.").ids for i in range(K)]
    return Shop(
        lexicon=mapped,
        department=(titles.kind[:size] % DEPARTMENTS)[order],
        trait=titles.trait[:size][order],
        frame=Frame(tuple(map(tuple, labels)), end=0),
    ), read_s


def load(folder: Path) -> Lexicon:
    """Map the files of a lexicon, as a catalogue does."""
    return Lexicon.from_arrays({path.stem: map_array(path) for path in folder.glob("*.npy")})


def load_and_read(folder: Path) -> Lexicon:
    """Map the files and touch every page of them."""
    lexicon = load(folder)
    for array in lexicon.arrays().values():
        array.max(initial=0)
    return lexicon


def spell_lists(shop: Shop, scenario: Scenario, weight: float, lists: int) -> Timings:
    """Spell random lists; the first is for warming up and for measuring memory."""
    dice = np.random.default_rng(1)
    timings = Timings()
    tracemalloc.start()
    spell_one(shop, scenario, weight, dice, Timings())
    timings.megabytes = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    for _ in range(lists):
        spell_one(shop, scenario, weight, dice, timings)
    return timings


def spell_one(
    shop: Shop, scenario: Scenario, weight: float, dice: np.random.Generator, timings: Timings
) -> None:
    """Spell one list and note what each token took."""
    stock = a_stock(shop, scenario, dice)
    scored = dice.choice(shop.lexicon.size, SCORED, replace=False)
    prior = Prior.over(scored, np.log(dice.random(SCORED)))
    start = time.perf_counter()
    plan = compile_plan(stock, scenario.controls, K)
    compiled = time.perf_counter()
    speller = Speller(shop.lexicon, shop.frame, plan, prior, weight)
    timings.compiled.append(compiled - start)
    timings.begun.append(time.perf_counter() - compiled)
    for token, sink in random_tokens(speller, dice, timings):
        start = time.perf_counter()
        speller.push(token)
        _ = speller.choices
        sink.append(time.perf_counter() - start)


def a_stock(shop: Shop, scenario: Scenario, dice: np.random.Generator) -> Stock:
    """The shop as one user finds it."""
    banned = dice.choice(shop.lexicon.size, scenario.history, replace=False)
    return Stock(shop.lexicon.size, shop.postings, banned)


def random_tokens(
    speller: Speller, dice: np.random.Generator, timings: Timings
) -> Iterator[tuple[int, list[float]]]:
    """The tokens to push, and where to note what each took."""
    while not speller.done:
        choices = speller.choices
        if choices is None:
            for token in speller.forced.tolist():
                yield token, timings.forced
        else:
            liking = dice.gumbel(size=len(choices.tokens)) + choices.bonus
            yield int(choices.tokens[np.argmax(liking)]), timings.chosen


def print_build(size: int, figures: dict[str, str]) -> None:
    """One line of figures under their names."""
    table(["titles", *figures], [[f"{size:,}", *figures.values()]])


def print_tokens(size: int, spelled: dict[tuple[str, float], Timings]) -> None:
    """Microseconds per token of each scenario."""
    header = [
        f"{size:,} titles", "weight", "plan ms", "start ms", "MB", "tokens/list", "chosen",
        "p50 us", "p99 us", "mean us", "chosen p50", "chosen p99", "forced p50", "ms/list",
    ]  # fmt: skip
    rows = [
        [name, f"{weight:g}", *token_figures(timings)]
        for (name, weight), timings in spelled.items()
    ]
    table(header, rows)


def token_figures(timings: Timings) -> list[str]:
    """One line of the table."""
    every, chosen, forced = map(timings.microseconds, ("all", "chosen", "forced"))
    return [
        f"{np.median(timings.compiled) * 1e3:.2f}",
        f"{np.median(timings.begun) * 1e3:.2f}",
        f"{timings.megabytes:.1f}",
        f"{len(every) / timings.lists:.0f}",
        f"{len(chosen) / len(every):.0%}",
        *(f"{value:.1f}" for value in np.percentile(every, [50, 99])),
        f"{every.mean():.1f}",
        *(f"{value:.1f}" for value in np.percentile(chosen, [50, 99])),
        f"{np.median(forced):.1f}",
        f"{timings.seconds_per_list * 1e3:.1f}",
    ]


def print_naive(shop: Shop, spelled: dict[tuple[str, float], Timings], lists: int) -> None:
    """The same kinds of lists with a trie of dicts built for each request."""
    rows = []
    for scenario in SCENARIOS:
        dice = np.random.default_rng(1)
        naive_s = np.mean([time_naive(shop, scenario, dice) for _ in range(lists)])
        ours_s = spelled[scenario.name, 0.0].seconds_per_list
        figures = (f"{naive_s * 1e3:.1f}", f"{ours_s * 1e3:.1f}", f"{naive_s / ours_s:.0f}x")
        rows.append([scenario.name, *figures])
    table(["the plain way, weight 0", "trie of dicts ms/list", "speller ms/list", "ratio"], rows)


def time_naive(shop: Shop, scenario: Scenario, dice: np.random.Generator) -> float:
    """Seconds for one list, plan included."""
    stock = a_stock(shop, scenario, dice)
    start = time.perf_counter()
    plan: Plan = compile_plan(stock, scenario.controls, K)
    spell_naively(shop.lexicon, plan, dice)
    return time.perf_counter() - start


def judged(read_s: float, spelled: dict[tuple[str, float], Timings]) -> list[str]:
    """Each aim against the worst scenario: over all tokens, and over chosen ones alone."""
    lines = [verdict("load", read_s, "s, every page read")]
    for kind in ("all", "chosen"):
        for percent in (50, 99):
            value, where = max(
                (float(np.percentile(timings.microseconds(kind), percent)), f"{name}, {weight:g}")
                for (name, weight), timings in spelled.items()
            )
            lines.append(verdict(f"p{percent}", value, f"us, {kind} tokens ({where})"))
    return lines


def verdict(name: str, value: float, unit: str) -> str:
    """One aim, what was measured, and whether that is enough."""
    met = "met" if value <= AIMS[name] else "NOT met"
    return f"{AIM_SIZE:,} titles: {name} {value:.3g} {unit}; aim {AIMS[name]:g}: {met}"


if __name__ == "__main__":
    main()
