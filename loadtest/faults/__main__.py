"""A service under load while what it needs is killed, slowed and cut; what was lost is counted.

    python -m loadtest.faults [--seconds N] [--rate R] [--deadline-ms N] [--only NAME,...]
                              [--json FILE]

Real processes on loopback: Redis, a stand-in for the engine and one for the sidecar, and the
gateway as `listwright serve`, with keys. Faults are made between them. First the highest goodput is
found, by clients that wait for their answers; the other phases are sent to at --rate, whether it
answers or not, by default at 40% of that; overload is five times that goodput, which is looked for
once more right before it and right after it. The exit status is 1 if a bound is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from loadtest.faults.phases import ALL, Phase
from loadtest.faults.run import Plan, run
from loadtest.faults.verdicts import Run, Verdict, verdicts
from loadtest.report import table
from service.cli.console import errors_told

COUNTS: Final = (
    "",
    "sent",
    "good/s",
    "degraded",
    "llm/ranked/popular",
    "thoughts",
    "shed",
    "needless",
    "invalid",
    "failed",
    "silent",
    "cut off",
)
TIMES: Final = ("", "p50 ms", "p99", "deadline", "shed p99", "lag p99")


def main() -> None:
    """Run every phase, print what came of it, and say which bounds hold."""
    options = _options()
    plan = Plan(options.seconds, options.rate, options.deadline_ms, options.only)
    with tempfile.TemporaryDirectory() as folder:
        ran = asyncio.run(run(Path(folder), plan))
    found = verdicts(ran)
    show(ran, found)
    if options.json is not None:
        options.json.write_text(json.dumps(told(ran, found), indent=2) + "\n", "utf-8")
    sys.exit(0 if all(verdict.holds for verdict in found) else 1)


def show(ran: Run, found: list[Verdict]) -> None:
    """The phases as tables, what was turned away or went wrong, and the verdicts a line each."""
    phases = {name: asdict(figures) for name, figures in ran.phases.items()}
    table([*COUNTS, "back s"], [_counts(name, f, ran) for name, f in phases.items()])
    table([*TIMES, "stall"], [_times(name, f, ran) for name, f in phases.items()])
    for name, figures in ran.phases.items():
        for why, count in figures.shed.items():
            print(f"{name}: {count} x {why}")
        for example in (*figures.examples, *ran.seen.get(name, ())):
            print(f"{name}: {example}")
    for verdict in found:
        print(f"{'holds ' if verdict.holds else 'BROKEN'}  {verdict.bound}: {verdict.said}")


def told(ran: Run, found: list[Verdict]) -> dict[str, Any]:
    """The same for other programs."""
    return {**asdict(ran), "verdicts": [asdict(verdict) for verdict in found]}


def _counts(name: str, f: Mapping[str, Any], ran: Run) -> list[str]:
    paths = "/".join(str(f["paths"].get(path, 0)) for path in ("llm", "ranked", "popular"))
    return [
        name,
        str(f["requests"]),
        f"{f['good'] / f['seconds']:.1f}",
        f"{f['degraded'] / max(1, f['made']):.0%}",
        paths,
        f"{f['thoughts']}/{f['questions']}",
        *(str(sum(f[key].values())) for key in ("shed", "needless")),
        *(str(f[key]) for key in ("invalid", "failed", "unanswered", "cut_off")),
        f"{ran.recovered[name]:.1f}" if name in ran.recovered else "",
    ]


def _times(name: str, f: Mapping[str, Any], ran: Run) -> list[str]:
    keys = ("p50_ms", "p99_ms", "deadline_ms", "shed_p99_ms", "lag_p99_ms")
    stalled = f"{ran.stalled[name]:.0%}" if name in ran.stalled else ""
    return [name, *(f"{f[key]:.0f}" for key in keys), stalled]


def _named(text: str) -> list[Phase]:
    """Phases by their names; ArgumentTypeError for one that there is not."""
    phases = {phase.name: phase for phase in ALL}
    if unknown := [name for name in text.split(",") if name not in phases]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(phases)}")
    return [phases[name] for name in text.split(",")]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=12.0, help="of each phase")
    parser.add_argument("--rate", type=float, help="requests a second where nothing is overloaded")
    parser.add_argument("--deadline-ms", type=int, default=1_000, help="of each request")
    parser.add_argument(
        "--only", type=_named, default=ALL, help="phases, by commas; the highest goodput is found"
    )
    parser.add_argument("--json", type=Path, help="a file for all figures")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    with errors_told():
        main()
