"""One score for one answer, by the metric that its question names.

As the competition scores, but for what `named` lists, and for this:

* Both cosines are judged by the sentence encoder of the service, all-MiniLM-L6-v2. The competition
  has paraphrase-multilingual-MiniLM-L12-v2 for its multilingual one, so that one's figures cannot
  be compared with the competition's. Tables and JSON name the encoder that judged.
* The figure "overall" (`summary`) is the mean over questions, where those scored by micro F1 have
  the F1 of all their counts each. The competition takes the mean over its tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from models.evaluate.named import Counts, accuracy, entity_counts, hit_rate, ndcg
from models.evaluate.texts import bleu, check, cosine, rouge_l
from service.errors import BadInput
from service.ports import Encoder
from service.question import Task


class Metric(StrEnum):
    """How an answer is held against the truth."""

    ACCURACY = "accuracy"
    HIT_RATE = "hit rate@3"
    NDCG = "ndcg"
    MICRO_F1 = "micro f1"
    ROUGE_L = "rougel"
    BLEU = "bleu"
    JAPANESE_BLEU = "jp-bleu"
    CHINESE_BLEU = "zh-bleu"
    COSINE = "sent-transformer"
    MULTILINGUAL_COSINE = "multilingual-sent-transformer"

    @property
    def needs_encoder(self) -> bool:
        """Whether texts are compared by their vectors."""
        return self in {Metric.COSINE, Metric.MULTILINGUAL_COSINE}

    @property
    def task(self) -> Task:
        """The task that is usually scored so."""
        return _TASKS.get(self, Task.GENERATION)


_TASKS = {
    Metric.ACCURACY: Task.MULTIPLE_CHOICE,
    Metric.HIT_RATE: Task.RETRIEVAL,
    Metric.NDCG: Task.RANKING,
    Metric.MICRO_F1: Task.ENTITIES,
}


@dataclass(frozen=True, slots=True)
class Label:
    """The one right option."""

    label: str


@dataclass(frozen=True, slots=True)
class Ids:
    """The right options."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """How relevant each option is, in the order in which they are numbered."""

    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """Entities, or texts each of which would be a right answer."""

    texts: tuple[str, ...]


Truth: TypeAlias = Label | Ids | Weights | Texts


@dataclass(frozen=True, slots=True)
class Score:
    """What an answer is worth by itself; of entities the counts too, which are summed first."""

    value: float
    counts: Counts | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores answers. Without an encoder it cannot compare sentences."""

    encoder: Encoder | None = None

    def score(self, output: str, metric: Metric, truth: Truth, *, first: int = 1) -> Score:
        """The score of an output; what cannot be read as an answer has 0.

        `first` is the number of the first option, to which the first weight belongs.
        """
        match truth:
            case Label(label):
                return Score(accuracy(output, label))
            case Ids(ids):
                return Score(hit_rate(output, ids))
            case Weights(weights):
                return Score(ndcg(output, weights, first=first))
            case Texts(texts) if metric is Metric.MICRO_F1:
                counts = entity_counts(output, texts)
                return Score(counts.f1, counts)
            case Texts(texts):
                return Score(self._text(output, metric, texts) if output.strip() else 0.0)

    def _text(self, output: str, metric: Metric, truth: tuple[str, ...]) -> float:
        if metric is Metric.ROUGE_L:
            return rouge_l(output, truth)
        if not metric.needs_encoder:
            return bleu(output, truth, metric.value)
        return cosine(output, truth, self._encoder(metric))

    def check(self, metric: Metric) -> None:
        """BadInput if answers cannot be held against the truth in this way."""
        if metric.needs_encoder:
            self._encoder(metric)
        elif metric.task is Task.GENERATION:
            check(metric.value)

    def _encoder(self, metric: Metric) -> Encoder:
        if self.encoder is None:
            raise BadInput(
                f"The metric {metric.value!r} compares sentences and needs an encoder.",
                hint="Install the sentence encoder, or leave these questions out.",
            )
        return self.encoder
