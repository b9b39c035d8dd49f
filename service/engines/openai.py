"""The engine behind any server that speaks OpenAI's API: candidates under numbers, no plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from string import ascii_uppercase
from typing import Final

import orjson

from service.domain import Sampling
from service.engines.remote.call import Sent
from service.engines.remote.chat import Chat
from service.engines.remote.engine import RemoteEngine, RemoteOptions
from service.engines.remote.labelled import Choosing
from service.engines.remote.server_errors import NotAsked, Refused, Unheard, Unready, Unweighed
from service.engines.remote.standing import Standing, served
from service.engines.remote.terms import NOT_THAT, PATH, Agreement, Terms
from service.engines.remote.upstream import Upstream
from service.engines.remote.weighing import hear_marks, of_texts
from service.errors import EngineBusy, EngineFailed, EngineTimeout, PromptTooLong
from service.ports import Decoding, Job, Page, Slate, Weighed, Written
from service.steering.labels import LabelLexicon, unspelled

TOKEN_S: Final = 2.0
"""How long a look waits for a token. A server that has none by then has much to do."""

_UNLISTED: Final = frozenset({404, 405, 501})
"""How servers answer that do not list their models."""

LIKELIEST: Final = 20
"""Tokens of which such servers say how likely they are, at most; so no more marks are shown."""

_MUCH_TO_DO: Final = (TimeoutError, EngineTimeout, EngineBusy)


class OpenAiEngine(RemoteEngine):
    """Lists of candidates that a model names by number.

    That is less than a steered engine promises: what is named twice, or may not stand, is passed
    over, and the pipeline fills the gap.
    """

    def __init__(self, options: RemoteOptions, upstream: Upstream | None = None) -> None:
        super().__init__(options, upstream)
        self.labels = options.labels
        self._agreement = agreement = Agreement()
        self._choosing = Choosing(self.access, agreement)
        self._chat = Chat(self.access, agreement)
        self._chats = False
        """Whether the last that was asked of the model was had."""
        self._refusal: str | None = None

    async def decode(self, job: Job, standing: Standing) -> Decoding:
        """Have candidates chosen."""
        with self._chatting():
            return await self._choosing.choose(job, standing)

    async def compose(self, page: Page, standing: Standing) -> Written:
        """Have a text written."""
        with self._chatting():
            return await self._chat.write(page, standing)

    async def ponder(self, slate: Slate, standing: Standing) -> Weighed:
        """Have candidates weighed, by how likely the model is to answer with each one's mark."""

        async def ask(terms: Terms) -> Weighed:
            def call() -> Sent:
                settings = self.access.settings(Sampling())
                body = terms.body(standing.model, slate.prompt, 1, settings)
                wanted = {"logprobs": True, "top_logprobs": LIKELIEST}
                return Sent(PATH, orjson.dumps(body | wanted))

            return await hear_marks(
                self.access, slate, call, lambda told: of_texts(told, slate.marks)
            )

        with self._chatting():
            return await self._agreement.ask_plainly(standing, ask)

    def marked(self, most: int) -> tuple[str, ...]:
        """Capital letters: in every tokenizer that is known each is a token of its own."""
        return tuple(ascii_uppercase[: min(most, LIKELIEST)])

    def spelling(self, labels: Sequence[str], *, lines: int, separator: str) -> LabelLexicon:
        """Nothing is spelled here: a token for each label."""
        return unspelled(len(labels), lines=lines, separator=separator)

    async def look(self) -> Standing:
        """Whether it is there, what it serves, and whether it would."""
        model = await self._model()
        if not self._chats:
            await self._try(model)
        return Standing(self._refusal, model)

    @contextmanager
    def _chatting(self) -> Iterator[None]:
        """Remember whether what is asked in here is had."""
        try:
            yield
        except (NotAsked, PromptTooLong, Unweighed):
            # It was not asked, or says as well that it would have taken another.
            raise
        except EngineFailed:
            self._chats = False
            raise
        self._chats, self._refusal = True, None

    async def _model(self) -> str | None:
        """What to ask for. Whoever names a model knows better than any list of them."""
        wanted = self.options.model
        try:
            first = await served(self.access.server, None)
        except (Unheard, Unready):
            raise
        except (EngineFailed, EngineBusy) as error:
            answered = error.answered if isinstance(error, Refused) else None
            if answered == 401 or not (wanted or answered in _UNLISTED):  # noqa: PLR2004 - the key
                raise
            return wanted
        return wanted or first.model

    async def _try(self, model: str | None) -> None:
        """Ask for one token: lists may fail where models are listed to everyone.

        It may cost money and time, so a server that does make lists is not asked.
        """
        try:
            async with asyncio.timeout(TOKEN_S):
                await self._chat.one_token(model)
        except _MUCH_TO_DO:
            # What was known holds until it has time.
            return
        except Refused as refused:
            # So little may be refused for itself, as by models that think before they speak.
            if refused.answered not in NOT_THAT:
                self._refusal = refused.message
                return
        self._chats, self._refusal = True, None
