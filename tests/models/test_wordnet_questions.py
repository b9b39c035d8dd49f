"""WordNet's file format, and the questions made of a small dictionary in it."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from subprocess import run

import pytest
from word_files import write_dictionary

from models.evaluate.questions import Asked, read_questions
from models.evaluate.scores import Ids, Label, Texts, Weights
from models.evaluate.wordnet.dictionary import Dictionary, Sense, Synset, read_dictionary
from models.evaluate.wordnet.making import MODIFIERS, Made, questions
from models.evaluate.wordnet.shelf import Shelf, echoes, name
from service.errors import BadInput
from service.question import Task

COMMAND = (sys.executable, "-m", "models.evaluate.wordnet")

DATA = """\
  1 A licence.
00001740 06 n 02 pot 0 cooking_pot 0 003 ~ 00002000 n 0000 %p 00003000 n 0000 ! 00002000 n 0101 | \
a deep vessel; used in kitchens; "the pot boils"; "a pot of tea"
00002000 06 n 0b a 0 b 0 c 0 d 0 e 0 f 0 g 0 h 0 i 0 j 0 k 1 001 @ 00001740 n 0000 | eleven words
00003000 06 n 01 spout 0 000 | where it pours
"""
INDEX = """\
  1 A licence.
pot n 2 3 @ ~ %p 2 1 00001740 00002000
spout n 1 0 1 0 00003000
"""


def written(folder: Path, data: str = DATA, index: str = INDEX) -> Path:
    (folder / "data.noun").write_text(data, "utf-8")
    (folder / "index.noun").write_text(index, "utf-8")
    return folder


def shown(asked: Asked | Made) -> dict[int, str]:
    """The numbered options of a question."""
    text = asked.question if isinstance(asked, Asked) else asked.input_field
    found = re.findall(r"^\(?(\d+)(?:[.)]) ?(.+)$", text, re.MULTILINE)
    return {int(label): option for label, option in found}


class TestFormat:
    def test_synsets(self, tmp_path: Path) -> None:
        read = read_dictionary(written(tmp_path))
        assert read.synsets["00001740"] == Synset(
            id="00001740",
            field="06",
            words=("pot", "cooking_pot"),
            above=(),
            below=("00002000",),
            parts=("00003000",),
            gloss="a deep vessel; used in kitchens",
        )
        assert len(read.synsets) == 3

    def test_words_are_counted_in_hexadecimal(self, tmp_path: Path) -> None:
        eleven = read_dictionary(written(tmp_path)).synsets["00002000"]
        assert (len(eleven.words), eleven.words[-1]) == (11, "k")
        assert eleven.above == ("00001740",)

    def test_senses(self, tmp_path: Path) -> None:
        read = read_dictionary(written(tmp_path))
        assert read.words["pot"] == Sense(("00001740", "00002000"))
        assert read.words["spout"] == Sense(("00003000",))

    @pytest.mark.parametrize(
        "line",
        ["what is this", "00009 06 v 01 run 0 000 | go", "00009 06 n zz pot 0 000 | x", "00009"],
    )
    def test_a_line_of_another_format_is_named(self, tmp_path: Path, line: str) -> None:
        with pytest.raises(BadInput, match=r"data\.noun, line 5 is not"):
            read_dictionary(written(tmp_path, DATA + line + "\n"))

    def test_a_file_cut_short_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="lacks 00003000"):
            read_dictionary(written(tmp_path, DATA[: DATA.index("00003000 06")]))

    def test_where_wordnet_is_not_it_is_said_how_to_get_it(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="WordNet is not in") as told:
            read_dictionary(tmp_path / "nowhere")
        assert "wordnet-base" in told.value.hint


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    return read_dictionary(write_dictionary(tmp_path_factory.mktemp("dict")))


@pytest.fixture(scope="module")
def shelf(dictionary: Dictionary) -> Shelf:
    return Shelf(dictionary)


@pytest.fixture(scope="module")
def synset(dictionary: Dictionary) -> dict[str, Synset]:
    return {name(each): each for each in dictionary.synsets.values()}


class TestShelf:
    def test_products_are_what_is_sold(self, shelf: Shelf) -> None:
        names = {name(product) for product in shelf.products}
        assert {"hat", "sun hat", "mug", "clothing"} <= names
        assert not names & {"artifact", "wheeled vehicle", "wagon", "hood", "drawer"}

    def test_what_nobody_mentions_is_not_known(self, dictionary: Dictionary) -> None:
        quiet = {
            id_: Synset(s.id, s.field, s.words, s.above, s.below, s.parts, "")
            for id_, s in dictionary.synsets.items()
        }
        with pytest.raises(BadInput, match="no products"):
            Shelf(Dictionary(quiet, dictionary.words))

    def test_a_word_stands_for_its_first_meaning(self, dictionary: Dictionary) -> None:
        hat, mug = (dictionary.words[word].synsets[0] for word in ("hat", "mug"))
        twice = {**dictionary.words, "mug": Sense((hat, mug)), "hat": Sense((hat, mug))}
        names = {name(product) for product in Shelf(Dictionary(dictionary.synsets, twice)).products}
        assert "hat" in names
        assert "mug" not in names

    def test_relations(self, shelf: Shelf, synset: dict[str, Synset]) -> None:
        def names(found: tuple[Synset, ...]) -> set[str]:
            return set(map(name, found))

        assert names(shelf.kinds(synset["hat"])) == {"sun hat", "top hat", "beret", "bonnet"}
        assert names(shelf.parts(synset["coat"])) == {"hood", "collar"}
        assert names(shelf.siblings(synset["mug"])) == {"beaker", "goblet", "tumbler"}
        far = names(shelf.far(synset["beret"]))
        assert {"mug", "chair"} <= far
        assert not far & {"beret", "hat", "sun hat", "clothing", "coat", "parka"}

    def test_echoes(self, synset: dict[str, Synset]) -> None:
        assert echoes(synset["sun hat"], synset["hat"])
        assert not echoes(synset["beret"], synset["hat"])


@pytest.fixture(scope="module")
def made(shelf: Shelf) -> tuple[Made, ...]:
    return questions(shelf, 90, seed=3)


def truth(each: Made) -> str:
    """The option that is right."""
    return shown(each)[each.output_field]


class TestQuestions:
    def test_all_kinds_in_turn(self, made: tuple[Made, ...]) -> None:
        assert {each.task_name for each in made[:7]} == {
            *("kind of", "select kinds", "rank by query", "meaning"),
            *("explain", "part of", "extract"),
        }

    def test_none_is_made_twice(self, made: tuple[Made, ...]) -> None:
        assert len({each.input_field for each in made}) == len(made) > 60

    def test_the_seed_decides(self, shelf: Shelf, made: tuple[Made, ...]) -> None:
        assert questions(shelf, 90, seed=3) == made
        assert questions(shelf, 20, seed=3) == made[:20]
        assert questions(shelf, 90, seed=4) != made

    def test_numbers_begin_at_0_and_at_1(self, shelf: Shelf) -> None:
        firsts = defaultdict(set)
        for each in (each for seed in range(6) for each in questions(shelf, 60, seed)):
            if options := shown(each):
                firsts[each.task_type].add(min(options))
                assert sorted(options) == list(range(min(options), max(options) + 1))
        assert firsts == {"multiple-choice": {0, 1}, "retrieval": {0, 1}, "ranking": {1}}

    def test_one_choice_of_four_is_right(
        self, made: tuple[Made, ...], shelf: Shelf, synset: dict[str, Synset]
    ) -> None:
        checked = 0
        for each in made:
            if each.task_name in {"kind of", "part of"}:
                options = shown(each)
                assert len(options) == len(set(options.values())) == 4
                under = shelf.kinds if each.task_name == "kind of" else shelf.parts
                things = [thing for word, thing in synset.items() if _says(each, word)]
                assert any(
                    {name(x) for x in under(thing)} & set(options.values()) == {truth(each)}
                    for thing in things
                )
                checked += 1
        assert checked > 5

    def test_a_definition_belongs_to_one_word(
        self, made: tuple[Made, ...], synset: dict[str, Synset]
    ) -> None:
        meanings = [each for each in made if each.task_name == "meaning"]
        assert meanings
        for each in meanings:
            assert synset[truth(each)].gloss in each.input_field
            assert truth(each) not in synset[truth(each)].gloss

    def test_three_are_to_be_selected(
        self, made: tuple[Made, ...], shelf: Shelf, synset: dict[str, Synset]
    ) -> None:
        selections = [each for each in made if each.task_type == "retrieval"]
        assert selections
        for each in selections:
            options = shown(each)
            right = {options[id_] for id_ in each.output_field}
            assert 10 <= len(options) <= 15
            assert len(right) == 3
            assert any(
                {name(x) for x in shelf.kinds(thing)} & set(options.values()) == right
                for word, thing in synset.items()
                if _says(each, word)
            )

    def test_rankings_are_graded(self, made: tuple[Made, ...]) -> None:
        rankings = [each for each in made if each.task_type == "ranking"]
        assert rankings
        for each in rankings:
            assert sorted(each.output_field) == [0.0, 0.0, 0.1, 0.1, 1.0]
            assert len(shown(each)) == 5

    def test_entities_occur_in_the_query(self, made: tuple[Made, ...]) -> None:
        extractions = [each for each in made if each.task_name == "extract"]
        assert extractions
        for each in extractions:
            (entity,) = each.output_field
            query = each.input_field.partition("Query: ")[2]
            assert entity in query
            assert all(any(word in query for word in words) for words in MODIFIERS.values())

    def test_a_dictionary_gives_no_more_than_it_has(self, shelf: Shelf) -> None:
        assert 60 < len(questions(shelf, 100_000, seed=1)) < 400


def _says(each: Made, word: str) -> bool:
    """Whether the question itself, options aside, says a word."""
    lines = each.input_field.split("\n")
    stem = "\n".join(line for line in lines if not re.match(r"\(?\d", line))
    return re.search(rf"\b{word}\b", stem) is not None


class TestCommand:
    def test_it_writes_a_file_that_the_evaluator_reads(self, tmp_path: Path) -> None:
        out = tmp_path / "questions.jsonl"
        folder = write_dictionary(tmp_path / "dict")
        done = run(  # noqa: S603 - our own command
            [*COMMAND, "--dict", folder, "--out", out, "--count", "21", "--seed", "2"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert f"21 questions in {out}" in done.stderr
        asked = read_questions(out)
        assert len(asked) == 21
        assert {each.kind for each in asked} == set(Task)
        assert {type(each.truth) for each in asked} == {Label, Ids, Weights, Texts}
        assert json.loads(out.read_text("utf-8").split("\n")[0])["task_name"] == "kind of"

    def test_without_wordnet_it_says_how_to_get_it(self, tmp_path: Path) -> None:
        done = run(  # noqa: S603 - our own command
            [*COMMAND, "--dict", tmp_path, "--out", tmp_path / "questions.jsonl"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "apt-get install wordnet-base" in done.stderr
        assert not (tmp_path / "questions.jsonl").exists()
