"""What `POST /events` takes, and what it and the history answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from service.api.answer import Answer
from service.api.body import Body, Name, UserName
from service.domain import Event, Item, User
from service.errors import BadInput
from service.ports import Recorded

MOST: Final = 1_000
AHEAD: Final = timedelta(hours=1)
"""How far a sender's clock may be ahead: what lies further ahead would stay the newest for good."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class EventBody(Body):
    """A user has met an item: looked at it, bought it, watched it."""

    id: Name = Field(
        description="Your own id of the event: sent again under the same one, it counts once.",
        examples=["order-1041-line-2"],
    )
    user_id: UserName = Field(description="Who.", examples=["U00042"])
    item_id: Name = Field(
        description="What; the catalogue need not have it yet.", examples=["P00601"]
    )
    at: AwareDatetime | None = Field(
        default=None,
        description="When, with an offset from UTC; left out: when it first comes in.",
        examples=["2026-01-31T17:30:00Z"],
    )

    def to_domain(self, tenant: str, now: datetime) -> Event:
        """The event in the product's own words."""
        at = self.at or now
        if not _EPOCH <= at <= now + AHEAD:
            raise BadInput(
                f"the event {self.id!r} is of {at.isoformat()}, and it is {now.isoformat()} now",
                hint="An event may be of any time since 1970, and an hour ahead.",
            )
        milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
        return Event(self.id, User(self.user_id, tenant), self.item_id, milliseconds)


class EventsBody(Body):
    """Events of any users, in any order."""

    events: Annotated[list[EventBody], Field(min_length=1, max_length=MOST)] = Field(
        description="At most a thousand.",
        examples=[[{"id": "order-1041-line-2", "user_id": "U00042", "item_id": "P00601"}]],
    )

    def to_domain(self, tenant: str) -> list[Event]:
        """The events in the product's own words."""
        now = datetime.now(UTC)
        return [event.to_domain(tenant, now) for event in self.events]


class EventsAnswer(Answer):
    """What became of events; what is not listed here was refused as a whole."""

    new: int = Field(description="How many count from now on.", examples=[1])
    known: int = Field(description="How many had come before, by their ids.", examples=[0])
    late: int = Field(
        description="How many are older than all that a full history still holds.", examples=[0]
    )
    unknown_items: int = Field(
        description="How many name an item that the catalogue does not have.", examples=[0]
    )

    @classmethod
    def of(cls, recorded: Recorded, unknown_items: int) -> EventsAnswer:
        """As the API shows it."""
        return cls(
            new=recorded.new,
            known=recorded.known,
            late=recorded.late,
            unknown_items=unknown_items,
        )


class MetItem(Answer):
    """An item of a history."""

    id: str = Field(description="Its id.", examples=["P00601"])
    title: str | None = Field(
        description="Its title; null if the catalogue does not have it.", examples=["Trail Jacket"]
    )

    @classmethod
    def of(cls, item_id: str, item: Item | None) -> MetItem:
        """As the API shows it."""
        return cls(id=item_id, title=None if item is None else item.title)


class HistoryAnswer(Answer):
    """What is remembered of a user."""

    user_id: str = Field(description="Whose it is.", examples=["U00042"])
    items: list[MetItem] = Field(
        description="What the user has met, oldest first; no list will hold any of it.",
        examples=[[{"id": "P00601", "title": "Trail Jacket"}]],
    )
