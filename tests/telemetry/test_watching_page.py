"""docs/watching.md and what is shown: each metric on both sides, with the same labels."""

from __future__ import annotations

import re

from counted import hear_of_everything
from ground import REPOSITORY
from prometheus_client.parser import text_string_to_metric_families

from service.domain import FeedbackKind
from service.engines.remote.outcome import Outcome
from service.ports import Looked
from service.steering.wanted import Wanted
from service.telemetry.metrics import Metrics
from service.telemetry.request_counts import SHED
from service.telemetry.road_counts import CACHES
from service.telemetry.supplement_counts import OUTCOMES

PAGE = (REPOSITORY / "docs" / "watching.md").read_text("utf-8")
ROW = re.compile(r"^\| `(listwright_\w+)` \| (\w+) \|([^|]*)\| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+)`")


def documented() -> dict[str, tuple[str, set[str]]]:
    return {name: (kind, {*NAMED.findall(labels)}) for name, kind, labels, _ in ROW.findall(PAGE)}


def shown() -> dict[str, tuple[str, set[str]]]:
    """What is shown once everything has happened: a metric that nothing feeds has no labels."""
    metrics = Metrics()
    hear_of_everything(metrics)
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        family.name + "_total" * (family.type == "counter"): (
            family.type,
            {name for sample in family.samples for name in sample.labels} - {"le"},
        )
        for family in families
        if not family.name.startswith("process_")
    }


def test_every_metric_is_documented_with_its_labels_and_every_documented_one_exists() -> None:
    assert documented() == shown()


def test_every_metric_has_one_row() -> None:
    names = [name for name, *_ in ROW.findall(PAGE)]
    assert len(names) == len(set(names)) > 0
    assert len(names) == len(re.findall(r"^\| `listwright_", PAGE, re.MULTILINE))


def test_reasons_to_shed_are_named() -> None:
    assert set(SHED) <= {*re.findall(r"^\| `(\w+)` \| ", PAGE, re.MULTILINE)}


def test_words_that_labels_take_are_named() -> None:
    """Those that parts of other packages fix: the page names each of them."""
    for metric, words in {
        "listwright_upstream_calls_total": [outcome.value for outcome in Outcome],
        "listwright_choices_total": [wanted.value for wanted in Wanted],
        "listwright_cache_total": [*CACHES, *(outcome.value for outcome in Looked)],
        "listwright_supplements_total": OUTCOMES,
        "listwright_feedback_total": [kind.value for kind in FeedbackKind],
    }.items():
        line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{metric}`"))
        assert set(words) <= {*NAMED.findall(line)}, metric
