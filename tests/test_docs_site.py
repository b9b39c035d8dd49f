"""The documentation as a site: built strictly and offline, whole, and as its pages stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path

import gather
import http_reference
import pytest
import schema_tables
from browser.chrome import opened
from ground import REPOSITORY
from http_reference import schema
from markdown_it import MarkdownIt
from playwright.async_api import Page, expect

from service.api.roads import ROADS, Right
from service.errors import ListwrightError

# The guard has any connection to another machine fail.
BUILD = "from ground import guard_network; guard_network(); from mkdocs.__main__ import cli; cli()"
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
PATIENCE_MS = 60_000
SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)


def built(pages: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """The site built of gathered pages, by the project's own settings."""
    own = site.with_suffix(".yml")
    own.write_text(f"INHERIT: {REPOSITORY / 'mkdocs.yml'}\ndocs_dir: {pages}\nsite_dir: {site}\n")
    return subprocess.run(  # noqa: S603 - the command stands here
        [sys.executable, "-c", BUILD, "build", "--strict", "--config-file", str(own)],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY / "tests"), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "pages"
    gather.gather(folder)
    return folder


@pytest.fixture(scope="module")
def site(pages: Path) -> Path:
    folder = pages.with_name("site")
    done = built(pages, folder)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


class Tags(HTMLParser):
    """How often each tag stands in a page, and what the page loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if place := dict(attrs).get(LOADING.get(tag, "")):
            self.loaded.append(place)


def article(page: Path) -> str:
    """What a built page says, without what stands around it."""
    (found,) = re.findall(r"<article.*?</article>", page.read_text("utf-8"), re.DOTALL)
    return str(found)


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    loaded = [place for page in pages for place in Tags(page.read_text("utf-8")).loaded]
    assert len(pages) > 25
    assert [place for place in loaded if re.match(r"(?:[a-z]+:)?//", place)] == []
    styles = [style.read_text("utf-8") for style in site.rglob("*.css")]
    assert [
        url for style in styles for url in re.findall(r"""url\(["']?(?:https?:)?//""", style)
    ] == []


@asynccontextmanager
async def reading(site: Path, page: str, width: int) -> AsyncIterator[Page]:
    """A page of the site opened from its folder, where nothing may go wrong unseen."""
    async with opened() as browser:
        window = await browser.new_page(viewport={"width": width, "height": 800})
        amiss: list[str] = []
        window.on("console", lambda said: amiss.append(said.text))
        window.on("pageerror", lambda error: amiss.append(error.message))
        await window.goto((site / page).as_uri())
        yield window
        assert amiss == []


@pytest.mark.parametrize("page", ["start.html", "deploy/kubernetes/index.html"])
async def test_the_search_works_from_a_folder(site: Path, page: str) -> None:
    async with reading(site, page, 1200) as window:
        await window.get_by_role("textbox", name="Search").click()
        await window.keyboard.type("logits processor")
        found = window.locator(".md-search-result__link", has_text="The speller inside vLLM")
        await expect(found.first).to_be_visible(timeout=PATIENCE_MS)
        await found.first.click()
        heading = window.locator("h1", has_text="The speller inside vLLM")
        await expect(heading).to_be_visible(timeout=PATIENCE_MS)
        assert window.url.startswith((site / "plugin.html").as_uri())


async def test_pictures_can_be_read_on_a_phone(site: Path) -> None:
    async with reading(site, "steering.html", 375) as window:
        assert await window.evaluate("document.documentElement.scrollWidth") == 375
        letters = await window.locator("svg.picture").evaluate_all(
            """all => all.map(picture => {
              const scale = picture.getBoundingClientRect().width / picture.viewBox.baseVal.width;
              const sizes = [...picture.querySelectorAll("text")]
                .map(each => scale * each.getAttribute("font-size"));
              return Math.min(...sizes);
            })"""
        )
        assert len(letters) == 4
        assert min(letters) >= 11
        figure = window.locator("figure").first
        await figure.focus()
        await window.keyboard.press("End")
        await window.keyboard.press("ArrowRight")
        await expect(figure).not_to_have_js_property("scrollLeft", 0)


def test_links_that_lead_nowhere_end_the_build(site: Path, pages: Path, tmp_path: Path) -> None:
    worse = shutil.copytree(pages, tmp_path / "pages")
    links = ("nowhere.md", "engines.md#nowhere", "/engines.md")
    told = "".join(f"[there]({link})\n" for link in links)
    (worse / "start.md").write_text(f"# Start\n\n{told}", "utf-8")
    (worse / "unlisted.md").write_text("# In no menu\n", "utf-8")
    done = built(worse, tmp_path / "site")
    assert done.returncode != 0
    for wrong in (*links, "unlisted.md"):
        assert wrong in done.stderr


@pytest.mark.parametrize("name", sorted(path.stem for path in (REPOSITORY / "docs").glob("*.md")))
def test_a_page_says_the_same_on_the_site(site: Path, pages: Path, name: str) -> None:
    # A viewer of the repository reads CommonMark; where the site's Markdown differs, lists and
    # tables fall apart.
    page = site / ("index.html" if name == "README" else f"{name}.html")
    read = MarkdownIt("commonmark", {"html": True}).enable("table")
    text = re.sub(
        r" \{#[^}]*\}$", "", (pages / f"{name}.md").read_text("utf-8"), flags=re.MULTILINE
    )
    wanted, got = Tags(read.render(text)).counts, Tags(article(page)).counts
    for tag in ("li", "ul", "ol", "table", "td", "th", "h1", "h2", "h3", "pre", "blockquote"):
        assert got.get(tag, 0) == wanted.get(tag, 0), tag


class TestReference:
    @pytest.fixture(scope="class")
    @staticmethod
    def said(site: Path) -> str:
        return re.sub(r"<[^>]+>", "", article(site / "http.html")).replace("&quot;", '"')

    @pytest.mark.parametrize("road", ROADS, ids=lambda road: road.path)
    def test_each_road_is_on_it(self, said: str, road: object) -> None:
        path = road.path.replace(":path}", "}")  # type: ignore[attr-defined]
        methods = " ".join(sorted(road.methods))  # type: ignore[attr-defined]
        assert f"{methods} {path}\n" in said.replace("&para;", "\n")

    def test_what_programs_ask_for_comes_first_and_the_page_and_probes_last(
        self, said: str
    ) -> None:
        whole = said.replace("&para;", "\n")
        at = {road: whole.index(f"{http_reference._title(road)}\n") for road in ROADS}
        order = sorted(ROADS, key=lambda road: at[road])
        assert [road.path for road in order[:2]] == ["/recommend", "/answer"]
        is_open = [road.right is Right.OPEN for road in order]
        assert is_open == sorted(is_open)
        assert {"/", "/healthz"} <= {road.path for road in order if road.right is Right.OPEN}

    def test_each_field_is_on_it_with_its_meaning(self, said: str) -> None:
        words = " ".join(said.split())
        for name, shape in schema()["components"]["schemas"].items():
            for field, about in shape.get("properties", {}).items():
                assert field in words, name
                meaning = " ".join(re.sub(r"[`*]", "", about.get("description", "")).split())
                assert meaning[:40].split("&")[0].split("<")[0] in words, f"{name}.{field}"

    def test_each_error_is_on_it(self, said: str) -> None:
        todo, codes = [ListwrightError], set()
        while todo:
            each = todo.pop()
            todo += [below for below in each.__subclasses__() if "service." in below.__module__]
            codes.add(each.code)
        assert len(codes) > 20
        told = {code for code in codes if re.search(rf"^{code}$", said, re.MULTILINE)}
        assert codes - told == {each.code for each in http_reference.UNSENT}

    def test_a_bar_in_a_cell_does_not_end_it(self) -> None:
        parameter = {
            "name": "sort",
            "description": "One | the other\nor none.",
            "schema": {"type": "string", "pattern": "^(a|b)$"},
        }
        page = {"paths": {}, "components": {"schemas": {}}}
        responses = {"200": {"description": "This | that"}}
        told = http_reference.described({"parameters": [parameter], "responses": responses}, page)
        assert "| `sort` | string | `^(a\\|b)$` | `null` | One \\| the other or none. |" in told
        assert "| 200 | This \\| that |" in told

    def test_bounds_and_defaults_are_told(self) -> None:
        shape = schema()["components"]["schemas"]["RecommendRequest"]
        rows = schema_tables.table_of(shape, sent=True).splitlines()
        (k,) = [row for row in rows if row.startswith("| `k` |")]
        assert "| integer | at least 1, at most 100 | `10` |" in k
        (history,) = [row for row in rows if row.startswith("| `history` |")]
        assert "| list of string or null | at most 10000 entries, each not empty" in history


class TestPicturesOfThePage:
    PICTURES = sorted((REPOSITORY / "docs" / "pictures").glob("*.png"))

    @pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
    def test_it_is_on_the_site_and_seen_in_a_page(self, site: Path, picture: Path) -> None:
        place = f"pictures/{picture.name}"
        assert (site / place).read_bytes() == picture.read_bytes()
        pages = [page.read_text("utf-8") for page in site.glob("*.html")]
        assert any(f'src="{place}"' in page for page in pages)

    @pytest.mark.parametrize(
        "name", ["README.md", "docs/start.md", "docs/own-catalogue.md", "docs/playground.md"]
    )
    def test_pages_tell_them_to_those_who_do_not_see_them(self, name: str) -> None:
        text = (REPOSITORY / name).read_text("utf-8")
        told = re.findall(r"!\[([^]]*)\]\([^)]*\.png\)", text)
        assert told
        assert [words for words in told if len(words.split()) < 4] == []


class TestPictures:
    PICTURES = sorted((REPOSITORY / "docs" / "pictures").glob("*.svg"))

    def test_each_is_seen_in_a_page_and_takes_its_colours(self, site: Path) -> None:
        inside = [
            svg for page in site.glob("*.html") for svg in SVG.findall(page.read_text("utf-8"))
        ]
        shown = [svg for svg in inside if 'class="picture"' in svg]
        assert len(shown) == len(self.PICTURES)
        assert not any("<style>" in svg for svg in shown)

    @pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
    def test_it_is_told_to_those_who_do_not_see_it(self, picture: Path) -> None:
        text = picture.read_text("utf-8")
        (said,) = re.findall(r'role="img" aria-labelledby="(\S+) (\S+)"', text)
        assert f'<title id="{said[0]}">' in text
        assert len(re.findall(rf'<desc id="{said[1]}">(.*?)</desc>', text)[0].split()) > 30

    @pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
    def test_every_colour_has_a_light_and_a_dark_one(self, picture: Path) -> None:
        text = picture.read_text("utf-8")
        used = set(re.findall(r"var\((--\w+)\)", text))
        light, dark = text.split("prefers-color-scheme: dark")
        css = (REPOSITORY / "docs" / "site" / "site.css").read_text("utf-8")
        assert used
        for colour in used:
            assert f"{colour}:" in light
            assert f"{colour}:" in dark
            assert f"{colour}:" in css
        assert not re.search(r'(?:fill|stroke)="#', text)
