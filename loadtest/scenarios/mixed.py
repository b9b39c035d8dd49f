"""Mixed, and soak: lists, questions, events and feedback, as a shop sends them."""

from __future__ import annotations

from loadtest.scenarios.shopper import Shopper


class Customer(Shopper):
    """Asks for all there is."""
