"""Keys are read again when their file changes; a file that cannot be used changes nothing."""

from __future__ import annotations

import logging
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from service.access.holder import Holder
from service.access.keyring import entry_of, read_keyring
from service.access.keyring_watch import EVERY_S, KeyringWatch
from service.errors import BadSettings

ANN, BOB = entry_of("ann's", name="ann"), entry_of("bob's", name="bob", admin=True)


@dataclass
class Desk:
    """A file of keys, and a clock that only we turn."""

    path: Path
    now: float = 0.0
    written: int = 0
    watch: KeyringWatch = field(init=False)

    def __post_init__(self) -> None:
        self.write(ANN)
        self.watch = KeyringWatch(self.path, lambda: self.now)

    def write(self, text: str) -> None:
        """Replaced in one step, as those do who deploy; each time at another time."""
        aside = self.path.with_suffix(".new")
        aside.write_text(text, "utf-8")
        self.written += 1
        os.utime(aside, (self.written, self.written))
        aside.replace(self.path)

    def let_pass(self) -> None:
        self.now += EVERY_S

    def known(self) -> list[str]:
        found = map(self.watch.holder, ("ann's", "bob's"))
        return [holder.name for holder in found if holder is not None]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "keys.toml")


def test_the_last_key_is_revoked_by_an_empty_list_and_not_by_half_a_file(desk: Desk) -> None:
    desk.write("")
    desk.let_pass()
    assert desk.known() == ["ann"]
    assert desk.watch.trouble()
    desk.write("keys = []\n")
    desk.let_pass()
    assert desk.known() == []
    assert desk.watch.trouble() is None
    with pytest.raises(BadSettings, match="there are none"):
        read_keyring(desk.path)


def test_a_key_is_revoked_and_another_given_while_it_is_used(desk: Desk) -> None:
    assert desk.known() == ["ann"]
    desk.write(f"{ANN}\n{BOB}\n")
    assert desk.known() == ["ann"], "it was looked at just now"
    desk.let_pass()
    assert desk.known() == ["ann", "bob"]
    assert desk.watch.holder("bob's") == Holder("bob", admin=True)
    desk.write(BOB)
    desk.let_pass()
    assert desk.known() == ["bob"]


def test_what_a_key_is_good_for_may_change(desk: Desk) -> None:
    desk.write(entry_of("ann's", name="ann", rate="1/minute"))
    desk.let_pass()
    assert desk.watch.holder("ann's") == Holder("ann", rate="1/minute")


@pytest.mark.parametrize("text", ["[[keys", "", ANN + "\n" + ANN])
def test_a_file_that_cannot_be_used_changes_nothing_and_is_told(
    desk: Desk, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert desk.watch.trouble() is None
    desk.write(text)
    desk.let_pass()
    with caplog.at_level(logging.ERROR):
        assert desk.known() == ["ann"]
        assert "those before go on" in str(desk.watch.trouble())
    assert str(desk.path) in caplog.text
    assert str(desk.path) not in str(desk.watch.trouble()), "anybody may read this"
    desk.write(BOB)
    desk.let_pass()
    assert desk.known() == ["bob"]
    assert desk.watch.trouble() is None


def test_a_file_that_is_gone_changes_nothing_and_is_told(desk: Desk) -> None:
    desk.path.unlink()
    desk.let_pass()
    assert desk.known() == ["ann"]
    assert desk.watch.trouble() is not None
    desk.write(ANN)
    desk.let_pass()
    assert desk.watch.trouble() is None


@contextmanager
def no_file_can_be_opened() -> Iterator[None]:
    """As where too many are open: a fault that passes, and leaves the file as it is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_file_that_could_not_be_read_is_read_later_and_logged_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    desk.write(BOB)
    with no_file_can_be_opened():
        for _ in range(5):
            desk.let_pass()
            assert desk.known() == ["ann"]
    assert desk.watch.trouble() is not None
    assert len(caplog.records) == 1
    desk.let_pass()
    assert desk.known() == ["bob"]
    assert desk.watch.trouble() is None


def test_each_thing_that_is_wrong_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    for text in ("[[keys", "keys = 1", "[[keys", ANN, "[[keys"):
        desk.write(text)
        for _ in range(3):
            desk.let_pass()
            desk.known()
    assert len(caplog.records) == 4


def test_the_same_file_that_comes_back_ends_the_trouble(desk: Desk) -> None:
    aside = desk.path.with_suffix(".aside")
    desk.path.rename(aside)
    desk.let_pass()
    assert desk.watch.trouble() is not None
    aside.rename(desk.path)
    desk.let_pass()
    assert desk.watch.trouble() is None


def test_a_link_that_names_another_file_is_another_file(desk: Desk, tmp_path: Path) -> None:
    """As Kubernetes gives out secrets."""
    other = tmp_path / "other.toml"
    other.write_text(BOB, "utf-8")
    desk.path.unlink()
    desk.path.symlink_to(other)
    desk.let_pass()
    assert desk.known() == ["bob"]


def test_one_that_is_not_there_at_the_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        KeyringWatch(tmp_path / "none.toml")
