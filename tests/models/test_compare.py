"""`python -m models.evaluate compare`, as it is run: tiny models, invented data, every road."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from models_tiny import tiny_checkpoint
from moviegoers import movielens
from typer.testing import CliRunner

from models.evaluate.__main__ import app
from models.evaluate.compare.opening import Opener
from models.llm.adapters import Lora, save_adapter, with_lora
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from service.retrieval.ranker_facts import WEIGHTS_FILE

FEW = ("--set", 'tasks=["sequential"]')
ROADS = ("free", "constrained", "with prior")
LINES = (
    {"question": "Which is red? 0. rust 1. sky", "truth": "0", "metric": "accuracy",
     "options": ["rust", "sky"], "type": "multiple_choice"},
    {"question": "Say a colour.", "truth": "red", "metric": "rougel", "type": "generation"},
)  # fmt: skip


TASK = """
task: colours
dataset_path: json
dataset_kwargs: {data_files: {test: colours.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: red
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    """Another model of the same shape."""
    return tiny_checkpoint(tmp_path_factory.mktemp("other") / "tiny-other", cache_dir, seed=1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Data, and where catalogues and rankers are kept between these tests."""
    return movielens(tmp_path_factory.mktemp("data") / "films"), tmp_path_factory.mktemp("work")


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, cache_dir: Path) -> None:
    monkeypatch.setenv("LISTWRIGHT_CACHE", str(cache_dir))
    monkeypatch.setenv("LISTWRIGHT_ENGINE__THREADS", "1")


def run(*options: str | Path) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, options)])


def refused(*options: str | Path) -> str:
    done = run(*options)
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    return " ".join(done.output.split())


def figures(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def by_title(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["title"]: column for column in found["columns"]}


def questions(folder: Path) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES), "utf-8")
    return path


def test_two_models_by_every_road(
    tiny: Path, other: Path, world: tuple[Path, Path], tmp_path: Path
) -> None:
    data, work = world
    common = (
        *("--model", f"one={tiny}", "--model", f"two={other}"),
        *("--data", data, "--work", work, "--users", "1", "--k", "2"),
        *("--questions", questions(tmp_path)),
    )
    done = run(*common, "--json", tmp_path / "a.json", "--markdown", tmp_path / "a.md")
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "a.json")
    columns = by_title(found)
    rows = {f"{name}, {road}" for name in ("one", "two") for road in ROADS}
    assert set(columns["HR@2"]["rows"]) == {"SASRec", *rows}
    assert {column["group"] for column in columns.values()} == {
        "recommendation", "obedience", "formatting", "questions", "cost",
    }  # fmt: skip
    for title in ("TCP include", "TCP exclude", "CPA <=", "CPA >=", "CPA ~"):
        cells = columns[title]["rows"]
        for row in rows | {"SASRec filtered"}:
            # What is steered obeys; random weights left to themselves do not.
            assert (cells[row]["value"] == 1) == ("free" not in row), (title, row)
    form = columns["CorrectCount"]
    assert form["better"] == "more"
    assert form["rows"]["one, constrained"]["value"] == 1
    nonexist = columns["NonExist"]
    assert (nonexist["better"], nonexist["rows"]["two, with prior"]["value"]) == ("less", 0)
    assert set(columns["multiple choice"]["rows"]) == rows
    assert set(columns["overall"]["rows"]) == rows
    # Left to themselves random weights write blanks without end, which is no text: told so.
    steered = {row for row in rows if "free" not in row}
    assert set(columns["tokens/s decoded"]["rows"]) >= steered
    assert found["failures"]
    assert all("token limit" in why for why in found["failures"])
    assert all(why.split(":")[0] in rows - steered for why in found["failures"])
    weights = columns["MB of weights"]["rows"]
    assert weights["one, free"]["value"] == (tiny / "model.safetensors").stat().st_size
    assert columns["context"]["rows"]["two, free"]["value"] == 2048
    assert all(model["failure"] is None for model in found["models"].values())
    text = (tmp_path / "a.md").read_text("utf-8")
    assert text.startswith("**Models compared**")
    assert "| model | HR@2 |" in text
    assert "not told from it" in text


def test_what_was_measured_to_the_end_is_not_opened_again(
    tiny: Path, world: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, work = world
    common = (
        *("--model", f"one={tiny}", "--rows", "constrained", "--keep", tmp_path / "keep"),
        *("--data", data, "--work", work, "--users", "1", "--k", "2"),
        *("--questions", questions(tmp_path), *FEW),
    )
    done = run(*common, "--json", tmp_path / "a.json")
    assert done.exit_code == 0, done.output
    columns = by_title(figures(tmp_path / "a.json"))
    assert "HR@2" in columns
    assert not any(title.startswith(("TCP", "CPA")) for title in columns)
    answers = tmp_path / "keep" / "answers.jsonl"
    cut_short = answers.read_text("utf-8").replace('"degraded": false', '"degraded": true')
    answers.write_text(cut_short, "utf-8")
    kept = {path.name: path.read_bytes() for path in (tmp_path / "keep").iterdir()}
    assert set(kept) == {"lists.jsonl", "answers.jsonl", "models.jsonl", "speeds.jsonl"}

    def opened(*_: object) -> None:
        raise AssertionError("it was opened")

    monkeypatch.setattr(Opener, "opened", opened)
    again = run(*common, "--json", tmp_path / "b.json")
    assert again.exit_code == 0, again.output
    assert figures(tmp_path / "b.json") == figures(tmp_path / "a.json")
    assert kept == {path.name: path.read_bytes() for path in (tmp_path / "keep").iterdir()}
    assert "it was opened" in run(*common, "--k", "3").output


def with_another_token(source: Path, folder: Path) -> Path:
    """The same model under a tokenizer of another digest."""
    shutil.copytree(source, folder)
    tokenizer = folder / "tokenizer.json"
    fields = json.loads(tokenizer.read_text("utf-8"))
    name = fields["model"]["vocab"]
    first = dict(fields["added_tokens"][0])
    spare = next(text for text, number in name.items() if number == 49000)
    fields["added_tokens"].append(first | {"id": 49000, "content": spare, "special": False})
    tokenizer.write_text(json.dumps(fields, ensure_ascii=False), "utf-8")
    (folder / "manifest.json").unlink()
    return folder


def test_another_tokenizer_has_its_own_catalogue_and_the_same_sasrec(
    tiny: Path, world: tuple[Path, Path], tmp_path: Path
) -> None:
    strange = with_another_token(tiny, tmp_path / "strange")
    data, work = world
    done = run(
        *("--model", f"one={tiny}", "--model", f"strange={strange}", "--rows", "constrained"),
        *FEW,
        *("--data", data, "--work", work, "--users", "1", "--k", "2"),
        *("--json", tmp_path / "a.json"),
    )
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "a.json")
    assert not found["failures"]
    rows = by_title(found)["CorrectCount"]["rows"]
    assert rows["one, constrained"]["value"] == rows["strange, constrained"]["value"] == 1
    rankers = list(work.glob("*/ranker"))
    assert len(rankers) == 2
    weights = {
        (root / (root / "CURRENT").read_text("ascii").strip() / WEIGHTS_FILE).read_bytes()
        for root in rankers
    }
    assert len(weights) == 1


def test_a_model_that_fails_says_so_and_the_others_are_measured(
    tiny: Path, world: tuple[Path, Path], tmp_path: Path
) -> None:
    data, work = world
    broken = tmp_path / "broken"
    shutil.copytree(tiny, broken)
    (broken / "manifest.json").unlink()
    (broken / "model.safetensors").write_bytes(b"none")
    done = run(
        *("--model", f"bad={broken}", "--model", f"good={tiny}", "--rows", "constrained"),
        *FEW,
        *("--data", data, "--work", work, "--users", "1", "--k", "2"),
        *("--json", tmp_path / "a.json"),
    )
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "a.json")
    assert "cannot be loaded" in found["models"]["bad"]["failure"]
    assert set(by_title(found)["HR@2"]["rows"]) == {"SASRec", "good, constrained"}
    said = refused("--model", f"bad={broken}", "--questions", questions(tmp_path))
    assert "No model could be measured" in said


@pytest.fixture
def adapter(tiny: Path, tmp_path: Path) -> Path:
    """An adapter of the tiny model, which says that it stands on one that is gone."""
    parent, folder = checkpoint_in(tiny), tmp_path / "adapter"
    save_adapter(with_lora(load_model(parent), Lora(rank=2)), parent, folder)
    config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    config["base_model_name_or_path"] = str(tmp_path / "gone")
    (folder / "adapter_config.json").write_text(json.dumps(config), "utf-8")
    return folder


def one_question(folder: Path) -> Path:
    path = folder / "question.jsonl"
    path.write_text(json.dumps(LINES[0]) + "\n", "utf-8")
    return path


def test_an_adapter_and_a_file_that_names_it(tiny: Path, adapter: Path, tmp_path: Path) -> None:
    config = tmp_path / "compare.toml"
    config.write_text(f'rows = ["constrained"]\n[models]\ntuned = "{adapter}"\n', "utf-8")
    done = run(
        *("--config", config, "--base", f"tuned={tiny}", "--model", f"base={tiny}"),
        *("--questions", one_question(tmp_path), "--json", tmp_path / "a.json"),
    )
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "a.json")
    assert list(found["models"]) == ["tuned", "base"]
    weights = by_title(found)["MB of weights"]
    added = (adapter / "adapter_model.safetensors").stat().st_size
    tuned, alone = (weights["rows"][f"{name}, constrained"]["value"] for name in ("tuned", "base"))
    assert tuned == alone + added
    assert weights["best"] == "base, constrained"


class TestBadInput:
    def test_no_models(self, tmp_path: Path) -> None:
        assert "There is no model to compare" in refused("--questions", questions(tmp_path))

    def test_nothing_to_ask(self) -> None:
        assert "There is nothing to ask" in refused("--model", "a=embedded")

    def test_two_of_one_name(self, tmp_path: Path) -> None:
        said = refused("--model", "a=embedded", "--model", f"a={tmp_path}")
        assert "two are called 'a'" in said

    def test_a_name_that_the_file_gave_already(self, tiny: Path, tmp_path: Path) -> None:
        config = tmp_path / "compare.toml"
        config.write_text(f'[models]\ntuned = "{tiny}"\n', "utf-8")
        said = refused("--config", config, "--model", f"tuned={tiny}")
        assert "both name a model 'tuned'" in said

    def test_an_adapter_whose_model_is_gone(self, tmp_path: Path) -> None:
        fields = {"base_model_name_or_path": str(tmp_path / "gone")}
        (tmp_path / "adapter_config.json").write_text(json.dumps(fields), "utf-8")
        (tmp_path / "adapter_model.safetensors").touch()
        said = refused("--model", f"a={tmp_path}", "--questions", questions(tmp_path))
        assert "the model that it stands on is not at" in said

    def test_a_task_that_the_table_has_no_column_for(self, tiny: Path) -> None:
        said = refused("--model", f"a={tiny}", "--set", 'tasks=["wish"]')
        assert "wish has no column here" in said

    @pytest.mark.parametrize("where", ["nowhere", "vllm+ftp://host", "vllm:nowhere", "embeded"])
    def test_a_where_that_is_nothing(self, tmp_path: Path, where: str) -> None:
        said = refused("--model", f"a={where}", "--questions", questions(tmp_path))
        assert "which is no folder" in said
        assert "A model is a folder" in said

    def test_a_name_that_is_none(self, tmp_path: Path) -> None:
        asked = ("--questions", questions(tmp_path))
        assert "takes NAME=VALUE" in refused("--model", "embedded", *asked)
        assert "takes NAME=VALUE" in refused("--model", "a b=embedded", *asked)

    def test_a_folder_without_a_model(self, tmp_path: Path) -> None:
        said = refused("--model", f"a={tmp_path}", "--questions", questions(tmp_path))
        assert "holds no model" in said

    @pytest.mark.parametrize("protocol", ["vllm", "openai"])
    def test_an_endpoint_that_is_not_there(self, tmp_path: Path, protocol: str) -> None:
        where = f"a={protocol}+http://127.0.0.1:9"
        said = refused("--model", where, "--questions", questions(tmp_path))
        assert "The model 'a' cannot be asked" in said

    def test_a_secret_in_an_address_is_refused_and_not_repeated(self, tmp_path: Path) -> None:
        where = "a=vllm+http://me:hidden@127.0.0.1:9"
        said = refused("--model", where, "--questions", questions(tmp_path))
        assert "API_KEY_" in said
        assert "hidden" not in said

    def test_vllm_without_its_python_and_for_an_adapter(self, tiny: Path, tmp_path: Path) -> None:
        asked = ("--questions", questions(tmp_path), "--vllm-python", tmp_path / "python")
        assert "no Python with vLLM" in refused("--model", f"a=vllm:{tiny}", *asked)
        (tmp_path / "python").touch()
        (tmp_path / "adapter_config.json").write_text("{}", "utf-8")
        assert "Merge it first" in refused("--model", f"a=vllm:{tmp_path}", *asked)

    def test_a_base_of_no_model(self, tiny: Path) -> None:
        said = refused("--model", f"a={tiny}", "--base", f"b={tiny}")
        assert "speaks of 'b'" in said

    def test_options_that_nothing_is_made_of(self, tiny: Path, tmp_path: Path) -> None:
        asked = ("--questions", questions(tmp_path))
        for where in ("embedded", f"vllm:{tiny}", "openai+http://127.0.0.1:9"):
            said = refused("--model", f"a={where}", "--base", f"a={tiny}", *asked)
            assert "--base says what an adapter" in said
        for where in ("embedded", f"vllm:{tiny}", str(tiny)):
            said = refused("--model", f"a={where}", "--tokenizer", f"a={tiny}", *asked)
            assert "--tokenizer is for an endpoint" in said

    @pytest.mark.parametrize("host", ["[::1:8000", "localhost:many"])
    def test_an_address_that_is_none(self, tmp_path: Path, host: str) -> None:
        said = refused("--model", f"a=vllm+http://{host}", "--questions", questions(tmp_path))
        assert "The address of 'a' is none" in said

    def test_a_harness_alone_asks_nothing_of_a_server(self, tiny: Path, tmp_path: Path) -> None:
        (tmp_path / "task.yaml").write_text(TASK, "utf-8")
        (tmp_path / "colours.jsonl").write_text('{"question": "Red?"}\n', "utf-8")
        for where in (f"vllm:{tiny}", "embedded"):
            said = refused(
                *("--model", f"a={where}", "--general", "colours", "--general-data", tmp_path)
            )
            assert "There is nothing to ask 'a'" in said

    def test_too_few_users_to_find_a_weight_with(self, tiny: Path, tmp_path: Path) -> None:
        asked = ("--model", f"a={tiny}", "--questions", questions(tmp_path))
        assert "Lists for 3 users tell nothing" in refused(*asked, "--set", "tune_users=3")

    def test_a_road_that_is_none_and_a_list_too_long(self, tiny: Path, tmp_path: Path) -> None:
        asked = ("--model", f"a={tiny}", "--questions", questions(tmp_path))
        assert "rows" in refused(*asked, "--rows", "rank")
        assert "Lists may have" in refused(*asked, "--k", "5000")

    def test_something_else_to_go_on_from(self, tiny: Path, tmp_path: Path) -> None:
        keep = tmp_path / "keep"
        keep.mkdir()
        (keep / "models.jsonl").write_text("What is this?\n", "utf-8")
        asked = ("--model", f"a={tiny}", "--questions", questions(tmp_path), "--keep", keep)
        assert "line 1 is not an outcome" in refused(*asked)
        assert "is no folder" in refused(*asked[:-1], keep / "models.jsonl")
