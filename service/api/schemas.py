"""What `POST /recommend` takes: strict types and bounds; each field with text and example."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, create_model

from service.api.body import (
    Amount,
    Body,
    DecodingBody,
    EngineBody,
    Name,
    Text,
    UserName,
    deadline_field,
)
from service.api.inside import told
from service.api.service import Bounds
from service.domain import (
    Controls,
    Intent,
    OnConflict,
    Op,
    RecommendRequest,
    Share,
    Strategy,
)
from service.tuning import MAX_WISH_WEIGHT

MAX_SHARES: Final = 4
MAX_NAMES: Final = 32

Names = Annotated[list[Name], Field(max_length=MAX_NAMES)]


class ShareBody(Body):
    """A bound on how much of the list one category may take."""

    category: Name = Field(description="Name of a category.", examples=["Gifts"])
    op: Op = Field(
        description="`<=` at most, `>=` at least, `~` exactly, after rounding half up.",
        examples=["<="],
    )
    share: Amount = Field(
        ge=0, le=1, allow_inf_nan=False, description="Part of the list, 0 to 1.", examples=[0.3]
    )

    def to_domain(self) -> Share:
        """The control in the product's own words."""
        return Share(self.category, self.op, self.share)


class IntentBody(Body):
    """What the user wants now. Words change what is likely, controls what is possible."""

    text: Text | None = Field(
        default=None,
        description="What the user wants, in free words. NUL characters are refused.",
        examples=["a long weekend in the mountains, light luggage"],
    )
    query: Text | None = Field(
        default=None,
        description="What the user typed into a search box.",
        examples=["waterproof jacket"],
    )
    include: Names = Field(
        default=[],
        description="Every item has at least one of these categories.",
        examples=[["Hiking", "Camping & Travel Gear"]],
    )
    exclude: Names = Field(
        default=[], description="No item has any of these categories.", examples=[["Kids"]]
    )
    shares: Annotated[list[ShareBody], Field(max_length=MAX_SHARES)] = Field(
        default=[],
        description="Bounds on how much of the list a category may take; at most four.",
        examples=[[{"category": "Gifts", "op": "<=", "share": 0.3}]],
    )

    def to_domain(self) -> Intent:
        """The intent in the product's own words."""
        shares = tuple(share.to_domain() for share in self.shares)
        include, exclude = dict.fromkeys(self.include), dict.fromkeys(self.exclude)
        controls = Controls(tuple(include), tuple(exclude), shares)
        return Intent(self.text or "", self.query or "", controls)


def k_field(bounds: Bounds) -> Any:
    """How long a list is to be, with this service's bounds on it."""
    return Field(
        default=bounds.default_k,
        ge=1,
        le=bounds.max_k,
        description="How many items the list has: exactly so many.",
        examples=[5],
    )


def history_field(bounds: Bounds) -> Any:
    """A history in a request, with this service's bound on it."""
    return Field(
        default=None,
        max_length=bounds.max_history,
        description="Ids of the items the user has interacted with, oldest first. "
        "Left out: what is remembered of `user_id`. None of them will be listed.",
        examples=[["P00601", "P00017"]],
    )


_DEFAULT: Final = Bounds()


class ListBody(DecodingBody):
    """For whom a list is to be, how long, and what of."""

    user_id: UserName | None = Field(
        default=None, description="Whose remembered history counts.", examples=["U00042"]
    )
    history: list[Name] | None = history_field(_DEFAULT)
    k: int = k_field(_DEFAULT)
    intent: IntentBody | None = Field(
        default=None,
        description="What the user wants now.",
        examples=[{"query": "waterproof", "exclude": ["Kids"]}],
    )

    def to_domain(self, bounds: Bounds, tenant: str) -> RecommendRequest:
        """The request in the product's own words, about a user of this tenant."""
        return RecommendRequest(
            k=self.k,
            user_id=self.user_id,
            tenant=tenant,
            history=None if self.history is None else tuple(self.history),
            intent=self.intent.to_domain() if self.intent else Intent(),
            sampling=self.sampling(bounds),
            deadline_ms=self.deadline_ms,
            variant=self.variant,
        )


AnyList = TypeVar("AnyList", bound=ListBody)


class RecommendBody(ListBody, EngineBody):
    """A request for one list."""

    strategy: Strategy = Field(
        default=Strategy.AUTO,
        description="`auto`: whichever of the others was measured to be best, of those that can be "
        "in time; `generate`: the model writes the list; `rank`: it weighs the retrievers' best "
        "candidates in one pass; `retrieve`: the retrievers alone.",
        examples=["auto"],
    )
    wish_weight: Amount | None = Field(
        default=None,
        le=MAX_WISH_WEIGHT,
        ge=0,
        allow_inf_nan=False,
        description="How much the words of the wish count beside what the user met, as a multiple "
        "of what was tuned: 2 has them count twice as much. Left out: as the service is set up.",
        examples=[2.0],
    )
    explain: bool = Field(
        default=False, description="Say of each item why it is listed.", examples=[True]
    )
    stream: bool = Field(
        default=False,
        description="Send each item as a server-sent event the moment it is final, then the whole "
        "answer; hanging up ends the work.",
        examples=[False],
    )
    on_conflict: OnConflict = Field(
        default=OnConflict.REJECT,
        description="When no list can obey: `reject` answers 422 and names the conflict; "
        "`relax` lets go of the fewest controls, the last-listed first.",
        examples=["reject"],
    )
    strict_history: bool = Field(
        default=False,
        description="Refuse a history that names unknown items; otherwise they are counted.",
        examples=[False],
    )

    inside: bool = Field(
        default=False,
        description="Tell how the list came about: what the model was asked, whom the retrievers "
        "proposed, when each stage began. Such a list is made for this request alone. Only where "
        "the playground is served.",
        examples=[False],
    )

    def to_domain(self, bounds: Bounds, tenant: str) -> RecommendRequest:
        """The request in the product's own words, about a user of this tenant."""
        return replace(
            super().to_domain(bounds, tenant),
            strategy=self.strategy,
            prior_weight=self.prior_weight,
            wish_weight=self.wish_weight,
            cot=self.cot,
            explain=self.explain,
            on_conflict=self.on_conflict,
            strict_history=self.strict_history,
            inside=told(bounds, inside=self.inside),
        )


def recommend_body(bounds: Bounds) -> type[RecommendBody]:
    """The schema with this service's own bounds in it, for the parser and the API page alike."""
    return bounded("RecommendRequest", RecommendBody, bounds)


def bounded(name: str, body: type[AnyList], bounds: Bounds) -> type[AnyList]:
    """A body by the name it has in the schema, with this service's own bounds in it."""
    return create_model(
        name,
        __base__=body,
        __doc__=body.__doc__,
        k=(int, k_field(bounds)),
        history=(list[Name] | None, history_field(bounds)),
        deadline_ms=(int | None, deadline_field(bounds)),
    )
