"""Candidates weighed by a server: one token is asked for, and how likely each mark was to be it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias, TypeGuard

import numpy as np

from service.engines.remote.call import Call, Sent
from service.engines.remote.reply import Access, Asking, hear_out
from service.engines.remote.server_errors import Refused, Unweighable, Unweighed
from service.engines.remote.sse import Event
from service.engines.remote.standing import Standing
from service.engines.remote.terms import NOT_THAT, REMEMBERED_S
from service.engines.text.marks import normalised
from service.ports import Slate, Weighed
from service.steering.arrays import FloatArray

NONE_GIVEN: Final = "the model's server gives no log-probabilities"

Told: TypeAlias = Mapping[str, Any]
"""What a server says of the log-probabilities at an answer's first token."""

Read: TypeAlias = Callable[[Told], FloatArray]
"""Takes the scores of the marks out of that.

Unweighable if there are no scores, Unweighed if there are, but of none of the marks.
"""


class MarkReader:
    """Waits for the first event with log-probabilities; what follows is of no use."""

    due: Final = False
    """All is done when it is heard."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.scores: FloatArray | None = None

    @property
    def complete(self) -> bool:
        """Whether they have come."""
        return self.scores is not None

    def hear(self, choice: Event) -> int:
        """Take the log-probabilities out of an event that has some."""
        told = choice.get("logprobs")
        if self.complete or not isinstance(told, dict) or not any(told.values()):
            return 0
        self.scores = normalised(self._read(told))
        return 1

    def work(self) -> None:
        """Nothing is left to be done."""

    def end(self, *, cut: bool) -> str | None:  # noqa: ARG002 - one token was to be all
        """Without them the reply was in vain."""
        if not self.complete:
            raise Unweighable(NONE_GIVEN)
        return None


async def hear_marks(access: Access, slate: Slate, call: Callable[[], Sent], read: Read) -> Weighed:
    """What the answer to a call says of the marks of a slate."""
    reader = MarkReader(read)
    heard = await hear_out(access, Asking(lambda: Call(call(), reader), slate.deadline))
    if reader.scores is None:
        raise heard.nothing("log-probability")
    return Weighed(reader.scores, seconds=heard.seconds, prompt=heard.prompt)


class Ability:
    """Whether one server can weigh: found out by asking, and remembered for a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lacking: tuple[Standing, float] | None = None

    def of(self, standing: Standing) -> bool:
        """Whether nothing is known against it. Another server, in its place, is another object."""
        if self._lacking is None or self._lacking[0] is not standing:
            return True
        return self._clock() - self._lacking[1] > REMEMBERED_S

    async def tried(self, standing: Standing, ask: Callable[[], Awaitable[Weighed]]) -> Weighed:
        """What comes of asking; Unweighable if the server does not do this."""
        try:
            return await ask()
        except Unweighable:
            self._lacking = (standing, self._clock())
            raise
        except Refused as refused:
            if refused.answered not in NOT_THAT:
                raise
            self._lacking = (standing, self._clock())
            raise Unweighable(f"{NONE_GIVEN}: {refused.message}") from refused


def of_tokens(told: Told, tokens: list[int]) -> FloatArray:
    """The scores of some tokens, as vLLM tells them: under `token_id:N`."""
    top = told.get("top_logprobs")
    first = top[0] if isinstance(top, list) and top else None
    given = first if isinstance(first, dict) else {}
    scores = [given.get(f"token_id:{token}") for token in tokens]
    if not all(map(_is_number, scores)):
        # A vLLM from before `logprob_token_ids` tells the most likely tokens instead.
        raise Unweighable(f"{NONE_GIVEN} of the tokens it is asked about")
    return np.array(scores, dtype=np.float64)


def of_texts(told: Told, marks: tuple[str, ...]) -> FloatArray:
    """The scores of some texts, as OpenAI tells them: those among the most likely tokens.

    What is told of no mark is less likely than all that is told: it stands a nat below the least.
    """
    seen = _most_likely(told)
    found = {mark: [score for text, score in seen if text.strip() == mark] for mark in marks}
    if not any(found.values()):
        # The words of one user may lead a model so far off: that tells nothing of other lists.
        raise Unweighed("the model's server answers with none of the candidates' marks")
    beyond = min(score for _, score in seen) - 1.0
    return np.array([np.logaddexp.reduce(found[mark] or [beyond]) for mark in marks])


def _most_likely(told: Told) -> list[tuple[str, float]]:
    content = told.get("content")
    first = content[0] if isinstance(content, list) and content else None
    top = first.get("top_logprobs") if isinstance(first, dict) else None
    entries = top if isinstance(top, list) else []
    pairs = [(e.get("token"), e.get("logprob")) for e in entries if isinstance(e, dict)]
    seen = [(text, float(s)) for text, s in pairs if isinstance(text, str) and _is_number(s)]
    if not seen:
        raise Unweighable(NONE_GIVEN)
    return seen


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
