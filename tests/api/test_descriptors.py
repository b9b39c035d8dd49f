"""A process has so many open files, and takes so many connections: seen in processes of ours."""

from __future__ import annotations

import subprocess
import sys

import pytest

TOLD = """
import logging, resource
from service.api import descriptors
descriptors.MOST, descriptors.OTHERS = 400, 100
logging.basicConfig(format="%(message)s")
print(descriptors.connections(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "held", "raised"),
    [
        (60, 160, 80, 160),
        (60, 300, 200, 300),
        (300, 300, 200, 300),
        (60, 900, 400, 500),
        (900, 900, 400, 900),
    ],
)
def test_the_files_there_may_be_are_had_and_what_is_left_of_them_are_connections(
    soft: int, hard: int, held: int, raised: int
) -> None:
    limited = f'ulimit -Sn {soft} && ulimit -Hn {hard} && exec "$0" -c "$1"'
    done = subprocess.run(  # noqa: S603 - this interpreter, under limits of our own
        ["/bin/sh", "-c", limited, sys.executable, TOLD], capture_output=True, text=True, check=True
    )
    assert [int(word) for word in done.stdout.split()] == [held, raised, hard]
    assert (f"{held} connections at a time" in done.stderr) == (held < 400)
