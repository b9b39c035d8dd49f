from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from service.retrieval import export, manifest
from service.retrieval.encoder import OnnxEncoder
from service.retrieval.export import ensure_encoder


@pytest.fixture(scope="session")
def encoder_folder(request: pytest.FixtureRequest) -> Path:
    """Exported for real, and again whenever the code that exports it changes."""
    sources = [Path(module.__file__ or "") for module in (export, manifest)]
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    return ensure_encoder(Path(request.config.cache.mkdir(f"encoder-{code}")))


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> OnnxEncoder:
    return OnnxEncoder(encoder_folder)
