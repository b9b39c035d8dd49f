"""The steps of making a model, each as the command a person would type, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.sft.data.parts import catalogue_named
from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the whole course starts from, and where it goes."""

    data: Path
    """A data set as the evaluator reads it, or `demo`."""
    model: Path
    """The checkpoint that is tuned."""
    out: Path
    configs: Path
    """A folder of one TOML file a step; a step without one takes what it takes by default."""
    vllm_python: Path | None = None
    """Where the quantised model is served for the comparison; None: it is not."""

    @property
    def work(self) -> Path:
        """Where the catalogue and the ranker of the data set are made."""
        return self.out / "world"

    def at(self, step: str) -> Path:
        """What a step makes."""
        return self.out / step


@dataclass(frozen=True, slots=True)
class Step:
    """One command: a module and what it is told."""

    name: str
    module: str
    arguments: tuple[str, ...]

    @property
    def told(self) -> str:
        """As a person would type it."""
        return " ".join(["python -m", self.module, *self.arguments])


def course(inputs: Inputs) -> Iterator[Step]:
    """The steps, in order. A later one may only be asked for once the earlier ones are done."""
    at = inputs.at
    data = ("--data", str(inputs.data), "--work", str(inputs.work))
    told = ("--model", str(inputs.model))
    yield _step(inputs, "data", "models.sft.data", "make", *data, *told)
    yield _step(
        inputs, "sft", "models.sft", "--data", str(at("data")), "--model", str(inputs.model)
    )
    yield _merged(inputs, "sft", "tuned")
    yield _step(
        inputs,
        "rl",
        "models.rl",
        *("--data", str(at("data")), "--model", str(at("tuned"))),
        *("--catalogue", str(catalogue_of(at("data")))),
    )
    yield _merged(inputs, "rl", "reinforced")
    yield _step(
        inputs,
        "hybrid",
        "models.merge",
        *("slerp", "--one", str(at("tuned")), "--other", str(at("reinforced"))),
    )
    prompts = at("data") / "train.jsonl"
    yield _step(
        inputs,
        "awq",
        "models.quantize",
        *("awq", "--model", str(at("hybrid")), "--prompts", str(prompts)),
    )
    yield _compared(inputs, data)


def catalogue_of(data: Path) -> Path:
    """The folder of the catalogue that examples were made of: a comparison may build others."""
    found = catalogue_named(data)
    if found is None or not found.is_dir():
        where = "nothing says where it is" if found is None else f"it is not in {found}"
        raise BadInput(
            f"The catalogue that {data} was made of is needed, and {where}.",
            hint=f"Remove {data} and make it again, or begin anew with --afresh.",
        )
    return found


def _step(inputs: Inputs, name: str, module: str, *arguments: str) -> Step:
    config = inputs.configs / f"{name}.toml"
    how = ("--config", str(config)) if config.is_file() else ()
    return Step(name, module, (*arguments, "--out", str(inputs.at(name)), *how))


def _merged(inputs: Inputs, adapter: str, name: str) -> Step:
    arguments = ("adapter", "--adapter", str(inputs.at(adapter)), "--out", str(inputs.at(name)))
    return Step(name, "models.merge", arguments)


def _compared(inputs: Inputs, data: tuple[str, ...]) -> Step:
    """The parent, the tuned, the reinforced and the hybrid, and what is served of that."""
    named = {"parent": str(inputs.model)}
    named |= {name: str(inputs.at(name)) for name in ("tuned", "reinforced", "hybrid")}
    served: tuple[str, ...] = ()
    if inputs.vllm_python is not None:
        named["awq"] = f"vllm:{inputs.at('awq')}"
        served = ("--vllm-python", str(inputs.vllm_python))
    models = (text for name, where in named.items() for text in ("--model", f"{name}={where}"))
    table = inputs.at("compare")
    return Step(
        "compare",
        "models.evaluate",
        (
            *("compare", *data, *models, *served, *_options(inputs.configs / "compare.toml")),
            *("--json", f"{table}.json", "--markdown", f"{table}.md"),
            *("--keep", str(inputs.at("compared"))),
        ),
    )


def _options(config: Path) -> tuple[str, ...]:
    return ("--config", str(config)) if config.is_file() else ()


def figures_told(name: str, figures: Mapping[str, Any]) -> str:
    """The plain numbers of a step's figures in one line."""
    plain = (
        f"{key} {value:,.4g}" if isinstance(value, float) else f"{key} {value:,}"
        for key, value in figures.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    )
    return f"{name}: {', '.join(plain)}"
