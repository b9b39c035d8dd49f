"""A process of ours that can be killed and started again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loadtest.running import stop

END_S = 10.0


@dataclass(slots=True)
class Child:
    """What runs, on which cores; all that it says goes to a file."""

    command: Sequence[str]
    log: Path
    cores: set[int]
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. What it inherits of our own settings is where models are kept, no more."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("LISTWRIGHT_") or name == "LISTWRIGHT_CACHE"
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                self.command, env=inherited | dict(self.variables), stdout=log, stderr=log
            )
        os.sched_setaffinity(self.process.pid, self.cores)

    def waited(self) -> float:
        """Seconds for which its first thread could have run and had no core; 0 if it is gone."""
        try:
            said = Path(f"/proc/{self.process.pid if self.process else 0}/schedstat").read_text()
        except OSError:
            return 0.0
        return int(said.split()[1]) / 1e9

    def kill(self) -> None:
        """It is not told."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def end(self, patience: float = END_S) -> int | None:
        """Tell it to end, and wait; its exit status, None if it had to be killed."""
        if self.process is None:
            return None
        stop(self.process, patience)
        status, self.process = self.process.returncode, None
        return status if status >= 0 else None
