"""Real servers, started once a run when the first test asks for them."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
from stock import Catalogues, build_catalogues

from loadtest.real_vllm import Vllm, with_plugin, without_plugin
from service.engines.local.checkpoint import ensure_checkpoint

# Those run in vLLM's own environment.
collect_ignore = ["inside"]


def _keep_to_own_cores() -> None:
    """Each worker has cores of its own, and so have its servers: they disturb no other's clock."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None:
        cores = sorted(os.sched_getaffinity(0))
        workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        os.sched_setaffinity(0, cores[int(worker.removeprefix("gw")) :: workers] or cores)


# Before any library counts the cores.
_keep_to_own_cores()

# Scheduler and model of a server in one process: apart, each imports all of vLLM once more when it
# starts, and one waits for the other awake. Those of the faults are as `make vllm` starts them.
os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")

OWN_SERVERS = ("models_smoke", "quantised_real", "adapters_real", "faults_real", "preemption_real")
SHARED_SERVERS = ("conformance_real", "promise_real", "answers_real", "service_real")
FIRST = [name for pair in zip_longest(OWN_SERVERS, SHARED_SERVERS) for name in pair if name]
"""With two workers one begins with the longest files that start servers of their own, the other
with those of the servers that a worker starts once."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, or one core would be left with it at the end."""
    places = {f"test_{name}.py": place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows the end of its servers' logs."""
    report = yield
    used = getattr(item, "funcargs", {}) if report.failed else {}
    for name, value in used.items():
        if isinstance(value, Vllm):
            report.sections.append((f"log of {name}", value.tail()))
    return report


@pytest.fixture(scope="session", autouse=True)
def _ends_in_order() -> None:
    """A run that is told to end takes its servers with it."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to end", returncode=143))


@pytest.fixture(scope="session")
def checkpoint(cache_dir: Path) -> Path:
    """SmolLM2 as vLLM reads it."""
    return ensure_checkpoint(cache_dir, print)


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path) -> Catalogues:
    """A folder of two versions, one of 2,000 items and one of 300."""
    return build_catalogues(tmp_path_factory.mktemp("catalogues"), checkpoint)


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, checkpoint: Path, catalogues: Catalogues
) -> Iterator[Vllm]:
    """vLLM with the plugin and both catalogues. Tests that harm a server start one of their own."""
    running = with_plugin(tmp_path_factory.mktemp("server"), checkpoint, catalogues.folder)
    yield from _lent(running)


@pytest.fixture(scope="session")
def plain_server(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path) -> Iterator[Vllm]:
    """vLLM without the plugin."""
    yield from _lent(without_plugin(tmp_path_factory.mktemp("plain"), checkpoint))


def _lent(running: Vllm) -> Iterator[Vllm]:
    try:
        yield running.start()
    finally:
        running.stop()
