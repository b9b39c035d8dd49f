"""What a server's engine makes of requests, in threads beside the decoding."""

from __future__ import annotations

import weakref
from concurrent.futures import Future
from functools import partial
from typing import Any

from service.engines.plugin.admission import Params
from service.engines.plugin.asked_plan import (
    LabelSource,
    Spellable,
    Versions,
    assignment,
    blamed_on_catalogue,
)
from service.engines.plugin.making import Making, Ready
from service.engines.plugin.openings import STILL_OPENING, Openings
from service.engines.plugin.steered import Steered
from service.engines.plugin.workshop import Workshop
from service.engines.wire.labels import Labels
from service.engines.wire.parameters import Asked, from_xargs, is_ours
from service.errors import BadSettings


class Makers:
    """Takes requests into the batch at once, and makes their spellers meanwhile."""

    def __init__(
        self, versions: Versions, vocabulary: int, escape: int, closed: BadSettings | None = None
    ) -> None:
        self._openings = Openings(versions)
        self._vocabulary = vocabulary
        self._escape = escape
        self._closed = closed
        self._workshop = Workshop()

    def admit(self, params: Params) -> Steered | None:
        """A request that has entered the batch; None if it is not ours.

        Whoever drops it cancels its making: nothing else holds that.
        """
        if not is_ours(params.extra_args):
            return None
        making = Making()
        self._workshop.submit(making, partial(self._begin, params.extra_args))
        # The token that ends this very request at once, should it have to be ended.
        escape = min(params.all_stop_token_ids, default=self._escape)
        return Steered(making, self._vocabulary, escape, params.temperature)

    def _begin(self, extra_args: dict[str, Any] | None, making: Making) -> None:
        if self._closed:
            raise self._closed
        asked = from_xargs(extra_args)
        if asked is None:
            raise BadSettings("a request that is not ours was to be made ready")
        if isinstance(asked.source, Labels):
            self._finish(asked, LabelSource(asked.source), making)
            return
        with blamed_on_catalogue():
            opening = self._openings.of(asked.source)
        if opening.volume.done():
            self._finish_opened(asked, opening.volume, making)
            return
        making.hasten(opening.until, STILL_OPENING)
        opening.volume.add_done_callback(partial(self._resume, asked, weakref.ref(making)))

    def _resume(
        self, asked: Asked, waiting: weakref.ref[Making], volume: Future[Spellable]
    ) -> None:
        making = waiting()
        if making is not None:
            self._workshop.submit(making, partial(self._finish_opened, asked, volume))

    def _finish_opened(self, asked: Asked, opened: Future[Spellable], making: Making) -> None:
        with blamed_on_catalogue():
            volume = opened.result()
        self._finish(asked, volume, making)

    def _finish(self, asked: Asked, source: Spellable, making: Making) -> None:
        made = assignment(asked, source, self._vocabulary)
        making.promise.set_result(Ready.of(made))
