"""What a gateway tells once everything has happened, and what expressions ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from counted import hear_of_everything
from prometheus_client.parser import text_string_to_metric_families

from service.telemetry.metrics import Metrics

ASKED: Final = re.compile(r"\b(listwright_\w+)(?:\{([^}]*)\})?")
LABEL: Final = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")


def labels_told() -> dict[str, set[str]]:
    """By the name of a sample; Prometheus adds where it was asked."""
    metrics = Metrics()
    hear_of_everything(metrics)
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            labels.setdefault(sample.name, {"instance", "job"}).update(sample.labels)
    return labels


def asked_by(expr: str) -> Iterator[tuple[str, set[str]]]:
    """Metrics, with the labels that they are picked by."""
    for metric, where in ASKED.findall(expr):
        yield metric, set(LABEL.findall(where))
