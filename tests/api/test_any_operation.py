"""Schemathesis against the service's own OpenAPI page: no 5xx, and every answer is as it says.

`make fuzz` runs the same for longer.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from whole_service import BOSS, catalogue_in, served

CONFIG = """
[checks]
not_a_server_error.enabled = true
status_code_conformance.enabled = true
content_type_conformance.enabled = true
response_headers_conformance.enabled = true
response_schema_conformance.enabled = true
negative_data_rejection.enabled = true
positive_data_acceptance.enabled = true
missing_required_header.enabled = true
unsupported_method.enabled = true
allow_header_conformance.enabled = true
use_after_free.enabled = true
ensure_resource_availability.enabled = true
ignored_auth.enabled = true
object_level_authorization.enabled = true

# What no schema can say makes these refuse some of what fits theirs. All other checks stay on.
[[operations]]
# Categories and variants are those of the catalogue, controls may be in conflict, and JSON Schema
# takes 6.0 for a whole number.
include-path = "/recommend"
checks.positive_data_acceptance.enabled = false

[[operations]]
# Whether a question can be read is up to its words.
include-path = "/answer"
checks.positive_data_acceptance.enabled = false

[[operations]]
# Without a model nothing is written.
include-path = "/free"
checks.positive_data_acceptance.enabled = false

[[operations]]
# What is no list that was handed out cannot be checked.
include-path = "/verify"
checks.positive_data_acceptance.enabled = false

[[operations]]
# No event is of before 1970, or of tomorrow.
include-path = "/events"
checks.positive_data_acceptance.enabled = false
"""

RUNS = {
    "with-keys": "--phases examples,coverage,stateful --max-examples 3",
    "without-keys": "--phases fuzzing --max-examples 6",
}
LIMIT_S = 240.0
"""There for what hangs."""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return catalogue_in(tmp_path_factory.mktemp("served"))


@pytest.mark.parametrize("run", RUNS)
async def test_every_answer_is_as_the_page_says(run: str, catalogue: Path, tmp_path: Path) -> None:
    keyed = run == "with-keys"
    options = os.environ.get("LISTWRIGHT_FUZZ", RUNS[run])
    async with served(catalogue, keyed=keyed) as url:
        status, told = await schemathesis(url, options, tmp_path, BOSS if keyed else None)
    assert status == 0, told
    assert "19 selected / 19 total" in told


async def schemathesis(url: str, options: str, folder: Path, key: str | None) -> tuple[int, str]:
    """How it ended, and what it said."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG, "utf-8")
    program = Path(sys.executable).with_name("schemathesis")
    quiet = ["--no-color", "--generation-database", "none", "--warnings", "off"]
    header = [] if key is None else ["--header", f"Authorization: Bearer {key}"]
    running = await asyncio.create_subprocess_exec(
        program, "--config-file", config, "run", f"{url}/openapi.json",
        "--seed", "7", "--continue-on-failure", *quiet, *header, *shlex.split(options),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LIMIT_S):
            told, _ = await running.communicate()
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
    return running.returncode or 0, told.decode()
