"""The speller inside vLLM: one logits processor for both of its model runners.

vLLM finds it through the entry point group `vllm.logits_processors`, or by
`--logits-processors service.engines.vllm_plugin:ListwrightProcessor`; both ways give the same
class to whichever runner is active, so it implements both interfaces and asks the runner's own
arguments which one it is. The server's front imports it too, to check each request.

This is the composition root in a foreign process: here, and nowhere else among the engines,
settings and the catalogue's shelf are put together. docs/plugin.md says what it promises.
"""

from __future__ import annotations

import weakref
from functools import lru_cache
from typing import Any, Final

import torch
from vllm import SamplingParams
from vllm.exceptions import VLLMValidationError
from vllm.v1.sample.logits_processor import BatchUpdate
from vllm.v1.sample.logits_processor import LogitsProcessor as V1LogitsProcessor
from vllm.v1.worker.gpu.sample.logits_processor import LogitsContext
from vllm.v1.worker.gpu.sample.logits_processor import LogitsProcessor as V2LogitsProcessor

from service.catalog.shelf import KindredShelf, Shelf, Speaks
from service.engines.plugin.admission import Front, NoVersions
from service.engines.plugin.makers import Makers
from service.engines.plugin.start import blind, escape_of, tokenizer_of
from service.engines.plugin.v1 import V1Batch
from service.engines.plugin.v2 import NO_DRAFTS, V2Batch
from service.engines.wire.parameters import is_ours
from service.errors import BadParameters, BadSettings
from service.settings import load_settings

_acting: Final[dict[int, weakref.ref[ListwrightProcessor]]] = {}
"""Who acts for a server, by the identity of its configuration."""


class ListwrightProcessor(V1LogitsProcessor, V2LogitsProcessor):  # type: ignore[misc]
    """Leaves to each steered request only the tokens that its list may go on with."""

    @classmethod
    def validate_params(cls, sampling_params: SamplingParams) -> None:
        """In the server's front, for every request: VLLMValidationError makes it a 400."""
        if not is_ours(sampling_params.extra_args):
            return
        try:
            _front().check(sampling_params)
        except BadParameters as error:
            raise VLLMValidationError(str(error), parameter=error.parameter) from error

    def __init__(self, vllm_config: Any, *runner: Any) -> None:
        # V1 gives a device and whether memory is pinned; V2 the state of its requests.
        self._config = vllm_config  # held, so that its identity stays its own
        self._v1: V1Batch | None = None
        self._v2: V2Batch | None = None
        if not self._acts():
            return
        if len(runner) == 1:
            drafts = BadSettings(NO_DRAFTS) if vllm_config.speculative_config else None
            self._v2 = V2Batch(_makers(vllm_config, drafts), runner[0])
        else:
            self._v1 = V1Batch(_makers(vllm_config, blind(vllm_config)))

    def is_argmax_invariant(self) -> bool:
        """Greedy requests are steered too."""
        return False

    def update_state(self, batch_update: BatchUpdate | None) -> None:
        """V1: the batch is about to change."""
        if self._v1:
            self._v1.update(batch_update)

    def add_request(self, req_idx: int, sampling_params: SamplingParams) -> bool:
        """V2: a request enters a slot."""
        return self._v2 is not None and self._v2.add_request(req_idx, sampling_params)

    def apply(self, logits: torch.Tensor, ctx: LogitsContext | None = None) -> torch.Tensor:
        """Edit the logits, in place."""
        if self._v1:
            return self._v1.apply(logits)
        if self._v2 and ctx:
            return self._v2.apply(logits, ctx)
        return logits

    def _acts(self) -> bool:
        """Whether this is the first for its server.

        Installed and named on the command line, the class is made twice; with two at work, every
        prior would count double.
        """
        first = _acting.get(id(self._config))
        if first is None or first() is None:
            _acting[id(self._config)] = weakref.ref(self)
            return True
        return False


@lru_cache(maxsize=1)
def _front() -> Front:
    """The front of this process, made when the first request of ours comes."""
    plugin = load_settings().plugin
    if plugin.catalogues is None:
        return Front(NoVersions())
    return Front(KindredShelf(plugin.catalogues, plugin.versions))


def _makers(vllm_config: Any, trouble: BadSettings | None) -> Makers:
    """What makes spellers in this process; the start ends here if it could not keep its word."""
    plugin = load_settings().plugin
    model = vllm_config.model_config
    vocabulary, escape = int(model.get_vocab_size()), escape_of(model)
    if plugin.catalogues is None:
        return Makers(NoVersions(), vocabulary, escape, trouble)
    if trouble:
        raise trouble
    speaks = Speaks(*tokenizer_of(model), vocabulary)
    shelf = Shelf(plugin.catalogues, versions=plugin.versions, verify=plugin.verify, speaks=speaks)
    # The current version is opened now: it must fit, and its first list must not wait for it.
    shelf.volume(shelf.current())
    return Makers(shelf, vocabulary, escape)
