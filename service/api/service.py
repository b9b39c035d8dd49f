"""What the API needs of the service behind it; wiring's parts are such a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.access.gate import Access
from service.api.valve import Valve
from service.domain import Exposure, Feedback, KnownUser
from service.pipeline.answerer import Answerer
from service.pipeline.parts import Recommender
from service.ports import Catalogue, ExposureStore, HistoryStore, Recorded
from service.steering.arrays import IntArray


class Counts(Protocol):
    """How much there is of everything."""

    @property
    def users(self) -> int:
        """Users with a history."""
        ...

    @property
    def events(self) -> int:
        """Interactions in all histories."""
        ...


class Named(Protocol):
    """A model something was built with."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...


class Summary(Protocol):
    """What there is to know about a catalogue at a glance."""

    @property
    def built_at(self) -> str:
        """When it was built."""
        ...

    @property
    def counts(self) -> Counts:
        """How much there is of everything."""
        ...

    @property
    def categories(self) -> Mapping[str, int]:
        """How many items each category has."""
        ...

    @property
    def tokenizer(self) -> Named:
        """Whose tokens spell the titles."""
        ...

    @property
    def encoder(self) -> Named | None:
        """Whose vectors are searched; None without similarity."""
        ...


class BrowsableCatalogue(Catalogue, Protocol):
    """A catalogue that can also be looked through."""

    def search(self, text: str, limit: int) -> IntArray:
        """Rows whose titles fit the words, the best first; any rows if there are no words."""
        ...

    def summary(self) -> Summary:
        """How and from what the catalogue was built."""
        ...


class RequestMetrics(Protocol):
    """Counts requests, and shows all that was counted."""

    def began(self, route: str) -> None:
        """A request to a route (its template, never the raw path) came in."""
        ...

    def ended(self, route: str) -> None:
        """It is over, whatever came of it."""
        ...

    def watch_gateway(self, valve: Valve) -> None:
        """Show how many requests are let in."""
        ...

    def shed(self, reason: str) -> None:
        """A request was turned away because there was too much to do."""
        ...

    def requested(self, route: str, status: int, seconds: float) -> None:
        """A request to a route was answered."""
        ...

    def recorded(self, recorded: Recorded) -> None:
        """Events came in."""
        ...

    def learnt(self, exposure: Exposure, feedback: Sequence[Feedback]) -> None:
        """Something was said of a list."""
        ...

    def exposition(self) -> bytes:
        """Everything counted, in the text format of Prometheus."""
        ...


class Edition(Protocol):
    """A version of the catalogue, opened."""

    @property
    def catalogue(self) -> BrowsableCatalogue:
        """The version."""
        ...


class Editions(Protocol):
    """Which version is served."""

    async def reload(self, version: str | None = None) -> Edition:
        """Serve a version, or the one built last; UnknownVersion, DamagedArtifact, EngineError."""
        ...

    async def rollback(self) -> Edition:
        """Serve what was served before; UnknownVersion if there was nothing."""
        ...


class Histories(HistoryStore, Protocol):
    """What users have met, and some of those to show."""

    def known(self, tenant: str, limit: int) -> tuple[KnownUser, ...]:
        """Some users of a tenant whom the catalogue knows, always the same ones."""
        ...


class Service(Protocol):
    """An opened service."""

    @property
    def recommender(self) -> Recommender:
        """What makes lists."""
        ...

    @property
    def answerer(self) -> Answerer:
        """What answers questions."""
        ...

    @property
    def catalogue(self) -> BrowsableCatalogue:
        """What lists are made from."""
        ...

    @property
    def editions(self) -> Editions:
        """The way to other versions."""
        ...

    @property
    def store(self) -> Histories:
        """What users have met."""
        ...

    @property
    def exposures(self) -> ExposureStore:
        """Which lists were handed out."""
        ...

    @property
    def access(self) -> Access:
        """Who may come in."""
        ...

    @property
    def metrics(self) -> RequestMetrics:
        """Where requests are counted."""
        ...

    async def amiss(self) -> list[str]:
        """What has to be done without now; requests are served all the same."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a request may ask for, and what it gets when it says nothing."""

    max_k: int = 100
    default_k: int = 10
    max_history: int = 10_000
    max_deadline_ms: int = 120_000
    temperature: float = 0.0
    max_body_bytes: int = 2_000_000
    request_seconds: float = 10.0
    max_concurrent: int = 64
    busy_seconds: float = 0.5
    playground: bool = True
    """Whether the page for people is served, and what it alone asks for."""
    hosts: tuple[str, ...] = ()
    """Which hosts are this service's besides those that can be nobody else's, where no keys are."""
