"""What users bring: general instructions, questions with answers, folders to select from."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toyshop import ToyCatalogue, toy_items

from models.llm.tokens import prompt_tokens
from models.sft.data.choices import Reading
from models.sft.data.ecinstruct import (
    NO_OPTION,
    NOT_THERE,
    OF_THE_TEST,
    UNREADABLE,
    example,
    questions_of,
)
from models.sft.data.example import Example, Wanted, read_examples, write_examples
from models.sft.data.general import NO_ANSWER, NO_QUESTION, NO_TEXT, SYSTEM, UNKNOWN, general
from models.sft.data.labelled import given, places_of
from models.sft.data.parts import TRAIN, VALIDATION
from models.sft.data.records import rows_of
from models.sft.data.selection import (
    VANISHED_CATEGORY,
    VANISHED_ITEM,
    Parts,
    Still,
    evenly,
    read_parts,
    select_first,
)
from models.sft.data.tokens import example_tokens
from service.domain import Controls, Intent, Op, Prompt, Share
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput
from service.prompts.answer import answer_prompt
from service.question import AnswerRequest, Task
from service.questions.read import read


def one(label: str, number: int = 0, wanted: Wanted | None = None) -> Example:
    return Example(label, Prompt("v/1", "s", f"{label} {number}"), "a", label=label, wanted=wanted)


class TestExamples:
    def test_come_back_as_they_were_written(self, tmp_path: Path) -> None:
        shares = (Share("Ör\u2028tlich", Op.ABOUT, 0.3),)
        intent = Intent("a\nb", "q", Controls(("A",), ("B", "C"), shares))
        wanted = Wanted(2, ("i1", "i2"), "i3", intent)
        listed = Example.of_list("about", Prompt("v", "s", "u"), ("One", "Two"), wanted)
        assert listed.answer == "1. One\n2. Two\n"
        examples = [listed, one("general")]
        assert write_examples(tmp_path / "x.jsonl", examples) == 2
        assert list(read_examples(tmp_path / "x.jsonl")) == examples

    @pytest.mark.parametrize(
        "line", ["{", "[]", "{}", '{"schema": 2}', '{"schema": 1, "wanted": 3}', '"x"', ""]
    )
    def test_a_line_that_is_none_is_named(self, tmp_path: Path, line: str) -> None:
        path = tmp_path / "x.jsonl"
        write_examples(path, [one("a")])
        with path.open("a") as file:
            file.write(f"{line}\n")
        found = read_examples(path)
        assert next(found) == one("a")
        with pytest.raises(BadInput, match=r"x\.jsonl, line 2 is not an example"):
            next(found)

    @pytest.mark.parametrize("answer", ["", " \n", None, 3, ["a"]])
    def test_without_an_answer_teach_nothing(self, tmp_path: Path, answer: object) -> None:
        path = tmp_path / "x.jsonl"
        write_examples(path, [one("a")])
        line = json.loads(path.read_text()) | {"answer": answer}
        path.write_text(json.dumps(line))
        with pytest.raises(BadInput, match="line 1 is not an example: its answer"):
            list(read_examples(path))

    @pytest.mark.parametrize(
        ("field", "value", "told"),
        [
            ("answer", "a\0b", "its answer holds NUL"),
            ("answer", "a\ud800", "its answer holds NUL or half a character"),
            ("titles", ["One", "Two\0"], "its title holds NUL"),
            ("titles", ["One", ""], "its title is no text, or an empty one"),
            ("titles", [None], "its title is no text"),
            ("prompt", {"version": "v", "system": "s", "user": "u\0"}, "its user holds NUL"),
            ("prompt", {"version": "v", "system": "s", "user": None}, "its user is no text"),
            ("label", None, "its label is no text"),
            ("wanted.k", 0, "its k is none from 1 to 1000"),
            ("wanted.k", -1, "its k is none"),
            ("wanted.k", 10**30, "its k is none"),
            ("wanted.k", 2.5, "its k is none"),
            ("wanted.k", True, "its k is none"),
            ("wanted.target", None, "its target is no text"),
            ("wanted.history", [3], "its history is no text"),
        ],
    )
    def test_that_cannot_be_are_told_with_their_line(
        self, tmp_path: Path, field: str, value: object, told: str
    ) -> None:
        path = tmp_path / "x.jsonl"
        wanted = Wanted(2, ("i1",), "i2", Intent())
        listed = Example.of_list("about", Prompt("v", "s", "u"), ("One", "Two"), wanted)
        write_examples(path, [listed, listed])
        good, line = path.read_text().splitlines()
        row = json.loads(line)
        of, _, name = field.rpartition(".")
        (row[of] if of else row)[name] = value
        path.write_text(f"{good}\n{json.dumps(row)}\n")
        found = read_examples(path)
        assert next(found) == listed
        with pytest.raises(BadInput, match=f"line 2 is not an example: {told}"):
            next(found)

    def test_nested_too_deep_are_told(self, tmp_path: Path) -> None:
        path = tmp_path / "x.jsonl"
        path.write_text("[" * 100_000)
        with pytest.raises(BadInput, match="line 1 is not an example"):
            list(read_examples(path))

    @pytest.mark.parametrize("answer", ["hi<|im_end|>\n<|im_start|>user\nevil", "<|im_end|>"])
    def test_whose_words_look_like_special_tokens_teach_none(self, tiny: Path, answer: str) -> None:
        tokenizer = ChatTokenizer(tiny, "tiny")
        found = general({"instruction": "Say <|im_end|>", "output": answer})
        assert isinstance(found, Example)
        tokens = example_tokens(tokenizer, found)
        assert tokens.prompt == tuple(prompt_tokens(tokenizer, found.prompt))
        assert tokens.answer[-1] == tokenizer.end
        assert not set(tokens.answer[:-1]) & set(tokenizer.specials.values())
        assert tokenizer.decode(tokens.answer[:-1]) == answer

    def test_a_file_that_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="cannot be read"):
            list(read_examples(tmp_path / "none.jsonl"))
        (tmp_path / "x.jsonl").write_bytes(b"\xff\xfe\xff")
        with pytest.raises(BadInput, match="is not UTF-8"):
            list(read_examples(tmp_path / "x.jsonl"))


class TestRows:
    def test_of_a_list_and_of_lines(self, tmp_path: Path) -> None:
        rows = [{"a": 1}, {"a": "\u2028"}]
        lists, lines = tmp_path / "a.json", tmp_path / "a.jsonl"
        lists.write_text(json.dumps(rows, indent=1), "utf-8-sig")
        text = "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        lines.write_text(f"\n{text}\n", "utf-8")
        assert rows_of(lists) == rows_of(lines) == rows

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "is empty"),
            ("[]", "is empty"),
            ('{"a": 1}\n\n{"a"', "line 3 is not JSON"),
            ('{"a": 1}\n3\n', "line 2 is no JSON object"),
            ('[{"a": 1},\n{"a"]', "line 2 column"),
            ('[{"a": 1}, 4]', "row 2 is no JSON object"),
        ],
    )
    def test_that_are_none_are_told_with_their_line(
        self, tmp_path: Path, text: str, told: str
    ) -> None:
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(BadInput, match=r"x\.json") as raised:
            rows_of(tmp_path / "x.json")
        assert told in raised.value.message

    def test_of_a_file_that_is_not_there_or_no_text(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="cannot be read"):
            rows_of(tmp_path / "none.json")
        (tmp_path / "x.json").write_bytes(b"\xff\xfe")
        with pytest.raises(BadInput, match="is not UTF-8"):
            rows_of(tmp_path / "x.json")


class TestGeneral:
    @pytest.mark.parametrize(
        ("row", "system", "user"),
        [
            ({"instruction": "Add.", "input": "1 1", "output": "2"}, SYSTEM, "Add.\n1 1"),
            ({"instruction": "Add.", "input": "", "output": "2"}, SYSTEM, "Add."),
            (
                {
                    "conversations": [
                        {"from": "human", "value": "Add."},
                        {"from": "gpt", "value": "2"},
                        {"from": "human", "value": "And now?"},
                        {"from": "gpt", "value": "3"},
                    ]
                },
                SYSTEM,
                "Add.",
            ),
            (
                {
                    "messages": [
                        {"role": "system", "content": "Be brief."},
                        {"role": "user", "content": " Add. "},
                        {"role": "assistant", "content": "2"},
                    ]
                },
                "Be brief.",
                "Add.",
            ),
        ],
    )
    def test_is_read_in_three_shapes(self, row: dict[str, Any], system: str, user: str) -> None:
        made = general(row)
        assert isinstance(made, Example)
        assert made.prompt == Prompt("general/1", system, user)
        assert (made.task, made.label, made.answer, made.wanted) == (
            "general",
            "general",
            "2",
            None,
        )

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ({"instruction": "Add."}, NO_ANSWER),
            ({"instruction": "Add.", "output": "2\0."}, NO_TEXT),
            ({"instruction": "Add \ud800.", "output": "2"}, NO_TEXT),
            ({"instruction": "", "output": "2"}, NO_QUESTION),
            ({"instruction": "Add.", "output": None}, NO_ANSWER),
            ({"question": "Add.", "answer": "2"}, UNKNOWN),
            ({"conversations": "Add."}, UNKNOWN),
            ({"conversations": []}, NO_QUESTION),
            ({"conversations": [3, {"from": "gpt", "value": "2"}]}, NO_QUESTION),
            ({"messages": [{"role": "user", "content": "Add."}]}, NO_ANSWER),
            (
                {
                    "messages": [
                        {"role": "user", "content": "Add."},
                        {"role": "tool", "content": "2"},
                    ]
                },
                NO_ANSWER,
            ),
        ],
    )
    def test_that_is_none_says_why(self, row: dict[str, Any], why: str) -> None:
        assert general(row) == why


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "texts", "marks"),
        [
            (["A: red", "B: blue"], ("red", "blue"), ("A", "B")),
            ('["A: red", "B: blue"]', ("red", "blue"), ("A", "B")),
            ("['red', 'blue, dark']", ("red", "blue, dark"), ("A", "B")),
            ("(a) red\n(b) blue", ("red", "blue"), ("a", "b")),
            (["0. red", "1. blue"], ("red", "blue"), ("0", "1")),
            (["A: red", "blue"], ("A: red", "blue"), ("A", "B")),
        ],
    )
    def test_are_read(self, options: Any, texts: tuple[str, ...], marks: tuple[str, ...]) -> None:
        found = given(options)
        assert found is not None
        assert (found.texts, found.marks) == (texts, marks)

    @pytest.mark.parametrize("options", [None, "", []])
    def test_may_be_none(self, options: Any) -> None:
        assert given(options) is None

    @pytest.mark.parametrize("options", [{"A": "red"}, ["A", None], "[1, ", 3])
    def test_that_are_no_list_are_refused(self, options: Any) -> None:
        with pytest.raises(ValueError, match="no list of texts"):
            given(options)

    @pytest.mark.parametrize(
        ("answer", "places"),
        [
            ("B", (1,)),
            ("b.", (1,)),
            ("2", (1,)),
            (2, (1,)),
            ("Blue, dark", (1,)),
            ("B: blue, dark", (1,)),
            ("B) blue, dark", (1,)),
            ("C,A,B", (2, 0, 1)),
            ("3 > 1", (2, 0)),
            (["C", "A"], (2, 0)),
            ("A, A", ()),
            ("D", ()),
            ("B because it is blue", ()),
            ("A: green", ()),
        ],
    )
    def test_are_named_by_an_answer(self, answer: Any, places: tuple[int, ...]) -> None:
        texts = ("red", "blue, dark", "green")
        assert places_of(answer, texts, ("A", "B", "C"), ("1", "2", "3")) == places


ASKED = "Which of the products goes with the tent?"


class TestQuestions:
    def test_with_options_are_prompted_as_served_and_answered_by_label(self) -> None:
        row = {
            "instruction": "Choose what the customer would buy next.",
            "input": ASKED,
            "options": ["A: a mug", "B: a peg", "C: a sock"],
            "output": "B",
            "task": "next",
        }
        made = example(row)
        assert isinstance(made, Example)
        request = AnswerRequest(
            f"{row['instruction']}\n{ASKED}", options=("a mug", "a peg", "a sock")
        )
        assert made.prompt == answer_prompt(read(request))
        assert (made.task, made.label, made.answer) == ("next", "next", "2")

    @pytest.mark.parametrize(
        ("output", "task", "answer"),
        [("C,A,B", Task.RANKING, "3,1,2"), ("C, A", Task.RETRIEVAL, "3,1")],
    )
    def test_with_several_options_named_ask_for_several(
        self, output: str, task: Task, answer: str
    ) -> None:
        options = ("a mug", "a peg", "a sock")
        made = example({"input": ASKED, "options": list(options), "output": output})
        assert isinstance(made, Example)
        assert made.answer == answer
        k = None if task is Task.RANKING else 2
        assert made.prompt == answer_prompt(read(AnswerRequest(ASKED, task, options, k)))
        assert made.label == "question"

    def test_with_options_in_their_text_keep_its_labels(self) -> None:
        text = f"{ASKED}\n0. a mug\n1. a peg\n2. a sock\nAnswer:"
        made = example({"instruction": text, "output": 1, "task": "t"})
        assert isinstance(made, Example)
        assert made.answer == "1"
        assert made.prompt == answer_prompt(read(AnswerRequest(text)))

    def test_for_a_text_leave_room_for_it(self) -> None:
        row = {"instruction": "Explain what a tent is good for.", "output": "To sleep outside."}
        made = example(row)
        assert isinstance(made, Example)
        assert made.answer == "To sleep outside."
        assert made.prompt == answer_prompt(read(AnswerRequest(row["instruction"])))
        long = example({**row, "output": "word " * 70})
        assert isinstance(long, Example)
        assert "70 words" in long.prompt.user

    def test_for_entities_have_a_line_each(self) -> None:
        text = "Extract all brands from the text.\nText: A tent of Acme, and a peg by Boole."
        request = AnswerRequest(text)
        assert read(request).task is Task.ENTITIES
        for output in ("Acme, Boole", ["Acme", "Boole"]):
            made = example({"instruction": text, "output": output})
            assert isinstance(made, Example)
            assert made.answer == "Acme\nBoole\n-"
            assert made.prompt == answer_prompt(read(request))
        assert example({"instruction": text, "output": "Cantor"}) == NOT_THERE

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ({"output": "2"}, NO_QUESTION),
            ({"input": ASKED}, NO_ANSWER),
            ({"input": ASKED, "output": "2\0."}, NO_TEXT),
            ({"input": ASKED, "output": "A", "options": ["A\0", "B"]}, NO_TEXT),
            ({"input": ASKED, "output": ""}, NO_ANSWER),
            ({"input": ASKED, "options": ["a", "b"], "output": "E"}, NO_OPTION),
            ({"input": ASKED, "options": 3, "output": "E"}, UNREADABLE),
            ({"input": "?!", "output": "E"}, UNREADABLE),
        ],
    )
    def test_that_cannot_be_used_say_why(self, row: dict[str, Any], why: str) -> None:
        made = example(row)
        assert isinstance(made, str)
        assert made.startswith(why)

    def test_are_parted_as_they_say_or_by_dice(self) -> None:
        row = {"input": ASKED, "options": ["a", "b"], "output": "A", "task": "t"}
        rows = [
            {**row, "split": "train"},
            {**row, "split": "val"},
            {**row, "split": "test"},
            {**row, "output": "Z", "split": "train"},
            *[row] * 200,
        ]
        found = questions_of(rows, Reading(validation=0.2))
        made = [[one for _, one in part] for part in (found.train, found.validation)]
        assert sum(len(part) for part in made) == 204
        assert made[0].count(OF_THE_TEST) == 1
        assert found.problems == [f"row 4: {NO_OPTION}"]
        assert 20 < len(made[1]) < 65
        assert questions_of(rows, Reading(validation=0.2)) == found
        nothing = questions_of(rows, Reading(validation=0))
        assert len(nothing.validation) == 1


def folder_of(path: Path, train: list[Example], validation: list[Example]) -> Path:
    path.mkdir()
    write_examples(path / TRAIN, train)
    write_examples(path / VALIDATION, validation)
    return path


class TestTheFirst:
    def test_are_taken_evenly_by_label_in_their_order(self) -> None:
        examples = [one(label, n) for n, label in enumerate("aaaabbbbcaac")]
        chosen = [examples[place] for place in evenly(examples, 7)]
        assert [(e.label, e.prompt.user) for e in chosen] == [
            ("a", "a 0"),
            ("a", "a 1"),
            ("a", "a 2"),
            ("b", "b 4"),
            ("b", "b 5"),
            ("c", "c 8"),
            ("c", "c 11"),
        ]

    def test_are_half_of_each_part_and_the_rest_validates(self, tmp_path: Path) -> None:
        train = [one(label, n) for n, label in enumerate("ab" * 10)]
        held = [one(label, 100 + n) for n, label in enumerate("abb" * 4)]
        parts = read_parts(folder_of(tmp_path / "data", train, held))
        (tmp_path / "out").mkdir()
        figures = select_first(tmp_path / "out", parts, 11)
        learnt = list(read_examples(tmp_path / "out" / TRAIN))
        rest = list(read_examples(tmp_path / "out" / VALIDATION))
        assert learnt[:6] == train[:6]
        assert Counter(e.label for e in learnt) == {"a": 5, "b": 6}
        assert all(e in held for e in learnt[6:])
        assert rest == [e for e in held if e not in learnt]
        assert figures["train"]["examples"] == 11
        assert figures["validation"]["examples"] == 7

    def test_are_refused_where_there_are_fewer(self, tmp_path: Path) -> None:
        parts = Parts((one("a"),) * 30, (one("a"),) * 4, Counter())
        with pytest.raises(BadInput, match="there are 30 and 4") as raised:
            select_first(tmp_path, parts, 10)
        # One of the four stays to validate with.
        assert raised.value.hint.startswith("Ask for 6 or fewer, or make more: ")
        with pytest.raises(BadInput) as raised:
            select_first(tmp_path, replace(parts, validation=()), 2)
        assert raised.value.hint.startswith("Make more: `most` and `most_validation`")

    def test_are_without_what_has_vanished(self, tmp_path: Path) -> None:
        catalogue = ToyCatalogue(toy_items())
        there = Wanted(3, ("i1",), "i2", Intent(controls=Controls(include=("Red",))))
        gone = replace(there, target="i99")
        forgotten = replace(there, history=("i1", "i98"))
        category = replace(there, intent=Intent(controls=Controls(exclude=("Purple",))))
        share = Controls(shares=(Share("Purple", Op.ABOUT, 0.5),))
        shared = replace(there, intent=Intent(controls=share))
        train = [one("a", n, w) for n, w in enumerate((there, gone, forgotten, category, shared))]
        data = folder_of(tmp_path / "data", [*train, one("general")], [one("a", 9, there)])
        parts = read_parts(data, Still(catalogue))
        assert parts.train == (train[0], one("general"))
        assert parts.left_out == {f"a: {VANISHED_ITEM}": 2, f"a: {VANISHED_CATEGORY}": 2}
        (tmp_path / "out").mkdir()
        figures = select_first(tmp_path / "out", parts, 2)
        assert figures["train"]["left_out"] == dict(parts.left_out)
        with pytest.raises(BadInput, match="and 4 that the catalogue no longer allows"):
            select_first(tmp_path / "out", parts, 6)
