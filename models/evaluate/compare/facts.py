"""What the figures of a comparison are of, for whoever reads them elsewhere."""

from __future__ import annotations

from models.evaluate.compare.choices import CompareChoices
from models.evaluate.compare.findings import Findings, Inputs
from models.evaluate.machine import machine
from models.evaluate.recommend.world import World
from models.evaluate.running import How


def told(
    findings: Findings, choices: CompareChoices, inputs: Inputs, how: How, weight: float
) -> dict[str, str]:
    """Facts by name; `weight` is what the prior weighs where it is not found for each model."""
    asked = len(inputs.questions)
    return {
        **(findings.measured | _of_lists(findings, choices, weight) if findings.measured else {}),
        **({"questions": str(asked)} if asked else {}),
        "at a time": str(how.concurrency),
        "machine": machine(),
    }


def facts_of(world: World) -> dict[str, str]:
    """What lists are made of, whoever makes them."""
    encoder = world.catalogue.manifest.encoder
    return {
        "data": world.split.dataset.name,
        "items": str(world.split.dataset.size),
        "users": f"{len(world.split.test)} with 3 items or more",
        "protocol": "leave one out in time, ranked over all items, none sampled",
        "SASRec": world.ranker or f"none: {world.untrained}",
        "sentence encoder": encoder.name if encoder else "none",
    }


def _of_lists(findings: Findings, choices: CompareChoices, weight: float) -> dict[str, str]:
    return {
        "k": str(choices.k),
        "users asked about": str(choices.users or "all"),
        "seed": str(choices.seed),
        "prior's weight in lists": f"found with {choices.tune_users} users for each model"
        if choices.tune_users
        else f"{weight:g} for all",
        "tasks left out": "; ".join(findings.left_out) or "none",
    }
