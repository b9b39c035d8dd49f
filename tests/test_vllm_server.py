"""What `make vllm` starts, up to the moment where the process becomes vLLM."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from service.cli import vllm_server
from service.cli.vllm_server import HOST, LOADING_ALLOWED, MODEL, PLUGIN, Launch, main
from service.settings import PREFIX, load_settings


class Became(Exception):
    """Stands for what `execve` never returns from."""


@pytest.fixture(autouse=True)
def became(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What the process became; without a conversion of weights on the way."""
    last: dict[str, Any] = {}

    def execve(program: Path, words: list[str], environment: dict[str, str]) -> None:
        last.update(program=program, words=words, environment=environment)
        raise Became

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setattr(vllm_server, "ensure_checkpoint", lambda *_: tmp_path / "checkpoint")
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return last


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder of one version."""
    (tmp_path / "built" / "c1").mkdir(parents=True)
    (tmp_path / "built" / "c1" / "manifest.json").touch()
    (tmp_path / "built" / "CURRENT").touch()
    return tmp_path / "built"


@pytest.fixture
def port() -> int:
    with socket.create_server((HOST, 0)) as listening:
        free: int = listening.getsockname()[1]
        return free


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


def test_it_becomes_vllm_on_loopback_with_the_plugin(
    became: dict[str, Any], shelf: Path, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Became):
        main(["--python", sys.executable, "--catalogues", str(shelf), "--port", str(port)])
    words, environment = became["words"], became["environment"]
    assert became["program"] == Path(sys.executable)
    assert option(words, "--host") == "127.0.0.1"
    assert option(words, "--port") == str(port)
    assert option(words, "--served-model-name") == MODEL
    assert option(words, "--logits-processors") == PLUGIN
    assert environment["LISTWRIGHT_PLUGIN__CATALOGUES"] == str(shelf)
    assert environment["DO_NOT_TRACK"] == environment["HF_HUB_OFFLINE"] == "1"
    said = capsys.readouterr().err
    assert f"listwright serve --engine vllm --engine-url http://127.0.0.1:{port}" in said
    assert f"--catalogue {shelf}" in said


def test_what_it_does_not_know_goes_to_vllm_and_comes_last(
    became: dict[str, Any], shelf: Path, port: int
) -> None:
    given = ["--python", sys.executable, "--catalogues", str(shelf), "--port", str(port)]
    with pytest.raises(Became):
        main([*given, "--max-model-len", "512"])
    assert became["words"][-2:] == ["--max-model-len", "512"]


def test_the_environment_of_the_person_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    launch = Launch(Path("python"), Path("model"))
    assert launch.environment()["VLLM_CPU_KVCACHE_SPACE"] == "1"
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "8")
    assert launch.environment()["VLLM_CPU_KVCACHE_SPACE"] == "8"


def test_the_plugins_setting_is_one_that_exists(
    monkeypatch: pytest.MonkeyPatch, shelf: Path
) -> None:
    there = Launch(Path("python"), Path("model"), catalogues=shelf).environment()
    monkeypatch.setattr(os, "environ", there)
    assert load_settings().plugin.catalogues == shelf


def test_without_the_plugin_nothing_names_it() -> None:
    launch = Launch(Path("python"), Path("model"), plugin=False)
    assert not any("listwright" in word.lower() for word in launch.command())
    assert "LISTWRIGHT_PLUGIN__CATALOGUES" not in launch.environment()


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 1
    return capsys.readouterr().err


def test_a_missing_environment_is_told(
    tmp_path: Path, shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "python"
    said = refused(["--python", str(nowhere), "--catalogues", str(shelf)], capsys)
    assert f"there is no {nowhere}" in said
    assert "make vllm" in said


def test_a_folder_without_a_catalogue_is_told(
    shelf: Path, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    one_version = shelf / "c1"
    given = ["--python", sys.executable, "--port", str(port), "--catalogues", str(one_version)]
    said = refused(given, capsys)
    assert f"{one_version} holds no built catalogue" in said
    assert "not one version within it" in said


def test_a_taken_port_is_told_before_vllm_loads(
    shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = str(taken.getsockname()[1])
        given = ["--python", sys.executable, "--port", port, "--catalogues", str(shelf)]
        assert f"cannot listen on 127.0.0.1:{port}" in refused(given, capsys)


def test_adapters_may_be_loaded_where_that_is_asked_for(
    became: dict[str, Any], shelf: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LOADING_ALLOWED, raising=False)
    arguments = ["--python", sys.executable, "--catalogues", str(shelf), "--port", str(port)]
    for more, rank in (([], None), (["--adapters", "12"], "16")):
        with pytest.raises(Became):
            main([*arguments, *more])
        assert ("--enable-lora" in became["words"]) == (rank is not None)
        assert (LOADING_ALLOWED in became["environment"]) == (rank is not None)
        if rank is not None:
            assert option(became["words"], "--max-lora-rank") == rank
