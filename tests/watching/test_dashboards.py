"""Dashboards: as the code makes them, each panel complete, nothing asked that is not counted."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml
from ground import REPOSITORY
from panels_read import DASHBOARDS, GRAFANA, METRIC, chosen, panels, queries
from told import asked_by, labels_told

WIDTH = 24
PROSE = re.compile(r"^\S.{20,}[.?]$", re.DOTALL)

every_dashboard = pytest.mark.parametrize("dashboard", DASHBOARDS.values(), ids=DASHBOARDS)


def made(grafana: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "boards", *arguments],
        cwd=grafana,
        capture_output=True,
        text=True,
        check=False,
    )


def test_files_are_what_the_code_makes() -> None:
    done = made(GRAFANA, "--check")
    assert done.returncode == 0, done.stderr


def test_a_file_that_is_edited_missing_or_one_too_many_is_told(tmp_path: Path) -> None:
    grafana = copytree(GRAFANA, tmp_path / "grafana", ignore=lambda *_: ["__pycache__"])
    folder = grafana / "dashboards"
    (folder / "quality.json").write_text("{}", "utf-8")
    (folder / "engines.json").unlink()
    (folder / "other.json").write_text("{}", "utf-8")
    done = made(grafana, "--check")
    assert done.returncode == 1
    assert re.findall(r"dashboards/(\w+).json", done.stderr) == ["quality", "engines", "other"]


def test_there_are_four_that_know_one_another() -> None:
    assert DASHBOARDS.keys() == {"overview", "quality", "engines", "experiments"}
    assert len({board["uid"] for board in DASHBOARDS.values()}) == len(DASHBOARDS)
    for board in DASHBOARDS.values():
        (link,) = board["links"]
        assert set(link["tags"]) <= set(board["tags"])


@every_dashboard
def test_panels_have_numbers_and_titles_of_their_own(dashboard: dict[str, Any]) -> None:
    for field in ("id", "title"):
        doubled = Counter(panel[field] for panel in dashboard["panels"])
        assert max(doubled.values()) == 1, doubled.most_common(1)


@every_dashboard
def test_panels_stand_side_by_side(dashboard: dict[str, Any]) -> None:
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    assert all(place["x"] + place["w"] <= WIDTH for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


@every_dashboard
def test_each_panel_is_complete(dashboard: dict[str, Any]) -> None:
    for panel in panels(dashboard):
        assert PROSE.match(panel["description"]), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        letters = [target["refId"] for target in panel["targets"]]
        assert letters
        assert len(set(letters)) == len(letters)
        for asks in (panel, *panel["targets"]):
            assert asks["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@every_dashboard
def test_what_is_chosen_is_asked_by_and_the_other_way_round(dashboard: dict[str, Any]) -> None:
    exprs = [target["expr"] for panel in panels(dashboard) for target in panel["targets"]]
    used = {name for expr in exprs for name in re.findall(r'=~"\$(\w+)"', expr)}
    assert used == set(chosen(dashboard))


def test_what_is_asked_is_counted_and_has_the_labels_it_is_asked_by() -> None:
    labels = labels_told()
    for query in queries():
        for metric, asked in asked_by(query.expr):
            assert asked <= labels[metric], query
    for board in DASHBOARDS.values():
        for metric, label in chosen(board).values():
            assert label in labels[metric]


def test_nothing_that_is_counted_is_shown_nowhere() -> None:
    page = (REPOSITORY / "docs" / "watching.md").read_text("utf-8")
    counted = set(re.findall(r"^\| `(listwright_\w+)` \|", page, re.MULTILINE))
    asked = {name for query in queries() for name in METRIC.findall(query.expr)}
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    # It says no more than a version; whether that is the one that was published is shown.
    assert counted - shown == {"listwright_ranker_info"}


def test_what_is_provisioned_is_there() -> None:
    compose = yaml.safe_load((REPOSITORY / "deploy" / "compose.yaml").read_text("utf-8"))
    mounted = {
        each["target"]: each["source"]
        for each in compose["services"]["grafana"]["volumes"]
        if each["type"] == "bind"
    }
    provisioning = GRAFANA / "provisioning"
    dashboards = yaml.safe_load((provisioning / "dashboards" / "listwright.yml").read_text("utf-8"))
    (provider,) = dashboards["providers"]
    assert mounted[provider["options"]["path"]] == "./grafana/dashboards"
    assert mounted["/etc/grafana/provisioning"] == "./grafana/provisioning"
    sources = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text("utf-8"))
    (source,) = sources["datasources"]
    assert source["url"] == "http://prometheus:9090"
    asks = yaml.safe_load((GRAFANA.parent / "prometheus" / "prometheus.yml").read_text("utf-8"))
    assert source["jsonData"]["timeInterval"] == asks["global"]["scrape_interval"]
