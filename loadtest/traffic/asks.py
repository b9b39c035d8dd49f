"""What customers ask: drawn from a catalogue, seeded, and always such as a right service can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np

from loadtest.traffic.goods import Goods

LENGTHS: Final = (5, 10, 10, 10, 20)
STRATEGIES: Final = ("auto", "auto", "auto", "generate", "rank", "retrieve")
SPARE: Final = 80
"""Items that controls must leave beyond those of a list: what a user has met is not among them."""

INTENTS: Final = 300
TRIES: Final = 50
STRANGERS: Final = 1_000
"""Users whom the catalogue does not know: all that is remembered of them came in as events."""

WORDS: Final = ("something for a gift", "for a long weekend", "small, light and quiet", "")


class Kind(StrEnum):
    """What a request is about."""

    LIST = "/recommend"
    QUESTION = "/answer"
    EVENTS = "/events"
    FEEDBACK = "/feedback"


MIX: Final[Mapping[Kind, float]] = {
    Kind.LIST: 0.7,
    Kind.QUESTION: 0.1,
    Kind.EVENTS: 0.15,
    Kind.FEEDBACK: 0.05,
}
"""How a shop asks: mostly for lists."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `user` is whose remembered history counts."""

    kind: Kind
    body: Mapping[str, Any]
    user: str | None = None


@dataclass(slots=True)
class Asker:
    """Draws requests. `name` tells the events and strangers of several askers apart."""

    goods: Goods
    seed: int
    deadline_ms: int | None = None
    name: str = "load"
    cot: str = "auto"
    """Who is to think before a question is answered."""
    _dice: np.random.Generator = field(init=False)
    _intents: list[dict[str, Any]] = field(init=False)
    _events: int = 0

    def __post_init__(self) -> None:
        self._dice = np.random.default_rng(self.seed)
        self._intents = [self._intent() for _ in range(INTENTS)]

    def kind(self, mix: Mapping[Kind, float] = MIX) -> Kind:
        """What the next request is about."""
        return list(mix)[int(self._dice.choice(len(mix), p=list(mix.values())))]

    def ask(self, kind: Kind, listed: Mapping[str, Any] | None = None) -> Ask:
        """A request of a kind; feedback is about a list that was told, else it is an event."""
        match kind:
            case Kind.LIST:
                return self._list()
            case Kind.QUESTION:
                return self._question()
            case Kind.FEEDBACK if listed is not None:
                return self._feedback(listed)
            case _:
                return self._met()

    def _list(self) -> Ask:
        body: dict[str, Any] = {
            "k": self._pick(LENGTHS),
            "strategy": self._pick(STRATEGIES),
            "intent": self._pick(self._intents),
            **self._bounded(),
        }
        if self._dice.random() < 0.25:
            known = [item.id for item in self.goods.drawn(self._dice, 8)]
            return Ask(Kind.LIST, body | {"history": known})
        user = self._user()
        return Ask(Kind.LIST, body | {"user_id": user}, user)

    def _question(self) -> Ask:
        about, *items = self.goods.drawn(self._dice, 7)
        titles = list(dict.fromkeys(item.title for item in items))
        kind = self._pick(("multiple_choice", "ranking", "retrieval"))
        body: dict[str, Any] = {
            "question": f"Which of these would go well with '{about.title}'?",
            "type": kind,
            "options": titles,
            "cot": self.cot,
            **self._bounded(),
        }
        return Ask(Kind.QUESTION, body | ({"k": 2} if kind == "retrieval" else {}))

    def _met(self) -> Ask:
        """A user has met an item."""
        user, (item,) = self._user(), self.goods.drawn(self._dice, 1)
        self._events += 1
        event = {"id": f"{self.name}-{self._events}", "user_id": user, "item_id": item.id}
        return Ask(Kind.EVENTS, {"events": [event]}, user)

    def _feedback(self, listed: Mapping[str, Any]) -> Ask:
        ids = [item["id"] for item in listed["items"]]
        body = {"request_id": listed["request_id"], "shown": ids, "clicked": ids[:1]}
        return Ask(Kind.FEEDBACK, body)

    def _intent(self) -> dict[str, Any]:
        """Controls that every user can be given a list under, whatever was met."""
        names = self.goods.first.categories
        for _ in range(TRIES if names else 0):
            include = self._some(names, (0, 0, 1, 2))
            exclude = self._some(names, (0, 0, 1))
            bounded = self._some(names, (0, 1))
            if self.goods.left(include, [*exclude, *bounded]) < max(LENGTHS) + SPARE:
                continue
            share = float(self._pick((0.1, 0.25, 0.5)))
            return {
                "text": self._pick(WORDS),
                "include": include,
                "exclude": exclude,
                "shares": [{"category": name, "op": "<=", "share": share} for name in bounded],
            }
        return {"text": self._pick(WORDS)}

    def _some(self, names: Sequence[str], counts: Sequence[int]) -> list[str]:
        count = min(self._pick(counts), len(names))
        return [names[place] for place in self._dice.choice(len(names), count, replace=False)]

    def _user(self) -> str:
        if not self.goods.users or self._dice.random() < 0.3:
            return f"{self.name}-user-{int(self._dice.integers(STRANGERS))}"
        return str(self._pick(self.goods.users))

    def _bounded(self) -> dict[str, int]:
        return {} if self.deadline_ms is None else {"deadline_ms": self.deadline_ms}

    def _pick(self, options: Sequence[Any]) -> Any:
        return options[int(self._dice.integers(len(options)))]
