"""Whether lists are good, and obey: what the model wanted, drafted, and what was handed out."""

# ruff: noqa: E501 - what a panel says is one line
from __future__ import annotations

from typing import Final

from boards.board import Board, Choice, Section
from boards.panels import (
    A_SECOND,
    BAD,
    COUNT,
    GOOD,
    POOR,
    SECONDS,
    SHARE,
    Query,
    figure,
    lines,
)
from boards.queries import Chosen

BY_VARIANT: Final = Chosen(("variant",))
BY_MODEL: Final = Chosen(("model",))
BY_BOTH: Final = Chosen(("variant", "model"))
HERE: Final = Chosen()
LISTS: Final = "listwright_lists_total"
CONTROLS: Final = "listwright_controls_total"
CHOICES: Final = "listwright_choices_total"
LINES: Final = "listwright_draft_lines_total"
ANSWERS: Final = "listwright_answers_total"
VIOLATIONS: Final = "listwright_violations_total"
HOLDS, DRAFT, LIST = 'holds="true"', 'of="draft"', 'of="list"'
DRAFTS, FINISHED = 'of=~"draft|answer_draft"', 'of=~"list|answer"'

PROMISE: Final = Section(
    "The promise",
    [
        figure(
            "Controls that lists hold", SHARE,
            "Of those asked for, in finished lists: all of them, always. One that holds less is withheld, and is an incident.",
            BY_VARIANT.share(CONTROLS, HOLDS, among=LIST), first=BAD, bounds={1: GOOD},
        ),
        figure(
            "Controls that drafts hold", SHARE,
            "Before any repair. If it falls while the former stays: the model or its prompt has changed, and repairs cover for it.",
            BY_VARIANT.share(CONTROLS, HOLDS, among=DRAFT), first=BAD, bounds={0.8: POOR, 0.95: GOOD},
        ),
        figure(
            "Lines that stood", SHARE,
            "Of the lines that models drafted, those that are in the list. The rest were not allowed to stand.",
            BY_BOTH.share(LINES, 'stood="true"'), first=BAD, bounds={0.8: POOR, 0.95: GOOD},
        ),
        figure(
            "Choices prevented", SHARE,
            "How often the token a model liked best was not allowed: what would have gone wrong without steering.",
            BY_MODEL.share(CHOICES, 'wanted!="agreed"'), bounds={0.3: POOR, 0.6: BAD},
        ),
        figure(
            "Repairs for each list", COUNT,
            "Items that stand in for what the model should have named.",
            f"{BY_VARIANT.rate('listwright_repairs_total')} / {BY_VARIANT.rate(LISTS)}",
            bounds={0.5: POOR, 2: BAD},
        ),
        figure(
            "Violations found", A_SECOND,
            "By the validators, in drafts as they came, before any repair.",
            BY_VARIANT.rate(VIOLATIONS, where=DRAFTS), bounds={1: POOR, 10: BAD},
        ),
    ],
)  # fmt: skip

WANTED: Final = Section(
    "What the model wanted, and what stood",
    [
        lines(
            "What came of the token liked best", SHARE,
            "Shares of the watched choices: `agreed` with the plan, or would have been a title that is not, a repeat, an item met before, a broken control or form.",
            Query(
                f"{BY_MODEL.rate(CHOICES, 'wanted')} / ignoring (wanted) group_left {BY_MODEL.rate(CHOICES)}",
                "{{wanted}}",
            ),
            stacked=True,
        ),
        lines(
            "Prevented, by model", SHARE,
            "The less, the better the model knows its catalogue. Fine-tuning should bring it down.",
            Query(BY_MODEL.share(CHOICES, 'wanted!="agreed"', "model"), "{{model}}"),
        ),
        lines(
            "Lines that stood, by model and variant", SHARE,
            "The rest were repaired. A steered engine has all of them stand; numbers from one without plugin may not.",
            Query(BY_BOTH.share(LINES, 'stood="true"', "model, variant"), "{{model}} {{variant}}"),
        ),
        lines(
            "Violations by kind", A_SECOND,
            "In drafts. `nonexistent` or `misspelled`: titles that no catalogue has; `control`: what the model did not obey.",
            Query(BY_VARIANT.rate(VIOLATIONS, "kind", DRAFTS), "{{kind}}"), stacked=True,
        ),
        lines(
            "Repairs for each list, by variant", COUNT,
            "A variant with more of them is less the model's work than it seems.",
            Query(
                f"{BY_VARIANT.rate('listwright_repairs_total', 'variant')} / {BY_VARIANT.rate(LISTS, 'variant')}",
                "{{variant}}",
            ),
        ),
        lines(
            "Controls relaxed", A_SECOND,
            "Let go where the request allowed it, because not all could hold. Many of one kind: the shop asks for what its catalogue has not.",
            Query(BY_VARIANT.rate("listwright_controls_relaxed_total", "kind"), "{{kind}}"),
        ),
    ],
)  # fmt: skip

OBEDIENCE: Final = Section(
    "Obedience",
    [
        lines(
            "Drafts, by kind of control", SHARE,
            "Which part of the controls held before any repair. One kind that falls alone: read how the prompt words it.",
            Query(BY_VARIANT.share(CONTROLS, HOLDS, "kind", DRAFT), "{{kind}}"),
        ),
        lines(
            "Lists, by kind of control", SHARE,
            "The same of finished lists. Below 1 a list broke the promise and was withheld: find its request by `promise_broken` in the log, and report it.",
            Query(BY_VARIANT.share(CONTROLS, HOLDS, "kind", LIST), "{{kind}}"),
        ),
        lines(
            "Drafts, by variant", SHARE,
            "Which variant obeys better by itself.",
            Query(BY_VARIANT.share(CONTROLS, HOLDS, "variant", DRAFT), "{{variant}}"),
        ),
        lines(
            "Controls asked for", A_SECOND,
            "By kind: what shops use.",
            Query(BY_VARIANT.rate(CONTROLS, "kind", LIST), "{{kind}}"), stacked=True, width=12,
        ),
        lines(
            "Broken promises", A_SECOND,
            "What the validators found in finished lists and answers, which were withheld: an error 500 each. Nothing, always.",
            Query(BY_VARIANT.rate(VIOLATIONS, "of, kind", FINISHED), "{{of}} {{kind}}"), width=12,
        ),
    ],
)  # fmt: skip

QUESTIONS: Final = Section(
    "Answers",
    [
        lines(
            "Answers by task and path", A_SECOND,
            "`llm` a model's, else by similarity.",
            Query(BY_BOTH.rate(ANSWERS, "task, path"), "{{task}} {{path}}"), stacked=True,
        ),
        lines(
            "How long answers take: p95", SECONDS,
            "From the question until it was validated; thoughts before it are in it.",
            Query(HERE.quantile(0.95, "listwright_answer_seconds", "task"), "{{task}}"),
        ),
        lines(
            "What small models added", A_SECOND,
            "Thoughts and resemblances: `left_out` is late or failed, and the answer was made without.",
            Query(HERE.rate("listwright_supplements_total", "kind, outcome"), "{{kind}} {{outcome}}"),
        ),
    ],
)  # fmt: skip

BOARD: Final = Board(
    uid="listwright-quality",
    title="quality and control",
    says="What models wanted, what they drafted, and that lists obey. docs/watching.md says what each metric is.",
    choices=[
        Choice("instance", "listwright_build_info"),
        Choice("variant", "listwright_controls_total"),
        Choice("model", "listwright_engine_tokens_total"),
    ],
    sections=[PROMISE, WANTED, OBEDIENCE, QUESTIONS],
)
