"""Rows are given to Arrow as they are, and nothing large is imported for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from bookcase import bare, tools
from hypothesis import given
from hypothesis import strategies as st

from service.catalog.arrow import as_arrow, as_mask
from service.catalog.build import build

FIRST = """
import sys
from pathlib import Path
from service.catalog.artifact import load

catalogue = load(Path(sys.argv[1]), verify=False)
(row,) = catalogue.search("bee b", 5).tolist()
assert catalogue.rows([catalogue.item(row).id, "nothing"]).tolist() == [row, -1]
assert catalogue.histories.sample(5) == ()
print("pandas" in sys.modules)
"""


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.uint16])
def test_it_is_the_same_numbers(kind: type[np.integer]) -> None:  # type: ignore[type-arg]
    rows = np.arange(20, dtype=kind)
    for some in (rows, rows[3:9], rows[::-2], rows[:0]):
        assert as_arrow(some) == pa.array(some.tolist(), pa.int64())


@given(st.lists(st.booleans(), max_size=70), st.integers(0, 9))
def test_flags_are_the_same_as_well(flags: list[bool], first: int) -> None:
    assert as_mask(pa.array(flags, pa.bool_())[first:]).tolist() == flags[first:]


def test_the_first_question_to_a_catalogue_imports_no_pandas(tmp_path: Path) -> None:
    built = build(bare("Ant", "Bee", "Cat"), tmp_path, tools(similar=False))
    told = subprocess.run(  # noqa: S603 - the script stands above
        [sys.executable, "-c", FIRST, str(built)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (told.stdout.strip(), told.stderr) == ("False", "")
