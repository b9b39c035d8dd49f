"""Texts from a server that chats, and the least that can be asked of it."""

from __future__ import annotations

import orjson

from service.engines.remote.call import Sent
from service.engines.remote.reply import Access
from service.engines.remote.sse import answered
from service.engines.remote.standing import Standing
from service.engines.remote.terms import PATH, Agreement, Terms, named
from service.engines.remote.text_reply import TextReader, hear_text
from service.ports import Page, Written


class Chat:
    """Asks a server to write, on the terms that are known of it."""

    def __init__(self, access: Access, agreement: Agreement) -> None:
        self._access = access
        self._agreement = agreement

    async def write(self, page: Page, standing: Standing) -> Written:
        """A text; EngineError if there is not a word."""

        async def ask(terms: Terms) -> Written:
            reader = TextReader(page, answered)
            return await hear_text(
                self._access, reader, lambda: self._call(page, standing, terms), page
            )

        return await self._agreement.ask_plainly(standing, ask)

    async def one_token(self, model: str | None) -> None:
        """Ask for the least there is, the way all is asked for; EngineError if it is refused."""
        least = {"messages": [{"role": "user", "content": "Say 1."}], **named(model)}

        async def ask(terms: Terms) -> None:
            await self._access.server.ask(PATH, least | {terms.limit: 1})

        await self._agreement.try_out(ask)

    def _call(self, page: Page, standing: Standing, terms: Terms) -> Sent:
        settings = self._access.settings(page.sampling)
        body = terms.body(standing.model, page.prompt, page.tokens, settings)
        return Sent(PATH, orjson.dumps(body))
