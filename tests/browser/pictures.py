"""Makes the documentation's pictures of the page, from the demo shop: `make pictures`.

They differ from one run to the next in the times that they show, and in little else.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import chrome
from ground import REPOSITORY
from PIL import Image
from playwright.async_api import Browser, Page, expect
from serving import Service, served
from visitor import visiting

from service.cli.demo import shop
from service.settings import load_settings

FOLDER = REPOSITORY / "docs" / "pictures"
COLOURS = 160
"""In a picture: enough for flat areas and the edges of letters."""

WISHES = {
    "user": "u1607",
    "text": "a long weekend in the mountains",
    "strategy": "generate",
    "k": 7,
    "exclude": ["Books"],
    "shares": [
        {"category": "Camping & Travel Gear", "op": ">=", "percent": 50},
        {"category": "Beauty & Care", "op": "<=", "percent": 30},
    ],
}
TIGHT = WISHES | {"k": 5, "text": "", "shares": WISHES["shares"][:1]}
IMPOSSIBLE = WISHES | {"include": ["Clothing"], "k": 8}


async def main(catalogue: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            served(catalogue, Path(folder) / "serve.log", {}) as service,
            chrome.opened() as browser,
        ):
            for name, drawn in PICTURES.items():
                await drawn(browser, service, name)


async def listed(browser: Browser, service: Service, name: str, **options: Any) -> None:
    async with visiting(browser, service, width=1280, height=1380, **options) as visitor:
        await visitor.open({"wishes": WISHES})
        await visitor.page.locator("summary", has_text="items met").click()
        await visitor.button("Verify").click()
        await expect(visitor.panel().get_by_text("It holds")).to_be_visible()
        await keep(visitor.page, name)


async def listed_in_the_dark(browser: Browser, service: Service, name: str) -> None:
    await listed(browser, service, name, color_scheme="dark")


async def listed_on_a_phone(browser: Browser, service: Service, name: str) -> None:
    async with visiting(browser, service, width=375, height=812) as visitor:
        await visitor.open({"wishes": WISHES})
        async with visitor.making():
            await visitor.button("Make the list").click()
        await keep(visitor.page, name, top=False)


async def compared(browser: Browser, service: Service, name: str) -> None:
    async with visiting(browser, service, width=1280, height=900) as visitor:
        await visitor.open({"tab": "compare", "wishes": TIGHT}, made=False)
        await visitor.button("Free against steered").click()
        await expect(visitor.panel("Compare")).to_contain_text(re.compile(r"\d items? in both"))
        await keep(visitor.page, name)


async def answered(browser: Browser, service: Service, name: str) -> None:
    async with visiting(browser, service, width=960, height=1180) as visitor:
        await visitor.open({"tab": "answer"}, made=False)
        await visitor.field("Thinking first").select_option(label="by the model itself")
        async with visitor.making("/answer", "Answer"):
            await visitor.button("Ranking").click()
        await keep(visitor.page, name)


async def conflicting(browser: Browser, service: Service, name: str) -> None:
    async with visiting(browser, service, width=1280, height=860) as visitor:
        visitor.expects(422)
        await visitor.open({"wishes": IMPOSSIBLE})
        await expect(visitor.button("Let go of the fewest controls")).to_be_visible()
        await keep(visitor.page, name)


PICTURES = {
    "list": listed,
    "list-dark": listed_in_the_dark,
    "list-phone": listed_on_a_phone,
    "compare": compared,
    "answer": answered,
    "conflict": conflicting,
}


async def keep(page: Page, name: str, *, top: bool = True) -> None:
    """Write what the window shows, in few colours."""
    # What had the pointer or the focus says nothing to who only looks.
    await page.evaluate("document.activeElement.blur()")
    if top:
        await page.evaluate("scrollTo(0, 0)")
    await page.mouse.move(0, 0)
    shot = await page.screenshot(animations="disabled")
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    path = FOLDER / f"{name}.png"
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    sys.stderr.write(f"{path.relative_to(REPOSITORY)}: {path.stat().st_size / 1e3:.0f} KB\n")


if __name__ == "__main__":
    settings = load_settings()
    chosen = [Path(given) for given in sys.argv[1:]]
    asyncio.run(main(chosen[0] if chosen else shop(settings, settings.cache.folder / "demo")))
