"""Scores of free text: ROUGE-L, BLEU, and the cosine of sentence vectors. All between 0 and 1."""
# ruff: noqa: PLC0415 - what has no text to score needs nothing of the extra `evaluate`

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING, Final

from service.errors import BadInput
from service.ports import Encoder

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics.bleu import BLEU

TOKENIZERS: Final[Mapping[str, str]] = {"bleu": "13a", "jp-bleu": "ja-mecab", "zh-bleu": "zh"}
"""By the metric's name, what sacrebleu is told to cut the text with."""


def check(metric: str) -> None:
    """BadInput if what the metric needs is not installed."""
    if metric in TOKENIZERS:
        _bleu(TOKENIZERS[metric])
    else:
        _rouge()


def rouge_l(output: str, truth: Sequence[str]) -> float:
    """F-measure of the longest common subsequence of stemmed words, the mean over the truths.

    `rouge-score` reads words of ASCII letters and digits, so of other scripts nothing scores.
    """
    return fmean(_rouge().score(text, output)["rougeL"].fmeasure for text in truth)


@cache
def _rouge() -> RougeScorer:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError as error:
        raise _missing("rouge-score") from error
    return RougeScorer(["rougeL"], use_stemmer=True)


def bleu(output: str, truth: Sequence[str], metric: str = "bleu") -> float:
    """BLEU of the output's first line, in lower case, the mean over the truths.

    sacrebleu's corpus score of one pair, as the competition takes it, rather than its sentence
    score: all four orders of n-grams count, so an output of fewer than four tokens scores 0.
    """
    line = output.strip("\n").partition("\n")[0]
    scorer = _bleu(TOKENIZERS[metric])
    return fmean(scorer.corpus_score([line], [[text.strip()]]).score for text in truth) / 100


@cache
def _bleu(tokenizer: str) -> BLEU:
    try:
        from sacrebleu.metrics.bleu import BLEU

        return BLEU(lowercase=True, tokenize=tokenizer)
    except (ImportError, RuntimeError) as error:
        # By a RuntimeError sacrebleu says that what cuts Japanese is missing.
        raise _missing("sacrebleu[ja]") from error


def _missing(package: str) -> BadInput:
    return BadInput(
        f"Scores of free text need {package}, which is not installed.",
        hint="Install the extra: pip install -e '.[evaluate]', or use make evaluate.",
    )


def cosine(output: str, truth: Sequence[str], encoder: Encoder) -> float:
    """Cosine of the sentence vectors, the mean over the truths, 0 where that is negative."""
    vectors = encoder.encode([output, *truth])
    mean = float((vectors[1:] @ vectors[0]).mean())
    return min(max(mean, 0.0), 1.0)
