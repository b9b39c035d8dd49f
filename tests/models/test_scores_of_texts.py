"""ROUGE-L, BLEU and cosine; and the judge that picks the metric."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluate import texts
from models.evaluate.scores import Ids, Judge, Label, Metric, Texts, Truth, Weights
from models.evaluate.texts import bleu, cosine, rouge_l
from service.errors import BadInput
from service.steering.arrays import FloatArray


class Letters:
    """Encodes a text as whether it says warm or cold, and how much of neither."""

    name = "letters"
    dimension = 2

    def encode(self, texts: Sequence[str]) -> FloatArray:
        known = {"warm": (1.0, 0.0), "cold": (-1.0, 0.0), "mild": (0.6, 0.8)}
        return np.array([known.get(text, (0.0, 1.0)) for text in texts], dtype=np.float32)


def test_rouge_l_by_hand() -> None:
    # Three words of four in order, of five: precision 3/4, recall 3/5.
    assert rouge_l("soft wool knit cap", ["a soft warm wool cap"]) == pytest.approx(2 * 3 / 9)
    assert rouge_l("knitted caps", ["knit cap"]) == pytest.approx(1.0)  # stemmed
    assert rouge_l("plate", ["fork"]) == 0.0


def test_rouge_l_over_several_truths_is_their_mean() -> None:
    assert rouge_l("fork", ["fork", "plate"]) == pytest.approx(0.5)


def test_bleu_of_the_same_text_is_1() -> None:
    assert bleu("Steel Water Bottle 750 ml", ["steel water bottle 750 ML"]) == pytest.approx(1.0)


def test_bleu_reads_the_first_line() -> None:
    truth = ["steel water bottle 750 ml"]
    assert bleu(f"\n{truth[0]}\nHere you are!", truth) == pytest.approx(1.0)


def test_bleu_counts_all_orders_of_n_grams() -> None:
    assert bleu("steel bottle", ["steel bottle"]) == 0.0
    assert 0.0 < bleu("one two three four x", ["one two three four five"]) < 1.0


@pytest.mark.parametrize("metric", ["jp-bleu", "zh-bleu"])
def test_bleu_cuts_what_has_no_spaces(metric: str) -> None:
    output, truth = "静音無線マウス 青色", ["静音無線マウス 赤色"]
    assert bleu(output, truth) == 0.0
    assert 0.2 < bleu(output, truth, metric) < 1.0


def test_cosine_is_never_negative() -> None:
    letters = Letters()
    assert cosine("warm", ["warm"], letters) == pytest.approx(1.0)
    assert cosine("warm", ["mild"], letters) == pytest.approx(0.6)
    assert cosine("warm", ["cold"], letters) == 0.0
    assert cosine("warm", ["warm", "mild"], letters) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("output", "metric", "truth", "score"),
    [
        ("1", Metric.ACCURACY, Label("1"), 1.0),
        ("2,5,1", Metric.HIT_RATE, Ids((5, 9)), 0.5),
        ("2,1", Metric.NDCG, Weights((0.0, 1.0)), 1.0),
        ("red", Metric.MICRO_F1, Texts(("red", "wool")), 2 / 3),
        ("a red cap", Metric.ROUGE_L, Texts(("a red cap",)), 1.0),
        ("a red wool cap", Metric.BLEU, Texts(("a red wool cap",)), 1.0),
        ("warm", Metric.MULTILINGUAL_COSINE, Texts(("mild",)), 0.6),
        (" \n", Metric.COSINE, Texts(("anything",)), 0.0),
    ],
)
def test_the_judge_takes_the_metric_asked_for(
    output: str, metric: Metric, truth: Truth, score: float
) -> None:
    assert Judge(Letters()).score(output, metric, truth).value == pytest.approx(score)


def test_without_an_encoder_sentences_are_refused_and_all_else_is_scored() -> None:
    with pytest.raises(BadInput, match="needs an encoder"):
        Judge().check(Metric.COSINE)
    for metric in set(Metric) - {Metric.COSINE, Metric.MULTILINGUAL_COSINE}:
        Judge().check(metric)


@settings(max_examples=40)
@given(st.text(), st.sampled_from([m for m in Metric if m.task.value == "generation"]))
def test_any_text_scores_between_0_and_1(output: str, metric: Metric) -> None:
    score = Judge(Letters()).score(output, metric, Texts(("a warm red wool cap",))).value
    assert 0.0 <= score <= 1.0 + 1e-6


@pytest.fixture
def _nothing_loaded() -> Iterator[None]:
    """Scorers are made once: forget them before and after."""
    for made in (texts._rouge, texts._bleu):
        made.cache_clear()
    yield
    for made in (texts._rouge, texts._bleu):
        made.cache_clear()


@pytest.mark.usefixtures("_nothing_loaded")
@pytest.mark.parametrize(
    ("metric", "module", "package"),
    [
        (Metric.ROUGE_L, "rouge_score.rouge_scorer", "rouge-score"),
        (Metric.BLEU, "sacrebleu.metrics.bleu", "sacrebleu"),
        (Metric.JAPANESE_BLEU, "sacrebleu.metrics.bleu", "sacrebleu"),
    ],
)
def test_what_is_not_installed_is_told_before_anything_is_asked(
    metric: Metric, module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Judge().check(metric)
    texts._rouge.cache_clear()
    texts._bleu.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BadInput, match=package) as caught:
        Judge().check(metric)
    assert "pip install -e '.[evaluate]'" in caught.value.hint
    Judge().check(Metric.ACCURACY)


@pytest.mark.usefixtures("_nothing_loaded")
def test_what_cuts_japanese_may_be_missing_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from sacrebleu.tokenizers import tokenizer_ja_mecab  # noqa: PLC0415 - of the extra

    monkeypatch.setattr(tokenizer_ja_mecab, "MeCab", None)
    with pytest.raises(BadInput, match=r"sacrebleu\[ja\]"):
        Judge().check(Metric.JAPANESE_BLEU)
    Judge().check(Metric.BLEU)
