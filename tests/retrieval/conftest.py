from __future__ import annotations

from pathlib import Path

import pytest

from service.retrieval.encoder import OnnxEncoder
from service.retrieval.export import ensure_encoder


@pytest.fixture(scope="session")
def encoder_folder(cache_dir: Path) -> Path:
    return ensure_encoder(cache_dir, print)


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> OnnxEncoder:
    return OnnxEncoder(encoder_folder)
