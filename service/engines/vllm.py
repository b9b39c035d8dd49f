"""The engine behind a vLLM server with the plugin: it spells titles there, under the same speller.

The prompt goes as token ids, so no text of a user's can become a special token, and everyone's
begins with the same ones, so that the server keeps what it computed for them. What comes back is
read as token ids too: through a speller on this side, which stops what was not steered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import orjson

from service.domain import Controls, Prompt, Sampling
from service.engines.remote.adapters import served_or_loaded
from service.engines.remote.call import Call, Sent
from service.engines.remote.chat import Chat
from service.engines.remote.engine import RemoteEngine, RemoteOptions
from service.engines.remote.favourites import ASKED
from service.engines.remote.labelled import Choosing
from service.engines.remote.list_reply import hear_list
from service.engines.remote.server_errors import Refused
from service.engines.remote.sse import Event
from service.engines.remote.standing import Standing
from service.engines.remote.terms import NOT_THAT, Agreement
from service.engines.remote.text_reply import TextReader, hear_text
from service.engines.remote.upstream import Upstream
from service.engines.remote.walk import Walk
from service.engines.remote.watch import UNSTEERED
from service.engines.remote.weighing import hear_marks, of_tokens
from service.engines.text.label_spelling import label_spelling
from service.engines.text.list_room import list_room, most_tokens
from service.engines.text.marks import Marks
from service.engines.text.prose import ROOM
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.wire.parameters import MARK, Xargs, to_xargs
from service.errors import EngineBusy, EngineFailed, EngineTimeout, PromptTooLong
from service.ports import Decoding, Job, Page, Slate, Weighed, Written
from service.steering.arrays import IntArray
from service.steering.assignment import Assignment
from service.steering.labels import LabelLexicon
from service.steering.prior import Prior
from service.steering.wanted import Wishes

PATH: Final = "/v1/completions"

TOKEN_S: Final = 1.0
"""How long a look waits for a token. A server that has none by then has much to do."""

FROZEN: Final = "the model's server answers, but decodes nothing"

FROZEN_S: Final = 20.0
"""Where lists waited for so long without any token, and a look gets none, nothing is decoded."""

THAWED_S: Final = 2.5
"""How long a look waits then: while lists do not begin, one that is merely slow has time for it."""

_NO_PROTOCOL: Final[Xargs] = {MARK: 0}
"""What a plugin of any version refuses, and a server without one takes no notice of."""

_MUCH_TO_DO: Final = (TimeoutError, EngineTimeout, EngineBusy)

_PLAIN: Final[dict[str, Any]] = {"top_p": 1.0, "top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0}
"""A model's own defaults would bend the choice among the allowed tokens."""

MOST_MARKS: Final = 128
"""Tokens that vLLM takes in `logprob_token_ids` at most."""

_ONLY_CHATS: Final = 404
"""How a server answers that completes no texts."""

_NO_ROWS: Final[IntArray] = np.zeros(0, dtype=np.int64)


class VllmEngine(RemoteEngine):
    """Steered where the plugin is; where it is not, candidates are chosen by their numbers."""

    def __init__(
        self, tokenizer: ChatTokenizer, options: RemoteOptions, upstream: Upstream | None = None
    ) -> None:
        super().__init__(options, upstream)
        self.tokenizer = tokenizer
        self._marks = Marks(tokenizer)
        agreement = Agreement()
        self._dice = np.random.default_rng()
        self._choosing = Choosing(self.access, agreement)
        self._chat = Chat(self.access, agreement)
        self._sample: Assignment | None = None
        self._refusal: str | None = None

    @property
    def labels(self) -> int:
        """None as long as the server is steered, or may be."""
        return 0 if self.watch.standing.steered else self.options.labels

    async def spell(self, job: Job) -> Decoding:
        """Spell a list, or as much of it as the deadline allows; EngineError if it cannot."""
        self._expect(job.assignment)
        return await super().spell(job)

    async def decode(self, job: Job, standing: Standing) -> Decoding:
        """By the road that the prompt was made for."""
        if len(job.assignment.shown):
            return await self._choosing.choose(job, standing)
        if not standing.steered:
            raise EngineFailed(UNSTEERED)
        return await self._steered(job, standing)

    async def _steered(self, job: Job, standing: Standing) -> Decoding:
        """A list of titles, watched or not: a server may be told to give no log-probabilities."""
        if self._dice.random() < self.options.watched:
            try:
                return await hear_list(
                    self.access, lambda: self._call(job, standing, watched=True), job
                )
            except Refused as refused:
                if refused.answered not in NOT_THAT:
                    raise
        return await hear_list(self.access, lambda: self._call(job, standing), job)

    async def compose(self, page: Page, standing: Standing) -> Written:
        """By its prompt's tokens, whether the plugin is there or not."""
        reader = TextReader(page, _text)
        try:
            return await hear_text(self.access, reader, lambda: self._page(page, standing), page)
        except Refused as refused:
            if refused.answered != _ONLY_CHATS:
                raise
        return await self._chat.write(page, standing)

    async def ponder(self, slate: Slate, standing: Standing) -> Weighed:
        """By the tokens of the marks, whether the plugin is there or not."""
        tokens = self._marks.tokens(slate.marks)
        return await hear_marks(
            self.access,
            slate,
            lambda: self._slate(slate, standing, tokens),
            lambda told: of_tokens(told, tokens),
        )

    def marked(self, most: int) -> tuple[str, ...]:
        """As the served model's tokenizer has them."""
        return self._marks.first(min(most, MOST_MARKS))

    def spelling(self, labels: Sequence[str], *, lines: int, separator: str) -> LabelLexicon:
        """The tokens that spell some labels, whether the plugin is there or not.

        It may have come or gone by the time the list is asked for.
        """
        return label_spelling(self.tokenizer, labels, lines=lines, separator=separator)

    async def look(self) -> Standing:
        """Whether it is there, steered, and has the catalogue that lists are asked of."""
        found = await served_or_loaded(self.access.server, self.options)
        steered = self.watch.standing.steered
        try:
            async with asyncio.timeout(THAWED_S if self._frozen else TOKEN_S):
                steered = await self._has_plugin(found.model)
                if steered and self._sample is not None:
                    await self._one_token(found.model, to_xargs(self._sample))
            self._refusal = None
        except Refused as refused:
            self._refusal = refused.message
        except _MUCH_TO_DO:
            if self._frozen:
                raise EngineTimeout(FROZEN) from None
            # It is there, as it has just said: what was known of it holds until it has time.
            self.watch.doubt()
        return Standing(self._refusal, found.model, found.context, steered)

    @property
    def _frozen(self) -> bool:
        return self.access.drought.seconds > FROZEN_S

    def _call(self, job: Job, standing: Standing, *, watched: bool = False) -> Call[Walk]:
        assignment = job.assignment
        # The prior decides between items of one title; how it weighs tokens is the server's part.
        speller = replace(assignment, weight=0.0).speller()
        room = list_room(assignment, standing.context) if standing.context else 0
        most = most_tokens(assignment)
        body = self._body(job.prompt, job.sampling, standing, most, room) | {
            "stop_token_ids": [assignment.frame.end],
            "return_token_ids": True,
            "vllm_xargs": to_xargs(assignment),
            **(ASKED if watched else {}),
        }
        wishes = Wishes(speller, assignment.banned)
        return Call(_sent(body), Walk(speller, assignment.separator, wishes))

    def _page(self, page: Page, standing: Standing) -> Sent:
        body = self._body(page.prompt, page.sampling, standing, page.tokens, min(page.tokens, ROOM))
        # Beside the one that ends an answer, all others that no text holds: as the opening of a
        # turn, which a small model may well write after its own.
        ends = sorted({self.tokenizer.end, *self.tokenizer.specials.values()})
        return _sent(body | {"stop_token_ids": ends})

    def _slate(self, slate: Slate, standing: Standing, tokens: list[int]) -> Sent:
        body = self._body(slate.prompt, Sampling(), standing, 1, 1) | {
            "logprob_token_ids": tokens,
            # How many others are told does not matter then, but it must be said.
            "logprobs": 1,
            "return_tokens_as_token_ids": True,
        }
        return _sent(body)

    def _body(
        self, prompt: Prompt, sampling: Sampling, standing: Standing, tokens: int, room: int
    ) -> dict[str, Any]:
        constant, own = self.tokenizer.render(prompt)
        read = len(constant) + len(own)
        return {
            **_PLAIN,
            **self.access.settings(sampling),
            "model": standing.model,
            "prompt": [*constant, *own],
            "max_tokens": _within(standing.context, read, tokens, room),
            "stream": True,
        }

    async def _has_plugin(self, model: str) -> bool:
        try:
            await self._one_token(model, _NO_PROTOCOL)
        except Refused as refused:
            if refused.plugin:
                return True
            if refused.answered == _ONLY_CHATS:
                return False
            raise
        return False

    async def _one_token(self, model: str, xargs: Xargs) -> None:
        body = {"model": model, "prompt": [self.tokenizer.end], "max_tokens": 1}
        await self.access.server.ask(PATH, body | {"vllm_xargs": xargs})
        self.access.drought.end()

    def _expect(self, assignment: Assignment) -> None:
        """Remember which catalogue is asked for, as the least that can be asked of it."""
        if assignment.catalogue is None or (
            self._sample is not None and self._sample.catalogue == assignment.catalogue
        ):
            return
        self._sample = replace(
            assignment, controls=Controls(), banned=_NO_ROWS, prior=Prior.flat(), weight=0.0
        )
        self._refusal = None
        self.watch.doubt()


def _sent(body: dict[str, Any]) -> Sent:
    return Sent(PATH, orjson.dumps(body), prompt=len(body["prompt"]))


def _text(choice: Event) -> Any:
    return choice.get("text")


def _within(context: int | None, prompt: int, most: int, room: int) -> int:
    """As many tokens after a prompt as the model's context has room for, which must be some."""
    if context is None:
        return most
    if prompt + room > context:
        raise PromptTooLong(f"the prompt does not fit into {context} tokens")
    return min(most, context - prompt)
