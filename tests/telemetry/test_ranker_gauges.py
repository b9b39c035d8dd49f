"""How the ranker stands, as Prometheus reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import ringroad

from service.ports import Catalogue
from service.retrieval.ranker_watch import EVERY_S, RankerWatch
from service.telemetry.metrics import Metrics


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def told(metrics: Metrics) -> list[str]:
    lines = metrics.exposition().decode().splitlines()
    return [line for line in lines if line.startswith("listwright_ranker")]


def test_nothing_is_told_of_a_ranker_that_is_switched_off() -> None:
    assert told(Metrics()) == []


def test_each_reading_tells_how_it_stands_by_then(tmp_path: Path) -> None:
    clock, metrics = Clock(), Metrics()
    rack = cast("Catalogue", ringroad.Rack(ringroad.IDS))
    watched = RankerWatch(tmp_path, rack, clock)
    metrics.follow(watched)

    def later() -> list[str]:
        clock.now += EVERY_S
        metrics.exposition()
        watched.settled()
        return told(metrics)

    assert later() == ["listwright_ranker_trouble 0.0"]
    first = ringroad.publish(tmp_path, 1)
    in_use = f'listwright_ranker_info{{version="{first.name}"}} 1.0'
    assert later() == [in_use, "listwright_ranker_trouble 0.0"]
    (ringroad.publish(tmp_path, 2) / "ids.json").write_text("[]", "utf-8")
    assert later() == [in_use, "listwright_ranker_trouble 1.0"]
    third = ringroad.publish(tmp_path, 3)
    assert later() == [
        f'listwright_ranker_info{{version="{third.name}"}} 1.0',
        "listwright_ranker_trouble 0.0",
    ]
