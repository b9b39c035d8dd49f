"""General ability by lm-evaluation-harness, on a task of the test's own: no hub, no network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from models.evaluate.__main__ import app
from models.evaluate.bootstrap import Estimate
from models.evaluate.general.asking import Ability

TASK = """
task: colours
dataset_path: json
dataset_kwargs: {data_files: {test: colours.jsonl}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{question}}"
doc_to_choice: "{{choices}}"
doc_to_target: answer
num_fewshot: 0
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
"""


GROUP = """
group: all_colours
task: [colours, spoken]
aggregate_metric_list:
  - {metric: acc, weight_by_size: true}
  - {metric: exact_match, weight_by_size: true}
"""

SPOKEN = """
task: spoken
dataset_path: json
dataset_kwargs: {data_files: {test: spoken.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
num_fewshot: 0
generation_kwargs: {max_gen_toks: 2, until: ["."], do_sample: false}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""

LEFT_OVER = """
task: left_over
dataset_path: json
dataset_kwargs: {data_files: {test: colours.jsonl}}
test_split: test
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{question}}"
metric_list: [{metric: word_perplexity, aggregation: weighted_perplexity, higher_is_better: false}]
"""


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """A folder with a task of three questions, of which the longest answer is never right."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    (folder / "colours.yaml").write_text(TASK, "utf-8")
    long = "a colour that nobody has ever seen, neither here nor anywhere else"
    lines = [
        {"question": f"Which is colour {n}?", "choices": ["red", long], "answer": 0}
        for n in range(3)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "colours.jsonl").write_text(text, "utf-8")
    return folder


def run(*options: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["general", *map(str, options)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    return done.exit_code, " ".join(done.output.split())


def figures(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def test_a_task_of_ones_own(tiny: Path, tasks: Path, tmp_path: Path) -> None:
    to = tmp_path / "a.json"
    common = ("--model", tiny, "--tasks", "colours", "--include-path", tasks)
    code, said = run(*common, "--json", to)
    assert code == 0, said
    found = figures(to)["colours"]
    assert found["questions"] == 3
    # Of random weights a short answer is likelier than a long one.
    assert found["metrics"]["acc"]["value"] == 1
    code, said = run(*common, "--limit", "2", "--json", to)
    assert (code, figures(to)["colours"]["questions"]) == (0, 2), said


def test_errors_to_either_side_and_which_way_is_better(
    tiny: Path, tasks: Path, tmp_path: Path
) -> None:
    for name, text in (("all", GROUP), ("spoken", SPOKEN), ("left", LEFT_OVER)):
        (tasks / f"{name}.yaml").write_text(text, "utf-8")
    lines = (tasks / "colours.jsonl").read_text("utf-8").splitlines()
    one = json.loads(lines[0])
    # Of this one the long answer is right, which is never the likelier one.
    lines.append(json.dumps(one | {"answer": 1}))
    (tasks / "colours.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    spoken = [{"question": one["question"], "answer": "nothing a model says"}] * 2
    (tasks / "spoken.jsonl").write_text("\n".join(map(json.dumps, spoken)) + "\n", "utf-8")
    to = tmp_path / "a.json"
    common = ("--model", tiny, "--include-path", tasks, "--json", to)
    code, said = run(*common, "--tasks", "colours,all_colours")
    assert (code, "part of both 'colours' and 'all_colours'" in said) == (1, True), said
    code, said = run(*common, "--tasks", "all_colours,left_over")
    assert code == 0, said
    found = figures(to)
    whole = found["all_colours"]
    assert whole["questions"] == 6
    right = whole["metrics"]["acc"]
    assert right["value"] == 0.75
    assert right["low"] < 0.75 < right["high"]
    assert "0.750 (0.26 to 1.24)" in said
    # Of two answers none is right: there is no error to tell.
    assert whole["metrics"]["exact_match"] == {"value": 0, "low": 0, "high": 0}
    assert "exact_match │ 0.000 │" in said
    assert whole["better"] == {"acc": 1, "exact_match": 1}
    assert found["left_over"]["better"] == {"word_perplexity": -1}


def test_questions_that_are_not_at_hand(tiny: Path, tasks: Path, tmp_path: Path) -> None:
    (tasks / "colours.jsonl").unlink()
    common = ("--model", tiny, "--include-path", tasks)
    code, said = run(*common, "--tasks", "colours")
    assert code == 1
    assert "The task 'colours' or its questions cannot be had" in said
    assert "Put a YAML file" in said
    code, said = run(*common, "--tasks", " , ")
    assert (code, "No task is named" in said) == (1, True)
    code, said = run("--model", tiny, "--tasks", "colours", "--include-path", tmp_path / "none")
    assert (code, "is no folder" in said) == (1, True)


def test_the_metric_that_stands_for_a_task() -> None:
    half = Estimate(0.5, 0.4, 0.6)
    named = ("exact_match (flexible-extract)", "exact_match (strict-match)")
    assert Ability(3, dict.fromkeys(named, half)).first == (named[1], half)
    assert Ability(3, {"acc_norm": half, "acc": half}).first == ("acc", half)
    assert Ability(3, {}).first is None
