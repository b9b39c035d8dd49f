"""The demo shop as a data set: made on the spot, where every tool finds the same one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from service.demo.write import write_shop
from service.settings import Settings

DEMO: Final = Path("demo")


def data_folder(named: Path, settings: Settings) -> Path:
    """Where a data set is: the folder itself, unless none is called so and the shop is meant."""
    if named != DEMO or named.exists():
        return named
    folder = settings.cache.folder / "evaluate" / "demo-shop"
    write_shop(folder)
    return folder
