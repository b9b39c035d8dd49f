from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bookcase import BookTokenizer, HashEncoder, bare, books, readings, source, tools, write_index

from service.catalog.artifact import LoadedCatalogue, load
from service.catalog.build import build
from service.catalog.build_embeddings import item_text
from service.catalog.read import Source
from service.domain import Item
from service.errors import BadCatalogue, BadSettings
from service.retrieval.index import load_index, search
from service.steering.arrays import FloatArray, IntArray


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return source(tmp_path_factory.mktemp("input"), books(), readings())


@pytest.fixture(scope="module")
def built(shelf: Source, tmp_path_factory: pytest.TempPathFactory) -> LoadedCatalogue:
    out = tmp_path_factory.mktemp("built")
    build(shelf, out, tools())
    return load(out)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def entries(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


class TestRows:
    def test_are_in_lexicon_order(self, built: LoadedCatalogue) -> None:
        sequences = [built.lexicon.sequence(row).tolist() for row in range(built.size)]
        assert sequences == sorted(sequences)

    def test_spell_the_title_of_their_item(self, built: LoadedCatalogue) -> None:
        decode = BookTokenizer().decode
        for row in range(built.size):
            assert decode(built.lexicon.sequence(row)) == f" {built.item(row).title}\n"
            assert built.spelling(row) == built.item(row).title

    def test_hold_every_item_once(self, built: LoadedCatalogue) -> None:
        items = {built.item(row).id: built.item(row) for row in range(built.size)}
        assert items == {item.id: item for item in books()}

    def test_are_found_by_id(self, built: LoadedCatalogue) -> None:
        ids = [item.id for item in books()]
        assert [built.item(row).id for row in built.rows(ids).tolist()] == ids

    def test_that_are_unknown_are_minus_one(self, built: LoadedCatalogue) -> None:
        rows = built.rows(["b1", "", "B1", "b1 ", "\ud800", "x" * 10_000])
        assert rows[0] >= 0
        assert rows[1:].tolist() == [-1] * 5
        assert len(built.rows([])) == 0

    @pytest.mark.parametrize("row", [-1, 120])
    def test_out_of_range_are_refused(self, built: LoadedCatalogue, row: int) -> None:
        with pytest.raises(IndexError):
            built.item(row)

    def test_of_a_category_are_sorted_and_complete(self, built: LoadedCatalogue) -> None:
        for category in built.categories:
            having = [row for row in range(120) if category in built.item(row).categories]
            assert built.postings(category).tolist() == having

    def test_are_ranked_by_how_often_they_were_met(
        self, built: LoadedCatalogue, shelf: Source
    ) -> None:
        met = shelf.events.items.to_pylist()
        counts = np.array([met.count(built.item(row).id) for row in range(built.size)])
        assert counts[built.popular_rows].tolist() == sorted(counts.tolist(), reverse=True)
        assert sorted(built.popular_rows.tolist()) == list(range(built.size))
        assert np.exp(built.popularity).sum() == pytest.approx(1)
        assert np.argmax(built.popularity) == built.popular_rows[0]

    def test_have_the_vector_of_their_text(self, built: LoadedCatalogue) -> None:
        texts = [item_text(built.item(row)) for row in range(built.size)]
        assert built.embeddings is not None
        assert np.array_equal(built.embeddings, HashEncoder().encode(texts))

    def test_are_what_the_index_finds(self, built: LoadedCatalogue) -> None:
        assert built.index_path is not None
        assert built.embeddings is not None
        everything = np.ones(built.size, dtype=bool)
        rows, cosines = search(
            load_index(built.index_path), built.embeddings, built.embeddings[17], everything, 1
        )
        assert rows.tolist() == [17]
        assert cosines[0] == pytest.approx(1)


def test_the_frame_is_the_tokenizers(built: LoadedCatalogue) -> None:
    assert built.frame == BookTokenizer().frame(20)


def test_the_text_that_is_embedded_names_the_categories() -> None:
    assert item_text(Item("1", "Heat", ("Crime", "Drama"))) == "Heat (Crime, Drama)"
    assert item_text(Item("1", "Heat")) == "Heat"


def test_attributes_come_back_as_they_were(tmp_path: Path) -> None:
    attributes = {"price": 9.5, "big": 2**70, "new": True, "maker": "Été “quoted” 🙂", "count": -3}
    items = (Item("1", "One", (), attributes), Item("2", "Two"))
    given = replace(bare(), items=items)
    build(given, tmp_path, tools(similar=False))
    catalogue = load(tmp_path)
    one, two = (catalogue.item(row) for row in catalogue.rows(["1", "2"]).tolist())
    assert one == items[0]
    assert [type(value) for value in one.attributes.values()] == [float, int, bool, str, int]
    assert two == items[1]


class TestVersion:
    def test_is_the_same_for_the_same_input(self, shelf: Source, tmp_path: Path) -> None:
        first = build(shelf, tmp_path / "a", tools())
        second = build(shelf, tmp_path / "b", tools())
        assert first.name == second.name
        assert re.fullmatch("c[0-9a-f]{12}", first.name)
        assert digests(first) == digests(second)

    def test_is_another_for_another_input(self, tmp_path: Path) -> None:
        items, events = books(10), readings(10)
        altered = {
            "nothing": (items, events),
            "a title": ([replace(items[0], title="Else"), *items[1:]], events),
            "an id": ([replace(items[0], id="else"), *items[1:]], events[1:]),
            "a category": ([replace(items[0], categories=("Else",)), *items[1:]], events),
            "an attribute": ([replace(items[0], attributes={"pages": 1}), *items[1:]], events),
            "an item less": (items[1:], events),
            "an event less": (items, events[1:]),
            "another user": (items, [("else", *events[0][1:]), *events[1:]]),
            "no events": (items, []),
        }
        versions = {
            name: build(source(tmp_path, *given), tmp_path, tools(similar=False)).name
            for name, given in altered.items()
        }
        assert len(set(versions.values())) == len(altered), versions

    def test_is_another_for_other_tools(self, tmp_path: Path) -> None:
        given = bare("One", "Two")
        usual = tools()
        kinds = [
            usual,
            tools(similar=False),
            tools(encoder=HashEncoder(name="other")),
            tools(encoder=HashEncoder(dimension=32)),
            tools(BookTokenizer(vocabulary=300)),
            replace(usual, title_tokens=40),
            replace(usual, max_k=10),
        ]
        assert len({build(given, tmp_path, kind).name for kind in kinds}) == len(kinds)


class TestBuildingAgain:
    def test_the_same_writes_nothing_new(self, tmp_path: Path) -> None:
        folder = build(bare("One"), tmp_path, tools())
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        stages: list[str] = []
        assert (
            build(bare("One"), tmp_path, tools(), lambda stage, *_: stages.append(stage)) == folder
        )
        assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
        assert stages == []

    def test_the_same_makes_it_current_again(self, tmp_path: Path) -> None:
        one = build(bare("One"), tmp_path, tools())
        two = build(bare("Two"), tmp_path, tools())
        assert load(tmp_path).version == two.name
        build(bare("One"), tmp_path, tools())
        assert load(tmp_path).version == one.name
        assert entries(tmp_path) == {one.name, two.name, "CURRENT"}

    def test_mends_what_is_damaged(self, tmp_path: Path) -> None:
        folder = build(bare("One", "Two"), tmp_path, tools())
        whole = digests(folder)
        (folder / "popularity.npy").unlink()
        (folder / "items.arrow").write_bytes(b"gone")
        build(bare("One", "Two"), tmp_path, tools())
        assert digests(folder) == whole
        assert load(tmp_path).size == 2
        assert entries(tmp_path) == {folder.name, "CURRENT"}


class TestSizes:
    def test_one_item(self, tmp_path: Path) -> None:
        build(bare("Alone"), tmp_path, tools())
        catalogue = load(tmp_path)
        assert catalogue.item(0).title == "Alone"
        assert catalogue.popular_rows.tolist() == [0]
        assert list(catalogue.categories) == []
        assert catalogue.search("alo", 5).tolist() == [0]

    def test_one_title_for_all(self, tmp_path: Path) -> None:
        build(bare(*["Same"] * 5), tmp_path, tools())
        catalogue = load(tmp_path)
        assert sorted(catalogue.item(row).id for row in range(5)) == ["t0", "t1", "t2", "t3", "t4"]
        assert {catalogue.spelling(row) for row in range(5)} == {"Same"}

    def test_twenty_thousand_items(self, tmp_path: Path) -> None:
        items = books(20_000)
        build(source(tmp_path, items, readings(20_000)), tmp_path, tools(similar=False))
        catalogue = load(tmp_path)
        assert catalogue.size == 20_000
        ids = [item.id for item in items]
        assert np.array_equal(np.sort(catalogue.rows(ids)), np.arange(20_000))

    def test_without_similarity_there_are_no_vectors(self, tmp_path: Path) -> None:
        folder = build(bare("One"), tmp_path, tools(similar=False))
        assert not {"embeddings.npy", "index.faiss"} & entries(folder)
        catalogue = load(folder)
        assert catalogue.embeddings is None
        assert catalogue.index_path is None
        assert catalogue.summary().encoder is None


class TestRefused:
    def test_no_items(self, tmp_path: Path) -> None:
        with pytest.raises(BadCatalogue, match="at least one item"):
            build(bare(), tmp_path / "out", tools())
        assert not (tmp_path / "out").exists()

    def test_two_items_of_one_id(self, tmp_path: Path) -> None:
        twice = replace(bare(), items=(Item("1", "One"), Item("1", "Two")))
        with pytest.raises(BadCatalogue, match="same id"):
            build(twice, tmp_path, tools())

    def test_an_item_without_a_title(self, tmp_path: Path) -> None:
        with pytest.raises(BadCatalogue, match="'t1' has no title"):
            build(bare("One", " \n"), tmp_path, tools())

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way", "utf-8")
        with pytest.raises(BadCatalogue, match="cannot be written") as refused:
            build(bare("One"), tmp_path / "file", tools())
        assert "room" in refused.value.hint

    def test_a_limit_that_leaves_no_room_for_titles(self) -> None:
        with pytest.raises(BadSettings):
            replace(tools(), title_tokens=8)

    def test_vectors_that_are_not_numbers(self, tmp_path: Path) -> None:
        class Broken(HashEncoder):
            def _vector(self, text: str) -> FloatArray:
                return super()._vector(text) * np.nan

        with pytest.raises(BadCatalogue, match="not finite"):
            build(bare("One"), tmp_path, tools(encoder=Broken()))
        assert entries(tmp_path) == set()

    def test_a_tokenizer_without_line_ends(self, tmp_path: Path) -> None:
        class Endless(BookTokenizer):
            def spell(self, titles: list[str]) -> tuple[IntArray, IntArray]:  # type: ignore[override]
                spelled = [list(title.encode()) for title in titles]
                return np.concatenate(spelled), np.cumsum([0, *map(len, spelled)])

        with pytest.raises(BadCatalogue, match=r"books make no lexicon: .* prefix"):
            build(bare("Toy Story", "Toy Story 2"), tmp_path, tools(Endless()))


def test_a_build_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    before = build(bare("One"), tmp_path, tools())

    def full(vectors: FloatArray, path: Path) -> None:
        write_index(vectors, path)
        raise OSError(28, "No space left on device")

    with pytest.raises(BadCatalogue, match="No space left"):
        build(bare("Two"), tmp_path, tools(writer=full))
    assert entries(tmp_path) == {before.name, "CURRENT"}
    assert load(tmp_path).version == before.name


def test_progress_ends_every_stage_it_begins(shelf: Source, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    build(shelf, tmp_path, tools(), lambda *step: heard.append(step))
    stages = list(dict.fromkeys(stage for stage, _, _ in heard))
    assert stages == ["spell", "sort", "embed", "index", "write", "seal", "publish"]
    for stage in stages:
        steps = [(done, total) for name, done, total in heard if name == stage]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]


def test_the_manifest_says_what_it_is(built: LoadedCatalogue) -> None:
    written = json.loads((built.folder / "manifest.json").read_text("utf-8"))
    assert written["counts"] == {
        "items": 120,
        "categories": 9,
        "users": 30,
        "events": 480,
        "renamed": 0,
    }
    assert written["tokenizer"]["name"] == "books"
    assert written["tokenizer"]["longest"] == np.diff(built.lexicon.offsets).max()
    assert written["encoder"] == {"name": "hashes", "dimension": 16}
    files = {str(p.relative_to(built.folder)) for p in built.folder.rglob("*") if p.is_file()}
    assert set(written["files"]) == files - {"manifest.json"}
