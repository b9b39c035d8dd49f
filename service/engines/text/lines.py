"""The lines of a list as they come to be complete."""

from __future__ import annotations

from collections.abc import Sequence

from service.ports import Spelled, Tell


class Lines:
    """Tells of each line once: its row from the speller, its words from the text as it stands.

    The two come by different ways, so that the validator, who reads the words, can find a fault
    in the lexicon or in the walk through it.
    """

    def __init__(self, tell: Tell, separator: str = "\n") -> None:
        self._tell = tell
        self._separator = separator
        self.told: list[Spelled] = []

    def update(self, rows: Sequence[int], text: str) -> None:
        """Tell of the lines that are complete now and were not before."""
        complete = text.split(self._separator)[:-1]
        for place in range(len(self.told), min(len(rows), len(complete))):
            line = Spelled(rows[place], complete[place])
            self.told.append(line)
            self._tell(line)
