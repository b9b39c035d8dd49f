from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import ringroad
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from models.sasrec.export import Use, publish_trained, write
from models.sasrec.training import Trained
from service.domain import Strategy
from service.errors import BadCatalogue, BadSettings, DamagedArtifact
from service.retrieval.index import build_index, save_index
from service.retrieval.ranker import current_version, load_ranker, ranker_root
from service.retrieval.ranker_facts import VERSION, Facts, seal
from service.retrieval.ranker_publish import KEPT, publish, retuned
from service.tuning import Blend, Measured, Situation, Tuning

TUNING = Tuning(
    {Situation("none"): Blend({"popularity": 1.0})},
    (
        Measured(
            *("m", Strategy.RANK),
            history=True,
            words=False,
            prior_weight=1.0,
            ndcg=0.2,
            requests=3,
        ),
    ),
)
FILES = ["manifest.json", "sasrec.safetensors", "ids.json", "tuning.json"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ringroad.publish(tmp_path_factory.mktemp("ranker") / "ranker")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(whole, tmp_path / "ranker" / whole.name))


def names(root: Path) -> set[str]:
    return {path.name for path in root.iterdir()}


def loads(path: Path) -> bool:
    """Whether it does; if not, it must say what to do."""
    try:
        load_ranker(path)
    except DamagedArtifact as error:
        if "listwright train" not in error.hint:
            raise
        return False
    return True


class TestPublished:
    def test_is_what_was_trained(self, whole: Path) -> None:
        ranker, made = load_ranker(whole), ringroad.trained()
        assert ranker.ids == tuple(ringroad.IDS)
        assert ranker.tuning == Tuning()
        assert ranker.index is None
        assert ranker.facts.catalogue == "c0123456789ab"
        assert (ranker.facts.ndcg, ranker.facts.hr) == (made.ndcg, made.hr)
        assert ranker.facts.losses == tuple(made.losses)
        assert (ranker.facts.epochs, ranker.facts.best_epoch) == (made.epochs, made.best_epoch)
        assert ranker.facts.config["learning_rate"] == ringroad.SMALL.learning_rate
        for name, tensor in made.tensors.items():
            np.testing.assert_array_equal(ranker.net.tensors[name], tensor)

    def test_is_found_from_the_folder_of_versions(self, whole: Path) -> None:
        assert VERSION.fullmatch(whole.name)
        assert current_version(whole.parent) == whole.name
        assert load_ranker(whole.parent).version == load_ranker(whole).version == whole.name

    def test_holds_these_files_and_no_other(self, whole: Path) -> None:
        assert names(whole) == set(FILES)
        assert names(whole.parent) == {whole.name, "CURRENT"}

    def test_whoever_may_read_one_file_may_read_all(self, whole: Path) -> None:
        assert len({path.stat().st_mode for path in whole.iterdir()}) == 1

    def test_the_same_is_the_same_version(self, whole: Path, tmp_path: Path) -> None:
        assert ringroad.publish(tmp_path).name == whole.name
        assert ringroad.publish(tmp_path).name == whole.name
        assert names(tmp_path) == {whole.name, "CURRENT"}

    def test_another_stands_beside_it(self, tmp_path: Path) -> None:
        first, second = ringroad.publish(tmp_path, 1), ringroad.publish(tmp_path, 2)
        assert names(tmp_path) == {first.name, second.name, "CURRENT"}
        assert current_version(tmp_path) == second.name
        assert load_ranker(first).version == first.name

    def test_what_is_damaged_is_mended_by_publishing_it_again(self, folder: Path) -> None:
        (folder / "ids.json").write_text("[]", "utf-8")
        assert not loads(folder)
        assert ringroad.publish(folder.parent) == folder
        assert loads(folder)

    def test_lies_beside_a_catalogue(self, tmp_path: Path) -> None:
        version = tmp_path / "c0123456789ab"
        version.mkdir()
        (version / "manifest.json").touch()
        assert ranker_root(version) == ranker_root(tmp_path) == tmp_path / "ranker"


class TestDamage:
    @pytest.mark.parametrize("name", FILES)
    def test_any_byte_that_changed_shows(self, folder: Path, name: str) -> None:
        path = folder / name
        content = path.read_bytes()
        for place in range(0, len(content), max(1, len(content) // 200)):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            assert not loads(folder), place
        path.write_bytes(content)
        assert loads(folder)

    @pytest.mark.parametrize("name", FILES)
    def test_a_file_that_is_cut_or_gone_shows(self, folder: Path, name: str) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes()[:-1])
        assert not loads(folder)
        path.unlink()
        assert not loads(folder)

    @settings(max_examples=200)
    @given(data=st.data())
    def test_a_manifest_that_says_something_else(self, whole: Path, data: st.DataObject) -> None:
        manifest = json.loads((whole / "manifest.json").read_text("utf-8"))
        holder = data.draw(st.sampled_from([manifest, manifest["shape"], manifest["config"]]))
        key = data.draw(st.sampled_from(sorted(holder)))
        other = st.none() | st.integers() | st.text() | st.floats() | st.just([]) | st.just({})
        change = data.draw(other.filter(lambda value: value != holder[key]))
        if data.draw(st.booleans()):
            holder[key] = change
        else:
            del holder[key]
        copy = whole.parent.parent / "spoilt"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(whole, copy)
        (copy / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        assert not loads(copy)

    @pytest.mark.parametrize(
        "pointer", [b"", b"r12\n", b"../r0123456789ab\n", b"\xff", b"r0123456789ab\n"]
    )
    def test_a_pointer_that_leads_nowhere(self, folder: Path, pointer: bytes) -> None:
        (folder.parent / "CURRENT").write_bytes(pointer)
        assert not loads(folder.parent)

    def test_no_pointer(self, folder: Path) -> None:
        with pytest.raises(DamagedArtifact, match="there is no ranker in"):
            load_ranker(folder.parent)

    def test_a_version_under_the_name_of_another(self, folder: Path) -> None:
        other = folder.rename(folder.with_name("r0123456789ab"))
        (folder.parent / "CURRENT").write_text(f"{other.name}\n", "ascii")
        assert not loads(folder.parent)


def resealed(folder: Path, change: Callable[[Path, Facts], Facts]) -> Path:
    """The ranker with something else in it, and a manifest that fits, be it one we do not write."""
    facts = load_ranker(folder).facts
    (folder / "manifest.json").unlink()
    lenient = SimpleNamespace(loads=json.loads, dumps=_dumps_anything)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.modelfolder.json", lenient)
        seal(folder, change(folder, facts))
    return folder


def _dumps_anything(value: object, **how: Any) -> str:
    return json.dumps(value, **{**how, "allow_nan": True})


def with_tensor(name: str, tensor: np.ndarray) -> Callable[[Path, Facts], Facts]:
    def change(folder: Path, facts: Facts) -> Facts:
        path = folder / "sasrec.safetensors"
        save_file(load_file(path) | {name: tensor}, path)
        return facts

    return change


def with_file(name: str, content: bytes, **changes: Any) -> Callable[[Path, Facts], Facts]:
    def change(folder: Path, facts: Facts) -> Facts:
        (folder / name).write_bytes(content)
        return replace(facts, **changes)

    return change


def digest(ids: list[str]) -> str:
    return hashlib.sha256(json.dumps(ids).encode()).hexdigest()


TWICE = [*ringroad.IDS[:-1], "i0"]
SEALED_NONSENSE: dict[str, Callable[[Path, Facts], Facts]] = {
    "numbers that are not finite": with_tensor("norm.bias", np.full(8, np.nan, dtype=np.float32)),
    "a tensor of another shape": with_tensor("norm.bias", np.zeros(9, dtype=np.float32)),
    "a tensor of another kind": with_tensor("norm.bias", np.zeros(8, dtype=np.float64)),
    "a tensor too many": with_tensor("extra", np.zeros(8, dtype=np.float32)),
    "no safetensors": with_file("sasrec.safetensors", b"\x80\x04N."),
    "an item twice": with_file("ids.json", json.dumps(TWICE).encode(), ids_sha256=digest(TWICE)),
    "other items": with_file("ids.json", json.dumps(["x", *ringroad.IDS[1:]]).encode()),
    "an item too few": with_file("ids.json", json.dumps(ringroad.IDS[1:]).encode()),
    "items that are no names": with_file("ids.json", json.dumps(list(range(12))).encode()),
    "no tuning": with_file("tuning.json", b"{}"),
    "a tuning of nonsense": with_file("tuning.json", b'{"blends": [], "measured": [{}]}'),
    "another shape": lambda _, facts: replace(facts, shape=replace(facts.shape, heads=3)),
    "no length": lambda _, facts: replace(facts, shape=replace(facts.shape, length=0)),
    "a figure that cannot be": lambda _, facts: replace(facts, ndcg=float("nan")),
    "a loss that cannot be": lambda _, facts: replace(facts, losses=(float("inf"),)),
}


@pytest.mark.parametrize("nonsense", SEALED_NONSENSE)
def test_nonsense_is_noticed_under_a_seal_too(folder: Path, nonsense: str) -> None:
    assert not loads(resealed(folder, SEALED_NONSENSE[nonsense]))


def test_a_seal_over_the_same_is_fine(folder: Path) -> None:
    assert loads(resealed(folder, lambda _, facts: facts))


class TestPublishing:
    def test_what_is_not_finite_is_not_published(self, tmp_path: Path) -> None:
        first = ringroad.publish(tmp_path)
        made = ringroad.trained()
        bad = replace(made, tensors=made.tensors | {"norm.bias": np.full(8, np.nan, np.float32)})
        with pytest.raises(DamagedArtifact, match="not finite"):
            publish_trained(tmp_path, bad, ringroad.IDS, Use("c0"))
        assert names(tmp_path) == {first.name, "CURRENT"}
        assert load_ranker(tmp_path).version == first.name

    def test_an_error_while_writing_leaves_what_was_there(self, tmp_path: Path) -> None:
        first = ringroad.publish(tmp_path)

        def fail(folder: Path) -> Facts:
            (folder / "half").touch()
            raise LookupError

        with pytest.raises(LookupError):
            publish(tmp_path, fail)
        assert names(tmp_path) == {first.name, "CURRENT"}

    def test_a_folder_that_cannot_be_written_to(self, tmp_path: Path) -> None:
        (tmp_path / "ranker").write_text("no folder", "utf-8")
        with pytest.raises(BadCatalogue, match="cannot be written"):
            ringroad.publish(tmp_path / "ranker")

    def test_a_folder_that_cannot_be_looked_into(self, tmp_path: Path) -> None:
        with pytest.raises(DamagedArtifact, match="cannot be read") as told:
            load_ranker(tmp_path / ("x" * 300))
        assert str(tmp_path) in told.value.message
        assert "read" in told.value.hint

    def test_what_dead_publishers_left_is_swept(self, tmp_path: Path) -> None:
        process = multiprocessing.get_context("fork").Process(target=_die, args=(tmp_path,))
        process.start()
        process.join()
        (tmp_path / ".making-1-pointer").touch()
        assert len(names(tmp_path)) == 2
        first = ringroad.publish(tmp_path)
        assert names(tmp_path) == {first.name, "CURRENT"}

    def test_one_at_work_is_left_alone(self, tmp_path: Path) -> None:
        versions: list[Path] = []

        def write(folder: Path) -> Facts:
            versions.append(ringroad.publish(tmp_path, 1))
            return _write(ringroad.trained())(folder)

        versions.append(publish(tmp_path, write))
        assert names(tmp_path) == {versions[0].name, versions[1].name, "CURRENT"}
        assert current_version(tmp_path) == versions[1].name

    def test_the_newest_stay_and_what_is_no_version(self, tmp_path: Path) -> None:
        (tmp_path / "checkpoint.pt").touch()
        (tmp_path / "rings").mkdir()
        made = [ringroad.publish(tmp_path, seed).name for seed in range(KEPT + 3)]
        others = {"CURRENT", "checkpoint.pt", "rings"}
        assert names(tmp_path) == {*made[-KEPT - 1 :], *others}
        assert current_version(tmp_path) == made[-1]

    def test_a_link_to_a_version_goes_as_any_other(self, tmp_path: Path) -> None:
        elsewhere, root = ringroad.publish(tmp_path / "elsewhere", 0), tmp_path / "ranker"
        root.mkdir()
        (root / elsewhere.name).symlink_to(elsewhere)
        made = [ringroad.publish(root, seed).name for seed in range(1, KEPT + 4)]
        assert names(root) == {*made[-KEPT - 1 :], "CURRENT"}
        assert loads(elsewhere)

    def test_one_that_is_made_current_again_stays(self, tmp_path: Path) -> None:
        first = ringroad.publish(tmp_path, 0).name
        made = [ringroad.publish(tmp_path, seed).name for seed in range(1, KEPT + 1)]
        assert ringroad.publish(tmp_path, 0).name == first
        assert names(tmp_path) == {first, *made, "CURRENT"}
        assert load_ranker(tmp_path).version == first

    def test_many_at_once_do_not_mix(self, tmp_path: Path) -> None:
        made_before = [ringroad.chance(seed) for seed in range(5)]

        def one(turn: int) -> str:
            net = made_before[turn % 5]
            return publish_trained(tmp_path, net, ringroad.IDS, Use("c0")).name

        with ThreadPoolExecutor(8) as pool:
            made = set(pool.map(one, range(40)))
        assert names(tmp_path) == made | {"CURRENT"}
        assert len(made) == 5
        assert all(load_ranker(tmp_path / version).version == version for version in made)
        assert current_version(tmp_path) in made


def _write(made: Trained) -> Callable[[Path], Facts]:
    return lambda folder: write(folder, made, ringroad.IDS, Use("c0123456789ab"))


def _die(root: Path) -> None:
    def write(folder: Path) -> Facts:
        (folder / "half").touch()
        os._exit(9)

    publish(root, write)


class TestRetuned:
    def test_has_the_same_net_and_another_tuning(self, tmp_path: Path) -> None:
        first = ringroad.publish(tmp_path)
        second = retuned(tmp_path, TUNING)
        assert second.name != first.name
        assert load_ranker(tmp_path).version == second.name
        assert load_ranker(second).tuning == TUNING
        assert load_ranker(second).facts == load_ranker(first).facts
        assert load_ranker(first).tuning == Tuning()
        weights = [(folder / "sasrec.safetensors").stat().st_ino for folder in (first, second)]
        assert weights[0] == weights[1]

    def test_where_files_cannot_be_linked_they_are_copied(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError("no links here")

        ringroad.publish(tmp_path)
        monkeypatch.setattr("os.link", refuse)
        assert load_ranker(retuned(tmp_path, TUNING)).tuning == TUNING

    def test_of_one_that_was_replaced_meanwhile_is_refused(self, tmp_path: Path) -> None:
        first = ringroad.publish(tmp_path)
        second = ringroad.publish(tmp_path, 1)
        with pytest.raises(BadSettings, match="no longer the current one"):
            retuned(tmp_path, TUNING, version=first.name)
        assert names(tmp_path) == {first.name, second.name, "CURRENT"}
        assert current_version(tmp_path) == second.name

    def test_where_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(DamagedArtifact, match="there is no ranker"):
            retuned(tmp_path, TUNING)


class TestManyItems:
    """Where there are too many items to score them all, an index is part of a ranker."""

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        for module in ("models.sasrec.export", "service.retrieval.ranker"):
            monkeypatch.setattr(f"{module}.EXACT_ROWS", ringroad.ITEMS - 1)
        return ringroad.publish(tmp_path)

    def test_it_is_published_and_loaded(self, folder: Path) -> None:
        assert names(folder) == {*FILES, "index.faiss"}
        ranker = load_ranker(folder)
        assert ranker.index is not None
        assert ranker.index.ntotal == ringroad.ITEMS

    def test_it_goes_along_when_retuned(self, folder: Path) -> None:
        assert load_ranker(retuned(folder.parent, TUNING)).index is not None

    def test_its_damage_shows(self, folder: Path) -> None:
        path = folder / "index.faiss"
        content = path.read_bytes()
        for place in range(0, len(content), 7):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            assert not loads(folder), place
        path.unlink()
        assert not loads(folder)

    def test_one_over_something_else_shows(self, folder: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.faiss"
        save_index(build_index(np.ones((ringroad.ITEMS, 9), dtype=np.float32)), other)
        assert not loads(resealed(folder, with_file("index.faiss", other.read_bytes())))

    def test_a_ranker_without_it_shows(self, folder: Path) -> None:
        def without(folder: Path, facts: Facts) -> Facts:
            (folder / "index.faiss").unlink()
            return facts

        assert not loads(resealed(folder, without))
