"""Only safetensors and checksummed files are loaded: every place that opens a model or an index.

A file that can run code when it is opened is opened nowhere. Formats that a native library parses
are opened in the places named here alone, each behind a digest that is compared first.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import ringroad
from bookcase import books, readings, source, tools
from ground import REPOSITORY

from service.catalog.artifact import load
from service.catalog.build import build
from service.engines.local import smollm2
from service.errors import BadSettings, DamagedArtifact
from service.modelfolder import read_manifest, write_manifest
from service.retrieval.ranker import load_ranker

CAN_RUN_CODE = {
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml",
    "jsonpickle", "pandas.read_pickle", "h5py",
}  # fmt: skip

RUNNING_CODE = {"eval", "exec", "compile", "__import__"}

PARSED_NATIVELY = {
    "InferenceSession", "read_index", "open_file", "memory_map", "from_file", "load_file",
    "safe_open", "from_pretrained", "load", "open_memmap", "Model",
}  # fmt: skip
"""Names of the functions that read such files, whichever library has them."""

PLACES = {
    # A built catalogue: `artifact.load` has compared every file's digest before.
    ("service/catalog/artifact_columns.py", "open_file"),
    ("service/catalog/artifact_columns.py", "memory_map"),
    ("service/catalog/artifact_files.py", "np.load"),
    ("service/retrieval/index.py", "read_index"),
    # Written, not read.
    ("service/catalog/build_embeddings.py", "open_memmap"),
    # Model folders in the cache: `modelfolder.read_manifest` has.
    ("service/engines/local/runtime.py", "InferenceSession"),
    ("service/retrieval/encoder.py", "InferenceSession"),
    ("service/retrieval/encoder.py", "from_file"),
    # A ranker: `ranker_facts.read_facts` has; its weights are safetensors besides.
    ("service/retrieval/ranker.py", "load_file"),
    # Safetensors.
    ("service/engines/made_shapes.py", "safe_open"),
    ("models/llm/tensors.py", "safe_open"),
    ("models/llm/adapters.py", "safe_open"),
    # Packages that carry weights: safetensors, or GGUF of a known digest.
    ("service/retrieval/export.py", "AutoModel.from_pretrained"),
    ("service/engines/local/smollm2.py", "AutoModelForCausalLM.from_pretrained"),
    ("service/engines/local/smollm2.py", "AutoTokenizer.from_pretrained"),
    # Models of one's own: safetensors, without code that came along.
    ("service/engines/local/convert_made.py", "AutoModelForCausalLM.from_pretrained"),
    ("service/engines/local/convert_made.py", "PeftModel.from_pretrained"),
    ("models/llm/loading.py", "AutoModelForCausalLM.from_pretrained"),
    # `_refuse_pickled` comes first there.
    ("models/llm/adapters.py", "PeftModel.from_pretrained"),
    # Tokenizers and configurations: JSON.
    ("models/evaluate/general/ability.py", "AutoTokenizer.from_pretrained"),
    ("models/quantize/shapes.py", "AutoConfig.from_pretrained"),
    ("models/rl/grpo.py", "AutoTokenizer.from_pretrained"),
    ("models/sft/tuning.py", "AutoTokenizer.from_pretrained"),
    # State of a training, tensors alone: see below.
    ("models/steps/state.py", "torch.load"),
    # Arrays alone: numpy refuses objects unless it is told otherwise.
    ("models/sasrec/peers/rectools.py", "np.load"),
}


@dataclass(frozen=True)
class Found:
    place: str
    name: str
    call: ast.Call

    @property
    def options(self) -> dict[str, object]:
        return {
            given.arg: given.value.value
            for given in self.call.keywords
            if given.arg and isinstance(given.value, ast.Constant)
        }

    @property
    def named(self) -> set[str | None]:
        return {given.arg for given in self.call.keywords}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for package in ("service", "models"):
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            yield path.relative_to(REPOSITORY).as_posix(), ast.parse(path.read_text("utf-8"))


def calls() -> Iterator[Found]:
    for place, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield Found(place, ast.unparse(node.func), node)


def test_nothing_that_can_run_code_is_imported() -> None:
    found = [
        (place, name)
        for place, tree in trees()
        for node in ast.walk(tree)
        for name in _imported(node)
        if name in CAN_RUN_CODE or name.split(".")[0] in CAN_RUN_CODE
    ]
    assert found == []


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def test_no_text_is_run_as_code() -> None:
    assert [(one.place, one.name) for one in calls() if one.name in RUNNING_CODE] == []


def test_files_are_parsed_in_the_places_named_here_alone() -> None:
    found = {(one.place, _short(one.name)) for one in calls() if _parses(one.name)}
    assert found == PLACES


def _parses(name: str) -> bool:
    own, last = name.rpartition(".")[::2]
    if last == "load":
        return own in {"torch", "np", "numpy", "faiss"}
    if last in {"open_file", "memory_map"}:
        return own.startswith("pa")
    return last in PARSED_NATIVELY - {"load", "Model"} or name == "og.Model"


def _short(name: str) -> str:
    keeps_owner = name.endswith((".load", ".from_pretrained"))
    return name if keeps_owner else name.rpartition(".")[2]


def test_torch_reads_tensors_alone() -> None:
    assert [one.options.get("weights_only") for one in calls() if one.name == "torch.load"] == [
        True
    ]


def test_numpy_reads_no_objects() -> None:
    for one in calls():
        if one.name in {"np.load", "np.save", "numpy.load"}:
            assert one.options.get("allow_pickle", False) is False, one.place


def test_models_are_read_as_safetensors_without_code_of_their_own() -> None:
    for one in calls():
        if one.name.endswith("PeftModel.from_pretrained"):
            refused = one.place == "models/llm/adapters.py"
            assert refused or one.options.get("use_safetensors") is True
        elif one.name.endswith(".from_pretrained"):
            assert one.options.get("local_files_only") is True, one.place
            assert one.options.get("trust_remote_code", False) is False, one.place
            if "Model" in one.name:
                assert one.options.get("use_safetensors") is True or "gguf_file" in one.named


def a_catalogue(folder: Path) -> tuple[Path, Callable[[], object]]:
    made = build(source(folder, books(), readings()), folder / "books", tools())
    return made, lambda: load(made)


def a_ranker(folder: Path) -> tuple[Path, Callable[[], object]]:
    made = ringroad.publish(folder / "rankers", seed=1)
    return made, lambda: load_ranker(made)


def a_model(folder: Path) -> tuple[Path, Callable[[], object]]:
    for name in ("model.onnx", "tokenizer.json", "genai_config.json"):
        (folder / name).write_bytes(name.encode() * 9)
    write_manifest(folder, {"name": "m"})
    return folder, lambda: read_manifest(folder)


@pytest.mark.parametrize("make", [a_catalogue, a_ranker, a_model])
def test_a_file_of_which_one_bit_is_not_as_it_was_written_is_not_opened(
    make: Callable[[Path], tuple[Path, Callable[[], object]]], tmp_path: Path
) -> None:
    folder, read = make(tmp_path)
    read()
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]
    assert len(files) > 3
    for path in files:
        before = path.read_bytes()
        middle = len(before) // 2
        path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
        with pytest.raises(DamagedArtifact):
            read()
        path.write_bytes(before)
    read()


def test_a_gguf_that_is_not_the_known_one_is_not_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF")
    monkeypatch.setattr(smollm2, "gguf", lambda: other)
    with pytest.raises(BadSettings, match="is not the model of the pinned release"):
        smollm2.unpack(tmp_path)
