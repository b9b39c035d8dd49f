"""What the autoscaler is told of a pod, as Prometheus computes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from ground import REPOSITORY
from real_prometheus import promtool
from toyshop import SpellingEngine

from service.domain import DEFAULT_VARIANT, Variant
from service.wiring_variants import Served, engines

ADAPTER = REPOSITORY / "deploy" / "kubernetes" / "prometheus-adapter.yaml"
WAITING = "listwright_upstream_waiting"
PICKED = 'namespace="listwright",pod=~"a|b"'


def rule() -> dict[str, Any]:
    (found,) = yaml.safe_load(ADAPTER.read_text("utf-8"))["rules"]["custom"]
    return found  # type: ignore[no-any-return]


def asked() -> str:
    """What the adapter makes of its template where it is asked about two pods."""
    query: str = rule()["metricsQuery"]
    for name, value in {"Series": WAITING, "LabelMatchers": PICKED, "GroupBy": "pod"}.items():
        query = query.replace(f"<<.{name}>>", value)
    return query


def waiting(pod: str, upstream: str, count: int) -> dict[str, str]:
    labels = f'namespace="listwright", pod="{pod}", upstream="{upstream}"'
    return {"series": f"{WAITING}{{{labels}}}", "values": f"{count}x5"}


def test_it_is_what_waits_for_the_engine_alone(tmp_path: Path) -> None:
    variant = Variant()
    (engine,) = engines({DEFAULT_VARIANT: Served(variant, SpellingEngine())})
    series = [waiting("a", engine, 3), waiting("a", "sidecar", 40), waiting("b", engine, 0)]
    told = [{"labels": f'{{pod="{pod}"}}', "value": value} for pod, value in (("a", 3), ("b", 0))]
    tests = [
        {
            "interval": "1m",
            "input_series": series,
            "promql_expr_test": [
                {"expr": asked(), "eval_time": "3m", "exp_samples": told},
                {
                    "expr": f"count({rule()['seriesQuery']})",
                    "eval_time": "3m",
                    "exp_samples": [{"labels": "{}", "value": 2}],
                },
            ],
        }
    ]
    (tmp_path / "test.yml").write_text(json.dumps({"tests": tests}), "utf-8")
    done = promtool("test", "rules", "test.yml", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
