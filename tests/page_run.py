"""A page's commands, carried out in order as a reader would, in a folder of their own."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from itertools import takewhile
from pathlib import Path

from blocks import SERVES, Block, differs

SHOWN_AT = re.compile(r"\b(?:127\.0\.0\.1|localhost):80[89]0\b")
"""Where the services of the pages are; that of a run has a port of its own."""
VARIABLE = re.compile(r"[A-Z_]+=")
FAILING = 'curl() { command curl --fail-with-body --max-time 60 "$@"; }\n'
"""With it curl ends with 22 where the answer is an error."""
AN_ERROR = 22
READY_WITHIN_S = 300.0
ENDED_WITHIN_S = 30.0


class Reader:
    """Who carries out what a page says, with our environment as `.venv` in the folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        self.folder, self.here = folder, f"127.0.0.1:{port}"
        (folder / ".venv").symlink_to(sys.prefix)
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("LISTWRIGHT_") or name == "LISTWRIGHT_CACHE"
        }
        # As the Makefile sets them.
        quiet = {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "passive", "COLUMNS": "120"}
        found = {"PATH": f"{folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        self.env = kept | quiet | found | {"LISTWRIGHT_SERVER__PORT": str(port)} | settings
        self.told = ""
        """What the last block said on the terminal beside its output."""
        self.serving: subprocess.Popen[bytes] | None = None

    def does(self, block: Block) -> str:
        """What a block says; its output, which is as the page shows it."""
        text, self.told = SHOWN_AT.sub(self.here, block.text), ""
        if block.mark == SERVES:
            self.serves(text)
            return ""
        python = block.language == "python"
        done = subprocess.run(  # noqa: S603 - the documentation is ours
            [sys.executable, "-"] if python else ["bash", "-euo", "pipefail"],
            input=text if python else FAILING + text,
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        self.told = done.stderr
        ended = AN_ERROR if block.shown.startswith('{"error"') else 0
        assert done.returncode == ended, f"{block}: {done.stdout}{done.stderr}"
        assert differs(block, done.stdout) == "", str(block)
        return done.stdout

    def serves(self, command: str) -> None:
        """Start what serves, with the variables said before it, and wait until it does."""
        words = shlex.split(command)
        said = list(takewhile(VARIABLE.match, words))
        env = self.env | dict(word.split("=", 1) for word in said)
        log = self.folder / "serve.log"
        with log.open("wb") as told:
            self.serving = subprocess.Popen(  # noqa: S603 - likewise
                words[len(said) :], cwd=self.folder, env=env, stderr=told, stdout=told
            )
        until = time.monotonic() + READY_WITHIN_S
        while not self._ready():
            assert self.serving.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.here}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:  # Not there yet, or there and not listening yet.
            return False

    def leaves(self) -> None:
        """End what serves."""
        if self.serving is not None:
            self.serving.send_signal(signal.SIGTERM)
            self.serving.wait(ENDED_WITHIN_S)
