from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import Strategy
from service.errors import DamagedArtifact
from service.retrieval.tuning_file import MOST, read_tuning, write_tuning
from service.tuning import LENGTHS, Blend, Measured, Situation, Tuning, Wording

WEIGHTS = st.dictionaries(st.text(min_size=1), st.floats(-MOST, MOST), max_size=3)
SITUATIONS = st.builds(
    Situation, st.sampled_from([name for _, name in LENGTHS]), st.sampled_from(Wording)
)
MEASURED = st.builds(
    Measured,
    model=st.text(),
    strategy=st.sampled_from([Strategy.GENERATE, Strategy.RANK]),
    words=st.booleans(),
    prior_weight=st.floats(0, 1e6),
    ndcg=st.floats(0, 1),
    history=st.booleans(),
    requests=st.integers(0, 10**9),
    above=st.floats(-1, 1),
    error=st.floats(0, 1),
)
TUNINGS = st.builds(
    Tuning,
    st.dictionaries(SITUATIONS, st.builds(Blend, WEIGHTS, WEIGHTS)),
    st.lists(MEASURED, unique_by=lambda one: (one.model, one.strategy, one.words)).map(tuple),
)
KNOWN = Tuning(
    {Situation("1-3", Wording.TEXT): Blend({"sasrec": 0.5}, {"sasrec": -1.0})},
    (
        Measured(
            "m", Strategy.RANK, history=True, words=False, prior_weight=2.0, ndcg=0.1, requests=50
        ),
    ),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tuning") / "tuning.json"


@given(tuning=TUNINGS)
def test_what_is_written_is_read(path: Path, tuning: Tuning) -> None:
    write_tuning(path, tuning)
    assert read_tuning(path) == tuning


def spoilt(path: Path, spoil: Callable[[dict[str, Any]], object]) -> Path:
    write_tuning(path, KNOWN)
    content = json.loads(path.read_text("utf-8"))
    spoil(content)
    path.write_text(json.dumps(content), "utf-8")
    return path


BLEND_SPOILERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an unknown length": lambda blend: blend.update(length="2-4"),
    "a length that is no text": lambda blend: blend.update(length=[1]),
    "words of no kind": lambda blend: blend.update(words=1),
    "a weight that is no number": lambda blend: blend.update(weights={"sasrec": "1"}),
    "a weight that is a truth": lambda blend: blend.update(weights={"sasrec": True}),
    "a weight that is not finite": lambda blend: blend.update(weights={"sasrec": float("nan")}),
    "a weight without end": lambda blend: blend.update(unknown={"sasrec": float("inf")}),
    "a weight too large for a float": lambda blend: blend.update(weights={"sasrec": 10**400}),
    "a weight that sums overflow by": lambda blend: blend.update(weights={"sasrec": -1.7e308}),
    "a constant that sums overflow by": lambda blend: blend.update(unknown={"sasrec": 1.7e308}),
    "a nameless weight": lambda blend: blend.update(weights={"": 1.0}),
    "weights in a row": lambda blend: blend.update(weights=[1.0]),
    "one thing more": lambda blend: blend.update(more=1),
    "one thing less": lambda blend: blend.pop("unknown"),
}
MEASURED_SPOILERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an unknown strategy": lambda one: one.update(strategy="guess"),
    "no strategy": lambda one: one.update(strategy=None),
    "a strategy without a model": lambda one: one.update(strategy="retrieve"),
    "a weight below nothing": lambda one: one.update(prior_weight=-0.1),
    "a weight above all that can be asked for": lambda one: one.update(prior_weight=1.1e6),
    "an ndcg above one": lambda one: one.update(ndcg=1.1),
    "an ndcg that is no number": lambda one: one.update(ndcg=float("nan")),
    "requests below nothing": lambda one: one.update(requests=-1),
    "half a request": lambda one: one.update(requests=0.5),
    "a model that is no text": lambda one: one.update(model=3),
    "one thing more": lambda one: one.update(more=1),
    "one thing less": lambda one: one.pop("requests"),
}


@pytest.mark.parametrize("spoiler", BLEND_SPOILERS)
def test_a_blend_that_is_not_as_it_must_be(path: Path, spoiler: str) -> None:
    bad = spoilt(path, lambda content: BLEND_SPOILERS[spoiler](content["blends"][0]))
    with pytest.raises(DamagedArtifact, match="is no tuning"):
        read_tuning(bad)


@pytest.mark.parametrize("spoiler", MEASURED_SPOILERS)
def test_a_measurement_that_is_not_as_it_must_be(path: Path, spoiler: str) -> None:
    bad = spoilt(path, lambda content: MEASURED_SPOILERS[spoiler](content["measured"][0]))
    with pytest.raises(DamagedArtifact, match="is no tuning"):
        read_tuning(bad)


@pytest.mark.parametrize("part", ["blends", "measured"])
def test_nothing_is_said_twice(path: Path, part: str) -> None:
    bad = spoilt(path, lambda content: content[part].append(content[part][0]))
    with pytest.raises(DamagedArtifact, match="said twice"):
        read_tuning(bad)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"blends": []}',
        '{"blends": {}, "measured": []}',
        '{"blends": [], "measured": [], "more": []}',
        '{"blends": [], "blends": [], "measured": []}',
        '{"blends": [], "measured": [1e999]}',
        "[" * 100_000,
        "\ufeff{}",
    ],
)
def test_what_is_no_tuning(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    with pytest.raises(DamagedArtifact, match="is no tuning"):
        read_tuning(path)


def test_bytes_that_are_no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(DamagedArtifact, match="cannot be read"):
        read_tuning(path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DamagedArtifact, match="cannot be read"):
        read_tuning(tmp_path / "nowhere.json")


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "tuning.json"
    bad = Tuning({Situation("1-3", Wording.TEXT): Blend({"sasrec": float("nan")})})
    with pytest.raises(DamagedArtifact):
        write_tuning(path, bad)
    assert not path.exists()
