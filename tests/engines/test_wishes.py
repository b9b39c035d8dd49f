"""What the model wanted: the real one in the process, and what servers tell of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest
import test_embedded
from hypothesis import given
from hypothesis import strategies as st
from remote_world import NONE, Desk, assignment, openai, vllm
from stub_server import Stub
from toyshop import ToyCatalogue

from service.domain import Intent, Sampling
from service.engines.embedded import EmbeddedEngine
from service.engines.local import decoder
from service.engines.remote.favourites import favourites
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineFailed
from service.pipeline.clock import Deadline
from service.ports import Decoding, Job
from service.prompts.recommend import recommend_prompt
from service.steering.arrays import FloatArray
from service.steering.choose import choose
from service.steering.speller import Choices
from service.steering.wanted import Wanted, wanted


class TestEmbedded:
    async def test_each_choice_is_counted_and_agreed_where_the_favourite_may_stand(
        self, engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        agreed: list[bool] = []

        def looked_at(
            logits: FloatArray, choices: Choices, sampling: Sampling, dice: np.random.Generator
        ) -> int:
            agreed.append(logits.max() == logits[choices.tokens].max())
            return choose(logits, choices, sampling, dice)

        monkeypatch.setattr(decoder, "choose", looked_at)
        made = await test_embedded.Desk(engine).ask(k=6, temperature=1.0, seed=3)
        assert sum(made.wanted.values()) == len(agreed)
        assert made.wanted[Wanted.AGREED] == sum(agreed) > 0

    async def test_what_it_would_list_were_it_not_in_the_history(
        self, engine: EmbeddedEngine
    ) -> None:
        desk = test_embedded.Desk(engine)
        prompt = recommend_prompt([test_embedded.TITLES[0]], Intent(), 3)
        made = await desk.spell(prompt, 3, Deadline(60))
        assert Wanted.IN_HISTORY not in made.wanted
        past = np.sort(made.rows)
        asked = replace(desk.assignment(3, past), banned=past)
        again = await engine.spell(Job(prompt, asked, Deadline(60)))
        assert set(again.rows).isdisjoint(made.rows)
        assert again.wanted[Wanted.IN_HISTORY] > 0


@pytest.fixture
async def watched(
    stub: Stub, tokenizer: ChatTokenizer, catalogue: ToyCatalogue
) -> AsyncIterator[Desk]:
    async with stub.serving() as url, vllm(url, catalogue, tokenizer, watched=1.0) as desk:
        yield desk


def spelled(catalogue: ToyCatalogue, made: Decoding) -> list[int]:
    """All tokens of a list."""
    lines = zip(catalogue.frame.labels, made.rows, strict=False)
    titles = [[*label, *catalogue.lexicon.sequence(row).tolist()] for label, row in lines]
    return [token for title in titles for token in title] + [catalogue.frame.end]


def judged(catalogue: ToyCatalogue, tokens: list[int], likes: list[int]) -> dict[Wanted, int]:
    """What was wanted, by a speller that is led along the same list."""
    speller = assignment(catalogue).speller()
    counts: Counter[Wanted] = Counter()
    for token, liked in zip(tokens, likes, strict=True):
        if speller.choices is not None:
            counts[wanted(speller, NONE, liked)] += 1
        speller.push(token)
    return counts


class TestRemote:
    @pytest.mark.parametrize("chunk", [1, 3, 50])
    async def test_a_watched_list_tells_what_was_wanted(
        self, watched: Desk, stub: Stub, catalogue: ToyCatalogue, chunk: int
    ) -> None:
        stub.chunk = chunk
        made = await watched.ask()
        tokens = spelled(catalogue, made)
        assert made.wanted == judged(catalogue, tokens, tokens)
        assert made.wanted.keys() == {Wanted.AGREED}
        lexicon, dice = catalogue.lexicon, np.random.default_rng(7)
        begin_titles = lexicon.edge_token[: lexicon.node_edges[1]].tolist()
        likes = dice.choice([*begin_titles, catalogue.frame.end], len(tokens)).tolist()
        stub.likes = tuple(likes)
        again = await watched.ask()
        assert again.rows == made.rows
        assert again.wanted == judged(catalogue, tokens, likes)
        assert len(again.wanted) > 2

    async def test_a_list_cut_short_tells_of_what_there_is(
        self, watched: Desk, stub: Stub, catalogue: ToyCatalogue
    ) -> None:
        whole = await watched.ask()
        stub.abort_after = len(spelled(catalogue, whole)) * 2 // 3
        made = await watched.ask()
        assert 0 < len(made.rows) < len(whole.rows)
        assert 0 < made.wanted[Wanted.AGREED] < whole.wanted[Wanted.AGREED]

    async def test_a_server_that_gives_no_log_probabilities_makes_lists_all_the_same(
        self, watched: Desk, stub: Stub
    ) -> None:
        stub.tells_weights = False
        silent = await watched.ask()
        stub.refuses = frozenset({"logprobs"})
        refused = await watched.ask()
        assert stub.refused == 1
        assert (len(refused.rows), refused.rows) == (5, silent.rows)
        assert not silent.wanted
        assert not refused.wanted

    async def test_whatever_else_is_wrong_is_not_asked_twice(
        self, watched: Desk, stub: Stub
    ) -> None:
        await watched.ask()
        stub.status = 500
        with pytest.raises(EngineFailed):
            await watched.ask()
        assert stub.calls["/v1/completions"] - len(stub.asked) < 4

    @pytest.mark.parametrize(
        ("share", "least", "most"), [(0.0, 0, 0), (0.5, 20, 60), (1.0, 80, 80)]
    )
    async def test_a_share_of_the_lists_is_watched_and_none_is_another_for_it(
        self,
        share: float,
        least: int,
        most: int,
        stub: Stub,
        catalogue: ToyCatalogue,
        tokenizer: ChatTokenizer,
    ) -> None:
        """Where half are, 20 to 60 of 80 lists are, but once in 200,000 runs."""
        drawn = Sampling(1.0, 5)
        async with stub.serving() as url, vllm(url, catalogue, tokenizer, watched=share) as desk:
            lists = {(await desk.ask(2, sampling=drawn)).rows for _ in range(80)}
        assert least <= sum("logprobs" in asked for asked in stub.asked) <= most
        assert len(lists) == 1
        assert {asked["seed"] for asked in stub.asked} == {5}

    async def test_of_numbers_that_a_model_names_nothing_is_known(
        self, stub: Stub, catalogue: ToyCatalogue
    ) -> None:
        async with stub.serving() as url, openai(url, catalogue, watched=1.0) as desk:
            made = await desk.ask(shown=8)
        assert len(made.rows) == 5
        assert not made.wanted
        assert all("logprobs" not in asked for asked in stub.asked)


class TestWhatAServerTells:
    def test_the_likeliest_token_of_each_place(self) -> None:
        tops = [{"token_id:5": -0.1}, {"token_id:5": -9, "token_id:7": -0.5}, None, {"five": -1.0}]
        assert favourites({"top_logprobs": tops}, 4) == [5, 7, None, None]

    def test_the_token_that_was_taken_wins_where_another_is_as_likely(self) -> None:
        assert favourites({"top_logprobs": [{"token_id:5": -1.0, "token_id:7": -1.0}]}, 1) == [5]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["top_logprobs", "token_id:5", "token_id:99999999999", "x"]),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=8,
        ),
        st.integers(0, 3),
    )
    def test_whatever_else_it_sends_tells_nothing(self, told: object, count: int) -> None:
        found = favourites(told, count)
        assert len(found) == count
        assert all(token in {None, 5} for token in found)
