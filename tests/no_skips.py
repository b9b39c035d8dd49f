"""Fail if a test was skipped without an accepted reason: python tests/no_skips.py JUNIT_XML ..."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

SHARED_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
NO_SHARED_DATA = "shared data not here"


def unexplained_skips(report: Path, shared_data: Path = SHARED_DATA) -> list[str]:
    """Each skipped test with its reason, save those whose missing data really are missing."""
    accepted = set() if shared_data.is_dir() else {NO_SHARED_DATA}
    return [
        f"{case.get('classname')}.{case.get('name')}: {skip.get('message')}"
        for case in _cases(report)
        for skip in case.findall("skipped")
        # An expected failure ran; pytest files it under "skipped" all the same.
        if skip.get("type") != "pytest.xfail" and skip.get("message") not in accepted
    ]


def _cases(report: Path) -> list[ET.Element]:
    cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - our own pytest wrote it
    if not cases:
        sys.exit(f"{report}: no test ran")
    return cases


if __name__ == "__main__":
    if skips := [skip for report in sys.argv[1:] for skip in unexplained_skips(Path(report))]:
        sys.exit("\n".join(["Skipped tests, and none may be skipped here:", *skips]))
