"""Real users of a public data set, where it lies beside the repository."""

from __future__ import annotations

from pathlib import Path

from loadtest.obedience import run
from service.settings import load_settings
from service.wiring import build_catalogue


async def test_every_list_obeys(shared_data: Path, cache_dir: Path, tmp_path: Path) -> None:
    given = {"cache": {"folder": cache_dir}, "retrieval": {"similarity": False}}
    build_catalogue(shared_data / "ml-latest-small", None, tmp_path, load_settings(given))
    settings = load_settings({**given, "catalogue": {"path": tmp_path}})
    for tally in (await run(settings, users=20, k=10, seed=1)).values():
        assert tally.lists + tally.infeasible == 20
        assert tally.lists > 10
        assert not tally.broken
        assert (tally.repaired, tally.degraded) == (0, 0)
