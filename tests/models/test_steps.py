from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from io import StringIO
from pathlib import Path

import pytest
import torch
from pydantic import Field
from rich.console import Console

from models.steps.config import Choices, Drawn, configured
from models.steps.digest import digest_of
from models.steps.output import Recipe, figures_of, made
from models.steps.state import read_state, write_state
from models.steps.telling import Moment, shown
from models.steps.work import STATE
from service.errors import BadInput, BadSettings, DamagedArtifact
from service.modelfolder import read_manifest
from service.versions import holding


class Some(Drawn):
    steps: int = Field(default=3, ge=1)
    rate: float = 0.1
    name: str = "a"


class TestChoices:
    def test_come_from_a_file_and_the_command_line(self, tmp_path: Path) -> None:
        file = tmp_path / "some.toml"
        file.write_text('steps = 7\nname = "b"\n')
        found = configured(Some, file, ["rate=0.5", "name = plain text"])
        assert found == Some(steps=7, rate=0.5, name="plain text")

    def test_have_a_seed_only_where_something_is_drawn(self) -> None:
        with pytest.raises(BadSettings, match="nothing reads 'seed'"):
            configured(Choices, None, ["seed=2"])

    def test_have_defaults(self) -> None:
        assert configured(Some, None) == Some(seed=1, steps=3)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("stepz = 2", "did you mean steps?"),
            ("steps = 0", "steps is 0"),
            ("rate = nan", "rate is nan"),
            ("steps = ", "is not TOML"),
        ],
    )
    def test_that_cannot_be_are_told(self, tmp_path: Path, text: str, told: str) -> None:
        file = tmp_path / "some.toml"
        file.write_text(text)
        with pytest.raises(BadSettings, match=r".") as raised:
            configured(Some, file)
        assert told in raised.value.message
        assert str(file) in raised.value.message

    def test_are_given_as_name_and_value(self) -> None:
        with pytest.raises(BadSettings, match="name=value"):
            configured(Some, None, ["steps"])

    def test_of_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(BadSettings, match="cannot be read"):
            configured(Some, tmp_path / "none.toml")


def write(folder: Path) -> Mapping[str, int]:
    (folder / "weights").write_text("w")
    return {"loss": 2}


class TestMade:
    def test_is_there_with_a_manifest(self, tmp_path: Path) -> None:
        recipe = Recipe("some", Some(), {"data": "abc"})
        folder = made(tmp_path / "out", recipe, write)
        manifest = read_manifest(folder)
        assert manifest["name"] == "out"
        assert manifest["step"] == "some"
        assert manifest["choices"] == {"seed": 1, "steps": 3, "rate": 0.1, "name": "a"}
        assert manifest["made_of"] == {"data": "abc"}
        assert set(manifest["files"]) == {"weights"}
        assert manifest["made_with"]["torch"]
        assert figures_of(folder) == {"loss": 2}
        assert [path.name for path in tmp_path.iterdir()] == ["out"]

    def test_is_not_made_twice(self, tmp_path: Path) -> None:
        recipe = Recipe("some", Some())
        made(tmp_path / "out", recipe, write)

        def again(_folder: Path) -> Mapping[str, int]:
            raise AssertionError

        assert made(tmp_path / "out", recipe, again) == tmp_path / "out"

    def test_goes_on_where_it_was_ended(self, tmp_path: Path) -> None:
        recipe = Recipe("some", Some())

        def ended(folder: Path) -> Mapping[str, int]:
            (folder / STATE / "so-far").write_text("5")
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            made(tmp_path / "out", recipe, ended)
        assert not (tmp_path / "out").exists()

        def on(folder: Path) -> Mapping[str, str]:
            return {"so-far": (folder / STATE / "so-far").read_text()}

        folder = made(tmp_path / "out", recipe, on)
        assert figures_of(folder) == {"so-far": "5"}
        assert not (folder / STATE).exists()

    def test_goes_on_where_it_was_ended_before_it_had_its_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        recipe, out = Recipe("some", Some()), tmp_path / "out"
        found: list[bool] = []

        def counted(folder: Path) -> Mapping[str, int]:
            found.append((folder / STATE / "so-far").exists())
            (folder / STATE / "so-far").write_text("5")
            return write(folder)

        rename = Path.rename

        def ended(path: Path, target: Path) -> Path:
            if target == out:
                raise KeyboardInterrupt
            return rename(path, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", ended)
            with pytest.raises(KeyboardInterrupt):
                made(out, recipe, counted)
        made(out, recipe, counted)
        assert found == [False, True]
        assert {path.name for path in out.iterdir()} == {"weights", "manifest.json"}
        assert [path.name for path in tmp_path.iterdir()] == ["out"]

    def test_sweeps_what_nobody_was_at_for_long(self, tmp_path: Path) -> None:
        long_ago = time.time() - 30 * 24 * 3600
        left, lately, held = (tmp_path / f".out.making-{n}" for n in ("left", "lately", "held"))
        for folder in (left, lately, held):
            (folder / STATE).mkdir(parents=True)
            for path in (folder / STATE / "so-far", folder / STATE, folder):
                path.touch()
                os.utime(path, (long_ago, long_ago))
        (lately / STATE / "so-far").touch()

        with ExitStack() as another:

            def meanwhile(folder: Path) -> Mapping[str, int]:
                another.enter_context(holding(held))
                return write(folder)

            made(tmp_path / "out", Recipe("some", Some()), meanwhile)
        assert set(tmp_path.iterdir()) == {tmp_path / "out", lately, held}

    def test_took_as_long_as_all_its_runs(self, tmp_path: Path) -> None:
        recipe = Recipe("some", Some())

        def ended(folder: Path) -> Mapping[str, int]:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            made(tmp_path / "out", recipe, ended)
        (left,) = tmp_path.glob(".out.*/state/seconds")
        assert float(left.read_text()) > 0
        left.write_text("5000")
        assert read_manifest(made(tmp_path / "out", recipe, write))["seconds"] >= 5000

    def test_of_something_else_does_not_go_on_there(self, tmp_path: Path) -> None:
        def ended(folder: Path) -> Mapping[str, int]:
            (folder / STATE / "so-far").write_text("5")
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            made(tmp_path / "out", Recipe("some", Some()), ended)

        def other(folder: Path) -> Mapping[str, bool]:
            return {"begun": (folder / STATE / "so-far").exists()}

        folder = made(tmp_path / "out", Recipe("some", Some(steps=4)), other)
        assert figures_of(folder) == {"begun": False}

    def test_takes_the_place_of_nothing_else(self, tmp_path: Path) -> None:
        made(tmp_path / "out", Recipe("some", Some()), write)
        with pytest.raises(BadInput, match="something else") as raised:
            made(tmp_path / "out", Recipe("some", Some(steps=4)), write)
        assert "remove this one" in raised.value.hint

    def test_advises_nobody_to_remove_what_is_his_own(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for own in (tmp_path, tmp_path / "file"):
            with pytest.raises(BadInput, match="something else") as raised:
                made(own, Recipe("some", Some()), write)
            assert raised.value.hint == "Name another folder with --out."

    @pytest.mark.parametrize("manifest", ['{"version": 3}', '{"recipe": 4}', "[]", "{"])
    def test_takes_the_place_of_no_foreign_manifest(self, tmp_path: Path, manifest: str) -> None:
        (tmp_path / "manifest.json").write_text(manifest)
        with pytest.raises(BadInput, match="something else"):
            made(tmp_path, Recipe("some", Some()), write)

    def test_takes_an_empty_folder(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        assert figures_of(made(tmp_path / "out", Recipe("some", Some()), write)) == {"loss": 2}

    def test_is_made_by_one_alone(self, tmp_path: Path) -> None:
        recipe = Recipe("some", Some())

        asked: list[Path] = []

        def meanwhile(folder: Path) -> Mapping[str, int]:
            asked.append(folder)
            with pytest.raises(BadInput, match="Another process"):
                made(tmp_path / "out", recipe, write)
            return write(folder)

        made(tmp_path / "out", recipe, meanwhile)
        assert len(asked) == 1

    @pytest.mark.parametrize("name", ["out", "[out]"])
    def test_is_made_by_one_alone_in_whatever_way(self, tmp_path: Path, name: str) -> None:
        other, begun = Recipe("some", Some(steps=4)), Recipe("some", Some(steps=5))

        def ended(folder: Path) -> Mapping[str, int]:
            (folder / STATE / "so-far").write_text("5")
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            made(tmp_path / name, begun, ended)
        before = set(tmp_path.iterdir())

        def meanwhile(folder: Path) -> Mapping[str, int]:
            for recipe in (other, begun):
                with pytest.raises(BadInput, match="Another process is making") as raised:
                    made(tmp_path / name, recipe, refused)
                assert "another folder" in raised.value.hint
            assert set(tmp_path.iterdir()) == before | {folder}
            return write(folder)

        def refused(_folder: Path) -> Mapping[str, int]:
            raise AssertionError

        made(tmp_path / name, Recipe("some", Some()), meanwhile)
        assert set(tmp_path.iterdir()) == before | {tmp_path / name}

    def test_keeps_what_it_did_where_its_place_was_taken(self, tmp_path: Path) -> None:
        recipe, out = Recipe("some", Some()), tmp_path / "out"
        found: list[bool] = []

        def meanwhile(folder: Path) -> Mapping[str, int]:
            found.append((folder / STATE / "so-far").exists())
            (folder / STATE / "so-far").write_text("5")
            if len(found) == 1:
                out.mkdir()
                (out / "mine").touch()
            return write(folder)

        with pytest.raises(BadInput, match="something else meanwhile"):
            made(out, recipe, meanwhile)
        assert [path.name for path in out.iterdir()] == ["mine"]
        out.rename(tmp_path / "away")
        made(out, recipe, meanwhile)
        assert found == [False, True]
        assert {path.name for path in tmp_path.iterdir()} == {"away", "out"}

    def test_that_is_refused_leaves_nothing(self, tmp_path: Path) -> None:
        def refused(folder: Path) -> Mapping[str, int]:
            write(folder)
            (folder / "part").mkdir()
            (folder / "part" / "weights").touch()
            raise BadInput("no")

        def on_the_way(folder: Path) -> Mapping[str, int]:
            write(folder)
            made(folder / STATE / "part", Recipe("part", Some()), refused)
            return {}

        for make in (refused, on_the_way):
            with pytest.raises(BadInput, match="no") as raised:
                made(tmp_path / "out", Recipe("some", Some()), make)
            assert not raised.value.hint
            assert list(tmp_path.iterdir()) == []

    def test_that_is_refused_keeps_its_state_and_says_where(self, tmp_path: Path) -> None:
        def refused(folder: Path) -> Mapping[str, int]:
            (folder / STATE / "so-far").write_text("5")
            write(folder)
            raise BadInput("no", hint="Mend it.")

        with pytest.raises(BadInput, match="no") as raised:
            made(tmp_path / "out", Recipe("some", Some()), refused)
        (work,) = tmp_path.iterdir()
        assert raised.value.hint.startswith(f"Mend it. What had been done is kept in {work}")
        assert {path.name for path in work.rglob("*")} == {STATE, "so-far", "seconds"}

    @pytest.mark.parametrize("number", [float("nan"), float("inf")])
    def test_of_figures_that_are_no_numbers_is_told(self, tmp_path: Path, number: float) -> None:
        def spoilt(folder: Path) -> Mapping[str, object]:
            return {**write(folder), "judged": [{"kl": number}]}

        with pytest.raises(BadInput, match="out is not kept: among its figures judged"):
            made(tmp_path / "out", Recipe("some", Some()), spoilt)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("where", ["/proc/x/y", "/proc/x", "file/y"])
    def test_where_nothing_can_be_is_told(self, tmp_path: Path, where: str) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(BadSettings, match=f"{where} cannot be made") as raised:
            made(tmp_path / where, Recipe("some", Some()), write)
        assert raised.value.hint == "Name another folder with --out."

    def test_of_altered_files_is_told(self, tmp_path: Path) -> None:
        folder = made(tmp_path / "out", Recipe("some", Some()), write)
        (folder / "weights").write_text("x")
        with pytest.raises(DamagedArtifact, match="weights") as raised:
            made(folder, Recipe("some", Some()), write)
        assert "the same command then makes it again" in raised.value.hint
        with pytest.raises(DamagedArtifact, match="weights") as raised:
            figures_of(folder)
        assert raised.value.hint == "Copy the folder anew as a whole, or make it again."

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
    def test_says_that_the_disk_is_full(self, tmp_path: Path, number: int) -> None:
        def full(_folder: Path) -> Mapping[str, int]:
            raise OSError(number, "No space left on device", "weights")

        with pytest.raises(BadSettings, match="disk is full") as raised:
            made(tmp_path / "out", Recipe("some", Some()), full)
        assert "goes on" in raised.value.hint
        assert "begins anew" in raised.value.hint

    def test_names_the_folder_that_was_asked_for(self, tmp_path: Path) -> None:
        def full(_folder: Path) -> Mapping[str, int]:
            raise OSError(errno.ENOSPC, "No space left on device")

        def on_the_way(folder: Path) -> Mapping[str, int]:
            made(folder / STATE / "part", Recipe("part", Some()), full)
            return {}

        with pytest.raises(BadSettings, match=f"^{tmp_path}/out cannot be written"):
            made(tmp_path / "out", Recipe("some", Some()), on_the_way)

    def test_lets_other_faults_tell_themselves(self, tmp_path: Path) -> None:
        def lost(_folder: Path) -> Mapping[str, int]:
            return {"loss": len((tmp_path / "nothing").read_text())}

        with pytest.raises(FileNotFoundError):
            made(tmp_path / "out", Recipe("some", Some()), lost)


class TestState:
    def test_comes_back(self, tmp_path: Path) -> None:
        write_state(tmp_path / "a" / "state.pt", {"step": 3, "w": torch.ones(2)})
        found = read_state(tmp_path / "a" / "state.pt")
        assert found is not None
        assert found["step"] == 3
        assert torch.equal(found["w"], torch.ones(2))

    def test_is_nothing_where_it_cannot_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "state.pt").write_bytes(b"no")
        assert read_state(tmp_path / "state.pt") is None
        assert read_state(tmp_path / "other.pt") is None

    @pytest.mark.parametrize("fault", [PermissionError, MemoryError])
    def test_out_of_reach_is_not_taken_for_lost(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
    ) -> None:
        write_state(tmp_path / "state.pt", {"step": 1})

        def refused(*_given: object, **_named: object) -> None:
            raise fault

        monkeypatch.setattr(torch, "load", refused)
        with pytest.raises(fault):
            read_state(tmp_path / "state.pt")

    def test_before_stays_when_the_disk_is_full(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "state.pt"
        write_state(path, {"step": 1})

        def full(_handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_state(path, {"step": 2})
        assert read_state(path) == {"step": 1}
        assert [one.name for one in tmp_path.iterdir()] == ["state.pt"]


class TestDigests:
    def test_follow_contents(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "x").write_text("1")
        before = digest_of(tmp_path / "a")
        (tmp_path / "a").rename(tmp_path / "b")
        assert digest_of(tmp_path / "b") == before
        (tmp_path / "b" / "x").write_text("2")
        assert digest_of(tmp_path / "b") != before
        assert digest_of(tmp_path / "b" / "x") != before

    def test_of_what_a_step_made_are_of_its_files_alone(self, tmp_path: Path) -> None:
        one = made(tmp_path / "one", Recipe("some", Some()), write)
        manifest = json.loads((one / "manifest.json").read_text())
        before = digest_of(one)
        (one / "manifest.json").write_text(json.dumps(manifest | {"seconds": 1e9}))
        assert digest_of(one) == before

    def test_of_altered_files_are_told(self, tmp_path: Path) -> None:
        folder = made(tmp_path / "one", Recipe("some", Some()), write)
        (folder / "weights").write_text("v")
        with pytest.raises(DamagedArtifact, match="altered: weights"):
            digest_of(folder)
        (folder / "manifest.json").write_text('{"files"')
        with pytest.raises(DamagedArtifact, match="is not JSON"):
            digest_of(folder)

    @pytest.mark.parametrize("manifest", ['{"version": 3}', '{"files": ["x"]}', "[]"])
    def test_beside_a_foreign_manifest_follow_all_files(
        self, tmp_path: Path, manifest: str
    ) -> None:
        (tmp_path / "manifest.json").write_text(manifest)
        (tmp_path / "x").write_text("1")
        before = digest_of(tmp_path)
        (tmp_path / "x").write_text("2")
        assert digest_of(tmp_path) != before


def test_lines_tell_when_a_stage_begins_and_ends() -> None:
    text = StringIO()
    with shown(Console(file=text, width=100)) as telling:
        for done in range(5):
            telling(Moment("train", done, 4, {"loss": 2.5 - done / 2}))
    assert text.getvalue().splitlines() == ["train: 0 of 4  loss 2.5", "train: 4 of 4  loss 0.5"]
