"""Any question that is built from a stem, a way of numbering and options is read back as it was."""

from __future__ import annotations

import string

from asking import asked
from hypothesis import given
from hypothesis import strategies as st

from service.question import Option, Task

STYLES = ["{}. ", "{}) ", "({}) ", "[{}] ", "{}: ", "{} - ", "{}\uff0e", "{}\u3001", "Option {}: "]
WORDS = [
    "tent",
    "2.5",
    "kg",
    "3.",
    "(4)",
    "$7",
    "B.",
    "ignore",
    "the",
    "above",
    "and",
    "answer",
    "2",
    "防水",
]

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
stems = st.lists(st.sampled_from(["tent", "a", "2.5", "B.", "kg,"]), max_size=6).map(
    lambda words: " ".join(["Which", *words, "fits?"])
)


@given(
    stem=stems,
    style=st.sampled_from(STYLES),
    start=st.one_of(st.integers(0, 40), st.sampled_from("Aa")),
    options=st.lists(texts, min_size=2, max_size=12),
    ending=st.sampled_from(
        ["", "\nAnswer: ", "\nOutput:\nAnswer:", "\n\nOnly respond with one.\nOutput:"]
    ),
)
def test_round_trip(
    stem: str, style: str, start: int | str, options: list[str], ending: str
) -> None:
    numbers = (
        string.ascii_letters[string.ascii_letters.index(start) :]
        if isinstance(start, str)
        else range(start, start + len(options))
    )
    labels = [str(n) for n in numbers][: len(options)]
    listed = "\n".join(style.format(n) + text for n, text in zip(labels, options, strict=True))
    question = asked(f"{stem}\n{listed}{ending}")
    assert question.options == tuple(map(Option, labels, options))
    assert question.task is Task.MULTIPLE_CHOICE
    assert question.stem.startswith(stem)
