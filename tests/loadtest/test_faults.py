"""Everything is killed, slowed and cut for a moment. What must hold holds on any machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ground import REPOSITORY

from loadtest.faults.phases import ALL
from loadtest.faults.run import AFTER, BEFORE, SIDE_BY_SIDE
from loadtest.faults.stage import FEW
from loadtest.traffic.asks import Kind

HOLDS = {
    "0 invalid answers",
    "0 lost acknowledged events",
    "0 failed in flight at SIGTERM",
    "no answer but 200, 429 and 503",
    "each event counts once, in its place",
    "nobody is turned away who need not be",
    "every fault was made, and recovered from",
    "every fault was felt",
    f"a key that may ask {FEW} times asks {FEW} times",
}


def test_nothing_is_lost_whatever_fails(tmp_path: Path, cache_dir: Path) -> None:
    file = tmp_path / "faults.json"
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [
            *(sys.executable, "-m", "loadtest.faults", "--seconds", "0.8", "--rate", "25"),
            *("--deadline-ms", "2000", "--json", str(file)),
        ],
        cwd=REPOSITORY,
        env={**os.environ, "LISTWRIGHT_CACHE": str(cache_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    # 1 says that this machine was too slow for a bound, which is none of this test's business.
    assert done.returncode in {0, 1}, done.stderr
    assert file.exists(), done.stderr
    told = json.loads(file.read_text("utf-8"))
    found = {each["bound"]: each for each in told["verdicts"]}
    assert {bound for bound, each in found.items() if not each["timed"]} == HOLDS
    assert {bound: found[bound]["said"] for bound in HOLDS if not found[bound]["holds"]} == {}
    names = {phase.name for phase in ALL}
    assert names <= told["phases"].keys()
    assert all(told["phases"][name]["requests"] for name in names)
    assert told["recovered"].keys() == names
    # The highest goodput is looked for before the overload and after it.
    for peak, good in (("peak", "good"), ("peak_made", "good_made")):
        around = (
            [told["phases"][f"{clients} clients{when}"] for when in (BEFORE, AFTER)]
            for clients in SIDE_BY_SIDE
        )
        means = [sum(each[good] / each["seconds"] for each in both) / 2 for both in around]
        assert told[peak] == pytest.approx(max(means))
    # It is no proof if nothing was asked, kept or made by the model.
    assert told["kept"]["acknowledged"] > 0
    assert sum(each["paths"].get("llm", 0) for each in told["phases"].values()) > 0
    # What was seen of a fault is of what was ill.
    for road, kind in (("redis", Kind.EVENTS), ("engine", Kind.LIST), ("sidecar", Kind.QUESTION)):
        for how in ("killed", "delayed"):
            (said,) = told["seen"][f"{road} {how}"]
            assert said.startswith(f"{kind.value}: ")
        assert told["seen"][f"{road} cut"][-1].endswith("torn")


def test_a_phase_that_there_is_not_is_not_run() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loadtest.faults", "--only", "calm,strikes"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "strikes: there are calm, gateway killed" in done.stderr
