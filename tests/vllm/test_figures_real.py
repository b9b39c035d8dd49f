"""What the engines dashboard asks of vLLM is what a real one tells, by the same labels."""

from __future__ import annotations

import json
import re
import urllib.request

from ground import REPOSITORY
from prometheus_client.parser import text_string_to_metric_families

from loadtest.real_vllm import Vllm


def test_a_real_vllm_tells_all_that_is_asked_of_it(server: Vllm) -> None:
    text = (REPOSITORY / "deploy" / "grafana" / "dashboards" / "engines.json").read_text("utf-8")
    exprs = [
        target["expr"]
        for panel in json.loads(text)["panels"]
        for target in panel.get("targets", ())
        if "vllm:" in target["expr"]
    ]
    assert exprs
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=60) as answer:  # noqa: S310
        families = text_string_to_metric_families(answer.read().decode())
    told = {sample.name: sample.labels for family in families for sample in family.samples}
    asked = {name for expr in exprs for name in re.findall(r"vllm:\w+", expr)}
    assert asked - told.keys() == set()
    assert all("model_name" in told[name] for name in asked)
