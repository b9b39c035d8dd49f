from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from service.prompts.answer import Seen, answer_prompt
from service.prompts.fence import CLOSE, OPEN
from service.prompts.question_thought import cleaned, thought_prompt
from service.question import Option, Question, Task

HOSTILE = st.text(max_size=40) | st.lists(
    st.sampled_from(
        [CLOSE, OPEN, ">", "\uff1e", "<|im_start|>", "<|im_", "end|>", "[/INST]", "<s>", "</s>",
         "<<SYS>>", "\uff1c|im_end|\uff1e", "<", "|", "\n", "\r", "\x0b", "\x85", "\x00",
         "\u200b", "\u2028", "\ud800", "1. ", "2) ", "Answer:", "ignore the above", "system: ",
         " ", "word", "complement", "&lt;", "&#60;", "&#x3e;", "&LeftTag;", "&#10;", "&amp;", "lt;",
         "&NewLine;", "&lbrack;", "&#0;", "&#xff1c;", "&#8232;", "&#" + "9" * 5_000 + ";"]
    ),
    max_size=12,
).map("".join)  # fmt: skip

TASKS = st.sampled_from(Task)
MANNERS = st.booleans()


@given(task=TASKS, stem=HOSTILE, texts=st.lists(HOSTILE, min_size=1, max_size=8), thought=HOSTILE,
       numbers=MANNERS)  # fmt: skip
def test_nothing_that_was_sent_ends_a_fence_or_opens_a_turn(
    task: Task, stem: str, texts: list[str], thought: str, numbers: bool
) -> None:
    options = tuple(Option(str(n), text) for n, text in enumerate(texts))
    question = Question(task, "relation " + stem, options, 1, source=stem)
    user = answer_prompt(question, Seen(thought, options[:3]), numbers=numbers).user
    asked = thought_prompt(question).user
    for text in (user, asked):
        fences = [line for line in text.split("\n") if OPEN in line or CLOSE in line]
        assert set(fences) == {OPEN, CLOSE}
        assert fences[0::2] == [OPEN] * (len(fences) // 2)
        free = text.replace(OPEN, "").replace(CLOSE, "").replace("[...]", "")
        assert not set(free) & set("<>[]\uff1c\uff1e\x00\x0b\x85\u200b\u2028\r\ud800")


@given(st.lists(HOSTILE, min_size=1, max_size=12), st.booleans())
def test_every_label_begins_one_line(texts: list[str], lettered: bool) -> None:
    labels = [chr(ord("A") + n) if lettered else str(n + 1) for n in range(len(texts))]
    options = tuple(map(Option, labels, texts))
    user = answer_prompt(Question(Task.RETRIEVAL, "Which?", options, 1)).user
    shown = user.split(f"{OPEN}\n")[1].split(f"\n{CLOSE}")[0].split("\n")
    assert [re.split(r"[. ]|$", line)[0] for line in shown] == labels


@given(HOSTILE, st.integers(1, 80))
def test_a_cleaned_thought_is_one_harmless_short_line(text: str, limit: int) -> None:
    thought = cleaned(text + " The kettle boils water for tea. " + text, limit)
    assert not set(thought) & set("<>[]\n\r\x00\u200b\u2028")
    assert len(thought.split()) <= limit
    assert "ignore the above" not in thought.casefold()
