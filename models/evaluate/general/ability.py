"""Tasks of lm-evaluation-harness on a checkpoint or adapter: its metrics, on files that are here.

A task is a YAML file in the user's folder that names its questions, relative to that folder:

    task: mmlu_virology
    include: ...                    # or the fields themselves, as the harness documents them
    dataset_path: json
    dataset_kwargs: {data_files: {dev: virology-dev.jsonl, test: virology.jsonl}}

The harness's own tasks fetch theirs from a hub, which nothing here does. Such a file may name
Python functions, which the harness then runs: take them from where you would take code.
"""
# ruff: noqa: PLC0415 - the harness takes seconds to import

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.evaluate.bootstrap import Estimate
from models.evaluate.general.asking import Ability, Asking
from models.llm.adapters import load_adapted
from models.llm.loading import Precision, quietly
from service.errors import BadInput

if TYPE_CHECKING:
    from lm_eval.tasks import TaskManager

WITHIN: Final = 1.96
"""Standard errors to either side of a figure that hold 95% of the draws."""

ERROR: Final = "_stderr"


def refuse_missing(asking: Asking) -> None:
    """BadInput unless the tasks can be had, as far as that is seen before a model is loaded."""
    if not asking.data.is_dir():
        raise BadInput(f"{asking.data} is no folder.", hint=_hint(asking))
    with _here(asking):
        _loaded(asking, _manager(asking))


def ability_of(
    folder: Path, base: Path | None, asking: Asking, precision: Precision = "bfloat16"
) -> dict[str, Ability]:
    """The figures of every task; BadInput if a task or its questions are not at hand."""
    import torch
    from transformers import AutoTokenizer

    checkpoint, model = load_adapted(folder, base, precision)
    model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    with quietly():
        tokenizer = AutoTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
    with _here(asking):
        from lm_eval.evaluator import simple_evaluate
        from lm_eval.models.huggingface import HFLM

        manager = _manager(asking)
        _loaded(asking, manager)
        made = simple_evaluate(
            HFLM(pretrained=model, tokenizer=tokenizer, batch_size=asking.batch),
            tasks=list(asking.tasks),
            limit=asking.limit,
            task_manager=manager,
            apply_chat_template=asking.chat,
            log_samples=False,
            # Its own error bars are exact for means; drawing them anew takes minutes.
            bootstrap_iters=0,
        )
    return {task: _ability(made, task) for task in asking.tasks}


@contextmanager
def _here(asking: Asking) -> Iterator[None]:
    """In the folder of the tasks, with nothing fetched, and without the harness's talk."""
    import datasets
    from huggingface_hub import constants

    talking = [logging.getLogger(name) for name in ("lm_eval", "lm-eval", "datasets")]
    levels = [logger.level for logger in talking]
    online = constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True
    for logger in talking:
        logger.setLevel(logging.ERROR)
    datasets.disable_progress_bars()
    try:
        with chdir(asking.data), quietly():
            yield
    finally:
        datasets.enable_progress_bars()
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = online
        for logger, level in zip(talking, levels, strict=True):
            logger.setLevel(level)


def _manager(asking: Asking) -> TaskManager:
    """The folder's own tasks; the harness's thousands only where one of them is named."""
    from lm_eval.tasks import TaskManager

    own = TaskManager(include_path=".", include_defaults=False)
    if set(asking.tasks) <= set(own.all_tasks):
        return own
    every = TaskManager(include_path=".")
    if unknown := sorted(set(asking.tasks) - set(every.all_tasks)):
        raise BadInput(f"There is no task {unknown[0]!r}.", hint=_hint(asking))
    return every


def _loaded(asking: Asking, manager: TaskManager) -> None:
    """BadInput if a task cannot be read, or its questions are not here."""
    for task in asking.tasks:
        try:
            manager.load([task])
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise BadInput(
                f"The task {task!r} or its questions cannot be had: {lines[0]}",
                hint=_hint(asking),
            ) from error


def _hint(asking: Asking) -> str:
    return (
        f"Put a YAML file with `task: NAME` and its questions as JSON lines into {asking.data}:"
        " `dataset_path: json` and `dataset_kwargs: {data_files: {test: NAME.jsonl}}`."
    )


def _ability(made: Mapping[str, Any], task: str) -> Ability:
    """The metrics of one task or group; a group's questions are those of its tasks."""
    found = made["results"][task]
    metrics = {}
    for key, value in found.items():
        name, comma, way = key.partition(",")
        if not comma or name.endswith(ERROR) or isinstance(value, str):
            continue
        told = name if way == "none" else f"{name} ({way})"
        metrics[told] = _within(float(value), found.get(f"{name}{ERROR},{way}"))
    return Ability(_questions(made, task), metrics)


def _within(value: float, error: object) -> Estimate:
    spread = WITHIN * error if isinstance(error, float) else 0.0
    return Estimate(value, value - spread, value + spread)


def _questions(made: Mapping[str, Any], task: str) -> int:
    members: Sequence[str] = made.get("group_subtasks", {}).get(task, ())
    if not members:
        return int(made["n-samples"][task]["effective"])
    return sum(_questions(made, member) for member in members)
