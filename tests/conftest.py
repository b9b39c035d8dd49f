"""What all tests share: where data and caches are, and a guard that keeps them off the network."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from ground import REPOSITORY, guard_network
from xdist.scheduler import LoadFileScheduling

# Read by the libraries when they are first imported, so set before any test imports one.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
if "PYTEST_XDIST_WORKER" in os.environ:
    # One worker a core: threads of several would only wait for one another.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("LISTWRIGHT_ENGINE__THREADS", "1")

# A script's `&` has SIGINT passed over in all that it starts, and some tests send one.
signal.signal(signal.SIGINT, signal.default_int_handler)

guard_network()

# The same examples every time, and no deadline: the machines that run these are shared.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")


LONGEST = (
    # With it comes all that needs a browser: see below.
    "test_page_answer.py",
    # The first of them converts the models, which the three after it have no need of.
    "test_offline_tools.py",
    "test_any_operation.py",
    "test_scenarios.py",
    "test_answer_road.py",
    "test_llama_cpp.py",
    "test_sft_sharded.py",
    "test_end_to_end.py",
    "test_faults.py",
    "test_llm_engine.py",
    "test_answers_of_every_engine.py",
    "test_panels_have_data.py",
    "test_embedded_made.py",
    "test_sft_tuning.py",
    "test_movielens.py",
    "test_rl_grpo.py",
    "test_rl_command.py",
    "test_recommend_command.py",
    "test_compare.py",
    "test_conformance.py",
    "test_models_smoke.py",
)
BROWSER = "tests/browser/"
_TURN = {name: turn for turn, name in enumerate(LONGEST)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, or one core would be left with it at the end."""
    items.sort(key=lambda item: _TURN.get(item.path.name, len(LONGEST)))


class Together(LoadFileScheduling):
    """A file goes to one worker, and so do all the files that share a browser and a service."""

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return BROWSER if scope.startswith(BROWSER) else scope


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Data that lies beside the repository on some machines and is not part of it."""
    path = REPOSITORY.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip("shared data not here")
    return path


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """Where converted models are kept between runs; converting them takes a while."""
    path = Path(os.environ.get("LISTWRIGHT_CACHE", "~/.cache/listwright")).expanduser()
    path.mkdir(parents=True, exist_ok=True)
    return path
