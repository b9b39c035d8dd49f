"""What the plugin costs inside vLLM: a request's check and start, its tokens, a batch's edit.

    .venv-vllm/bin/python -m loadtest.bench_plugin CATALOGUES [--version V] [--scored N]

It needs torch and nothing else of vLLM, so it runs in vLLM's environment. CATALOGUES is a folder of
built versions. The check is measured beside one that opens the catalogue anew, the edit of a
batch's logits beside one that goes row by row.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import torch

from service.catalog.shelf import Shelf, Volume
from service.domain import Controls, Op, Share
from service.engines.plugin.admission import Front
from service.engines.plugin.makers import Makers
from service.engines.plugin.mask import mask
from service.engines.plugin.steered import Offer, Steered
from service.engines.wire.parameters import to_xargs
from service.steering.assignment import Assignment
from service.steering.plan import Stock, compile_plan
from service.steering.prior import Prior

K: Final = 10
LISTS: Final = 20
BATCH: Final = 64
VOCABULARY: Final = 128_256  # Llama-3's


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("catalogues", type=Path, help="folder of built versions")
    parser.add_argument("--version", help="another than the current one")
    parser.add_argument("--scored", type=int, default=1_000, help="rows that the prior scores")
    options = parser.parse_args()
    folder, version = options.catalogues, options.version or Shelf(options.catalogues).current()
    front, engine = (
        median_ms([lambda checked=verify: Shelf(folder, verify=checked).volume(version)] * 5)
        for verify in (False, True)
    )
    volume = Shelf(folder).volume(version)
    print(f"{volume.size:,} titles, lists of {K}, {options.scored:,} scored rows, {LISTS} a kind.")
    print(f"Opening, files in the page cache: front {front:.1f} ms, engine {engine:.1f} ms.")
    offers: list[Offer] = []
    for name, each in kinds(volume).items():
        asked = [request(volume, each, options.scored, seed) for seed in range(LISTS)]
        check(name, folder, asked)
        decode(folder, asked, volume.frame.end, offers)
    edit(offers)


def kinds(volume: Volume) -> dict[str, tuple[Controls, int]]:
    """Requests of several kinds: their controls, and how many rows are banned."""
    a, b, c, d, *_ = sorted(volume.by_category.code_of)
    two = (Share(a, Op.ABOUT, 0.3), Share(b, Op.AT_MOST, 0.5))
    four = (*two, Share(c, Op.AT_MOST, 0.4), Share(d, Op.AT_MOST, 0.4))
    return {
        "no controls": (Controls(), 0),
        "an include": (Controls(include=(a,)), 0),
        "two shares": (Controls(shares=two), 0),
        "500 banned rows": (Controls(), 500),
        "three includes, four shares, 500 banned": (Controls((a, b, c), (), four), 500),
    }


def request(volume: Volume, kind: tuple[Controls, int], count: int, seed: int) -> Any:
    """A request as vLLM hands it over, with so many rows scored."""
    controls, banned = kind
    dice = np.random.default_rng(seed)
    rows = np.sort(dice.choice(volume.size, banned, replace=False))
    scored = dice.choice(volume.size, count, replace=False)
    prior = Prior.over(scored, np.log(dice.random(count)))
    plan = compile_plan(Stock(volume.size, volume.postings, rows), controls, K)
    lexicon, frame = volume.lexicon, volume.frame
    asked = Assignment(lexicon, frame, plan, volume.version, controls, rows, prior, 1.0)
    rest = {
        "stop_token_ids": [],
        "all_stop_token_ids": {frame.end},
        "repetition_penalty": 1.0,
        "temperature": 0.0,
    }
    return SimpleNamespace(extra_args=to_xargs(asked), max_tokens=None, **rest)


def check(name: str, folder: Path, asked: Sequence[Any]) -> None:
    """What the front does with a request, and the same with nothing kept open."""
    front = Front(Shelf(folder, verify=False))
    kept = median_ms([lambda each=each: front.check(each) for each in asked])
    anew = median_ms([lambda each=each: check_anew(folder, each) for each in asked])
    print(f"{name}: check {kept:.2f} ms; opened anew {anew:.2f} ms, {anew / kept:.1f}x", end="; ")


def check_anew(folder: Path, asked: Any) -> None:
    """A check by a front that has nothing open."""
    shelf = Shelf(folder, verify=False)
    shelf.volume(asked.extra_args["listwright_catalogue"])
    Front(shelf).check(asked)


def decode(folder: Path, asked: Sequence[Any], end: int, offers: list[Offer]) -> None:
    """What the engine does with it, from its entry to its last token."""
    shelf = Shelf(folder, verify=False)
    shelf.volume(asked[0].extra_args["listwright_catalogue"])
    makers, dice = Makers(shelf, VOCABULARY, end), np.random.default_rng(0)
    ready: list[float] = []
    took: list[float] = []
    for each in asked:
        start = time.perf_counter()
        if (steered := makers.admit(each)) is not None:
            steered.offer()
            ready.append((time.perf_counter() - start) * 1e3)
            took += spelled(steered, end, dice, offers)
    p50, p99 = np.percentile(took, (50, 99))
    print(f"ready {np.median(ready):.2f} ms; a token p50 {p50:.1f} us, p99 {p99:.0f} us,", end=" ")
    print(f"mean {np.mean(took):.1f} us")


def spelled(
    steered: Steered, end: int, dice: np.random.Generator, offers: list[Offer]
) -> list[float]:
    """Microseconds of each token, from the one that was chosen to what may follow it."""
    took: list[float] = []
    token, offer = -1, steered.offer()
    while token != end:
        offers.append(offer)
        token = offer if isinstance(offer, int) else int(dice.choice(offer.tokens))
        start = time.perf_counter()
        steered.follow([token])
        offer = steered.offer()
        took.append((time.perf_counter() - start) * 1e6)
    return took


def edit(offers: Sequence[Offer]) -> None:
    """The edit of a whole batch's logits, at once and row by row."""
    dice, logits, rows = np.random.default_rng(0), torch.zeros(BATCH, VOCABULARY), range(BATCH)
    batches = [[offers[i] for i in dice.integers(len(offers), size=BATCH)] for _ in range(50)]
    at_once = median_ms([lambda batch=batch: mask(logits, rows, batch) for batch in batches])
    single = median_ms([lambda batch=batch: row_by_row(logits, batch) for batch in batches])
    print(f"Editing {BATCH} rows of {VOCABULARY:,} logits: {at_once:.2f} ms at once,", end=" ")
    print(f"{single:.2f} ms row by row, {single / at_once:.1f}x")


def row_by_row(logits: torch.Tensor, offers: Sequence[Offer]) -> None:
    """What `mask` does, the plain way."""
    for row, offer in enumerate(offers):
        tokens, bonus = ([offer], [0.0]) if isinstance(offer, int) else (offer.tokens, offer.bonus)
        kept = torch.from_numpy(np.asarray(tokens, dtype=np.int64))
        said = logits[row, kept] + torch.from_numpy(np.asarray(bonus)).to(logits.dtype)
        logits[row] = -math.inf
        logits[row, kept] = said


def median_ms(works: Sequence[Callable[[], object]]) -> float:
    """The milliseconds of the middle one."""
    took: list[float] = []
    for work in works:
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1e3)
    return float(np.median(took))


if __name__ == "__main__":
    main()
