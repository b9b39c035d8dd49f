"""Rules and scrape config as promtool reads them; each alert is tried out, and explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from blunted import SHARP, blunted, written
from ground import REPOSITORY
from real_prometheus import promtool
from told import asked_by, labels_told

FOLDER = REPOSITORY / "deploy" / "prometheus"
KEY = "/run/secrets/metrics_key"


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))


def alerts() -> dict[str, dict[str, Any]]:
    rules = [rule for group in read("alerts.yml")["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule for rule in rules if "alert" in rule}


def tried() -> list[tuple[str, bool]]:
    """Which alerts are tried out, and whether they are to fire."""
    return [
        (once["alertname"], bool(once["exp_alerts"]))
        for test in read("alerts_test.yml")["tests"]
        for once in test["alert_rule_test"]
    ]


def test_what_rules_ask_is_told_with_the_labels_they_ask_by() -> None:
    """Their own tests would not notice: there a series is whatever the test calls it."""
    labels = labels_told()
    for group in read("alerts.yml")["groups"]:
        for rule in group["rules"]:
            for metric, asked in asked_by(rule["expr"]):
                assert asked <= labels[metric], rule


def test_prometheus_takes_the_config_and_the_rules_it_names(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("lw_key", "utf-8")
    config = (FOLDER / "prometheus.yml").read_text("utf-8")
    assert KEY in config
    (tmp_path / "prometheus.yml").write_text(config.replace(KEY, str(tmp_path / "key")), "utf-8")
    (tmp_path / "alerts.yml").write_bytes((FOLDER / "alerts.yml").read_bytes())
    done = promtool("check", "config", "--lint-fatal", "prometheus.yml", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_fires_when_it_should_and_is_silent_otherwise() -> None:
    done = promtool("test", "rules", "alerts_test.yml", folder=FOLDER)
    assert done.returncode == 0, done.stdout + done.stderr


def test_whatever_rule_is_blunted_is_noticed(tmp_path: Path) -> None:
    """The tests of the rules could not fail otherwise."""
    rules, tests = read("alerts.yml"), read("alerts_test.yml")
    each = [one for name, alert in alerts().items() for one in blunted(name, alert["expr"])]
    files = [written(one, rules, tests, tmp_path) for one in each]
    done = promtool("test", "rules", *files, folder=tmp_path)
    passed = re.findall(r"Unit Testing:  (.+)\n  SUCCESS", done.stdout)
    assert passed == [one.file for one in each if one.how == SHARP]
    assert len(passed) == len(alerts())
    # None of them for being no rule at all.
    assert done.stderr.count("  FAILED:\n    alertname: ") == len(each) - len(passed)


@pytest.mark.parametrize("name", alerts())
def test_each_alert_is_tried_both_ways(name: str) -> None:
    assert {fires for alert, fires in tried() if alert == name} == {True, False}


@pytest.mark.parametrize("name", alerts())
def test_each_alert_says_how_bad_it_is_what_it_means_and_where_to_read_on(name: str) -> None:
    alert = alerts()[name]
    assert alert["labels"].keys() == {"severity"}
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"].keys() == {"summary", "description", "runbook"}
    page, _, heading = alert["annotations"]["runbook"].partition("#")
    text = (REPOSITORY / page).read_text("utf-8")
    assert heading in {each.lower() for each in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert re.search(rf"^\| `{name}` \| {alert['labels']['severity']} \|", text, re.MULTILINE)


def test_no_page_explains_an_alert_that_is_not() -> None:
    text = (REPOSITORY / "docs" / "watching.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(Listwright\w+)` \|", text, re.MULTILINE)) == alerts().keys()


def test_gateways_are_asked_by_the_name_and_port_that_compose_gives_them() -> None:
    compose = yaml.safe_load((REPOSITORY / "deploy" / "compose.yaml").read_text("utf-8"))
    jobs = read("prometheus.yml")["scrape_configs"]
    asked = {job["job_name"]: job.get("dns_sd_configs", ()) for job in jobs}
    for sources in asked.values():
        for source in sources:
            assert set(source["names"]) <= compose["services"].keys()
    (gateways,) = asked["listwright"]
    assert gateways["port"] == compose["services"]["gateway"]["ports"][0]["target"]
    assert "metrics_key" in compose["services"]["prometheus"]["secrets"]
