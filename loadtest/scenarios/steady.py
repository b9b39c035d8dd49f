"""Steady: lists alone, as many customers from the first second to the last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from loadtest.scenarios.shopper import Shopper
from loadtest.traffic.asks import Kind


class Lister(Shopper):
    """Asks for lists and nothing else."""

    mix: ClassVar[Mapping[Kind, float]] = {Kind.LIST: 1.0}
