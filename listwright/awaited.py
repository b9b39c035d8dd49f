"""The client that is waited for: the other one, with `await`. What they say is in `calls`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Any, Self, TypeVar, Unpack

import httpx

from listwright import calls
from listwright.answers import (
    About,
    Answered,
    Catalogue,
    FreeList,
    History,
    Item,
    KnownUser,
    Learnt,
    ListedItem,
    Ready,
    Recommended,
    Recorded,
    Verified,
)
from listwright.asked import Event, Feedback, FreeAsked, ListAsked, Options, QuestionAsked
from listwright.blocks import AsyncBlock
from listwright.calls import Call
from listwright.reply import Reply, bounded, is_packed, plain
from listwright.setup import Setup, check_open
from listwright.telling import Telling
from listwright.tries import Outcome, Patience, Pause, Send, Step, lost, tries

T = TypeVar("T")


class AsyncListStream:
    """A list while it is made: iterate over its items, then take the whole."""

    def __init__(self, chunks: AsyncIterator[bytes], telling: Telling) -> None:
        self._items = self._told(chunks)
        self._telling = telling

    def __aiter__(self) -> AsyncIterator[ListedItem]:
        """Each item the moment it is final."""
        self._telling.listening()
        return self._items

    async def whole(self) -> Recommended:
        """The list with its receipt, once all of it has come."""
        if not self._telling.left:
            async for _ in self._items:
                pass
        return self._telling.over()

    async def _told(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[ListedItem]:
        async for chunk in chunks:
            for item in self._telling.heard(chunk):
                yield item
            self._telling.listening()
        self._telling.over()


class AsyncClient:
    """Asks a Listwright service, and is waited for by asyncio; close it at the end."""

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._setup = Setup.of(url, api_key, patience or Patience())
        # A redirect is not followed: whoever it names would be shown the key.
        self._http = httpx.AsyncClient(transport=transport, follow_redirects=False)

    def __repr__(self) -> str:
        return f"AsyncClient({self._setup.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_ended: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give up the connections."""
        await self._http.aclose()

    async def recommend(self, **asked: Unpack[ListAsked]) -> Recommended:
        """A list of exactly `k` items that exist, repeat nothing and obey every control."""
        return await self._said(calls.recommend(asked))

    async def free(self, **asked: Unpack[FreeAsked]) -> FreeList:
        """What the model writes when nothing holds it, judged; where the playground is served."""
        return await self._said(calls.free(asked))

    def stream(self, **asked: Unpack[ListAsked]) -> AsyncBlock[AsyncListStream]:
        """The same while it is made; leaving the block ends the work."""
        return AsyncBlock(partial(self._streamed, calls.recommend(asked, stream=True)))

    async def answer(self, question: str, **asked: Unpack[QuestionAsked]) -> Answered:
        """An answer that is one: an option, an order, a selection, spans, or a few words."""
        return await self._said(calls.answer(question, asked))

    async def record(self, events: Iterable[Event], **options: Unpack[Options]) -> Recorded:
        """Remember what users met. Each event counts once, however often it is sent."""
        return await self._said(calls.record(events, options))

    async def feedback(self, made: Recommended | str, **said: Unpack[Feedback]) -> Learnt:
        """Say which items of a list, or of the one of a request id, were seen, clicked, bought."""
        return await self._said(calls.feedback(made, said))

    async def history(self, user_id: str, **options: Unpack[Options]) -> History:
        """What is remembered of a user."""
        return await self._said(calls.history(user_id, options))

    async def forget(self, user_id: str, **options: Unpack[Options]) -> None:
        """Forget what came in of a user."""
        await self._said(calls.forget(user_id, options))

    async def users(self, *, limit: int = 20, **options: Unpack[Options]) -> tuple[KnownUser, ...]:
        """Some users whom the catalogue knows; where the playground is served."""
        return await self._said(calls.users(limit, options))

    async def item(self, item_id: str, **options: Unpack[Options]) -> Item:
        """One item of the catalogue."""
        return await self._said(calls.item(item_id, options))

    async def search_items(
        self, words: str = "", *, limit: int = 20, **options: Unpack[Options]
    ) -> tuple[Item, ...]:
        """Items whose titles fit the words, the best first."""
        return await self._said(calls.search_items(words, limit, options))

    async def catalogue(self, **options: Unpack[Options]) -> Catalogue:
        """The catalogue that is served, with its categories."""
        return await self._said(calls.catalogue(options))

    async def verify(
        self,
        answer: Recommended | Mapping[str, Any],
        *,
        history: Iterable[str] | None = None,
        user_id: str | None = None,
        **options: Unpack[Options],
    ) -> Verified:
        """Have a list checked that was handed out; with neither history nor user all but that."""
        return await self._said(calls.verify(answer, history, user_id, options))

    async def about(self, **options: Unpack[Options]) -> About:
        """What the service is made of, and what it can be asked for."""
        return await self._said(calls.about(options))

    async def ready(self, **options: Unpack[Options]) -> Ready:
        """Whether requests are served, and what has to be done without."""
        return await self._said(calls.ready(options))

    async def reload(self, version: str | None = None, **options: Unpack[Options]) -> Catalogue:
        """Serve another version, or the one built last; needs an administrator's key."""
        return await self._said(calls.reload(version, options))

    async def rollback(self, **options: Unpack[Options]) -> Catalogue:
        """Serve the version that was served before; needs an administrator's key."""
        return await self._said(calls.rollback(options))

    @asynccontextmanager
    async def _streamed(self, call: Call[Recommended]) -> AsyncIterator[AsyncListStream]:
        reply = await self._tried(call)
        telling = Telling(reply, call.read)
        async with aclosing(reply.coming):
            try:
                yield AsyncListStream(self._chunks(reply), telling)
            finally:
                telling.left = True

    async def _said(self, call: Call[T]) -> T:
        return call.read(await self._tried(call))

    async def _tried(self, call: Call[Any]) -> Reply:
        check_open(self._http)
        road = tries(call, self._setup.patience)
        step = next(road)
        while True:
            try:
                step = road.send(await self._done(call, step))
            except StopIteration as done:
                reply: Reply = done.value
                return reply

    async def _done(self, call: Call[Any], step: Step) -> Outcome:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return None
        try:
            async with asyncio.timeout(self._setup.left(step.until)):
                return await self._sent(call, step)
        except TimeoutError:
            return httpx.ReadTimeout("")
        except httpx.HTTPError as error:
            return error

    async def _sent(self, call: Call[Any], step: Send) -> Reply:
        response = await self._http.send(self._setup.request(call, step.until), stream=True)
        if call.streams and response.status_code in call.taken and not is_packed(response):
            status, headers = response.status_code, response.headers
            return Reply(status, headers, coming=response, until=step.until)
        body = bytearray()
        try:
            plain(response)
            async for chunk in response.aiter_bytes():
                body += chunk
                bounded(len(body), response.status_code, response.headers)
        finally:
            await response.aclose()
        return Reply(response.status_code, response.headers, bytes(body))

    async def _chunks(self, reply: Reply) -> AsyncIterator[bytes]:
        chunks = reply.coming.aiter_bytes()
        while (chunk := await self._next(chunks, reply.until)) is not None:
            yield chunk

    async def _next(self, chunks: AsyncIterator[bytes], until: float) -> bytes | None:
        """The next one by then; None at the end."""
        try:
            async with asyncio.timeout(self._setup.left(until)):
                return await anext(chunks, None)
        except TimeoutError:
            raise lost(httpx.ReadTimeout("")) from None
        except httpx.HTTPError as error:
            raise lost(error) from None
