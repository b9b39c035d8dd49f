"""The speller: walks a lexicon under a plan, one token at a time, until the list is complete.

It fails closed: a token it did not offer, a plan it cannot finish, a push after the end: each is
a SpellingError, never a free token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from service.errors import SpellingError
from service.steering.arrays import BoolArray, FloatArray, IntArray
from service.steering.lexicon import LEAF, Frame, Lexicon
from service.steering.plan import Plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.territory import Territory

_NO_EDGES: Final[IntArray] = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Choices:
    """The tokens that may come next (sorted), and what the prior adds to each log-probability.

    Tokens towards a row that ends the list are `closing`, even where they lead to other rows as
    well: whether a token that may end the list comes next is left to the model, and what the prior
    says of those others counts only once the token stands. Between these tokens and all the others
    the prior decides nothing; it says which row comes next, and not whether one does.
    """

    tokens: IntArray
    bonus: FloatArray
    closing: BoolArray | None = None
    """None where there is nothing to keep: no such tokens, no others, or a prior of no weight."""

    def scores(self, said: FloatArray, temperature: float = 0.0) -> FloatArray:
        """What speaks for each of the tokens, of which the model said so much.

        What the prior takes from the others together, closing ones lose too.
        """
        scores: FloatArray = said + self.bonus
        if self.closing is not None:
            others = ~self.closing
            left = _together(scores[others], temperature)
            if np.isfinite(left):
                scores[self.closing] += left - _together(said[others], temperature)
        return scores


def _together(scores: FloatArray, temperature: float) -> float:
    """What scores come to: the chance that one of them is drawn, or the highest where none is."""
    highest = float(scores.max())
    if temperature <= 0 or not np.isfinite(highest):
        return highest
    with np.errstate(over="ignore"):
        shares = np.exp((scores - highest) / temperature)
    return highest + temperature * float(np.log(shares.sum()))


class Speller:
    """One list being spelled."""

    def __init__(
        self,
        lexicon: Lexicon,
        frame: Frame,
        plan: Plan,
        prior: Prior | None = None,
        weight: float = 0.0,
    ) -> None:
        if plan.k > len(frame.labels):
            message = f"the frame has labels for {len(frame.labels)} lines, not {plan.k}"
            raise SpellingError(message)
        if len(plan.class_of_row) != lexicon.size:
            message = f"a plan of {len(plan.class_of_row)} rows for {lexicon.size} titles"
            raise SpellingError(message)
        self._lexicon = lexicon
        self._frame = frame
        self._progress = Progress(plan)
        self._territory = Territory(lexicon, self._progress, prior or Prior.flat())
        self._weight = weight if prior is not None else 0.0
        self._pending: list[int] = []
        self._pushed = 0
        self._node = LEAF
        self._edges = _NO_EDGES
        self._lo = self._hi = self._depth = 0
        self._choices: Choices | None = None
        self._open_line()
        self._advance()

    @property
    def rows(self) -> list[int]:
        """Rows decided so far, in list order: each as soon as nothing else could be spelled."""
        return self._progress.rows

    @property
    def complete(self) -> bool:
        """Whether every row is decided, or one that ends the list; the rest is forced."""
        return self._progress.complete

    @property
    def forced(self) -> IntArray:
        """The tokens that must come next, before there is anything to choose."""
        return np.array(self._pending[self._pushed :], dtype=np.int32)

    @property
    def only(self) -> int | None:
        """The first of the forced tokens, without making an array; None if there is none."""
        return self._pending[self._pushed] if self._pushed < len(self._pending) else None

    @property
    def choices(self) -> Choices | None:
        """What to choose from, once every forced token is pushed."""
        return self._choices if self._pushed == len(self._pending) else None

    @property
    def done(self) -> bool:
        """Whether everything is spelled, end-of-text included."""
        return self.complete and self._pushed == len(self._pending)

    @property
    def end(self) -> int:
        """The token that ends the list."""
        return self._frame.end

    @property
    def early(self) -> list[int]:
        """The rows that would end the list now, and may later."""
        return self._progress.early

    def offers(self, token: int) -> bool:
        """Whether a token is among those to choose from."""
        return self.choices is not None and _place(self.choices.tokens, token) is not None

    def below(self, token: int) -> range | None:
        """At a choice, the rows whose titles go on with a token, whether they may stand or not.

        None where no title does.
        """
        lexicon = self._lexicon
        first, stop = (int(edge) for edge in lexicon.node_edges[self._node : self._node + 2])
        at = _place(lexicon.edge_token[first:stop], token)
        return None if at is None else range(*self._span(first + at))

    def push(self, token: int) -> None:
        """Spell one token, forced or chosen."""
        if self._pushed < len(self._pending):
            if token != self._pending[self._pushed]:
                message = f"token {token} where only {self._pending[self._pushed]} may stand"
                raise SpellingError(message)
            self._pushed += 1
        else:
            self._choose(token)

    def _choose(self, token: int) -> None:
        choices = self._choices
        if choices is None:
            message = f"token {token} after the end of the list"
            raise SpellingError(message)
        at = _place(choices.tokens, token)
        if at is None:
            message = f"token {token} is not among the {len(choices.tokens)} that may stand here"
            raise SpellingError(message)
        self._pending, self._pushed, self._choices = [], 0, None
        self._follow(int(self._edges[at]), entered=True)
        self._advance()

    def _open_line(self) -> None:
        """Begin the next slot at the root."""
        self._pending.extend(self._frame.labels[len(self.rows)])
        self._territory.enter_slot()
        self._lo, self._hi, self._depth = 0, self._lexicon.size, 0
        self._node = self._lexicon.root

    def _advance(self) -> None:
        """Take every step that leaves no choice; stop at a choice or at the end of the list."""
        while True:
            if self._node == LEAF:
                self._spell_up_to(None)
                self._progress.take(self._territory.best_row(self._lo, self._hi))
                if self.complete:
                    self._pending.append(self._frame.end)
                    return
                self._open_line()
                continue
            self._spell_up_to(int(self._lexicon.node_depth[self._node]))
            self._edges = self._territory.open_edges(self._node)
            if len(self._edges) == 0:
                message = "no row of the plan can be spelled from here"
                raise SpellingError(message)
            if len(self._edges) > 1:
                self._choices = self._offer()
                return
            self._follow(int(self._edges[0]), entered=False)

    def _follow(self, edge: int, *, entered: bool) -> None:
        """Step down an edge; `entered` if its token has been pushed already."""
        self._lo, self._hi = self._span(edge)
        self._node = int(self._lexicon.edge_node[edge])
        self._depth += entered

    def _span(self, edge: int) -> tuple[int, int]:
        """The rows below an edge of this node, from the first to the one after the last."""
        lexicon = self._lexicon
        last = int(lexicon.node_edges[self._node + 1]) - 1
        hi = self._hi if edge == last else int(lexicon.edge_lo[edge + 1])
        return int(lexicon.edge_lo[edge]), hi

    def _spell_up_to(self, depth: int | None) -> None:
        """Force the tokens that all rows below share, up to a depth (None: to the end)."""
        tokens = self._lexicon.sequence(self._lo)[self._depth : depth]
        self._pending.extend(tokens.tolist())
        self._depth += len(tokens)

    def _offer(self) -> Choices:
        tokens = self._lexicon.edge_token[self._edges]
        if not self._weight:
            return Choices(tokens, np.zeros(len(tokens)))
        values = self._territory.values(self._node, self._edges)
        closing = self._territory.closing(self._node, self._edges)
        if closing is None:
            return Choices(tokens, self._weight * (values - values.max()))
        if closing.all():
            return Choices(tokens, np.zeros(len(tokens)))
        bonus = self._weight * (values - values[~closing].max())
        bonus[closing] = 0.0
        return Choices(tokens, bonus, closing)


def _place(tokens: IntArray, token: int) -> int | None:
    """Where in sorted tokens one stands, if it does."""
    at = int(np.searchsorted(tokens, token))
    return at if at < len(tokens) and tokens[at] == token else None
