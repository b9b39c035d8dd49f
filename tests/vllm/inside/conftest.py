from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")

from vessel import Library, library_of

from service.engines import vllm_plugin


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return library_of(tmp_path_factory.mktemp("library"))


@pytest.fixture(autouse=True)
def plugin_settings(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plugin as a server would be configured; its front is made anew for each test."""
    monkeypatch.setenv("LISTWRIGHT_PLUGIN__CATALOGUES", str(library.folder))
    vllm_plugin._front.cache_clear()
    yield
    vllm_plugin._front.cache_clear()
