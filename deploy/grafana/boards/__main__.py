"""Writes each dashboard as Grafana reads it; `--check` only tells whether that has been done."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from boards import engines, experiments, overview, quality
from boards.board import Board, built

FOLDER: Final = Path(__file__).resolve().parent.parent / "dashboards"
BOARDS: Final = {
    "overview": overview.BOARD,
    "quality": quality.BOARD,
    "engines": engines.BOARD,
    "experiments": experiments.BOARD,
}


def main() -> int:
    """1 where a file is not what it should be, or is one too many."""
    check = "--check" in sys.argv[1:]
    stale = [name for name, text in files().items() if _is_not(FOLDER / name, text)]
    stale += sorted({path.name for path in FOLDER.glob("*")} - files().keys())
    if check:
        for name in stale:
            sys.stderr.write(f"dashboards/{name} is not what boards make: python -m boards\n")
        return 1 if stale else 0
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


def files() -> dict[str, str]:
    """What is to be in the folder."""
    return {f"{name}.json": _written(board) for name, board in BOARDS.items()}


def _written(board: Board) -> str:
    return json.dumps(built(board), cls=JSONEncoder, indent=1, sort_keys=True) + "\n"


def _is_not(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text("utf-8") != text


if __name__ == "__main__":
    sys.exit(main())
