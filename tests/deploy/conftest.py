"""What the tests of deploying look at: manifests as a cluster gets them, and the compose file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ground import REPOSITORY
from manifests import KUBERNETES, OVERLAYS, Manifest, built, kubectl


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kubectl(tmp_path_factory.mktemp("kubectl"))


@pytest.fixture(scope="session")
def overlays(program: Path) -> dict[str, list[Manifest]]:
    return {name: built(program, KUBERNETES / "overlays" / name) for name in OVERLAYS}


@pytest.fixture(scope="session", params=OVERLAYS)
def manifests(
    request: pytest.FixtureRequest, overlays: dict[str, list[Manifest]]
) -> list[Manifest]:
    return overlays[request.param]


@pytest.fixture(scope="session")
def compose() -> Manifest:
    text = (REPOSITORY / "deploy" / "compose.yaml").read_text("utf-8")
    loaded: Manifest = yaml.safe_load(text)
    return loaded
