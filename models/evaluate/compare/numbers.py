"""Figures of the table in digits: as many as it takes to tell rows apart."""

from __future__ import annotations

from models.evaluate.bootstrap import Estimate


def exact(value: float) -> Estimate:
    """A figure that is what it is: nothing was drawn."""
    return Estimate(value, value, value)


def plain(value: float) -> str:
    """A figure between 0 and 1."""
    return f"{value:.3f}"


def times(value: float) -> str:
    """How often another figure."""
    return f"{value:.2f}x"


def percent(value: float) -> str:
    """A share."""
    return f"{100 * value:.1f}%"


def rate(value: float) -> str:
    """So many a second."""
    return f"{value:.1f}"


def seconds(value: float) -> str:
    """How long it took."""
    return f"{value:.2f}"


def megabytes(value: float) -> str:
    """Bytes."""
    return f"{value / 1e6:.0f}"


def whole(value: float) -> str:
    """A number of things."""
    return f"{value:.0f}"
