"""The requests that a policy learns on: those of a file that can be judged, in tokens."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np

from models.llm.tokens import prompt_tokens
from models.rl.ranks import Ranks
from models.sft.data.example import Example, Wanted
from service.domain import Controls
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput
from service.ports import Catalogue

T = TypeVar("T")

NO_LIST: Final = "asks for no list"
UNKNOWN_ITEM: Final = "a target or history that the catalogue has not"
UNKNOWN_CATEGORY: Final = "a control's category that the catalogue has not"
UNKNOWN_HISTORY: Final = "a history that the ranker knows nothing of"
TOO_LONG: Final = "a prompt longer than the context"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what is read, and what the answer is judged by."""

    prompt: tuple[int, ...]
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Requests:
    """All that can be judged, and why how many others cannot."""

    asked: tuple[Asked, ...]
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Sieve:
    """What a request must fit."""

    catalogue: Catalogue
    ranks: Ranks
    tokenizer: ChatTokenizer
    context: int | None
    """Tokens that a model reads and writes in all; None if it knows no bound."""
    longest: Callable[[int], int]
    """How many of these an answer of so many lines may take."""

    def requests(self, examples: Iterable[Example]) -> Requests:
        """Those that fit; BadInput if none does."""
        asked: list[Asked] = []
        left_out: Counter[str] = Counter()
        for example in examples:
            found = self._asked(example)
            if isinstance(found, str):
                left_out[found] += 1
            else:
                asked.append(found)
        # Whoever is drawn together is drawn as long as the one that asks for most.
        most = max((one.wanted.k for one in asked), default=0)
        fitting = [one for one in asked if self._holds(one, most)]
        left_out += Counter({TOO_LONG: len(asked) - len(fitting)})
        if not fitting:
            raise BadInput(
                f"There is no request to learn on: {_told(left_out)}.",
                hint="Make the data of the catalogue that is named, with `python -m"
                " models.sft.data`.",
            )
        return Requests(tuple(fitting), left_out)

    def _asked(self, example: Example) -> Asked | str:
        """The request of an example, or why there is none."""
        wanted = example.wanted
        if wanted is None:
            return NO_LIST
        if (self.catalogue.rows([wanted.target, *wanted.history]) < 0).any():
            return UNKNOWN_ITEM
        if not _categories(wanted.intent.controls) <= set(self.catalogue.categories):
            return UNKNOWN_CATEGORY
        if not self.ranks.knows(wanted.history):
            return UNKNOWN_HISTORY
        asked = Asked(tuple(prompt_tokens(self.tokenizer, example.prompt)), wanted)
        return asked if self._holds(asked, wanted.k) else TOO_LONG

    def _holds(self, asked: Asked, k: int) -> bool:
        """Whether the context holds a request, and an answer of so many lines."""
        return self.context is None or len(asked.prompt) + self.longest(k) <= self.context


def chosen_of(things: Sequence[T], count: int, dice: np.random.Generator) -> list[T]:
    """So many of them; none twice before each was there once."""
    rounds = [dice.permutation(len(things)) for _ in range(math.ceil(count / len(things)))]
    return [things[place] for place in np.concatenate(rounds)[:count].tolist()]


def _categories(controls: Controls) -> set[str]:
    return {*controls.include, *controls.exclude, *(share.category for share in controls.shares)}


def _told(left_out: Counter[str]) -> str:
    told = "; ".join(f"{count} with {why}" for why, count in sorted(left_out.items()))
    return told.replace(f"with {NO_LIST}", "that ask for no list") or "the file is empty"
