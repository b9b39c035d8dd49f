"""What `POST /recommend` answers: a list and its receipt."""

from __future__ import annotations

from pydantic import Field

from service.api.answer import Answer, absent
from service.api.inside import ListInside
from service.api.supplements import SupplementAccount
from service.domain import (
    ControlKind,
    ControlOutcome,
    Op,
    Origin,
    Path,
    Receipt,
    Recommendation,
    RecommendedItem,
    Source,
    Strategy,
)


class ListedItem(Answer):
    """One line of a list."""

    id: str = Field(description="The item's id.", examples=["P00601"])
    title: str = Field(description="The whole title.", examples=["Trail Jacket, Women's"])
    categories: list[str] = Field(description="All its categories.", examples=[["Hiking", "Women"]])
    score: float = Field(
        description="What the retrievers think of it: a log-probability.", examples=[-4.21]
    )
    source: Source = Field(
        description="What put it here: the model, the retrievers, popularity, or a repair.",
        examples=["llm"],
    )
    reason: str | None = Field(
        default=None,
        exclude_if=absent,
        description="Why it is listed; only when the request says `explain`.",
        examples=["in Hiking, as asked; like Trail Shoes"],
    )

    @classmethod
    def of(cls, line: RecommendedItem) -> ListedItem:
        """As the API shows it."""
        item = line.item
        return cls(
            id=item.id,
            title=item.title,
            categories=list(item.categories),
            score=line.score,
            source=line.source,
            reason=line.reason,
        )


class ControlAccount(Answer):
    """One control: what it wanted of the list, and what the list holds."""

    kind: ControlKind = Field(description="Which kind of control.", examples=["share"])
    category: str = Field(
        description="What it is about, for a person; several names are joined with “or”.",
        examples=["Gifts"],
    )
    categories: list[str] = Field(description="What it is about, exactly.", examples=[["Gifts"]])
    op: Op | None = Field(
        default=None, exclude_if=absent, description="Of a share: how it bounds.", examples=["<="]
    )
    share: float | None = Field(
        default=None,
        exclude_if=absent,
        description="Of a share: the part asked for.",
        examples=[0.3],
    )
    want: str = Field(description="How many items of it the list may have.", examples=["<=3"])
    got: int = Field(description="How many the list has.", examples=[3])
    holds: bool = Field(description="Whether that is what was wanted.", examples=[True])

    @classmethod
    def of(cls, outcome: ControlOutcome) -> ControlAccount:
        """As the API shows it."""
        return cls(
            kind=outcome.kind,
            category=" or ".join(outcome.categories),
            categories=list(outcome.categories),
            op=outcome.op,
            share=outcome.share,
            want=outcome.want,
            got=outcome.got,
            holds=outcome.holds,
        )


class HistoryAccount(Answer):
    """What was known of the user."""

    used: int = Field(description="How many items of the catalogue it names.", examples=[12])
    unknown: int = Field(description="How many ids the catalogue does not have.", examples=[0])
    digest: str = Field(
        description="SHA-256 of the ids as a compact JSON list, oldest first.",
        examples=["4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"],
    )


class ReceiptAnswer(Answer):
    """The account of a list that anyone can check: `listwright verify`."""

    k: int = Field(description="How many items were asked for.", examples=[10])
    path: Path = Field(description="Which road made the list.", examples=["llm"])
    strategy: Strategy = Field(
        description="Which strategy made it: `generate`, `rank` or `retrieve`; never `auto`.",
        examples=["generate"],
    )
    degraded: bool = Field(
        description="Whether something that should have helped was late or failed.",
        examples=[False],
    )
    why: str = Field(description="Why this path.", examples=["the engine could answer in time"])
    exists: int = Field(description="How many items the catalogue has.", examples=[10])
    repeats: int = Field(description="How many items stand there twice.", examples=[0])
    in_history: int = Field(description="How many items are in the history.", examples=[0])
    controls: list[ControlAccount] = Field(
        description="The controls that were to hold.",
        examples=[
            [
                {
                    "kind": "share",
                    "category": "Gifts",
                    "categories": ["Gifts"],
                    "op": "<=",
                    "share": 0.3,
                    "want": "<=3",
                    "got": 3,
                    "holds": True,
                }
            ]
        ],
    )
    repaired: int = Field(
        description="How many items the retrievers had to add to the model's.", examples=[0]
    )
    relaxed: list[ControlAccount] = Field(
        description="The controls that were let go, with `on_conflict: relax`.", examples=[[]]
    )
    history: HistoryAccount = Field(
        description="What was known of the user.",
        examples=[{"used": 12, "unknown": 0, "digest": "9f86d081884c7d65"}],
    )
    catalogue: str = Field(description="Version of the catalogue.", examples=["c3e5ea93466dd"])
    model: str | None = Field(
        description="Which model wrote the list; null if none did.",
        examples=["SmolLM2-135M-Instruct-int4"],
    )
    prompt: str | None = Field(
        description="Version of the prompt; null if none was used.", examples=["recommend/2"]
    )
    prior_weight: float = Field(
        description="How much the retrievers weighed against the model; 0 where it chose by "
        "numbers. Where there was no model, what it would have been.",
        examples=[1.0],
    )
    retrievers: list[str] = Field(
        description="Who scored the items.", examples=[["popularity", "sasrec"]]
    )
    ranker: str | None = Field(
        description="Version of the trained ranker (`sasrec`); null if it did not score them.",
        examples=["r3e5ea93466dd"],
    )
    variant: str = Field(
        description="Which of the service's variants made the list.", examples=["default"]
    )
    wish_weight: float = Field(
        description="How much the words of the wish counted, as a multiple of what was tuned.",
        examples=[1.0],
    )

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptAnswer:
        """As the API shows it."""
        return cls(
            k=receipt.k,
            path=receipt.path,
            strategy=receipt.strategy,
            degraded=receipt.degraded,
            why=receipt.why,
            exists=receipt.exists,
            repeats=receipt.repeats,
            in_history=receipt.in_history,
            controls=[ControlAccount.of(outcome) for outcome in receipt.controls],
            repaired=receipt.repaired,
            relaxed=[ControlAccount.of(outcome) for outcome in receipt.relaxed],
            history=HistoryAccount(
                used=receipt.history_used,
                unknown=receipt.history_unknown,
                digest=receipt.history_digest,
            ),
            catalogue=receipt.catalogue,
            model=receipt.model,
            prompt=receipt.prompt,
            prior_weight=receipt.prior_weight,
            retrievers=list(receipt.retrievers),
            ranker=receipt.ranker,
            variant=receipt.variant,
            wish_weight=receipt.wish_weight,
        )


class RecommendAnswer(Answer):
    """A list and its receipt."""

    request_id: str = Field(
        description="The request's `X-Request-ID`, or one made for it.", examples=["4f1c9a0be2d7"]
    )
    items: list[ListedItem] = Field(
        description="The list: exactly `k` items, the best first.",
        examples=[
            [
                {
                    "id": "P00601",
                    "title": "Trail Jacket",
                    "categories": ["Hiking"],
                    "score": -4.21,
                    "source": "llm",
                }
            ]
        ],
    )
    receipt: ReceiptAnswer = Field(
        description="The account of the list.",
        examples=[{"k": 1, "path": "llm", "exists": 1, "repeats": 0, "in_history": 0}],
    )
    origin: Origin = Field(
        description="Whether the list was made for this request, or kept from before, or shared "
        "with another that asked at the same time: for the same question of the same user.",
        examples=["made"],
    )
    timings: dict[str, float] = Field(
        description="Milliseconds each stage took, and the total.",
        examples=[{"plan": 0.4, "draft": 812.0, "total": 820.3}],
    )
    supplements: list[SupplementAccount] = Field(
        description="What a small model thought of the user before, used or not; empty where none "
        "was to.",
        examples=[[{"kind": "thought", "used": True, "why": "the sidecar thought", "text": "..."}]],
    )
    inside: ListInside | None = Field(
        default=None,
        exclude_if=absent,
        description="How the list came about, if the request asks for it.",
        examples=[{"prompt": None, "considered": [], "stages": []}],
    )

    @classmethod
    def of(cls, made: Recommendation) -> RecommendAnswer:
        """As the API shows it."""
        return cls(
            request_id=made.request_id,
            items=[ListedItem.of(line) for line in made.items],
            receipt=ReceiptAnswer.of(made.receipt),
            origin=made.origin,
            timings=dict(made.timings),
            supplements=[SupplementAccount.of(each) for each in made.supplements],
            inside=None if made.inside is None else ListInside.of(made.inside),
        )
