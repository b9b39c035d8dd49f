"""What models wanted, as Prometheus sees it."""

from __future__ import annotations

from service.ports import Decoding
from service.steering.wanted import Wanted
from service.telemetry.metrics import Metrics


def choices(metrics: Metrics) -> dict[str, float]:
    lines = metrics.exposition().decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if line.startswith("listwright_choices_total{"))
    return {name: float(value) for name, _, value in pairs}


def test_choices_are_counted_by_model_and_by_what_was_wanted() -> None:
    metrics = Metrics()
    metrics.decoded(Decoding((), 9, 4, wanted={Wanted.AGREED: 3, Wanted.REPEAT: 1}), "one")
    metrics.decoded(Decoding((), 9, 4, wanted={Wanted.AGREED: 2}), "one")
    metrics.decoded(Decoding((), 9, 4), "another")
    counted = {"agreed": 5, "repeat": 1, "nonexistent": 0, "in_history": 0, "control": 0, "form": 0}
    assert choices(metrics) == {
        f'listwright_choices_total{{model="one",wanted="{what}"}}': count
        for what, count in counted.items()
    }
