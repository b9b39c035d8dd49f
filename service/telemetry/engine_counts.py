"""What models were asked and said, for Prometheus: tokens, passes and seconds by model."""

from __future__ import annotations

from collections.abc import Mapping

from service.ports import Decoding, Weighed, Written
from service.steering.wanted import Wanted
from service.telemetry.instruments import Instruments


class EngineCounts:
    """Counts what came of asking models. A model's name comes from settings, or its server."""

    def __init__(self, make: Instruments) -> None:
        self._tokens = make.counter(
            "listwright_engine_tokens",
            "Tokens that models spelled, forced ones among them",
            "model",
        )
        self._forced = make.counter(
            "listwright_engine_forced_tokens",
            "Tokens of titles and lines that left the model no choice",
            "model",
        )
        self._choices = make.counter(
            "listwright_choices",
            "Choices between tokens, by what would have come of the one that the model likes best",
            *("model", "wanted"),
        )
        self._prompts = make.counter(
            "listwright_engine_prompt_tokens", "Tokens of prompts, where they are known", "model"
        )
        self._passes = make.counter("listwright_engine_passes", "Forward passes it took", "model")
        self._forwarded = make.counter(
            "listwright_engine_forward_tokens",
            "Tokens that went through the embedded model, those of prompts among them",
            "model",
        )
        self._seconds = make.histogram(
            "listwright_engine_seconds",
            "Time a model was at work on a list, a text or candidates, without waiting before",
            *("work", "model"),
        )
        self._to_first = make.histogram(
            "listwright_engine_first_token_seconds",
            "Of that, the time up to its first choice",
            *("work", "model"),
        )

    def decoded(self, decoding: Decoding | Written | Weighed, model: str) -> None:
        """A model decoded a list or a text, or weighed candidates."""
        self._tokens.labels(model).inc(decoding.tokens)
        self._passes.labels(model).inc(decoding.passes)
        self._prompts.labels(model).inc(decoding.prompt or 0)
        self._forwarded.labels(model).inc(decoding.forwarded or 0)
        work = _work(decoding)
        self._seconds.labels(work, model).observe(decoding.seconds)
        if isinstance(decoding, Decoding):
            self._forced.labels(model).inc(decoding.forced)
            self._chose(decoding.wanted, model)
        if not isinstance(decoding, Weighed) and decoding.seconds_to_first is not None:
            self._to_first.labels(work, model).observe(decoding.seconds_to_first)

    def _chose(self, counts: Mapping[Wanted, int], model: str) -> None:
        """Nothing of a list that was not watched; what did not come up is shown as 0 otherwise."""
        for what in Wanted if counts else ():
            self._choices.labels(model, what.value).inc(counts.get(what, 0))


def _work(decoding: Decoding | Written | Weighed) -> str:
    if isinstance(decoding, Weighed):
        return "weigh"
    return "spell" if isinstance(decoding, Decoding) else "write"
