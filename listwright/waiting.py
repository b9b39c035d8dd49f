"""The client that waits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
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
from listwright.blocks import Block
from listwright.calls import Call
from listwright.reply import Reply, bounded, is_packed, plain
from listwright.setup import Setup, check_open
from listwright.telling import Telling
from listwright.tries import Outcome, Patience, Pause, Send, Step, lost, tries

T = TypeVar("T")


class ListStream:
    """A list while it is made: iterate over its items, then take the whole."""

    def __init__(self, chunks: Iterator[bytes], telling: Telling) -> None:
        self._items = self._told(chunks)
        self._telling = telling

    def __iter__(self) -> Iterator[ListedItem]:
        """Each item the moment it is final."""
        self._telling.listening()
        return self._items

    def whole(self) -> Recommended:
        """The list with its receipt, once all of it has come."""
        if not self._telling.left:
            for _ in self._items:
                pass
        return self._telling.over()

    def _told(self, chunks: Iterator[bytes]) -> Iterator[ListedItem]:
        for chunk in chunks:
            yield from self._telling.heard(chunk)
            self._telling.listening()
        self._telling.over()


class Client:
    """Asks a Listwright service, and waits. One may be shared by threads; close it at the end.

    A deadline is looked at between reads of the network, and not while headers come in.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._setup = Setup.of(url, api_key, patience or Patience())
        # A redirect is not followed: whoever it names would be shown the key.
        self._http = httpx.Client(transport=transport, follow_redirects=False)

    def __repr__(self) -> str:
        return f"Client({self._setup.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ended: object) -> None:
        self.close()

    def close(self) -> None:
        """Give up the connections."""
        self._http.close()

    def recommend(self, **asked: Unpack[ListAsked]) -> Recommended:
        """A list of exactly `k` items that exist, repeat nothing and obey every control."""
        return self._said(calls.recommend(asked))

    def free(self, **asked: Unpack[FreeAsked]) -> FreeList:
        """What the model writes when nothing holds it, judged; where the playground is served."""
        return self._said(calls.free(asked))

    def stream(self, **asked: Unpack[ListAsked]) -> Block[ListStream]:
        """The same while it is made; leaving the block ends the work."""
        return Block(partial(self._streamed, calls.recommend(asked, stream=True)))

    def answer(self, question: str, **asked: Unpack[QuestionAsked]) -> Answered:
        """An answer that is one: an option, an order, a selection, spans, or a few words."""
        return self._said(calls.answer(question, asked))

    def record(self, events: Iterable[Event], **options: Unpack[Options]) -> Recorded:
        """Remember what users met. Each event counts once, however often it is sent."""
        return self._said(calls.record(events, options))

    def feedback(self, made: Recommended | str, **said: Unpack[Feedback]) -> Learnt:
        """Say which items of a list, or of the one of a request id, were seen, clicked, bought."""
        return self._said(calls.feedback(made, said))

    def history(self, user_id: str, **options: Unpack[Options]) -> History:
        """What is remembered of a user."""
        return self._said(calls.history(user_id, options))

    def forget(self, user_id: str, **options: Unpack[Options]) -> None:
        """Forget what came in of a user."""
        self._said(calls.forget(user_id, options))

    def users(self, *, limit: int = 20, **options: Unpack[Options]) -> tuple[KnownUser, ...]:
        """Some users whom the catalogue knows; where the playground is served."""
        return self._said(calls.users(limit, options))

    def item(self, item_id: str, **options: Unpack[Options]) -> Item:
        """One item of the catalogue."""
        return self._said(calls.item(item_id, options))

    def search_items(
        self, words: str = "", *, limit: int = 20, **options: Unpack[Options]
    ) -> tuple[Item, ...]:
        """Items whose titles fit the words, the best first."""
        return self._said(calls.search_items(words, limit, options))

    def catalogue(self, **options: Unpack[Options]) -> Catalogue:
        """The catalogue that is served, with its categories."""
        return self._said(calls.catalogue(options))

    def verify(
        self,
        answer: Recommended | Mapping[str, Any],
        *,
        history: Iterable[str] | None = None,
        user_id: str | None = None,
        **options: Unpack[Options],
    ) -> Verified:
        """Have a list checked that was handed out; with neither history nor user all but that."""
        return self._said(calls.verify(answer, history, user_id, options))

    def about(self, **options: Unpack[Options]) -> About:
        """What the service is made of, and what it can be asked for."""
        return self._said(calls.about(options))

    def ready(self, **options: Unpack[Options]) -> Ready:
        """Whether requests are served, and what has to be done without."""
        return self._said(calls.ready(options))

    def reload(self, version: str | None = None, **options: Unpack[Options]) -> Catalogue:
        """Serve another version, or the one built last; needs an administrator's key."""
        return self._said(calls.reload(version, options))

    def rollback(self, **options: Unpack[Options]) -> Catalogue:
        """Serve the version that was served before; needs an administrator's key."""
        return self._said(calls.rollback(options))

    @contextmanager
    def _streamed(self, call: Call[Recommended]) -> Iterator[ListStream]:
        reply = self._tried(call)
        telling = Telling(reply, call.read)
        with closing(reply.coming):
            try:
                yield ListStream(self._chunks(reply), telling)
            finally:
                telling.left = True

    def _said(self, call: Call[T]) -> T:
        return call.read(self._tried(call))

    def _tried(self, call: Call[Any]) -> Reply:
        check_open(self._http)
        road = tries(call, self._setup.patience)
        step = next(road)
        while True:
            try:
                step = road.send(self._done(call, step))
            except StopIteration as done:
                reply: Reply = done.value
                return reply

    def _done(self, call: Call[Any], step: Step) -> Outcome:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        try:
            return self._sent(call, step)
        except httpx.HTTPError as error:
            return error

    def _sent(self, call: Call[Any], step: Send) -> Reply:
        response = self._http.send(self._setup.request(call, step.until), stream=True)
        if call.streams and response.status_code in call.taken and not is_packed(response):
            status, headers = response.status_code, response.headers
            return Reply(status, headers, coming=response, until=step.until)
        body = bytearray()
        try:
            plain(response)
            for chunk in response.iter_bytes():
                self._setup.in_time(step.until)
                body += chunk
                bounded(len(body), response.status_code, response.headers)
        finally:
            response.close()
        return Reply(response.status_code, response.headers, bytes(body))

    def _chunks(self, reply: Reply) -> Iterator[bytes]:
        try:
            for chunk in reply.coming.iter_bytes():
                self._setup.in_time(reply.until)
                yield chunk
        except httpx.HTTPError as error:
            raise lost(error) from None
