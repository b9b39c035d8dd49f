from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch

from models.sft.checkpoints import Checkpoints, state_in


def kept(root: Path, *steps: int) -> Checkpoints:
    checkpoints = Checkpoints(root)
    for step in steps:
        checkpoints.write(step, {"step": step, "w": torch.full((100,), float(step))})
    return checkpoints


class TestCheckpoints:
    def test_give_the_newest(self, tmp_path: Path) -> None:
        newest = kept(tmp_path, 5, 10, 100).newest()
        assert newest is not None
        assert state_in(newest)["step"] == 100

    def test_are_none_at_first(self, tmp_path: Path) -> None:
        assert kept(tmp_path / "none").newest() is None

    def test_keep_two(self, tmp_path: Path) -> None:
        kept(tmp_path, 1, 2, 3)
        assert sorted(one.name for one in tmp_path.iterdir()) == ["step-00000002", "step-00000003"]

    @pytest.mark.parametrize("file", ["state.pt", "manifest.json"])
    @pytest.mark.parametrize("left", [None, 0, 40])
    def test_half_written_are_passed_over(
        self, tmp_path: Path, file: str, left: int | None
    ) -> None:
        checkpoints = kept(tmp_path, 1, 2)
        path = tmp_path / "step-00000002" / file
        content = path.read_bytes()
        path.unlink()
        if left is not None:
            path.write_bytes(content[:left])
        newest = checkpoints.newest()
        assert newest is not None
        assert state_in(newest)["step"] == 1
        checkpoints.write(2, {"step": 2})
        assert state_in(tmp_path / "step-00000002") == {"step": 2}

    def test_altered_are_passed_over(self, tmp_path: Path) -> None:
        checkpoints = kept(tmp_path, 1, 2)
        path = tmp_path / "step-00000002" / "state.pt"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        assert checkpoints.newest() == tmp_path / "step-00000001"

    def test_before_stay_when_the_disk_is_full(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checkpoints = kept(tmp_path, 1, 2)

        def full(_handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            checkpoints.write(3, {"step": 3})
        assert checkpoints.newest() == tmp_path / "step-00000002"
        assert len(list(tmp_path.iterdir())) == 2
