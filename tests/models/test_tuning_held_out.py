"""What tuning may not see: the meetings that it asks about."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import ringroad
from bookcase import tools

from models.data.served import served
from models.sasrec.rankers import ranker_for
from models.tune.held import held_out
from service.catalog.artifact import LoadedCatalogue, load
from service.catalog.build import build
from service.catalog.read import read_source
from service.errors import BadInput
from service.retrieval.ranker import Ranker, load_ranker
from service.retrieval.ranker_facts import ELSEWHERE

LAST = "i11"
"""Met by nobody but as what they met last."""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> LoadedCatalogue:
    folder = tmp_path_factory.mktemp("shop")
    items = [{"id": name, "title": f"Stop {name}"} for name in ringroad.IDS]
    walks = [[(user + step) % 11 for step in range(4)] for user in range(40)]
    events = [
        {"user": f"u{user}", "item": item, "timestamp": 100 * user + at}
        for user, walk in enumerate(walks)
        # The first stop and the last one are met twice.
        for at, item in enumerate([*(f"i{n}" for n in walk), f"i{walk[0]}", LAST, LAST])
    ]
    for name, rows in (("items", items), ("events", events)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    out = tmp_path_factory.mktemp("catalogue")
    build(read_source(folder, None), out, tools())
    return load(out)


@pytest.fixture(scope="module")
def ranker(catalogue: LoadedCatalogue, tmp_path_factory: pytest.TempPathFactory) -> Ranker:
    config = replace(ringroad.SMALL, epochs=1)
    return load_ranker(ranker_for(served(catalogue), tmp_path_factory.mktemp("rankers"), config))


def test_popularity_has_not_counted_what_is_asked_about(
    catalogue: LoadedCatalogue, ranker: Ranker
) -> None:
    without, cases = held_out(catalogue, ranker)
    (last,) = catalogue.rows([LAST]).tolist()
    assert {case.target for case in cases} == {last}
    assert len(cases) == 40
    assert int(np.argmax(catalogue.popularity)) == last
    assert without.popularity[last] == without.popularity.min()
    assert int(without.popular_rows[-1]) == last


def test_all_else_counts_as_often_as_it_was_met(catalogue: LoadedCatalogue, ranker: Ranker) -> None:
    without, _ = held_out(catalogue, ranker)
    (last,) = catalogue.rows([LAST]).tolist()
    others = np.delete(np.arange(catalogue.size), last)
    before, after = (np.exp(one.popularity[others]) for one in (catalogue, without))
    np.testing.assert_allclose(before / before.sum(), after / after.sum(), rtol=1e-5)


def test_a_ranker_of_another_version_is_refused(catalogue: LoadedCatalogue, ranker: Ranker) -> None:
    other = replace(ranker, facts=replace(ranker.facts, catalogue="c000000000000"))
    with pytest.raises(BadInput, match="was trained on catalogue c000000000000"):
        held_out(catalogue, other)


def test_a_ranker_that_has_learnt_everything_is_refused(
    catalogue: LoadedCatalogue, ranker: Ranker
) -> None:
    other = replace(ranker, facts=replace(ranker.facts, held=ELSEWHERE))
    with pytest.raises(BadInput, match="has learnt all that this catalogue knows"):
        held_out(catalogue, other)
