"""What tests of the offline steps share."""

from __future__ import annotations

from pathlib import Path

import pytest
from models_tiny import tiny_checkpoint


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    """A whole checkpoint of random weights, never to be written to."""
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "tiny-lm", cache_dir)
