"""Tunes as the step does, and kills its own process when so many steps are told.

    python sft_killed.py DATA MODEL OUT CONFIG STEPS

A kill from outside would have to guess when a step of milliseconds is taken.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from models.sft.choices import Tuning
from models.sft.tuning import tuned
from models.steps.config import configured
from models.steps.telling import Moment


def main(data: Path, model: Path, out: Path, config: Path, steps: int) -> None:
    def telling(moment: Moment) -> None:
        if moment.done == steps:
            os.kill(os.getpid(), signal.SIGKILL)

    tuned(data, model, out, configured(Tuning, config), telling=telling)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]), int(sys.argv[5]))
