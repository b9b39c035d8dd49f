"""Load a service on loopback with Locust, and check every answer in the client.

    python -m loadtest.scenarios {steady,spike,soak,mixed} --url URL --catalogue DIR

Customers ask once a second each, about users, items and categories of the catalogue that is
served. A list that breaks its promise, a receipt that says otherwise than the list, and an answer
of any other status than 200, 429 and 503 are failures: the exit status is 1. An API key comes from
the variable LOADTEST_KEY. The report, with plots, is build/loadtest/SCENARIO.html.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import subprocess
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from loadtest.scenarios.names import CATALOGUE, DEADLINE

REPOSITORY: Final = Path(__file__).resolve().parents[2]
FILES: Final = {"steady": "steady", "spike": "spike", "soak": "mixed", "mixed": "mixed"}
SECONDS: Final = {"steady": 60, "spike": 90, "soak": 1_800, "mixed": 60}
MOST_USERS: Final = 500
LONGEST_S: Final = 4 * 3_600
STOP_S: Final = 30
"""How long answers are waited for in the end."""


def main() -> None:
    """Run one scenario; ends as Locust does."""
    options = _options()
    seconds = options.seconds or SECONDS[options.scenario]
    if not _on_loopback(options.url):
        sys.exit(f"{options.url} is not on loopback: load is for machines of one's own")
    if not (1 <= options.users <= MOST_USERS and 1 <= seconds <= LONGEST_S):
        sys.exit(f"1 to {MOST_USERS} users, 1 to {LONGEST_S} seconds")
    report: Path = options.report or REPOSITORY / "build" / "loadtest" / f"{options.scenario}.html"
    report.parent.mkdir(parents=True, exist_ok=True)
    ran = subprocess.run(  # noqa: S603 - our own interpreter and files
        _command(options, seconds, report),
        env=os.environ
        | {CATALOGUE: str(options.catalogue.resolve()), DEADLINE: str(options.deadline_ms)},
        cwd=REPOSITORY,
        check=False,
    )
    print(f"report: {report}")
    sys.exit(ran.returncode)


def _command(options: argparse.Namespace, seconds: int, report: Path) -> list[str]:
    file = Path(__file__).with_name(f"{FILES[options.scenario]}.py")
    return [
        *(sys.executable, "-m", "locust", "--headless", "--only-summary"),
        *("--locustfile", str(file), "--host", options.url.rstrip("/")),
        *("--users", str(options.users), "--spawn-rate", str(options.users)),
        *("--run-time", f"{seconds}s", "--stop-timeout", str(STOP_S)),
        *("--html", str(report), "--exit-code-on-error", "1"),
    ]


def _on_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("scenario", choices=sorted(FILES))
    parser.add_argument("--url", required=True, help="where the service is, on loopback")
    parser.add_argument("--catalogue", required=True, type=Path, help="the folder that it serves")
    parser.add_argument("--users", type=int, default=20, help="customers; each asks once a second")
    parser.add_argument("--seconds", type=int, help="how long")
    parser.add_argument("--deadline-ms", type=int, default=5_000, help="of each request")
    parser.add_argument("--report", type=Path, help="where the HTML report goes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
