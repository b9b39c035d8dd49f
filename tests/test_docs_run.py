"""What the pages say is done, in a folder with a demo shop and before a real service over it."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from blocks import PAGES, Block, blocks_of, differs, run_of, unmarked_commands
from ground import REPOSITORY
from page_run import SHOWN_AT, Reader

from service.demo.write import write_shop
from service.settings import load_settings
from service.wiring import build_catalogue

ELSEWHERE = {
    "own-catalogue.md": "browser/test_own_catalogue_seen.py",
    "access.md": "test_docs_access.py",
    "catalogue.md": "test_docs_access.py",
}
"""Pages whose blocks need each other, or a catalogue of their own: which test does them."""
RUN = run_of(page for page in PAGES if page.name not in ELSEWHERE)
MARKED = [block for page in PAGES for block in blocks_of(page) if block.why_not is not None]
LISTED_BEFORE = ("4f1c9a0be2d7", "P00601", "P00017")
"""The request and the items of a list that a page speaks of as made before."""
SOMEBODY = re.compile(r"\b[uU]\d{4,}\b")
QUESTIONS = ("Which is warm?\n1. parka\n2. sandal", "Rank by weight.\n1. anvil\n2. feather")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The demo shop without embeddings, which take long to make; the small model writes."""
    folder = tmp_path_factory.mktemp("shop")
    files = write_shop(folder)
    settings = load_settings({"retrieval": {"similarity": False}})
    build_catalogue(files.items, files.events, folder / "shop", settings)
    reader = Reader(folder, LISTWRIGHT_RETRIEVAL__SIMILARITY="false")
    try:
        reader.serves(".venv/bin/listwright serve --catalogue shop")
        _has_what_pages_name(reader)
        yield reader
    finally:
        reader.leaves()


def _has_what_pages_name(reader: Reader) -> None:
    """Another name of the catalogue, a response that was saved, a file of questions."""
    (reader.folder / "catalogue").symlink_to("shop")
    (reader.folder / "response.json").write_text(asked(reader, {"k": 5}), "utf-8")
    lines = [json.dumps({"question": each}) + "\n" for each in QUESTIONS]
    (reader.folder / "questions.jsonl").write_text("".join(lines), "utf-8")


def asked(reader: Reader, body: dict[str, object], **headers: str) -> str:
    """What `/recommend` answers."""
    request = urllib.request.Request(
        f"http://{reader.here}/recommend",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"} | headers,
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own
        return str(answer.read(), "utf-8")


def made_before(reader: Reader, block: Block) -> Block:
    """The block about a list that was really made, under the id that the page names."""
    name, *items = LISTED_BEFORE
    made = asked(reader, {"user_id": "u0042", "k": len(items)}, **{"X-Request-ID": name})
    text = block.text
    for shown, there in zip(items, json.loads(made)["items"], strict=True):
        text = text.replace(shown, there["id"])
    return replace(block, text=text)


@pytest.mark.parametrize("block", RUN, ids=str)
def test_it_does_what_the_page_says(reader: Reader, block: Block) -> None:
    if "/feedback" in block.text:
        block = made_before(reader, block)
    said = reader.does(block)
    # Settings alone say nothing.
    assert said or all(line.startswith("export ") for line in block.text.splitlines())


class TestTour:
    """What docs/start.md has the reader do in the page, as the requests that the page makes."""

    USER = "u0042"
    STEPS = (REPOSITORY / "docs" / "start.md").read_text("utf-8")

    def test_a_share_of_what_the_list_is_full_of_is_obeyed(self, reader: Reader) -> None:
        assert "at most 30%" in self.STEPS
        assert (
            "Move the slider to 0, then to 60%, then change *at most* to *at least*." in self.STEPS
        )
        items = self.items(reader)
        ((much, count),) = Counter(each for item in items for each in item).most_common(1)
        assert count > 3
        for op, percent in (("<=", 30), ("<=", 0), ("<=", 60), (">=", 60)):
            share = {"category": much, "op": op, "share": percent / 100}
            got = sum(much in item for item in self.items(reader, shares=[share]))
            assert got <= percent / 10 if op == "<=" else got >= percent / 10

    def test_controls_hold_until_one_more_cannot(self, reader: Reader) -> None:
        ((exclude, include),) = re.findall(r"exclude `(.+?)` and include `(.+?)`", self.STEPS)
        ((percent, more),) = re.findall(r"ask for at least (\d+)% `(.+?)` as well", self.STEPS)
        controls: dict[str, Any] = {"exclude": [exclude], "include": [include]}
        items = self.items(reader, **controls)
        assert all(include in item and exclude not in item for item in items)
        share = {"category": more, "op": ">=", "share": int(percent) / 100}
        # What it is by itself can be had.
        self.items(reader, exclude=[exclude], shares=[share])
        with pytest.raises(urllib.error.HTTPError) as refused:
            self.items(reader, **controls, shares=[share])
        error = json.load(refused.value)["error"]
        assert (refused.value.code, error["code"]) == (422, "conflicting_controls")
        assert "Nothing in this shop is both" in self.STEPS
        assert include in error["message"]
        assert more in error["message"]
        assert exclude not in error["message"]

    def test_anybody_may_wish(self, reader: Reader) -> None:
        (wish,) = re.findall(r"type a wish: \*(.+?)\*", self.STEPS)
        body = {"k": 10, "intent": {"text": wish}}
        made = json.loads(asked(reader, body))
        assert len({item["id"] for item in made["items"]}) == 10

    def items(self, reader: Reader, **intent: object) -> list[list[str]]:
        """The categories of each of ten items."""
        body: dict[str, object] = {"user_id": self.USER, "k": 10, "intent": intent}
        made = json.loads(asked(reader, body))
        assert len({item["id"] for item in made["items"]}) == 10
        return [item["categories"] for item in made["items"]]


class TestClientElsewhere:
    """docs/client.md: what it has one install is enough for what it has one run."""

    PAGE = REPOSITORY / "docs" / "client.md"
    PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))

    def test_its_example_runs_with_no_more_than_that(self, reader: Reader, tmp_path: Path) -> None:
        self.linked(self.asked_for(), tmp_path)
        self.link(distribution("listwright"), tmp_path)  # Installed for work on it: its name alone.
        for package in self.PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
            (tmp_path / package).symlink_to(REPOSITORY / package)
        example = run_of([self.PAGE])[0]
        done = self.bare(tmp_path, SHOWN_AT.sub(reader.here, example.text))
        assert done.returncode == 0, done.stderr
        assert differs(example, done.stdout) == ""

    def test_nothing_else_is_there(self, tmp_path: Path) -> None:
        self.linked(self.asked_for(), tmp_path)
        assert self.bare(tmp_path, "import httpx, pydantic").returncode == 0
        done = self.bare(tmp_path, "import numpy")
        assert "No module named 'numpy'" in done.stderr

    def test_what_is_installed_is_what_the_project_takes(self) -> None:
        assert set(self.asked_for()) <= set(self.PROJECT["project"]["dependencies"])

    def asked_for(self) -> list[str]:
        (how,) = (block for block in blocks_of(self.PAGE) if "pip install" in block.text)
        assert "--no-deps dist/listwright-*.whl" in how.text
        return re.findall(r'"(.+?)"', how.text)

    def linked(self, requirements: list[str], folder: Path) -> None:
        """These packages and what they themselves need, as pip would put them there."""
        ahead, seen = list(requirements), set()
        while ahead:
            (name,) = re.findall(r"^[\w.-]+", ahead.pop().replace("_", "-"))
            if name in seen:
                continue
            seen.add(name)
            try:
                found = distribution(name)
            except PackageNotFoundError:  # Of another Python's or another system's.
                continue
            ahead += [need for need in found.requires or () if "extra ==" not in need]
            self.link(found, folder)

    def link(self, found: Distribution, folder: Path) -> None:
        for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            (folder / top).symlink_to(str(found.locate_file(top)))

    def bare(self, folder: Path, program: str) -> subprocess.CompletedProcess[str]:
        """A Python that knows its own library and this folder."""
        begun = f"import sys; sys.path.insert(0, {str(folder)!r}); exec(sys.stdin.read())"
        return subprocess.run(  # noqa: S603 - the documentation is ours
            [sys.executable, "-I", "-S", "-c", begun],
            input=program,
            capture_output=True,
            text=True,
            check=False,
        )


def test_users_whom_pages_name_are_of_the_demo_shop(reader: Reader) -> None:
    named = {user for page in PAGES for user in SOMEBODY.findall(page.read_text("utf-8"))}
    assert named
    with (reader.folder / "events.csv").open(encoding="utf-8", newline="") as file:
        assert named <= {row["user_id"] for row in csv.DictReader(file)}


def test_pages_with_something_to_do_are_among_them() -> None:
    pages = {block.page.name for block in RUN}
    assert pages >= {"README.md", "start.md", "streaming.md", "answers.md", "users.md"}


def test_a_page_that_is_done_elsewhere_is_done_there() -> None:
    for name, test in ELSEWHERE.items():
        assert run_of([REPOSITORY / "docs" / name])
        assert f'"{name}"' in (REPOSITORY / "tests" / test).read_text("utf-8")


class TestWhatIsNotRun:
    def test_it_says_why(self) -> None:
        assert [block for block in MARKED if len(str(block.why_not).split()) < 4] == []

    def test_tests_that_it_names_are_there(self) -> None:
        named = {name for each in MARKED for name in re.findall(r"tests/[\w/]+\.py", each.mark)}
        assert named
        assert [name for name in sorted(named) if not (REPOSITORY / name).exists()] == []

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
    def test_no_command_hides_in_a_block_without_its_language(self, page: Path) -> None:
        assert unmarked_commands(page) == []


class TestReading:
    """A page of our own: what is run of it, and what is found wrong with it."""

    PAGE = """\
```bash
one
```

<!-- not run: it takes a cluster -->
```bash
two
```

<!-- note -->
```python
three
```

1. In a list:

   ```bash
   four
   ```

```
LISTWRIGHT_X=1 .venv/bin/listwright serve
```

```text
pip is named here
```
"""

    @pytest.fixture
    @staticmethod
    def page(tmp_path: Path) -> Path:
        page = tmp_path / "page.md"
        page.write_text(TestReading.PAGE, "utf-8")
        return page

    def test_all_is_run_that_does_not_say_why_not(self, page: Path) -> None:
        assert [block.text for block in run_of([page])] == ["one\n", "three\n", "four\n"]

    def test_a_command_without_its_language_is_found(self, page: Path) -> None:
        (found,) = unmarked_commands(page)
        assert found.text.endswith("listwright serve\n")
