"""The step: a model, instruction data, and what comes of them, an adapter."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from peft import PeftModel
from transformers import AutoTokenizer, set_seed
from trl import SFTConfig

from models.llm.adapters import save_adapter, with_lora
from models.llm.checkpoint import Checkpoint
from models.llm.loading import load_model, quietly
from models.llm.threads import at_most
from models.sft.checkpoints import Checkpoints, state_in
from models.sft.choices import Tuning
from models.sft.course import Course
from models.sft.data.parts import TRAIN, VALIDATION
from models.sft.sharding import from_first, held, processes, rank, together
from models.sft.task import Judging, Task, task_of
from models.sft.trainer import Judge, Tuner
from models.steps.digest import digest_of
from models.steps.output import Figures, Recipe, made
from models.steps.telling import Telling, silently
from models.steps.work import STATE


def tuned(  # noqa: PLR0913 - the inputs of a step, and who hears of it
    data: Path,
    model: Path,
    out: Path,
    choices: Tuning,
    *,
    telling: Telling = silently,
    judge: Judging | None = None,
    world: Mapping[str, str] | None = None,
) -> Path | None:
    """The folder of an adapter for a model, tuned unless it is there; `world` is the judge's.

    Under torchrun all the processes call this at once; the first one writes, and has the folder.
    """
    task = task_of(data, model, choices, judge)
    with together(), task.judge or nullcontext() as opened:
        if rank() > 0:
            _follow(task)
            return None
        given = {"model": model, "train": data / TRAIN, "validation": data / VALIDATION}
        digests = {name: digest_of(path) for name, path in given.items() if path.exists()}
        return _lead(
            task, out, Recipe("sft", choices, digests | dict(world or {})), telling, opened
        )


def _lead(task: Task, out: Path, recipe: Recipe, telling: Telling, judge: Judge | None) -> Path:
    """Make the folder, and tell the other processes where the state is, or that it was there."""
    begun = False

    def make(work: Path) -> Figures:
        nonlocal begun
        begun = True
        return _tune(task, from_first(work), telling, judge)

    folder = made(out, recipe, make)
    if not begun:
        from_first(None)
    return folder


def _follow(task: Task) -> None:
    """Take part in what the first process makes."""
    work: Path | None = from_first(None)
    if work is not None:
        _tune(task, work, silently)


def _tune(task: Task, work: Path, telling: Telling, judge: Judge | None = None) -> Figures:
    checkpoints = Checkpoints(work / STATE / "checkpoints")
    kept = from_first(checkpoints.newest() if rank() == 0 else None)
    choices = task.choices
    course = Course(choices.best, choices.patience)
    if kept is not None:
        course = Course(**state_in(kept)["course"])
    with at_most(choices.threads), torch.random.fork_rng(devices=[]), quietly():
        set_seed(choices.seed)
        model = with_lora(
            load_model(task.parent, choices.precision, four_bit=choices.four_bit), choices.lora
        )
        tuner = Tuner(
            model,
            _hf_tokenizer(task.parent),
            task.lessons.rows,
            task.validation.rows,
            config_of(task, work / STATE, begun=kept is not None),
            course=course,
            checkpoints=checkpoints,
            telling=telling,
            judge=judge,
        )
        tuner.tell()
        if course.step < task.steps and not course.over:
            tuner.train(resume_from_checkpoint=None if kept is None else str(kept))
        elif kept is not None:
            tuner.stand_at(kept)
    return _written(task, tuner, model, work)


def _written(task: Task, tuner: Tuner, model: PeftModel, work: Path) -> Figures:
    """The best adapter in the folder, and the figures of how it came to be."""
    last, shares = tuner.adapter(), held(tuner.model)
    if rank() == 0:
        save_adapter(model, task.parent, work, tuner.best or last)
    return {
        **tuner.course.figures(),
        "best_by": tuner.course.best_by,
        "examples": len(task.lessons.rows),
        "validation_examples": len(task.validation.rows),
        "too_long": task.lessons.too_long,
        "validation_too_long": task.validation.too_long,
        "trained_parameters": sum(one.numel() for one in last.values()),
        "processes": processes(),
        "held": shares,
    }


def config_of(task: Task, folder: Path, *, begun: bool) -> SFTConfig:
    """The choices as trl calls them; nothing is sent anywhere, nothing printed."""
    choices = task.choices
    judging = task.judged
    config = SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=choices.batch,
        per_device_eval_batch_size=choices.batch,
        gradient_accumulation_steps=choices.accumulate,
        max_steps=task.steps,
        learning_rate=choices.learning_rate,
        lr_scheduler_type=choices.schedule,
        warmup_steps=choices.warmup,
        weight_decay=choices.weight_decay,
        max_grad_norm=choices.clip,
        optim="adamw_torch",
        logging_steps=1,
        logging_nan_inf_filter=False,  # it would hide a training that diverged
        save_strategy="steps",
        save_steps=choices.keep_every,
        eval_strategy="steps" if judging else "no",
        eval_steps=choices.evaluate_every,
        eval_on_start=judging and not begun,
        gradient_checkpointing=choices.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        bf16=False,  # the weights have their precision already, the adapter is in float32
        max_length=None,  # what is too long was left out, not cut
        dataset_kwargs={"skip_prepare_dataset": True},
        dataloader_pin_memory=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
        ddp_backend=dist.get_backend() if processes() > 1 else None,
        seed=choices.seed,
        report_to="none",
        disable_tqdm=True,
    )
    # Of several GPUs that one process sees transformers would use all, by nn.DataParallel: with a
    # larger batch than was chosen, and copies of nf4 weights. torchrun is the way to use them.
    config._n_gpu = 1  # noqa: SLF001 - there is no other switch
    return config


def _hf_tokenizer(parent: Checkpoint) -> Any:
    """Of it trl takes the token that it pads with, and nothing else."""
    return AutoTokenizer.from_pretrained(parent.folder, local_files_only=True)
