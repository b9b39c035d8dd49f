"""Makes the documentation's pictures of the page, from the demo shop: `make pictures`.

They differ from one run to the next in the times that they show, and in little else. Each carries
the words of the page that it shows, less what is of the shop and what is counted: a test makes
them again in a shop of its own and compares, so that a picture of a page that was is noticed.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
import tempfile
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import chrome
from ground import REPOSITORY
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.async_api import Browser, expect
from serving import Service, served
from visitor import Visitor, visiting

from service.cli.demo import shop
from service.settings import load_settings

FOLDER = REPOSITORY / "docs" / "pictures"
COLOURS = 256
WORDS = "shown"
"""Under which name a picture carries the words of the page."""

READ_WORDS = """() => [...document.querySelectorAll("legend, label, button, h2, h3, summary,"
    + " caption, th[scope=col], dt")]
  .filter(each => each.checkVisibility({ visibilityProperty: true })
    && !each.closest(".lines, .chips, .trial, .suggest ul, #key-dialog"))
  .map(each => [...each.childNodes].map(node => node.nodeType === 3 || node.matches("span, b")
    ? node.textContent : "").join("").trim())
  .filter(Boolean)"""
OF_A_SHOP = {"ranker"}
"""What some shops have a word for, and others need not have."""
FIGURES = {
    r"[\d.,]+ (ms|s)\b": "# time",
    r" in \d+ events?\b": "",
    r"\d[\d.,]*": "#",
    r"\b(item|line|violation)s\b": r"\1",
}


@dataclass(frozen=True)
class Scene:
    """A shop, who looks at it, and what is wished for."""

    browser: Browser
    service: Service
    folder: Path
    listed: dict[str, Any]
    compared: dict[str, Any]
    impossible: dict[str, Any]

    def visited(
        self, width: int, height: int, **options: Any
    ) -> AbstractAsyncContextManager[Visitor]:
        """A window on the page."""
        return visiting(self.browser, self.service, width=width, height=height, **options)

    @property
    def names(self) -> set[str]:
        """The categories that are wished for: another shop has others."""
        wishes = [self.listed, self.compared, self.impossible]
        return {
            name
            for wish in wishes
            for name in (
                *wish.get("exclude", []),
                *wish.get("include", []),
                *(share["category"] for share in wish.get("shares", [])),
            )
        }


CAMPING = {"category": "Camping & Travel Gear", "op": ">="}
DEMO = {
    "user": "u1607",
    "text": "a long weekend in the mountains",
    "strategy": "generate",
    "k": 7,
    "exclude": ["Books"],
    "shares": [
        CAMPING | {"percent": 50},
        {"category": "Beauty & Care", "op": "<=", "percent": 30},
    ],
}
WISHES = {
    "listed": DEMO,
    "compared": DEMO | {"user": "u1084", "k": 5, "text": "", "shares": [CAMPING | {"percent": 40}]},
    "impossible": DEMO | {"include": ["Clothing"], "k": 8},
}


async def main(catalogue: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            served(catalogue, Path(folder) / "serve.log", {}) as service,
            chrome.opened() as browser,
        ):
            scene = Scene(browser, service, FOLDER, **WISHES)
            for name, drawn in PICTURES.items():
                await drawn(scene, name)


async def listed(scene: Scene, name: str, **options: Any) -> None:
    async with scene.visited(1280, 1700, **options) as visitor:
        await visitor.open({"wishes": scene.listed})
        await visitor.page.locator("summary", has_text=" met").click()
        await visitor.button("Verify").click()
        holds = visitor.panel().get_by_text("It holds")
        await expect(holds).to_be_in_viewport(ratio=1)
        await keep(scene, visitor, name)


async def listed_in_the_dark(scene: Scene, name: str) -> None:
    await listed(scene, name, color_scheme="dark")


async def listed_on_a_phone(scene: Scene, name: str) -> None:
    async with scene.visited(375, 812) as visitor:
        await visitor.open({"wishes": scene.listed})
        async with visitor.making():
            await visitor.button("Make the list").click()
        await keep(scene, visitor, name, top=False)


async def compared(scene: Scene, name: str) -> None:
    async with scene.visited(1280, 1080) as visitor:
        await visitor.open({"tab": "compare", "wishes": scene.compared}, made=False)
        await visitor.button("Free against steered").click()
        await expect(visitor.panel("Compare")).to_contain_text(re.compile(r"\d items? in both"))
        await expect(visitor.panel("Compare").locator(".amiss").first).to_be_in_viewport()
        await keep(scene, visitor, name)


async def answered(scene: Scene, name: str) -> None:
    async with scene.visited(960, 1180) as visitor:
        await visitor.open({"tab": "answer"}, made=False)
        await visitor.field("Thinking first").select_option(label="by the model itself")
        async with visitor.making("/answer", "Answer"):
            await visitor.button("Ranking").click()
        await keep(scene, visitor, name)


async def conflicting(scene: Scene, name: str) -> None:
    async with scene.visited(1280, 860) as visitor:
        visitor.expects(422)
        await visitor.open({"wishes": scene.impossible})
        await expect(visitor.button("Let go of the fewest controls")).to_be_in_viewport()
        await keep(scene, visitor, name)


PICTURES = {
    "list": listed,
    "list-dark": listed_in_the_dark,
    "list-phone": listed_on_a_phone,
    "compare": compared,
    "answer": answered,
    "conflict": conflicting,
}


async def keep(scene: Scene, visitor: Visitor, name: str, *, top: bool = True) -> None:
    """Write what the window shows, and the page's words with it."""
    page = visitor.page
    # What had the pointer or the focus says nothing to who only looks.
    await page.evaluate("document.activeElement.blur()")
    if top:
        await page.evaluate("scrollTo(0, 0)")
    await page.mouse.move(0, 0)
    shot = await page.screenshot(animations="disabled")
    shown = PngInfo()
    shown.add_itxt(WORDS, "\n".join(fixed(await page.evaluate(READ_WORDS), scene.names)))
    path = scene.folder / f"{name}.png"
    few(Image.open(io.BytesIO(shot))).save(path, optimize=True, pnginfo=shown)
    sys.stderr.write(f"{path}: {path.stat().st_size / 1e3:.0f} KB\n")


def few(picture: Image.Image) -> Image.Image:
    """In a palette that spans all colours there are, however few pixels have one."""
    covering = Image.Quantize.MAXCOVERAGE
    return picture.convert("RGB").quantize(COLOURS, covering, kmeans=1, dither=Image.Dither.NONE)


def fixed(texts: list[str], names: set[str]) -> list[str]:
    """The page's own words, each once: without a shop's names and without figures."""
    return sorted({_bare(text, names) for text in texts} - OF_A_SHOP)


def _bare(text: str, names: set[str]) -> str:
    for name in names:
        text = text.replace(name, "…")
    for figure, mark in FIGURES.items():
        text = re.sub(figure, mark, text)
    return " ".join(text.split())


def words_of(picture: Path) -> list[str]:
    """What words of the page a picture carries; none, if it was not made here."""
    with Image.open(picture) as image:
        image.load()
        return str(getattr(image, "text", {}).get(WORDS, "")).splitlines()


if __name__ == "__main__":
    settings = load_settings()
    chosen = [Path(given) for given in sys.argv[1:]]
    asyncio.run(main(chosen[0] if chosen else shop(settings, settings.cache.folder / "demo")))
