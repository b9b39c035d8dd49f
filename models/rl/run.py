"""Reinforcement from folders to a folder: all that can be wrong is seen before anything is learnt.

The adapter that comes out stands on a whole checkpoint: on the one that was given, or, where a
model under an adapter was given, on both merged into one, which is written beside the output first.
So whoever merges or serves it needs that one folder, whose name is in the adapter's configuration.
With `four_bit` the weights of that folder are quantised as they are read: what was merged was not.

It is one process, on one GPU if there is one. Nothing is sharded: a model must fit as it is or in 4
bits, with its adapter and what learning from the answers of a minibatch takes, and what drawing all
answers of an iteration takes: PPO draws fewer at a time with `at_once`, trl's GRPO does not. Beside
that PPO holds a hidden state in float32 for each token of an iteration's answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from models.llm.adapters import STANDS_ON, Lora, save_adapter, with_lora
from models.llm.checkpoint import Checkpoint, is_adapter, refuse_quantised
from models.llm.loading import load_model
from models.llm.parent import Parent
from models.llm.threads import at_most
from models.rl.asked import Requests, Sieve
from models.rl.choices import Reinforcing
from models.rl.figures import Iteration
from models.rl.judging import Judge, ListJudge
from models.rl.ppo import Ppo, ppo
from models.rl.ranks import ranks_beside
from models.rl.rollout import NoNumbers, watch
from models.sft.data.example import read_examples
from models.sft.data.parts import TRAIN, refuse_other_data
from models.steps.digest import digest_of, ranker_digest, said_digest
from models.steps.output import Recipe, figures_of, made
from models.steps.telling import Moment, Telling
from models.steps.work import STATE
from service.catalog.artifact import LoadedCatalogue, load
from service.errors import BadInput
from service.retrieval.ranker import current_version, ranker_root


@dataclass(frozen=True, slots=True)
class Sources:
    """The folders that everything comes from."""

    data: Path
    catalogue: Path
    model: Path
    base: Path | None = None


def reinforced(sources: Sources, out: Path, choices: Reinforcing, telling: Telling) -> Path:
    """Teach a model by the rewards of its own lists; the folder of its adapter."""
    parent = Parent.named(sources.model, sources.base)
    hint = "Name the checkpoint that it was quantised from: the adapter learns on that."
    refuse_quantised(parent.standing, hint)
    refuse_other_data(sources.data, parent.standing.tokenizer)
    catalogue = load(sources.catalogue, tokenizer=parent.standing.tokenizer)
    judge, requests = gathered(sources, parent.standing, catalogue, choices)
    aside, ranker = out.with_name(f"{out.name}-start"), ranker_root(sources.catalogue)
    made_of = {
        **parent.digests,
        "data": digest_of(sources.data / TRAIN),
        "catalogue": catalogue.version,
        "ranker": ranker_digest(ranker / current_version(ranker)),
    }

    def make(work: Path) -> Mapping[str, Any]:
        start = parent.whole(aside, telling, choices.precision)
        learn = partial(_learnt, start, requests, judge, choices, work / STATE)
        model, done = _watched(learn, start.folder, requests.asked[0].prompt, telling)
        save_adapter(model, start, work)
        return {
            "requests": len(requests.asked),
            "left_out": dict(requests.left_out),
            "iterations": done,
            STANDS_ON: said_digest(aside) if is_adapter(sources.model) else None,
        }

    with at_most(choices.threads):
        folder = made(out, Recipe("rl", choices, made_of), make)
        if is_adapter(sources.model):
            if not aside.exists():
                parent.whole(aside, telling, choices.precision)
            _refuse_other_start(folder, aside)
    return folder


def _refuse_other_start(folder: Path, start: Path) -> None:
    """BadInput if an adapter does not stand on what is beside it: it would say something else."""
    if figures_of(folder)[STANDS_ON] != said_digest(start):
        raise BadInput(
            f"{folder} was made on another model than the one in {start}.",
            hint="Move both away: the same command makes them anew. Or name another --out.",
        )


def gathered(
    sources: Sources, parent: Checkpoint, catalogue: LoadedCatalogue, choices: Reinforcing
) -> tuple[Judge, Requests]:
    """Who judges, and what is asked; BadInput if something does not fit."""
    ranks = ranks_beside(sources.catalogue, catalogue)
    sieve = Sieve(catalogue, ranks, parent.tokenizer, parent.context, choices.longest)
    requests = sieve.requests(read_examples(sources.data / TRAIN))
    return ListJudge(catalogue, ranks, parent.tokenizer), requests


def _watched(
    learn: Callable[[Telling], tuple[PeftModel, list[Iteration]]],
    start: Path,
    asked: Sequence[int],
    telling: Telling,
) -> tuple[PeftModel, list[Iteration]]:
    """What learning makes; BadInput where the model or what became of it says nothing."""
    done = 0

    def heard(moment: Moment) -> None:
        nonlocal done
        done = moment.done
        telling(moment)

    try:
        model, figures = learn(heard)
        # Nothing is drawn after the last steps.
        with torch.no_grad():
            prompt = torch.tensor([asked], device=model.device)
            model(input_ids=prompt, logits_to_keep=1)
    except NoNumbers as error:
        # Nothing is learnt before the first answers are drawn.
        raise _diverged(done) if done else _speechless(start) from error
    return model, figures


def _diverged(done: int) -> BadInput:
    return BadInput(
        f"The policy diverged: after iteration {done} what it says is no number.",
        hint="Lower learning_rate.",
    )


def _speechless(folder: Path) -> BadInput:
    return BadInput(
        f"The model in {folder} finds scores that are no numbers.",
        hint="A weight of it is none: take a copy that is whole, and evaluate it first.",
    )


def _learnt(  # noqa: PLR0913, PLR0917 - what learns of what, and where it is kept
    start: Checkpoint,
    requests: Requests,
    judge: Judge,
    choices: Reinforcing,
    state: Path,
    telling: Telling,
) -> tuple[PeftModel, list[Iteration]]:
    model = load_model(start, choices.precision, four_bit=choices.four_bit)
    watch(model)
    if torch.cuda.is_available():
        model.to("cuda")
    if choices.algorithm == "grpo":
        from models.rl.grpo import grpo  # noqa: PLC0415 - trl takes seconds to import

        return grpo(model, start, requests.asked, judge, choices, state, telling)
    torch.manual_seed(choices.seed)
    learner = Ppo(with_lora(model, Lora(choices.rank, choices.alpha)), start.tokenizer.end, choices)
    return learner.model, ppo(learner, requests.asked, judge, state, telling)
