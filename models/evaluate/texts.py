"""Scores of free text: ROUGE-L, BLEU, and the cosine of sentence vectors. All between 0 and 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from statistics import fmean
from typing import Final

from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU

from service.ports import Encoder

TOKENIZERS: Final[Mapping[str, str]] = {"bleu": "13a", "jp-bleu": "ja-mecab", "zh-bleu": "zh"}
"""By the metric's name, what sacrebleu is told to cut the text with."""


def rouge_l(output: str, truth: Sequence[str]) -> float:
    """F-measure of the longest common subsequence of stemmed words, the mean over the truths.

    `rouge-score` reads words of ASCII letters and digits, so of other scripts nothing scores.
    """
    return fmean(_rouge().score(text, output)["rougeL"].fmeasure for text in truth)


@cache
def _rouge() -> RougeScorer:
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
    return BLEU(lowercase=True, tokenize=tokenizer)


def cosine(output: str, truth: Sequence[str], encoder: Encoder) -> float:
    """Cosine of the sentence vectors, the mean over the truths, 0 where that is negative."""
    vectors = encoder.encode([output, *truth])
    mean = float((vectors[1:] @ vectors[0]).mean())
    return min(max(mean, 0.0), 1.0)
