"""Code that the page shows, run as who copied it would run it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from ground import REPOSITORY
from serving import PATIENCE_S


async def shell(text: str, **variables: str) -> str:
    """What a shell prints."""
    return await _run("bash", "-c", text, **variables)


async def python(text: str, **variables: str) -> str:
    """What an interpreter prints."""
    return await _run(sys.executable, "-W", "error", "-c", text, **variables)


async def _run(*command: str, **variables: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        env=os.environ | variables,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()
