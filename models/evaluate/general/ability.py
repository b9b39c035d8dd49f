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
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stdout
from io import StringIO
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

BETTER: Final[Mapping[bool | None, int]] = {True: 1, False: -1, None: 0}
"""What the harness says of a metric's direction, as a column has it."""

DRAWS: Final = 100
"""For the error bars of the few metrics that have them by no formula. With none, the harness gives
no metric any: not the means either, whose errors it does not draw."""

ALONE: Final = "DISABLE_MULTIPROC"
"""Has it draw in this process. Else it forks that for each core, the model and threads with it."""


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
    # The harness prints which errors it draws, among what is asked for on the output.
    with _here(asking), redirect_stdout(StringIO()):
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
            bootstrap_iters=DRAWS,
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
    drawn = os.environ.get(ALONE)
    constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True
    os.environ[ALONE] = "1"
    for logger in talking:
        logger.setLevel(logging.ERROR)
    datasets.disable_progress_bars()
    try:
        with chdir(asking.data), quietly():
            yield
    finally:
        datasets.enable_progress_bars()
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = online
        os.environ.pop(ALONE)
        if drawn is not None:
            os.environ[ALONE] = drawn
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
    """BadInput if a task cannot be read, its questions are not here, or it is asked for twice."""
    seen: dict[str, str] = {}
    for task in asking.tasks:
        try:
            loaded = list(manager.load([task])["tasks"])
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise BadInput(
                f"The task {task!r} or its questions cannot be had: {lines[0]}",
                hint=_hint(asking),
            ) from error
        if twice := [name for name in loaded if name in seen]:
            raise BadInput(
                f"The task {twice[0]!r} is part of both {seen[twice[0]]!r} and {task!r}.",
                hint="Name one of them.",
            )
        seen |= dict.fromkeys(loaded, task)


def _hint(asking: Asking) -> str:
    return (
        f"Put a YAML file with `task: NAME` and its questions as JSON lines into {asking.data}:"
        " `dataset_path: json` and `dataset_kwargs: {data_files: {test: NAME.jsonl}}`."
    )


def _ability(made: Mapping[str, Any], task: str) -> Ability:
    """The metrics of one task or group; a group's questions are those of its tasks."""
    found, rises = made["results"][task], made["higher_is_better"].get(task, {})
    metrics, better = {}, {}
    for key, value in found.items():
        name, comma, way = key.partition(",")
        if not comma or name.endswith(ERROR) or isinstance(value, str):
            continue
        told = name if way == "none" else f"{name} ({way})"
        metrics[told] = _within(float(value), found.get(f"{name}{ERROR},{way}"))
        better[told] = BETTER[rises.get(name)]
    return Ability(_questions(made, task), metrics, better)


def _within(value: float, error: object) -> Estimate:
    spread = WITHIN * error if isinstance(error, float) else 0.0
    return Estimate(value, value - spread, value + spread)


def _questions(made: Mapping[str, Any], task: str) -> int:
    members: Sequence[str] = made.get("group_subtasks", {}).get(task, ())
    if not members:
        return int(made["n-samples"][task]["effective"])
    return sum(_questions(made, member) for member in members)
