"""Documentation that cannot rot: what it names exists, what it shows is accepted."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from blocks import PAGES as READ
from ground import REPOSITORY

from service.api.parsing import parse
from service.api.question_schema import answer_body
from service.api.schemas import RecommendBody
from service.api.service import Bounds
from service.questions.read import read
from service.settings import OF_CLIENTS, PREFIX, load_settings

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
# Its products are of its own making, and its test asks for them.
OF_ANOTHER_SHOP = REPOSITORY / "docs" / "own-catalogue.md"
CHANGELOG = REPOSITORY / "CHANGELOG.md"
NAMES = [str(page.relative_to(REPOSITORY)) for page in READ]
SHELL_LINE = re.compile(r"^(?:[A-Z_]+=\S* )*(?:\S*/)?(make|listwright)\b(.*)$", re.MULTILINE)

MODULE = re.compile(r"\bpython -m (models(?:\.\w+)*)((?: [^\n`|]*)?)")
EVALUATE = re.compile(r'\bmake evaluate ARGS="([^"]*)"')
SETTING = re.compile(r"^export (LISTWRIGHT_.*)$", re.MULTILINE)
NAMED_PAGE = re.compile(r"`((?:docs|deploy)/[\w/.-]+\.md)`")

every_page = pytest.mark.parametrize("page", READ, ids=NAMES)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks in one language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )


def commands(name: str) -> Iterator[list[str]]:
    """The arguments of each call of one program in any page's shell blocks."""
    for page in READ:
        for block in blocks(page, "bash"):
            for program, arguments in SHELL_LINE.findall(block.replace("\\\n", " ")):
                if program == name:
                    yield shlex.split(arguments, comments=True)


def listwright_calls() -> Iterator[tuple[str, ...]]:
    """Subcommand and options of each call, also of those that go through make's ARGS."""
    for arguments in commands("listwright"):
        yield arguments[0], *(word for word in arguments if word.startswith("--"))
    for arguments in commands("make"):
        passed = [word.removeprefix("ARGS=") for word in arguments if word.startswith("ARGS=-")]
        targets = [word for word in arguments if "=" not in word]
        if passed and targets == ["serve"]:
            yield "serve", *(word for word in shlex.split(passed[0]) if word.startswith("--"))


def module_calls() -> Iterator[tuple[str, ...]]:
    """Module, subcommand if it has some, and options of each offline step that a page calls."""
    for page in READ:
        text = page.read_text("utf-8").replace("\\\n", " ")
        evaluated = [("models.evaluate", said) for said in EVALUATE.findall(text)]
        for module, said in [*MODULE.findall(text), *evaluated]:
            words = shlex.split(said.rstrip("\\ "), comments=True)
            options = [word.partition("=")[0] for word in words if word.startswith("--")]
            yield module, words[0] if words and not words[0].startswith("-") else "", *options


def sent_to(route: str, pages: Sequence[Path] = PAGES) -> list[dict[str, object]]:
    """What pages send to a route by curl."""
    return [
        json.loads(body)
        for page in pages
        for block in blocks(page, "bash")
        for called, body in re.findall(r"curl\b[^']*?(/\w+)\s.*?-d '(.*?)'", block, re.DOTALL)
        if called == route
    ]


def request_bodies(pages: Sequence[Path] = PAGES) -> list[dict[str, object]]:
    """What pages send to /recommend: by curl, or shown as JSON with an intent."""
    shown = [json.loads(block) for page in pages for block in blocks(page, "json")]
    return [*sent_to("/recommend", pages), *(body for body in shown if "intent" in body)]


def section(name: str) -> set[str]:
    """What the first column of a page's tables names."""
    text = (REPOSITORY / "docs" / name).read_text("utf-8")
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


@every_page
def test_links_lead_to_headings(page: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text("utf-8")):
        text = (page.parent / target if target else page).read_text("utf-8")
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
        assert heading in slugs


@every_page
def test_variables_are_settings(page: Path) -> None:
    variables = re.findall(r"\bLISTWRIGHT_[A-Z_]*[A-Z]\b", page.read_text("utf-8"))
    assert set(variables) <= section("settings.md") | {"LISTWRIGHT_CACHE"} | OF_CLIENTS


@pytest.mark.parametrize("page", [*READ, CHANGELOG], ids=[*NAMES, "CHANGELOG.md"])
def test_pages_that_are_named_are_there(page: Path) -> None:
    named = NAMED_PAGE.findall(page.read_text("utf-8"))
    assert [name for name in named if not (REPOSITORY / name).exists()] == []


def test_the_changelog_names_pages() -> None:
    assert "docs/playground.md" in NAMED_PAGE.findall(CHANGELOG.read_text("utf-8"))


def test_settings_that_are_exported_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [words for page in READ for words in SETTING.findall(page.read_text("utf-8"))]
    assert shown
    for words in shown:
        with monkeypatch.context() as said:
            for name in [name for name in os.environ if name.startswith(PREFIX)]:
                said.delenv(name)
            for word in shlex.split(words):
                said.setenv(*word.split("=", 1))
            load_settings()


def test_the_index_lists_every_page() -> None:
    index = (REPOSITORY / "docs" / "README.md").read_text("utf-8")
    pages = {page.name for page in (REPOSITORY / "docs").glob("*.md")} - {"README.md"}
    assert set(re.findall(r"^\| \[[^]]+\]\(([^)]+)\)", index, re.MULTILINE)) == pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_say_what_they_lead_to_and_not_to_which_file(page: Path) -> None:
    assert re.findall(r"\[[^][]*\.md\b[^][]*\]\(", page.read_text("utf-8")) == []


COMPARED = (REPOSITORY / "docs" / "comparison.md").read_text("utf-8").split("\n## ")[1:]


@pytest.mark.parametrize("part", COMPARED, ids=lambda part: part.partition("\n")[0])
def test_figures_that_are_compared_stand_where_it_says_that_they_were_measured(part: str) -> None:
    pages = set(re.findall(r"\]\((\w+\.md)#", part))
    there = "".join((REPOSITORY / "docs" / page).read_text("utf-8") for page in pages)
    measured = set(re.findall(r"\d[\d,.]*\d|\d", there))
    rows = [row for row in part.splitlines() if row.startswith("| ")]
    cells = [cell.strip() for row in rows for cell in row.split("|")[2:]]
    figures = {cell.rstrip("%") for cell in cells if re.fullmatch(r"[\d,.]+%?", cell)}
    assert figures - measured == set()


def test_make_targets_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {word for arguments in commands("make") for word in arguments if "=" not in word}
    assert named
    assert named <= targets


@pytest.mark.parametrize("call", sorted(set(listwright_calls())), ids=" ".join)
def test_listwright_takes_these_options(call: tuple[str, ...]) -> None:
    program = Path(sys.executable).with_name("listwright")
    done = subprocess.run(  # noqa: S603 - the documentation is ours
        [program, call[0], "--help"],
        env=os.environ | {"COLUMNS": "200", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [option for option in call[1:] if option not in done.stdout] == []


@pytest.mark.parametrize("call", sorted(set(module_calls())), ids=" ".join)
def test_offline_steps_take_these_options(call: tuple[str, ...]) -> None:
    module, subcommand, *options = call
    command: Any = typer.main.get_command(importlib.import_module(f"{module}.__main__").app)
    several = getattr(command, "commands", None)
    if several is not None and (subcommand or options):
        command = several[subcommand]
    known = {name for param in command.params for name in param.opts}
    assert set(options) - known == set()


@pytest.mark.parametrize("body", request_bodies(), ids=lambda body: str(body.get("k")))
def test_requests_are_accepted(body: dict[str, object]) -> None:
    RecommendBody.model_validate_json(json.dumps(body))


@pytest.mark.parametrize("body", sent_to("/answer"), ids=lambda body: str(body["question"])[:20])
def test_questions_are_read(body: dict[str, object]) -> None:
    bounds = Bounds()
    request = parse(json.dumps(body).encode(), answer_body(bounds)).to_domain(bounds)
    assert read(request).options


def test_requests_name_categories_and_items_of_the_demo_shop() -> None:
    from service.demo.shop import stock  # noqa: PLC0415 - it is made when imported

    items = [product.item for product in stock(seed=7)]
    there = {category for item in items for category in item.categories}
    there |= {item.id for item in items}
    for body in request_bodies([page for page in PAGES if page != OF_ANOTHER_SHOP]):
        named = re.findall(r'"([A-Z][^"]*)"', json.dumps(body | {"user_id": None}))
        assert named
        assert set(named) <= there


def pinned_in_the_makefile(variable: str) -> list[str]:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    (packages,) = re.findall(rf"^{variable} := (.+)$", makefile, re.MULTILINE)
    return str(packages).split()


def test_every_dependency_is_explained_and_no_other() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    required = [*project["dependencies"], *(need for extra in extras for need in extra)]
    required += pinned_in_the_makefile("MODEL_PACKAGES") + pinned_in_the_makefile("VLLM_PACKAGES")
    required += pinned_in_the_makefile("AUDIT_PACKAGES") + pinned_in_the_makefile("GATEWAYS")
    required += pinned_in_the_makefile("KUBECTL")
    names = {re.split(r"[^\w.-]", need)[0] for need in required}
    assert section("dependencies.md") == names - {project["name"]}


def test_the_readme_installs_what_the_makefile_installs() -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    pinned = set(re.findall(r"[\w-]+==[\d.]+", readme))
    assert pinned == set(pinned_in_the_makefile("MODEL_PACKAGES"))


class TestMap:
    """docs/code.md, held against the tree."""

    def test_every_module_is_on_it(self) -> None:
        modules = {
            str(path.relative_to(REPOSITORY))
            for package in ("service", "models", "loadtest", "listwright")
            for path in (REPOSITORY / package).rglob("*.py")
            if path.name != "__init__.py"
        }
        assert modules - section("code.md") == set()

    def test_everything_on_it_exists(self) -> None:
        assert [path for path in section("code.md") if not (REPOSITORY / path).exists()] == []
