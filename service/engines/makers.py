"""What a server's engine makes of requests, in threads beside the decoding."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeAlias

from service.engines.admission import Params
from service.engines.asked_plan import (
    LabelSource,
    Spellable,
    Versions,
    assignment,
    blamed_on_catalogue,
)
from service.engines.making import Making, Ready
from service.engines.openings import LATE, Openings
from service.engines.steered import Steered
from service.engines.wire import Asked, Labels, from_xargs, is_ours
from service.errors import BadSettings

MAKERS: Final = 2
"""Threads that make spellers. They only reckon: versions are opened elsewhere."""

Part: TypeAlias = Callable[[Making], None]


class Makers:
    """Takes requests into the batch at once, and makes their spellers meanwhile."""

    def __init__(
        self, versions: Versions, vocabulary: int, escape: int, closed: BadSettings | None = None
    ) -> None:
        self._openings = Openings(versions)
        self._vocabulary = vocabulary
        self._escape = escape
        self._closed = closed
        self._pool = ThreadPoolExecutor(MAKERS, thread_name_prefix="listwright")

    def admit(self, params: Params) -> Steered | None:
        """A request that has entered the batch; None if it is not ours."""
        if not is_ours(params.extra_args):
            return None
        making = Making()
        self._submit(making, partial(self._begin, params.extra_args))
        # The token that ends this very request at once, should it have to be ended.
        escape = min(params.all_stop_token_ids, default=self._escape)
        return Steered(making, self._vocabulary, escape)

    def _submit(self, making: Making, part: Part) -> None:
        try:
            self._pool.submit(_guarded, making, part)
        except RuntimeError as error:  # the machine has no thread left: that ends one request
            making.promise.set_exception(error)

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
        making.hasten(opening.until, LATE)
        opening.volume.add_done_callback(
            lambda volume: self._submit(making, partial(self._finish_opened, asked, volume))
        )

    def _finish_opened(self, asked: Asked, opened: Future[Spellable], making: Making) -> None:
        with blamed_on_catalogue():
            volume = opened.result()
        self._finish(asked, volume, making)

    def _finish(self, asked: Asked, source: Spellable, making: Making) -> None:
        made = assignment(asked, source, self._vocabulary)
        making.promise.set_result(Ready.of(made))


def _guarded(making: Making, part: Part) -> None:
    try:
        part(making)
    except BaseException as error:  # noqa: BLE001 - told to the one who waits
        making.promise.set_exception(error)
