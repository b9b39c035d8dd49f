"""Locust against a real service: nothing fails; and against one that lies: it is found out."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from ground import REPOSITORY

from loadtest.scenarios.names import KEY
from loadtest.served import served
from service.access.keyring import entry_of, new_key


async def ran(*arguments: object, key: str = "") -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtest.scenarios", *map(str, arguments)),
        cwd=REPOSITORY,
        env={**os.environ, KEY: key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


def requests_of(said: str) -> set[str]:
    """The names in the summary of a run, whatever became of them."""
    return {line.split()[1] for line in said.splitlines() if line.startswith("POST ")}


async def test_all_kinds_of_requests_pass_a_real_service(bookshop: Path, tmp_path: Path) -> None:
    key, keys, report = new_key(), tmp_path / "keys.toml", tmp_path / "report" / "mixed.html"
    keys.write_text(entry_of(key, name="shop"), "utf-8")
    variables = {
        "LISTWRIGHT_ENGINE__KIND": "none",
        "LISTWRIGHT_RETRIEVAL__SIMILARITY": "false",
        "LISTWRIGHT_RECOMMEND__MAX_K": "20",
        "LISTWRIGHT_ACCESS__KEYS": str(keys),
    }
    how = ("--catalogue", bookshop, "--users", 8, "--seconds", 4, "--report", report)
    with served(bookshop, os.sched_getaffinity(0), variables) as url:
        status, said = await ran("mixed", "--url", url, *how, key=key)
        assert status == 0, said
        # What nobody can answer here, without an engine, is shed, and has a name of its own.
        assert requests_of(said) >= {"/recommend", "/answer,", "/events"}
        assert "<html" in report.read_text("utf-8")
        assert "Error report" not in said
        # Without a key nobody is let in, and that is a failure.
        status, said = await ran("steady", "--url", url, *how)
        assert status == 1, said
        assert "401" in said


@asynccontextmanager
async def lying() -> AsyncIterator[str]:
    """Says that all is well, and lists nothing."""

    async def lie(_: web.Request) -> web.Response:
        return web.json_response({"items": [], "receipt": {"catalogue": "?"}})

    app = web.Application()
    app.router.add_post("/recommend", lie)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_list_that_may_not_stand_is_a_failure(bookshop: Path, tmp_path: Path) -> None:
    how = ("--catalogue", bookshop, "--users", 2, "--seconds", 2)
    async with lying() as url:
        status, said = await ran("spike", "--url", url, *how, "--report", tmp_path / "spike.html")
    assert status == 1, said
    assert "there is no catalogue ?" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("--url", "http://10.0.0.1:8080"),
        ("--url", "http://shop.example"),
        ("--url", "http://127.0.0.1:1", "--users", "501"),
        ("--url", "http://127.0.0.1:1", "--seconds", "14401"),
    ],
)
async def test_load_is_bounded_and_stays_at_home(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    status, said = await ran("steady", *arguments, "--catalogue", tmp_path)
    assert status == 1
    assert "loopback" in said or "users" in said
