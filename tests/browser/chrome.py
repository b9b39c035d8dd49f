"""Debian's Chromium, driven by Playwright. Its own downloads are not used."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


class NoBrowserError(RuntimeError):
    """There is no Chromium on this machine."""


def found() -> str:
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise NoBrowserError(
        "these tests need Chromium on the PATH: apt-get install chromium curl fonts-liberation"
    )


@asynccontextmanager
async def opened(*more: str) -> AsyncIterator[Browser]:
    """A browser without a window. Its sandbox does not work for root, who gets none."""
    path = found()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path,
            chromium_sandbox=os.geteuid() != 0,
            # Containers have little shared memory; machines without a screen have no GPU.
            args=["--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none", *more],
        )
        try:
            yield browser
        finally:
            await browser.close()
