"""The load, in a process of its own: open-loop, so that a slow service is not asked less.

    python -m loadtest.faults.driver --url URL --catalogue DIR --seed N

Commands come as lines of JSON on stdin, and what came of each goes to stdout as one line.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson
import uvloop

from loadtest.faults.outcome import Excuse, Window
from loadtest.faults.sending import BY_NAME, Driver, Pace
from loadtest.traffic.asks import Asker
from loadtest.traffic.goods import goods_in

KEY: Final = "LOADTEST_KEY"
FEW: Final = "LOADTEST_KEY_OF_FEW"
"""The variables that hold the keys: one that may ask without end, and one that may not."""

KEPT_ALIVE_S: Final = 3.0
"""Idle connections are let go of before the service does it: whoever sends then is cut off."""


async def _done(driver: Driver, command: dict[str, Any]) -> Any:
    """Do as one command says."""
    match command["do"]:
        case "open":
            await driver.open(Pace(**command["pace"]))
        case "closed":
            await driver.closed(Pace(**command["pace"]))
        case "judged":
            window = command["window"] and Window(**command["window"])
            return driver.judged(command["deadline_ms"], Excuse(command["excuse"]), window)
        case "kept":
            return await driver.kept()
        case other:
            raise ValueError(f"{other} is no command")
    return None


async def _serve(options: argparse.Namespace) -> None:
    """Do as each line says, until there are no more."""
    goods = goods_in(options.catalogue)
    headers = {"content-type": "application/json", BY_NAME: os.environ[KEY]}
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_ALIVE_S)
    async with aiohttp.ClientSession(options.url, connector=connector, headers=headers) as session:
        asker = Asker(goods, options.seed, cot="sidecar")
        driver = Driver(goods, asker, session, os.environ[FEW])
        while line := await asyncio.to_thread(sys.stdin.readline):
            command = orjson.loads(line)
            # A collection in the middle of a phase would be a pause of ours in its latencies.
            gc.collect()
            gc.disable()
            done = await _done(driver, command)
            gc.enable()
            sys.stdout.buffer.write(orjson.dumps(done) + b"\n")
            sys.stdout.buffer.flush()


def main() -> None:
    """Serve the orchestrator until it closes stdin."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", required=True)
    parser.add_argument("--catalogue", required=True, type=Path)
    parser.add_argument("--seed", type=int, default=1)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
