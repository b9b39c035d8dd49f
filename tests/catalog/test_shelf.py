from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from bindery import TOKENIZER, bind
from bookcase import books, source, tools

from service.catalog import shelf as shelf_module
from service.catalog.artifact import load
from service.catalog.build import build
from service.catalog.manifest import MANIFEST_FILE, Manifest
from service.catalog.shelf import FILES, KindredShelf, Shelf, Speaks
from service.errors import DamagedArtifact, UnknownCategory, UnknownVersion
from service.steering.lexicon import Frame
from service.versions import CURRENT_FILE

FRAME = Frame(((), (1,)), 99)


def bound(folder: Path, first: int = 5) -> str:
    return bind(folder, [(first, 0), (first + 1, 0)], [("red",), ("red", "blue")], FRAME)


@pytest.fixture
def versions(tmp_path: Path) -> list[str]:
    return [bound(tmp_path, first) for first in (5, 15, 25, 35)]


def test_a_version_has_what_spelling_needs(tmp_path: Path, versions: list[str]) -> None:
    volume = Shelf(tmp_path).volume(versions[0])
    assert volume.size == 2
    assert volume.lexicon.sequence(0).tolist() == [5, 0]
    assert volume.frame == FRAME
    assert volume.postings("red").tolist() == [0, 1]
    with pytest.raises(UnknownCategory, match=versions[0]):
        volume.postings("rde")


def test_what_a_build_wrote_is_opened_as_loading_opens_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source(tmp_path, books()), out, tools())
    whole = load(out)
    shelf = Shelf(out)
    volume = shelf.volume(shelf.current())
    for name, array in whole.lexicon.arrays().items():
        assert np.array_equal(volume.lexicon.arrays()[name], array)
    assert volume.frame == whole.frame
    for category in whole.categories:
        assert volume.postings(category).tolist() == whole.postings(category).tolist()


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "/etc", "CURRENT", "c000000000000", "c00000000000", "C0123456789AB"],
)
def test_what_is_not_there_is_unknown(tmp_path: Path, versions: list[str], name: str) -> None:
    with pytest.raises(UnknownVersion):
        Shelf(tmp_path).volume(name)


def test_a_name_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    version = bound(tmp_path)
    with pytest.raises(UnknownVersion):
        Shelf(inside).volume(f"../{version}")
    with pytest.raises(UnknownVersion):
        Shelf(inside).volume(f"{version}\n")


def test_another_versions_folder_under_this_name_is_refused(
    tmp_path: Path, versions: list[str]
) -> None:
    shutil.copytree(tmp_path / versions[0], tmp_path / "c000000000000")
    with pytest.raises(DamagedArtifact, match=versions[0]):
        Shelf(tmp_path).volume("c000000000000")


@pytest.mark.parametrize("name", sorted(FILES))
def test_damage_to_any_mapped_file_is_found(tmp_path: Path, versions: list[str], name: str) -> None:
    path = tmp_path / versions[0] / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DamagedArtifact, match="SHA-256"):
        Shelf(tmp_path).volume(versions[0])
    path.write_bytes(bytes(content) + b"x")
    with pytest.raises(DamagedArtifact, match="bytes"):
        Shelf(tmp_path, verify=False).volume(versions[0])
    path.unlink()
    with pytest.raises(DamagedArtifact, match="missing"):
        Shelf(tmp_path, verify=False).volume(versions[0])


def test_only_what_is_mapped_is_checked(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source(tmp_path, books()), out, tools())
    shelf = Shelf(out)
    version = shelf.current()
    kept = {out / version / name for name in (*FILES, MANIFEST_FILE)}
    for path in {path for path in (out / version).rglob("*") if path.is_file()} - kept:
        path.unlink()
    assert shelf.volume(version).size > 0


def test_a_damaged_version_is_read_again_once_it_is_mended(
    tmp_path: Path, versions: list[str]
) -> None:
    shelf = Shelf(tmp_path)
    path = tmp_path / versions[0] / "frame.json"
    whole = path.read_bytes()
    path.write_bytes(b"{}")
    with pytest.raises(DamagedArtifact):
        shelf.volume(versions[0])
    path.write_bytes(whole)
    assert shelf.volume(versions[0]).frame == FRAME


def test_a_version_that_appears_later_is_found(tmp_path: Path) -> None:
    tmp_path.mkdir(exist_ok=True)
    shelf = Shelf(tmp_path)
    with pytest.raises(DamagedArtifact, match="CURRENT"):
        shelf.current()
    version = bound(tmp_path)
    assert shelf.current() == version
    assert shelf.volume(version).size == 2


def test_an_open_version_outlives_its_folder(tmp_path: Path, versions: list[str]) -> None:
    shelf = Shelf(tmp_path)
    volume = shelf.volume(versions[0])
    shutil.rmtree(tmp_path / versions[0])
    assert shelf.volume(versions[0]) is volume
    assert volume.lexicon.sequence(1).tolist() == [6, 0]


def test_only_an_open_version_is_at_hand(tmp_path: Path, versions: list[str]) -> None:
    shelf = Shelf(tmp_path, versions=2)
    assert shelf.at_hand(versions[0]) is None
    assert shelf.at_hand("../x") is None
    volume = shelf.volume(versions[0])
    assert shelf.at_hand(versions[0]) is volume


class TestLettingGo:
    def test_what_was_at_hand_was_used(self, tmp_path: Path, versions: list[str]) -> None:
        shelf = Shelf(tmp_path, versions=2)
        kept = shelf.volume(versions[0])
        shelf.volume(versions[1])
        assert shelf.at_hand(versions[0]) is kept
        shelf.volume(versions[2])
        assert shelf.at_hand(versions[0]) is kept
        assert shelf.at_hand(versions[1]) is None

    def test_the_least_used_goes_first(self, tmp_path: Path, versions: list[str]) -> None:
        shelf = Shelf(tmp_path, versions=2)
        first, second, third, _ = versions
        kept = shelf.volume(first)
        dropped = shelf.volume(second)
        assert shelf.volume(first) is kept
        shelf.volume(third)
        assert shelf.volume(first) is kept
        assert shelf.volume(second) is not dropped
        assert dropped.lexicon.sequence(0).tolist() == [15, 0]  # lists under way go on

    def test_what_cannot_be_opened_pushes_nothing_out(
        self, tmp_path: Path, versions: list[str]
    ) -> None:
        shelf = Shelf(tmp_path, versions=1)
        volume = shelf.volume(versions[0])
        for number in range(20):
            with pytest.raises(UnknownVersion):
                shelf.volume(f"c{number:012x}")
        assert shelf.volume(versions[0]) is volume


class TestThreads:
    def test_opening_one_does_not_hold_up_another(
        self, tmp_path: Path, versions: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slow, quick = versions[:2]
        begun, go_on = threading.Event(), threading.Event()
        read = shelf_module.read_manifest

        def reading(folder: Path) -> Manifest:
            if folder.name == slow:
                begun.set()
                assert go_on.wait(20)
            return read(folder)

        monkeypatch.setattr(shelf_module, "read_manifest", reading)
        shelf = Shelf(tmp_path)
        with ThreadPoolExecutor(3) as pool:
            waiting = [pool.submit(shelf.volume, slow) for _ in range(2)]
            assert begun.wait(20)
            assert shelf.volume(quick).size == 2
            assert shelf.at_hand(slow) is None
            assert not any(future.done() for future in waiting)
            go_on.set()
            assert waiting[0].result(20) is waiting[1].result(20)

    def test_many_at_once_get_what_they_ask_for(self, tmp_path: Path, versions: list[str]) -> None:
        shelf = Shelf(tmp_path, versions=2)
        dice = np.random.default_rng(0)
        asked = dice.choice([*versions, "c000000000000"], 400).tolist()

        def ask(version: str) -> str | None:
            try:
                return shelf.volume(version).version
            except UnknownVersion:
                return None

        with ThreadPoolExecutor(8) as pool:
            got = list(pool.map(ask, asked))
        assert got == [version if version in versions else None for version in asked]


class TestTheModel:
    def test_a_version_for_another_tokenizer_is_refused_with_both_names(
        self, tmp_path: Path, versions: list[str]
    ) -> None:
        other = Speaks("Other-7B", hashlib.sha256(b"other").hexdigest())
        with pytest.raises(DamagedArtifact, match=r"toy.*Other-7B"):
            Shelf(tmp_path, speaks=other).volume(versions[0])
        assert Shelf(tmp_path, speaks=Speaks(*TOKENIZER)).volume(versions[0])

    @pytest.mark.parametrize(("vocabulary", "fits"), [(100, True), (99, False)])
    def test_every_token_is_one_the_model_has(
        self, tmp_path: Path, versions: list[str], vocabulary: int, *, fits: bool
    ) -> None:
        shelf = Shelf(tmp_path, speaks=Speaks(*TOKENIZER, vocabulary))
        if fits:
            assert shelf.volume(versions[0])
        else:
            with pytest.raises(DamagedArtifact, match="token 99"):
                shelf.volume(versions[0])


class TestKindred:
    """Whoever knows no model goes by the tokenizer of the current version."""

    @pytest.fixture
    def stranger(self, tmp_path: Path) -> str:
        other = ("Other-7B", hashlib.sha256(b"other").hexdigest())
        return bind(tmp_path, [(5, 0), (6, 0)], [(), ()], FRAME, tokenizer=other)

    def test_only_what_speaks_as_the_current_one_is_opened(
        self, tmp_path: Path, stranger: str, versions: list[str]
    ) -> None:
        shelf = KindredShelf(tmp_path, 4)
        with pytest.raises(DamagedArtifact, match=r"Other-7B.*toy"):
            shelf.volume(stranger)
        assert shelf.volume(versions[0]).size == 2

    @pytest.mark.parametrize("current", [None, "", "c000000000000"])
    def test_as_long_as_the_current_one_is_not_known_none_is_opened(
        self, tmp_path: Path, stranger: str, versions: list[str], current: str | None
    ) -> None:
        shelf, pointer = KindredShelf(tmp_path, 4), tmp_path / CURRENT_FILE
        told = pointer.read_text("ascii")
        pointer.unlink()
        if current is not None:
            pointer.write_text(current, "ascii")
        for version in (stranger, versions[0]):
            with pytest.raises((DamagedArtifact, UnknownVersion)):
                shelf.volume(version)
        pointer.write_text(told, "ascii")
        assert shelf.volume(versions[0])
        with pytest.raises(DamagedArtifact, match="Other-7B"):
            shelf.volume(stranger)

    def test_nothing_is_read_before_a_version_is_asked_for(self, tmp_path: Path) -> None:
        folder = tmp_path / "not there yet"
        shelf = KindredShelf(folder, 4)
        version = bound(folder)
        assert shelf.at_hand(version) is None
        assert shelf.volume(version).size == 2

    def test_the_first_one_known_counts(self, tmp_path: Path, versions: list[str]) -> None:
        shelf = KindredShelf(tmp_path, 4)
        shelf.volume(versions[0])
        (tmp_path / CURRENT_FILE).unlink()
        assert shelf.volume(versions[1])

    def test_only_sizes_are_checked(self, tmp_path: Path, versions: list[str]) -> None:
        path = tmp_path / versions[0] / "lexicon" / "tokens.npy"
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert KindredShelf(tmp_path, 4).volume(versions[0])
        path.write_bytes(content[:-1])
        with pytest.raises(DamagedArtifact, match="bytes"):
            KindredShelf(tmp_path, 4).volume(versions[0])


def test_it_needs_neither_arrow_nor_faiss() -> None:
    code = "import sys, service.catalog.shelf; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - the command stands here
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"pyarrow", "faiss", "onnxruntime", "pydantic", "aiohttp"}
