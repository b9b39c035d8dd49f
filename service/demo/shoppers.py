"""Two years of customers: they look around, compare, buy, add what goes with it, and come back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import attrgetter
from typing import Final

from service.demo.dice import Dice
from service.demo.habits import COMPLEMENTS, REFILL_DAYS
from service.demo.market import Market
from service.demo.seasons import FIRST_SECOND, TRADE, month_of
from service.demo.shop import DAYS, Product
from service.demo.taste import draw_taste

USERS: Final = 1700
VISITS: Final = ((1, 1, 10), (2, 4, 24), (5, 10, 38), (11, 20, 20), (21, 45, 8))
"""How many days people come on: from, to, and how many people in a hundred."""

HOURS: Final = (6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22)
BUSY: Final = (1, 2, 3, 4, 5, 5, 7, 6, 4, 4, 4, 5, 7, 9, 10, 8, 4)
LOOKS: Final = (1, 1, 1, 2, 2, 3)
WANDERS: Final = 0.35
BUYS: Final = 0.5
ADDS: Final = 0.55
ADDS_LATER: Final = 0.5
LOOKS_AGAIN: Final = 0.3
REFILLS: Final = 0.75
SAME_AGAIN: Final = 0.6
SECOND_ERRAND: Final = 0.4
LONGEST_CHAIN: Final = 3
OWNED_ALREADY: Final = 0.12
SEEN_ALREADY: Final = 0.15


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a user did with one item."""

    user_id: str
    item_id: str
    timestamp: int
    event: str


@dataclass(frozen=True, slots=True)
class _Errand:
    """Something a shopper means to do from a day on."""

    day: int
    noun: str
    anchor: Product
    again: bool = False


class _Clock:
    """The time of day during one visit."""

    def __init__(self, day: int, dice: Dice) -> None:
        hour = HOURS[dice.weighted(BUSY)]
        self._dice = dice
        self._now = FIRST_SECOND + day * 86_400 + hour * 3_600 + dice.between(0, 3_599)

    def tick(self) -> int:
        """The next moment something happens."""
        self._now += self._dice.between(8, 180)
        return self._now


class _Shopper:
    """One customer with a memory."""

    def __init__(self, number: int, market: Market, seed: int) -> None:
        self._id = f"u{number:04d}"
        self._market = market
        self._dice = Dice(seed, "shopper", number)
        self._taste = draw_taste(self._dice, market.makers)
        suits = market.suits(self._taste.household)
        self._interest = [
            self._taste.interest(kind) * suit
            for kind, suit in zip(market.kinds, suits, strict=True)
        ]
        self._errands: list[_Errand] = []
        self._owned: set[str] = set()
        self._seen: set[str] = set()
        self._bought: set[str] = set()
        self._clock = _Clock(0, self._dice)

    def live(self, trade: Sequence[float]) -> Iterator[Event]:
        """Everything the customer does, in order."""
        for day in self._days(trade):
            self._clock = _Clock(day, self._dice)
            yield from self._errand(day)
            if self._dice.chance(SECOND_ERRAND):
                yield from self._errand(day)

    def _days(self, trade: Sequence[float]) -> list[int]:
        """The days of the visits, after the day the customer first heard of the shop."""
        low, high, _ = VISITS[self._dice.weighted([share for *_, share in VISITS])]
        joined = int(DAYS * 0.8 * self._dice.unit() * self._dice.unit())
        sums = list(accumulate(trade[joined:]))
        visits = range(self._dice.between(low, high))
        return sorted({joined + self._dice.cumulative(sums) for _ in visits})

    def _errand(self, day: int) -> Iterator[Event]:
        due = next((errand for errand in self._errands if errand.day <= day), None)
        if due is None:
            yield from self._browse(self._fancy(day), None, day, LONGEST_CHAIN)
            return
        self._errands.remove(due)
        if due.again and self._dice.chance(SAME_AGAIN):
            yield from self._buy(due.anchor, day, 1)
        else:
            yield from self._browse(due.noun, due.anchor, day, 2)

    def _fancy(self, day: int) -> str:
        """What the customer feels like looking for."""
        kinds = self._market.kinds
        wanted = zip(kinds, self._interest, self._market.wanted(day), strict=True)
        weights = [
            interest * season * (OWNED_ALREADY if kind.noun in self._owned else 1)
            for kind, interest, season in wanted
        ]
        return kinds[self._dice.weighted(weights)].noun

    def _browse(self, noun: str, anchor: Product | None, day: int, chain: int) -> Iterator[Event]:
        """Compare a few, of a kind or of its neighbours, then perhaps buy the last one."""
        looked: list[Product] = []
        for _ in range(self._dice.pick(LOOKS)):
            if looked and self._dice.chance(WANDERS):
                noun = self._pick_kind(self._market.neighbours(noun), day, fading=False)
            product = self._choose(noun, looked[-1] if looked else anchor, looked, day)
            if product is None:
                break
            looked.append(product)
            yield self._did("view", product)
        if not looked:
            return
        if self._dice.chance(BUYS):
            yield from self._buy(looked[-1], day, chain)
        elif self._dice.chance(LOOKS_AGAIN):
            self._errands.append(_Errand(day + self._dice.between(1, 6), noun, looked[-1]))

    def _buy(self, product: Product, day: int, chain: int) -> Iterator[Event]:
        yield self._did("buy", product)
        self._bought.add(product.id)
        noun = product.kind.noun
        self._owned.add(noun)
        if noun in REFILL_DAYS and self._dice.chance(REFILLS):
            wait = int(REFILL_DAYS[noun] * (0.8 + 0.5 * self._dice.unit()))
            self._errands.append(_Errand(day + wait, noun, product, again=True))
        goes_with = self._market.next_kinds(noun)
        if not goes_with or chain == 0:
            return
        extra = self._pick_kind(goes_with, day, fading=noun in COMPLEMENTS)
        if self._dice.chance(ADDS):
            yield from self._browse(extra, product, day, chain - 1)
        elif self._dice.chance(ADDS_LATER):
            self._errands.append(_Errand(day + self._dice.between(2, 20), extra, product))

    def _pick_kind(self, nouns: Sequence[str], day: int, *, fading: bool) -> str:
        """One of some kinds, by season and, where they fade, by their order."""
        weights = [
            self._market.season(noun, day) / (1 + rank * fading) for rank, noun in enumerate(nouns)
        ]
        return nouns[self._dice.weighted(weights)]

    def _choose(
        self, noun: str, anchor: Product | None, looked: Sequence[Product], day: int
    ) -> Product | None:
        """One of a kind, by general appeal, taste and likeness to what was looked at before."""
        shelf = self._market.shelf(noun)
        weights = [
            0.0
            if product.launched > day or product.id in self._bought or product in looked
            else product.appeal
            * self._taste.likes(product)
            * (SEEN_ALREADY if product.id in self._seen else 1)
            * (kinship(product, anchor) if anchor else 1)
            for product in shelf
        ]
        return shelf[self._dice.weighted(weights)] if any(weights) else None

    def _did(self, what: str, product: Product) -> Event:
        self._seen.add(product.id)
        return Event(self._id, product.id, self._clock.tick(), what)


def kinship(product: Product, other: Product) -> float:
    """How well two products go together: a maker, a range, a colour or size, a style."""
    near = 1.0
    if product.brand.name == other.brand.name:
        near *= 3 if product.line == other.line else 2
    if product.option and product.option == other.option:
        near *= 3
    if product.style and product.style.split(",")[0] == other.style.split(",")[0]:
        near *= 4
    return near


def events(products: Sequence[Product], seed: int) -> list[Event]:
    """What all customers did, in order of time."""
    market = Market(products, seed)
    trade = [TRADE[month_of(day)] for day in range(DAYS)]
    shoppers = (_Shopper(number + 1, market, seed) for number in range(USERS))
    done = [event for shopper in shoppers for event in shopper.live(trade)]
    return sorted(done, key=attrgetter("timestamp"))
