"""Pairs of processes as torchrun starts them, forked from one that has imported all they need.

Importing takes a process far longer than the steps that are tested, and a pair is killed only to
be started again. Each line that comes in is a command as torchrun is given it, in JSON; a line says
how its pair ended: 0, or what the first that failed had for a status.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from typing import Final

import models.sft.__main__  # noqa: F401 - for those that are forked

LIMIT_S: Final = 300
"""There for what hangs."""


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(f"{_ended(json.loads(line))}\n")
        sys.stdout.flush()


def _ended(command: Sequence[str]) -> int:
    """How a pair at this command ended; who is left by the other is killed, as torchrun does."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    working = {_forked(rank, port, command) for rank in (0, 1)}
    failed = 0
    while working:
        pid, status = os.wait()
        working.remove(pid)
        failed = failed or status
        for left in working if failed else ():
            os.kill(left, signal.SIGKILL)
    return failed


def _forked(rank: int, port: int, command: Sequence[str]) -> int:
    if pid := os.fork():
        return pid
    signal.alarm(LIMIT_S)
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    os.environ |= meeting | {"WORLD_SIZE": "2", "RANK": str(rank), "LOCAL_RANK": str(rank)}
    status = 1
    try:
        status = _run(command)
    except BaseException:  # noqa: BLE001 - this process ends here, whatever happened
        traceback.print_exc()
    finally:
        os._exit(status)


def _run(command: Sequence[str]) -> int:
    module = command[0] == "-m"
    # What is run sees itself as a command, and not what was said there to us.
    sys.argv = list(command[1:] if module else command)
    sys.stdout = sys.stderr
    run = runpy.run_module if module else runpy.run_path
    try:
        run(sys.argv[0], run_name="__main__", **({"alter_sys": True} if module else {}))
    except SystemExit as end:
        return int(end.code or 0)
    return 0


if __name__ == "__main__":
    main()
