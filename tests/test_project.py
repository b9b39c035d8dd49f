"""The project's own promises: who imports whom, what starts light, what CI refuses."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import no_skips
import pytest
from ground import REPOSITORY, NetworkReached

SCRIPTS = Path(sys.executable).parent

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys, service
for module in pkgutil.walk_packages(service.__path__, "service."):
    if not module.name.startswith(("service.engines.vllm_plugin", "service.engines.plugin")):
        # Those run only inside vLLM.
        importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""

THREE_OUTCOMES = """
import pytest
def test_runs(): assert True
def test_lacks_data(): pytest.skip("shared data not here")
def test_lacks_component(): pytest.skip("no engine")
@pytest.mark.xfail(strict=True)
def test_known(): assert False
"""


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    # A make that runs these tests must not hand its flags to the makes below it.
    inherited = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.run(  # noqa: S603 - the commands stand in this file
        command,
        cwd=REPOSITORY,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_run_one_way() -> None:
    done = run(SCRIPTS / "lint-imports", "--no-logo")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_service_starts_without_what_only_converts_models() -> None:
    done = run(sys.executable, "-c", IMPORT_EVERYTHING)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    heavy = {"torch", "transformers", "sentence_transformers", "gguf", "onnx", "onnxscript"}
    assert not loaded & heavy


def test_each_test_file_has_a_name_of_its_own() -> None:
    # Folders here are no packages: of two files of one name a whole run collects the first alone.
    names = Counter(path.name for path in (REPOSITORY / "tests").rglob("test_*.py"))
    assert [name for name, files in names.items() if files > 1] == []


def test_the_licence_is_apache() -> None:
    text = (REPOSITORY / "LICENSE").read_text("utf-8")
    assert "Apache License\n                           Version 2.0" in text
    assert "END OF TERMS AND CONDITIONS" in text


class TestMake:
    def test_alone_lists_every_target(self) -> None:
        makefile = (REPOSITORY / "Makefile").read_text("utf-8")
        phony = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
        listed = re.findall(r"^  make ([\w-]+) ", run("make").stdout, re.MULTILINE)
        assert sorted(listed) == sorted(" ".join(phony).split())

    @pytest.mark.parametrize(("value", "passed"), [("1", True), ("0", False), ("", False)])
    def test_demo_once_ends_the_demo(self, value: str, *, passed: bool) -> None:
        done = run("make", "--dry-run", "--old-file=.venv/.installed", "demo", DEMO_ONCE=value)
        assert done.returncode == 0, done.stderr
        assert ("--once" in done.stdout.split()) == passed

    def test_an_old_python_is_refused_by_name(self, tmp_path: Path) -> None:
        old = tmp_path / "python3.9"
        old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.0 || exit 1\n', "utf-8")
        old.chmod(0o755)
        done = run("make", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}", "install")
        assert done.returncode != 0
        assert "needs Python 3.11 or newer" in done.stderr
        assert "is Python 3.9.0" in done.stderr

    def test_a_missing_python_is_refused_by_name(self, tmp_path: Path) -> None:
        done = run("make", "PYTHON=python0", f"VENV={tmp_path / 'venv'}", "install")
        assert done.returncode != 0
        assert "found no 'python0'" in done.stderr


class TestNoSkips:
    @pytest.fixture(scope="class")
    @staticmethod
    def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = tmp_path_factory.mktemp("skips")
        (folder / "test_three.py").write_text(THREE_OUTCOMES, "utf-8")
        report = folder / "junit.xml"
        done = run(sys.executable, "-m", "pytest", "-c", os.devnull, f"--junitxml={report}", folder)
        assert done.returncode == 0, done.stdout
        return report

    def test_data_that_lie_there_excuse_nothing(self, report: Path, tmp_path: Path) -> None:
        skips = no_skips.unexplained_skips(report, shared_data=tmp_path)
        assert skips == [
            "test_three.test_lacks_data: shared data not here",
            "test_three.test_lacks_component: no engine",
        ]

    def test_data_that_are_missing_excuse_their_tests(self, report: Path, tmp_path: Path) -> None:
        skips = no_skips.unexplained_skips(report, shared_data=tmp_path / "nowhere")
        assert skips == ["test_three.test_lacks_component: no engine"]

    def test_the_command_fails_and_names_the_test(self, report: Path) -> None:
        done = run(sys.executable, "tests/no_skips.py", report)
        assert done.returncode == 1
        assert "test_three.test_lacks_component: no engine" in done.stderr

    def test_one_of_several_reports_is_enough(self, report: Path, tmp_path: Path) -> None:
        sound = tmp_path / "junit.xml"
        sound.write_text("<testsuites><testsuite><testcase/></testsuite></testsuites>", "utf-8")
        done = run(sys.executable, "tests/no_skips.py", sound, report)
        assert done.returncode == 1
        assert "test_three.test_lacks_component: no engine" in done.stderr

    def test_a_report_without_tests_fails(self, tmp_path: Path) -> None:
        report = tmp_path / "junit.xml"
        report.write_text("<testsuites><testsuite/></testsuites>", "utf-8")
        done = run(sys.executable, "tests/no_skips.py", report)
        assert done.returncode == 1
        assert "no test ran" in done.stderr


class TestNetworkGuard:
    @pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.invalid"])
    def test_other_machines_are_refused(self, host: str) -> None:
        with pytest.raises(NetworkReached, match=re.escape(host)):
            socket.create_connection((host, 80), timeout=1)

    def test_a_datagram_is_refused_too(self) -> None:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
            pytest.raises(NetworkReached),
        ):
            sender.sendto(b"x", ("192.0.2.1", 9))

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
    def test_this_machine_is_reached(self, host: str) -> None:
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.create_connection((host, server.getsockname()[1]), timeout=5),
        ):
            connection, _ = server.accept()
            connection.close()
