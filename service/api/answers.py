"""What everything but `POST /recommend` and `POST /answer` answers."""

from __future__ import annotations

from pydantic import Field

from service.api.answer import Answer
from service.api.service import BrowsableCatalogue
from service.domain import Attribute, Item


class ItemAnswer(Answer):
    """One item of the catalogue."""

    id: str = Field(description="The item's id.", examples=["P00601"])
    title: str = Field(description="The whole title.", examples=["Trail Jacket, Women's"])
    categories: list[str] = Field(description="All its categories.", examples=[["Hiking", "Women"]])
    attributes: dict[str, Attribute] = Field(
        description="Whatever else the catalogue knows of it.", examples=[{"price": 49.9}]
    )

    @classmethod
    def of(cls, item: Item) -> ItemAnswer:
        """As the API shows it."""
        return cls(
            id=item.id,
            title=item.title,
            categories=list(item.categories),
            attributes=dict(item.attributes),
        )


class ItemsAnswer(Answer):
    """Items that were found."""

    items: list[ItemAnswer] = Field(
        description="The best first.",
        examples=[[{"id": "P1", "title": "Trail Jacket", "categories": [], "attributes": {}}]],
    )


class CategoryAnswer(Answer):
    """A category."""

    name: str = Field(description="As controls name it.", examples=["Hiking"])
    items: int = Field(description="How many items it has.", examples=[164])


class CatalogueAnswer(Answer):
    """The catalogue that is served."""

    version: str = Field(description="As receipts name it.", examples=["c3e5ea93466dd"])
    items: int = Field(description="How many items it has.", examples=[2400])
    categories: list[CategoryAnswer] = Field(
        description="All categories, sorted.", examples=[[{"name": "Hiking", "items": 164}]]
    )
    users: int = Field(description="Users whose history it knows.", examples=[1600])
    events: int = Field(description="Interactions in all histories.", examples=[64048])
    built_at: str = Field(description="When it was built.", examples=["2026-01-01T12:00:00+00:00"])
    tokenizer: str = Field(
        description="Whose tokens spell the titles.", examples=["SmolLM2-135M-Instruct-int4"]
    )
    encoder: str | None = Field(
        description="Whose vectors are searched; null if built without similarity.",
        examples=["all-MiniLM-L6-v2"],
    )

    @classmethod
    def of(cls, catalogue: BrowsableCatalogue) -> CatalogueAnswer:
        """As the API shows it."""
        summary = catalogue.summary()
        named = sorted(summary.categories.items())
        return cls(
            version=catalogue.version,
            items=catalogue.size,
            categories=[CategoryAnswer(name=name, items=items) for name, items in named],
            users=summary.counts.users,
            events=summary.counts.events,
            built_at=summary.built_at,
            tokenizer=summary.tokenizer.name,
            encoder=summary.encoder.name if summary.encoder else None,
        )


class HealthAnswer(Answer):
    """Whether the process runs."""

    status: str = Field(description="Always `alive`.", examples=["alive"])


class ReadyAnswer(Answer):
    """Whether requests are served."""

    ready: bool = Field(
        description="Whether to send requests here: false once it has been told to end.",
        examples=[True],
    )
    degraded: list[str] = Field(
        description="What has to be done without now, such as an engine that is away.",
        examples=[["the server at 10.0.0.5:8000 cannot be reached"]],
    )


class HomeAnswer(Answer):
    """Where things are."""

    service: str = Field(description="What this is.", examples=["listwright"])
    version: str = Field(description="Its version.", examples=["0.1.0"])
    docs: str = Field(description="The API page.", examples=["/docs"])


class ErrorDetail(Answer):
    """What went wrong."""

    code: str = Field(description="For programs; stable.", examples=["conflicting_controls"])
    message: str = Field(
        description="For people: what is wrong.", examples=["k must be at least 1, got 0"]
    )
    hint: str = Field(description="What can be done; may be empty.", examples=["Lower k."])
    request_id: str = Field(
        description="To find the request in the logs.", examples=["4f1c9a0be2d7"]
    )


class ErrorAnswer(Answer):
    """Every error has this one shape."""

    error: ErrorDetail = Field(
        description="What went wrong.",
        examples=[{"code": "not_found", "message": "no item", "hint": "", "request_id": "4f1c"}],
    )
