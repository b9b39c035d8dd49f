"""The site's pages, gathered: those of docs/, and what they lead to outside it.

In the repository they are read as they stand. The site has besides: the HTTP reference, made of the
service's own schema; pictures inside the pages, so that they follow its light and dark; and the
files outside docs/ that pages lead to. `make docs` runs this, then builds the site.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

import http_reference
from links import LINK, moved, outside_code, target_of

REPOSITORY: Final = Path(__file__).resolve().parents[2]
DOCS: Final = PurePosixPath("docs")
SITE: Final = DOCS / "site"
ROUTES: Final = "<!-- routes -->"
ERRORS: Final = "<!-- errors -->"
PICTURE: Final = re.compile(r"^!\[[^]]*\]\(([^)]+\.svg)\)$", re.MULTILINE)
STYLE: Final = re.compile(r"<style>.*?</style>\s*", re.DOTALL)
PAGES_OUTSIDE: Final = ("CHANGELOG.md",)
"""Pages that belong to the site though no page may lead to them."""


def gather(folder: Path) -> None:
    """Write the site's pages into a folder; what was there is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    places = {path: place_of(path) for path in files()}
    for path, place in places.items():
        there = folder / place
        there.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            there.write_text(page(path, places), "utf-8")
        else:
            shutil.copyfile(REPOSITORY / path, there)
    for kind in ("*.css", "*.js"):
        for own in (REPOSITORY / SITE).glob(kind):
            shutil.copyfile(own, folder / own.name)


def files() -> set[PurePosixPath]:
    """The pages of docs/, and all files that pages lead to, from page to page."""
    found: set[PurePosixPath] = set()
    pages = (REPOSITORY / DOCS).glob("*.md")
    ahead = {DOCS / each.name for each in pages} | set(map(PurePosixPath, PAGES_OUTSIDE))
    while ahead:
        path = ahead.pop()
        found.add(path)
        if path.suffix == ".md":
            ahead |= set(led_to(path)) - found
    return found


def led_to(path: PurePosixPath) -> Iterator[PurePosixPath]:
    """The files of the repository that a page leads to."""
    targets: set[PurePosixPath] = set()

    def seen(part: str) -> str:
        links = (target_of(path, link) for link in LINK.findall(part))
        targets.update(target for target in links if target)
        return part

    outside_code((REPOSITORY / path).read_text("utf-8"), seen)
    yield from targets


def place_of(path: PurePosixPath) -> PurePosixPath:
    """Where a file of the repository stands on the site."""
    return path.relative_to(DOCS) if path.is_relative_to(DOCS) else path


def page(path: PurePosixPath, places: Mapping[PurePosixPath, PurePosixPath]) -> str:
    """A page as the site has it."""
    text = (REPOSITORY / path).read_text("utf-8")
    if ROUTES in text:
        text = text.replace(ROUTES, http_reference.routes())
        text = text.replace(ERRORS, http_reference.errors())
    text = PICTURE.sub(lambda found: _inside(path, found[1]), text)
    return moved(text, path, places)


def _inside(path: PurePosixPath, link: str) -> str:
    """A picture as part of a page: the site's own style colours it."""
    picture = target_of(path, link)
    svg = (REPOSITORY / str(picture)).read_text("utf-8")
    svg = re.sub(r"\n\s*", " ", STYLE.sub("", svg)).strip()
    # Where it is wider than the screen it scrolls, by keys as well.
    return f'<figure tabindex="0">{svg}</figure>'


if __name__ == "__main__":
    gather(Path(sys.argv[1]))
