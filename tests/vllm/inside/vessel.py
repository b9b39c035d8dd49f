"""Catalogues, requests and a model made of dice, for the plugin inside vLLM's own classes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from bindery import bind
from vllm import SamplingParams

from service.catalog.shelf import Shelf
from service.domain import Controls, OnConflict, Op, Sampling, Share
from service.engines.wire.parameters import to_xargs
from service.errors import ConflictingControls
from service.steering.assignment import Assignment
from service.steering.choose import choose
from service.steering.conflict import plan_or_relax
from service.steering.lexicon import Frame
from service.steering.lexicon_build import build_lexicon
from service.steering.plan import Stock, quota
from service.steering.prior import Prior

VOCABULARY = 120
LINE_END = 0
END = 2
PLUGIN = "service.engines.vllm_plugin:ListwrightProcessor"
TOKENIZER_TEXT = b'{"toy": true}'
CATEGORIES = ("red", "green", "blue", "old")
PROMPT = [7, 8, 9]


@dataclass(frozen=True)
class Library:
    """A folder of versions, and the tokenizer they were built for."""

    folder: Path
    model: Path
    versions: tuple[str, ...]

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.folder)


def library_of(root: Path) -> Library:
    model = root / "model"
    model.mkdir()
    (model / "tokenizer.json").write_bytes(TOKENIZER_TEXT)
    folder = root / "catalogues"
    versions = [bind_catalogue(folder, str(model), seed, size) for seed, size in enumerate((60, 9))]
    return Library(folder, model, tuple(versions))


def bind_catalogue(folder: Path, tokenizer: str, seed: int, size: int) -> str:
    dice = np.random.default_rng(seed)
    titles = [(*dice.integers(10, 16, dice.integers(1, 6)).tolist(), LINE_END) for _ in range(size)]
    categories = [[name for name in CATEGORIES if dice.random() < 0.45] for _ in titles]
    frame = Frame(tuple((100, 20 + line) for line in range(12)), END)
    entry = (tokenizer, hashlib.sha256(TOKENIZER_TEXT).hexdigest())
    return bind(folder, titles, categories, frame, tokenizer=entry)


def config_of(library: Library, **changes: Any) -> Any:
    """As much of a server's configuration as loading and running processors looks at."""
    model = SimpleNamespace(
        tokenizer=str(changes.get("tokenizer", library.model)),
        tokenizer_revision=None,
        get_vocab_size=lambda: changes.get("vocabulary", VOCABULARY),
        hf_config=SimpleNamespace(eos_token_id=END),
        logits_processors=changes.get("named", [PLUGIN]),
    )
    return SimpleNamespace(
        model_config=model,
        scheduler_config=SimpleNamespace(
            max_num_seqs=16, async_scheduling=changes.get("asynchronous", False)
        ),
        speculative_config=changes.get("speculative"),
        reasoning_config=None,
        num_speculative_tokens=0,
    )


@dataclass(frozen=True)
class Wish:
    """A request: what it asks, and the dice that are its model."""

    name: str
    seed: int
    assignment: Assignment | None

    def params(self, **changes: Any) -> SamplingParams:
        given = {"temperature": 0.0, "max_tokens": 200} | changes
        xargs = to_xargs(self.assignment) if self.assignment else None
        params = SamplingParams(**given, extra_args=xargs)
        params.update_from_generation_config({}, END)
        return params

    def logits(self, written: int) -> np.ndarray:
        """What the model says after so many tokens, whoever asks."""
        dice = np.random.default_rng((self.seed, written))
        return dice.normal(0, 3, VOCABULARY).astype(np.float32)

    def plain(self, *, after_end: int = 0) -> list[int]:
        """The list as the speller alone lets this model write it."""
        assert self.assignment
        speller = self.assignment.speller()
        written: list[int] = []
        dice = np.random.default_rng(0)
        while not speller.done:
            choices = speller.choices
            token = speller.only
            if choices is not None:
                token = choose(self.logits(len(written)), choices, Sampling(), dice)
            assert token is not None
            speller.push(token)
            written.append(token)
        return written + [END] * after_end

    def check(self, written: list[int]) -> None:
        """The list is complete, of existing rows, without repeats, and obeys; by counting."""
        assert self.assignment
        speller = self.assignment.speller()
        for token in written:
            speller.push(token)
        assert speller.done
        rows, closing = speller.rows, set(self.assignment.closing.tolist())
        assert len(set(rows)) == len(rows)
        assert len(rows) == self.assignment.k or rows[-1] in closing
        assert not closing & set(rows[: self.assignment.least])
        assert not closing & set(rows[:-1])
        assert not set(rows) & set(self.assignment.banned.tolist())
        if self.assignment.catalogue:
            self._check_controls(rows)

    def _check_controls(self, rows: list[int]) -> None:
        assert self.assignment
        controls = self.assignment.controls
        members = {name: set(POSTINGS[self.assignment.catalogue, name]) for name in CATEGORIES}
        for row in rows:
            assert not controls.include or any(row in members[name] for name in controls.include)
            assert not any(row in members[name] for name in controls.exclude)
        for share in controls.shares:
            low, high = quota(share, len(rows))
            assert low <= len(members[share.category].intersection(rows)) <= high


POSTINGS: dict[tuple[str | None, str], list[int]] = {}


def roll_wish(library: Library, name: str, seed: int) -> Wish:
    """A request that can be met, or one that asks for no list."""
    dice = np.random.default_rng(seed)
    if dice.random() < 0.15:
        return Wish(name, seed, None)
    while True:
        try:
            return Wish(name, seed, _rolled(library, dice))
        except ConflictingControls:
            continue


def _rolled(library: Library, dice: np.random.Generator) -> Assignment:
    if dice.random() < 0.3:
        return labels(dice)
    version = library.versions[dice.integers(len(library.versions))]
    volume = library.shelf.volume(version)
    for category in CATEGORIES:
        POSTINGS[version, category] = volume.postings(category).tolist()
    k = int(dice.integers(1, 7))
    controls = Controls(
        include=tuple(c for c in CATEGORIES if dice.random() < 0.2),
        exclude=tuple(c for c in CATEGORIES if dice.random() < 0.1),
        shares=tuple(
            Share(c, list(Op)[dice.integers(3)], float(dice.choice([0, 0.25, 0.3, 0.5, 0.7, 1])))
            for c in CATEGORIES
            if dice.random() < 0.2
        ),
    )
    banned = np.flatnonzero(dice.random(volume.size) < dice.choice([0, 0.1, 0.3]))
    stock = Stock(volume.size, volume.postings, banned)
    plan, controls, _ = plan_or_relax(stock, controls, k, OnConflict.REJECT)
    return Assignment(
        volume.lexicon, volume.frame, plan, version, controls, banned, *_opinion(dice, volume.size)
    )


def labels(dice: np.random.Generator) -> Assignment:
    count = int(dice.integers(1, 12))
    k = int(dice.integers(1, count + 1))
    tokens = np.array([token for label in range(count) for token in (30 + label, LINE_END)])
    lexicon, _ = build_lexicon(tokens, np.arange(count + 1) * 2)
    banned = np.zeros(0, dtype=np.int64)
    plan, _, _ = plan_or_relax(
        Stock(count, {}.__getitem__, banned), Controls(), k, OnConflict.REJECT
    )
    frame = Frame(((), *((101,) for _ in range(k - 1))), END)
    made = Assignment(lexicon, frame, plan, None, Controls(), banned, *_opinion(dice, count))
    closing = np.flatnonzero(dice.random(count) < dice.choice([0, 0.3]))
    least = int(dice.integers(0, count - len(closing) + 1)) if len(closing) else 0
    return replace(made, closing=closing, least=least)


def _opinion(dice: np.random.Generator, size: int) -> tuple[Prior, float]:
    rows = np.flatnonzero(dice.random(size) < 0.4)
    weight = float(dice.choice([0.0, 0.5, 4.0, 1e6]))
    return Prior.over(rows, -dice.exponential(2, len(rows))), weight
