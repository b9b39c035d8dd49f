"""A list under random controls, judged: of a server several are asked for side by side."""

from __future__ import annotations

import random
from contextlib import suppress

from engine_conformance import World

from service.domain import Intent, Receipt
from service.errors import ConflictingControls
from service.pipeline.validate import judge


async def obeyed(world: World, k: int, dice: random.Random) -> Receipt:
    """The receipt of one that holds all it must, under controls that do not contradict."""
    while True:
        controls, history = world.controls(dice), world.ids(4, dice)
        with suppress(ConflictingControls):
            answer = await world.list(k=k, history=history, intent=Intent(controls=controls))
            items = [line.item for line in answer.items]
            assert not judge(items, k, history, controls).violations
            return answer.receipt
