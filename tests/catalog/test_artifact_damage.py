from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from bookcase import bare, books, readings, source, tools

from service.catalog.artifact import load
from service.catalog.build import build
from service.errors import DamagedArtifact


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    return build(source(folder, books(), readings()), folder / "out", tools())


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole.parent, tmp_path / "out")
    return tmp_path / "out" / whole.name


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def refused(folder: Path, *, verify: bool = True) -> str:
    with pytest.raises(DamagedArtifact) as error:
        load(folder, verify=verify)
    assert "listwright build" in error.value.hint
    return error.value.message


def test_there_are_all_the_files(whole: Path) -> None:
    names = {path.relative_to(whole).parts[0] for path in files(whole)}
    assert names == {
        "categories.json",
        "embeddings.npy",
        "frame.json",
        "histories",
        "ids",
        "index.faiss",
        "items.arrow",
        "lexicon",
        "manifest.json",
        "meetings.npy",
        "popular_rows.npy",
        "popularity.npy",
        "postings",
    }


def test_a_flipped_bit_anywhere_is_seen(folder: Path) -> None:
    for path in files(folder):
        data = path.read_bytes()
        for at in sorted({0, len(data) // 3, len(data) // 2, len(data) - 1}):
            path.write_bytes(flipped(data, at))
            assert str(path) in refused(folder)
        path.write_bytes(data)
    load(folder)


def test_every_bit_of_the_manifest_counts(folder: Path) -> None:
    path = folder / "manifest.json"
    data = path.read_bytes()
    for at in range(0, len(data), 7):
        path.write_bytes(flipped(data, at))
        refused(folder)


@pytest.mark.parametrize("verify", [True, False])
def test_a_missing_file_is_named(folder: Path, *, verify: bool) -> None:
    for path in files(folder):
        aside = path.rename(path.with_name("aside"))
        assert path.name.partition(".")[0] in refused(folder, verify=verify)
        aside.rename(path)


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("by", [-1, 1])
def test_a_file_of_another_size_is_named(folder: Path, by: int, *, verify: bool) -> None:
    for path in files(folder):
        data = path.read_bytes()
        path.write_bytes(data[:-1] if by < 0 else data + b"\n")
        message = refused(folder, verify=verify)
        assert str(path) in message
        path.write_bytes(data)


@pytest.mark.parametrize(
    "name", ["items.arrow", "categories.json", "frame.json", "popularity.npy", "lexicon/tokens.npy"]
)
def test_what_is_found_only_on_reading_is_refused_too(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(b"\x00" * path.stat().st_size)
    assert str(path) in refused(folder, verify=False)


@pytest.mark.parametrize("name", ["manifest.json", "categories.json", "frame.json"])
def test_brackets_nested_too_deep_are_damage(folder: Path, name: str) -> None:
    size = max(100_000, (folder / name).stat().st_size)
    (folder / name).write_text("[" * size)
    assert name in refused(folder, verify=False)


def test_a_folder_in_the_place_of_a_file_is_refused(folder: Path) -> None:
    (folder / "items.arrow").unlink()
    (folder / "items.arrow").mkdir()
    assert "items.arrow is missing" in refused(folder)


class Other:
    name = "other-model"
    sha256 = "f00d" * 16


def test_another_tokenizer_is_refused_by_name(folder: Path) -> None:
    with pytest.raises(DamagedArtifact) as error:
        load(folder, tokenizer=Other())
    built_for = json.loads((folder / "manifest.json").read_text("utf-8"))["tokenizer"]["sha256"]
    assert "books" in error.value.message
    assert "other-model" in error.value.message
    assert built_for[:12] in error.value.message
    assert "f00df00df00d" in error.value.message
    assert "listwright build" in error.value.hint


def test_another_format_is_refused_by_number(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text("utf-8").replace('"format": 2', '"format": 1'), "utf-8")
    assert "format 1; this Listwright reads 2" in refused(folder)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"format": 2}', '{"format": 2, "files": 3}'])
def test_a_manifest_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text, "utf-8")
    assert "manifest.json is damaged" in refused(folder)


class TestCurrent:
    @pytest.mark.parametrize("text", [b"", b"\xff\xff", b"../elsewhere\n", b"c0\n", b"\n"])
    def test_that_names_no_version_is_refused(self, folder: Path, text: bytes) -> None:
        (folder.parent / "CURRENT").write_bytes(text)
        assert "CURRENT" in refused(folder.parent)

    def test_that_names_what_is_gone_is_refused(self, folder: Path) -> None:
        (folder.parent / "CURRENT").write_text("c0123456789ab\n", "ascii")
        assert "c0123456789ab, which is not there" in refused(folder.parent)

    def test_with_a_flipped_bit_is_refused(self, folder: Path) -> None:
        path = folder.parent / "CURRENT"
        data = path.read_bytes()
        for at in range(len(data)):
            path.write_bytes(flipped(data, at))
            refused(folder.parent)


def test_where_nothing_was_built_is_said(tmp_path: Path) -> None:
    assert "no built catalogue" in refused(tmp_path)
    assert "no built catalogue" in refused(tmp_path / "nowhere")
    (tmp_path / "file").write_text("", "utf-8")
    assert "cannot be read" in refused(tmp_path / "file")


def test_what_is_damaged_is_mended_by_building_again(folder: Path) -> None:
    build(bare("Another"), folder.parent, tools())
    (folder / "frame.json").unlink()
    refused(folder)
    assert load(folder.parent).size == 1
