"""What is served is lighter than what is read, and the same program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.files import FOLDER
from service.web.light import light_script, light_style

CASES = {
    "a line": ("// said\nf();", "\nf();"),
    "a line that is indented": ("{\n\t// said\n\tf();\n}", "{\n\nf();\n}"),
    "after code": ("f(); // said\ng();", "f();\ng();"),
    "a block": ("/**\n * said\n */\nf();", "\n\n\nf();"),
    "within code": ("const a = /** @type {any} */ (b);", "const a=(b);"),
    "between words": ("return/**/a", "return a"),
    "in a string": ('f("// no", \'/* no */\', "\\"  //");', 'f("// no",\'/* no */\',"\\"  //");'),
    "in a template": ('`// no\n  ${f("//")}  /* no */ \\` // no`', None),
    "in code in a template": ("`a, b${f(/* said */ 1)}b // no`", "`a, b${f( 1)}b // no`"),
    "a template in a template": (
        '`${a ? `// , ${{ b: `//` }.b}` : "//"} //` // said',
        '`${a?`// , ${{b:`//`}.b}`:"//"} //`',
    ),
    "a pattern": ("f(/[\"'`/] , \\/\\/+/.test(a)); // said", "f(/[\"'`/] , \\/\\/+/.test(a));"),
    "a pattern that is returned": ("return /['\"]/g; // said", "return /['\"]/g;"),
    "a division": ("a / b; // said '\nc / d;", "a / b;\nc / d;"),
    "two divisions": ("(a) / b / c[0] / 2; /* said */", "(a)/ b / c[0]/ 2;"),
    "signs that would be another": ("a + +b - -c", None),
    "words": ('export { a } from "./b.js";', 'export{a}from "./b.js";'),
    "an address": ('at("https://x/"); // https://y/', 'at("https://x/");'),
}
STYLES = {
    "a rule": (
        ":root > a:hover b, i {\n\tcolor: red; top: 1px;\n}",
        ":root > a:hover b,i{\ncolor:red;top:1px;\n}",
    ),
    "comments": ("/* said\n */\na { } /* said */ b { }", "\n\na{} b{}"),
    "texts": ('a::before { content: "/* , ; */"; }', 'a::before{content:"/* , ; */";}'),
    "sums": ("a { left: calc(100% - 3px + 2px); }", "a{left:calc(100% - 3px + 2px);}"),
}

TEXT = re.compile(r'"[^"\\`]*"')
PIECES = ('"//"', "'/*'", "`//${a}/*`", "`${`'`}\"`", "/'\\//", "a / b", "{}", "(1)", "\n", "x")
COMMENTS = ("// it's `so\n", "/* \" ` ' */", "/**\n * ${\n */\n", "\t// /*\n")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_comments_go_and_nothing_else(case: tuple[str, str | None]) -> None:
    source, bare = case
    assert light_script(source) == (source if bare is None else bare)


@pytest.mark.parametrize("case", STYLES.values(), ids=STYLES)
def test_a_style_sheet_says_the_same(case: tuple[str, str]) -> None:
    source, bare = case
    assert light_style(source) == bare


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(COMMENTS))))
def test_whatever_they_stand_between(parts: list[tuple[str, str]]) -> None:
    told = light_script("".join(f";{piece};{comment}" for piece, comment in parts))
    assert "".join(told.split()) == "".join("".join(f";{piece};" for piece, _ in parts).split())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_a_line_stays_where_it_was(path: Path) -> None:
    source = path.read_text("utf-8").splitlines()
    served = light_script(path.read_text("utf-8")).splitlines()
    assert len(served) == len(source)
    assert not any(line.strip().startswith(("//", "/*", "*")) for line in served)
    for before, after in zip(source, served, strict=True):
        assert set(TEXT.findall(after)) <= set(TEXT.findall(before))
        if "//" not in before and "*" not in before:
            assert "".join(after.split()) == "".join(before.split())


def test_what_is_served_is_javascript(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.js"):
        (tmp_path / path.name).write_text(light_script(path.read_text("utf-8")), "utf-8")
    shutil.copy(FOLDER.parent / "deno.json", tmp_path)
    deno = Path(sys.executable).with_name("deno")
    done = subprocess.run(  # noqa: S603 - the linter
        [str(deno), "lint", "--quiet", "--rules-exclude=no-empty", "--config", "deno.json", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"DENO_DIR": str(tmp_path / "deno"), "NO_COLOR": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
