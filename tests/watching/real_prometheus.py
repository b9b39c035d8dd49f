"""A real Prometheus for the tests, and promtool: those on the PATH, else those unpacked by make."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any, Final

import httpx
import pytest
from real_redis import free_port

UNPACKED: Final = Path(sys.prefix) / "servers" / "usr" / "bin"
PATIENCE_S: Final = 30.0
MISSING: Final = (
    "there is no {name}: `make test` unpacks one, as does"
    " `tests/unpack.sh .venv/servers prometheus`"
)


def program(name: str) -> str:
    """Where it is. A test that needs it cannot be left out, so it fails where it is not."""
    found = which(name) or which(name, path=str(UNPACKED))
    if found is None:
        pytest.fail(MISSING.format(name=name), pytrace=False)
    return found


def promtool(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What it says of files."""
    command = [program("promtool"), *map(str, arguments)]
    return subprocess.run(  # noqa: S603 - our own
        command, cwd=folder, capture_output=True, text=True, check=False
    )


@dataclass(frozen=True, slots=True)
class RealPrometheus:
    """A server on the loopback."""

    client: httpx.Client

    def asked(self, expr: str) -> list[dict[str, Any]]:
        """The samples that an expression comes to now."""
        found: list[dict[str, Any]] = self._got("query", query=expr)["result"]
        return found

    def over(self, expr: str, begun: float) -> list[float]:
        """What an expression came to since then, each second; only what is a number."""
        span = {"start": f"{begun}", "end": f"{time.time()}", "step": "1s"}
        told = self._got("query_range", query=expr, **span)["result"]
        values = (float(value) for series in told for _, value in series["values"])
        return [value for value in values if math.isfinite(value)]

    def values(self, metric: str, label: str) -> list[str]:
        """What Grafana offers for `label_values(metric, label)`."""
        found: list[str] = self._got(f"label/{label}/values", **{"match[]": metric})
        return found

    def targets(self) -> dict[str, str]:
        """By job, how those that are asked fare."""
        active = self._got("targets")["activeTargets"]
        return {each["labels"]["job"]: each["health"] for each in active}

    def _got(self, what: str, **params: str) -> Any:
        answer = self.client.get(f"/api/v1/{what}", params=params).json()
        assert answer["status"] == "success", (answer, params)
        return answer["data"]


@contextlib.contextmanager
def real_prometheus(folder: Path, config: Mapping[str, Any]) -> Iterator[RealPrometheus]:
    """One that runs as long as it is needed, with its own port as `{port}` in what it asks."""
    port = free_port()
    file = folder / "prometheus.json"
    file.write_text(config_for(config, port), "utf-8")
    listens = f"--web.listen-address=127.0.0.1:{port}"
    files = [f"--config.file={file}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    log = folder / "prometheus.log"
    with log.open("wb") as written, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        process = subprocess.Popen(  # noqa: S603 - our own
            [program("prometheus"), listens, *files], stderr=written
        )
        try:
            until_ready(client, process, log)
            yield RealPrometheus(client)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def config_for(config: Mapping[str, Any], port: int) -> str:
    """JSON, which is YAML too."""
    return json.dumps(config).replace("{port}", str(port))


def until_ready(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if client.get("/-/ready").status_code == httpx.codes.OK:
                return
        time.sleep(0.05)
    raise TimeoutError(log.read_text("utf-8"))
