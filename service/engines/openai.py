"""The engine behind any server that speaks OpenAI's API: candidates under numbers, no plugin."""

from __future__ import annotations

from typing import Final

from service.engines.labelled import Choosing
from service.engines.remote import RemoteEngine, RemoteOptions
from service.engines.server_errors import Refused
from service.engines.standing import Standing, served
from service.ports import Decoding, Job

_UNLISTED: Final = frozenset({404, 405, 501})
"""How servers answer that do not list their models."""


class OpenAiEngine(RemoteEngine):
    """Lists of candidates that a model names by number.

    That is less than a steered engine promises: what is named twice, or may not stand, is passed
    over, and the pipeline fills the gap.
    """

    def __init__(self, options: RemoteOptions) -> None:
        super().__init__(options)
        self.labels = options.labels
        self._choosing = Choosing(self.access)

    async def decode(self, job: Job, standing: Standing) -> Decoding:
        """Have candidates chosen."""
        return await self._choosing.choose(job, standing)

    async def look(self) -> Standing:
        """Whether it is there, and what it serves."""
        wanted = self.options.model
        try:
            first = await served(self.access.server, None)
        except Refused as refused:
            if refused.answered not in _UNLISTED:
                raise
            return Standing(model=wanted)
        # Hosted models go by aliases that no list has, so a name is not held against the list.
        return Standing(model=wanted or first.model)
