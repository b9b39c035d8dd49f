"""The page's types: made of what there is, and a check that bites."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import shapes
from http_reference import schema

from service.web.files import FOLDER

DENO = Path(sys.executable).with_name("deno")

KINDS = [
    ({"type": "integer"}, "number"),
    ({"$ref": "#/components/schemas/Op"}, "Op"),
    ({"enum": ["<=", ">="]}, '"<=" | ">="'),
    ({"const": "x"}, '"x"'),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
    ({"type": "array", "items": {"enum": [1, 2]}}, "(1 | 2)[]"),
    ({"type": "object", "additionalProperties": {"type": "number"}}, "Record<string, number>"),
    ({"type": "object", "additionalProperties": True}, "Record<string, unknown>"),
]


@pytest.mark.parametrize(("schema", "said"), KINDS, ids=[said for _, said in KINDS])
def test_each_kind_of_schema_is_declared(schema: dict[str, object], said: str) -> None:
    assert shapes.kind(schema) == said


def test_what_may_be_left_out_is_declared_so() -> None:
    fields = {"k": {"type": "integer"}, "why": {"type": "string"}}
    told = shapes.declared({"Receipt": {"properties": fields, "required": ["k"]}}, "")
    assert "interface Receipt {\n    k: number;\n    why?: string;\n  }" in told


def test_each_element_that_has_an_id_is_declared() -> None:
    assert shapes.ids('<p id="a"><input id="b"></p><i>c</i>') == {"a": "p", "b": "input"}


FAULTS = {
    "a field that no receipt has": ("receipt.js", "said.repeats ||", "said.repetitions ||"),
    "a word that no answer says": ("controls.js", "label, names: control", "label, name: control"),
    "a field that no request takes": ("list.js", "explain: true", "explained: true"),
    "an element that is not there": ("dom.js", 'byId("spoken")', 'byId("told")'),
    "what may be missing": ("list.js", "return inside && h(", "return h("),
    "what nobody has typed": ("chips.js", "/** @type {Chips} */\n", ""),
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the page beside what it is checked with."""
    folder = tmp_path_factory.mktemp("checked") / "service" / "web"
    shutil.copytree(FOLDER.parent, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    made = folder.parents[1] / "build" / "page" / "shapes.d.ts"
    made.parent.mkdir(parents=True)
    page = (FOLDER / "index.html").read_text("utf-8")
    made.write_text(shapes.declared(schema()["components"]["schemas"], page), "utf-8")
    return folder


def check(folder: Path) -> tuple[int, str]:
    """What `make lint` has to say of a page's types."""
    files = [str(path) for path in sorted((folder / "page").glob("*.js"))]
    home = {"DENO_DIR": str(folder / "deno"), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    done = subprocess.run(  # noqa: S603 - the linter
        [str(DENO), "check", "--quiet", "--config", str(folder / "deno.json"), *files],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | home,
    )
    return done.returncode, done.stderr


def test_the_page_is_of_its_types(checked: Path) -> None:
    assert check(checked) == (0, "")


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_amiss_is_found(checked: Path, fault: tuple[str, str, str]) -> None:
    name, there, instead = fault
    path = checked / "page" / name
    text = path.read_text("utf-8")
    assert there in text
    path.write_text(text.replace(there, instead, 1), "utf-8")
    try:
        code, said = check(checked)
    finally:
        path.write_text(text, "utf-8")
    assert code == 1
    assert f"/{name}:" in said
