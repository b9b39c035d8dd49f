"""Models in torch as engines: the suites of all engines, and what only a model in training does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from engine_conformance import EngineConformance, World
from models_tiny import tiny_checkpoint
from rank_conformance import weigh
from toyshop import ToyCatalogue, toy_items
from transformers import PreTrainedModel

from models.llm.adapters import Lora, save_adapter, with_lora
from models.llm.checkpoint import Checkpoint, checkpoint_in
from models.llm.engine import engine_in, torch_engine
from models.llm.loading import load_model
from models.llm.runtime import TorchModel
from models.llm.tokens import prompt_tokens
from service.domain import Prompt
from service.engines.embedded import EmbeddedEngine
from service.engines.local.checkpoint import ensure_checkpoint
from service.errors import BadInput, DamagedArtifact, EngineFailed
from service.steering.arrays import FloatArray

LETTER = Prompt("v", "You are brief.", "Write a letter to a friend.")


@pytest.fixture(scope="module")
def checkpoint(tiny: Path) -> Checkpoint:
    return checkpoint_in(tiny)


@pytest.fixture(scope="module")
def weights(checkpoint: Checkpoint) -> PreTrainedModel:
    """Never to be trained."""
    return load_model(checkpoint, "float32")


@pytest.fixture(scope="module")
def talkative(checkpoint: Checkpoint) -> PreTrainedModel:
    """With an output of its own: one that is tied to the input says again what it read last."""
    model = load_model(checkpoint, "float32")
    head = model.get_output_embeddings()
    assert isinstance(head, torch.nn.Linear)
    dice = torch.Generator().manual_seed(3)
    head.weight = torch.nn.Parameter(torch.randn(head.weight.shape, generator=dice) / 10)
    return model


class TestAnyModel(EngineConformance):
    @pytest.fixture
    async def world(
        self, talkative: PreTrainedModel, checkpoint: Checkpoint
    ) -> AsyncIterator[World]:
        engine = torch_engine(talkative, checkpoint.tokenizer, "talkative")
        yield World(engine, ToyCatalogue(toy_items(), engine.tokenizer))
        await engine.close()


@pytest.fixture
def model(weights: PreTrainedModel) -> TorchModel:
    return TorchModel(weights, context=256)


def said(weights: torch.nn.Module, tokens: Sequence[int]) -> FloatArray:
    """What transformers itself says after each of some tokens."""
    with torch.no_grad():
        made: FloatArray = weights(input_ids=torch.tensor([list(tokens)])).logits[0].numpy()
    return made


def agree(model: TorchModel, tokens: Sequence[int], wanted: FloatArray, by: float) -> None:
    """Token by token, and in blocks."""
    state = model.state()
    for place, token in enumerate(tokens):
        state.append([token])
        assert np.allclose(state.logits(), wanted[place], atol=by)
    state.clear()
    half = len(tokens) // 2
    for start, end in ((0, half), (half, len(tokens))):
        state.append(tokens[start:end])
        assert np.allclose(state.logits(), wanted[end - 1], atol=by)


class TestStates:
    def test_say_what_transformers_says(self, model: TorchModel) -> None:
        tokens = range(100, 140)
        agree(model, tokens, said(model.module, tokens), 1e-5)

    def test_of_the_real_model_do_too(self, cache_dir: Path) -> None:
        found = checkpoint_in(ensure_checkpoint(cache_dir, print))
        weights = load_model(found, "float32")
        tokens = prompt_tokens(found.tokenizer, LETTER)
        wanted = said(weights, tokens)
        assert np.ptp(wanted[-1]) > 10
        agree(TorchModel(weights, 1024), tokens, wanted, 2e-3)

    def test_resumed_say_it_bit_for_bit(self, model: TorchModel) -> None:
        fresh, used = model.state(), model.state()
        for state in (fresh, used):
            state.append(range(100, 140))
        kept, then = used.beginning(), used.logits()
        used.append(range(500, 600))
        used.clear()
        used.append(range(300, 400))
        used.resume(kept)
        assert used.length == 40
        assert np.array_equal(used.logits(), then)
        for _ in range(2):
            for state in (fresh, used):
                state.append([7, 8, 9])
            assert np.array_equal(fresh.logits(), used.logits())
        # What was kept is not changed by what was read after it.
        used.resume(kept)
        assert np.array_equal(used.logits(), then)

    def test_that_forgot_everything_are_as_good_as_new(self, model: TorchModel) -> None:
        fresh, used = model.state(), model.state()
        used.append(range(500, 600))
        used.clear()
        for state in (fresh, used):
            state.append(range(100, 140))
        assert np.array_equal(fresh.logits(), used.logits())

    @pytest.mark.parametrize("tokens", [[], [-1], [10**8], [49152], [5] * 257])
    def test_refuse_tokens_that_the_model_has_not_or_cannot_hold(
        self, model: TorchModel, tokens: list[int]
    ) -> None:
        state = model.state()
        with pytest.raises(EngineFailed):
            state.append(tokens)
        state.append([1])
        assert state.length == 1

    def test_hold_no_more_than_the_model_was_made_for(self, weights: PreTrainedModel) -> None:
        assert TorchModel(weights, 100_000).context == weights.config.max_position_embeddings


async def heard(engine: EmbeddedEngine) -> list[float]:
    """What it says of some candidates."""
    return list((await weigh(engine)).scores)


def step(model: torch.nn.Module) -> None:
    """One of training."""
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=20.0)
    tokens = torch.arange(100, 140)[None]
    loss = model(input_ids=tokens, labels=tokens).loss
    loss.backward()
    optimizer.step()


class TestInTraining:
    @pytest.fixture
    def learning(self, checkpoint: Checkpoint) -> torch.nn.Module:
        """Under an adapter with dropout, one part of it frozen as it is served."""
        weights = load_model(checkpoint, "float32")
        adapted = with_lora(weights, Lora(4, 16, dropout=0.5))
        adapted.train()
        weights.model.layers[0].eval()
        return adapted

    async def test_reads_as_it_is_served_and_goes_on_learning(
        self, learning: PreTrainedModel, checkpoint: Checkpoint
    ) -> None:
        step(learning)
        modes = [part.training for part in learning.modules()]
        assert True in modes
        assert False in modes
        for one in learning.parameters():
            one.grad = None
        # Dropout would have each say something else.
        scores = [await heard(torch_engine(learning, checkpoint.tokenizer, name)) for name in "ab"]
        assert scores[0] == scores[1]
        assert [part.training for part in learning.modules()] == modes
        assert all(one.grad is None for one in learning.parameters())
        step(learning)

    async def test_what_it_learnt_is_heard_from_another_engine(
        self, learning: PreTrainedModel, checkpoint: Checkpoint
    ) -> None:
        before = torch_engine(learning, checkpoint.tokenizer, "before")
        first = await heard(before)
        step(learning)
        with pytest.raises(EngineFailed, match="trained since"):
            await heard(before)
        step(learning)
        after = torch_engine(learning, checkpoint.tokenizer, "after")
        assert await heard(after) != first


def names(*engines: EmbeddedEngine) -> list[str]:
    for engine in engines:
        asyncio.run(engine.close())
    return [engine.model for engine in engines]


class TestFolders:
    def test_of_one_name_are_told_apart_by_their_weights(
        self, tiny: Path, tmp_path: Path, cache_dir: Path
    ) -> None:
        other = tiny_checkpoint(tmp_path / tiny.name, cache_dir, seed=1)
        again = tiny_checkpoint(tmp_path / "again" / tiny.name, cache_dir)
        mine, others, same, exact = names(
            engine_in(tiny), engine_in(other), engine_in(again), engine_in(tiny, None, "float32")
        )
        assert mine.startswith("tiny-lm@")
        assert mine == same
        assert len({mine, others, exact}) == 3

    async def test_with_an_adapter_answer_by_it(
        self, tiny: Path, checkpoint: Checkpoint, tmp_path: Path
    ) -> None:
        adapted = with_lora(load_model(checkpoint, "float32"), Lora(4, 16))
        step(adapted)
        step(adapted)
        save_adapter(adapted, checkpoint, tmp_path / "tuned")
        base, tuned = engine_in(tiny, None, "float32"), engine_in(tmp_path / "tuned")
        assert tuned.model.startswith("tuned@")
        assert base.model.partition(",")[0] in tuned.model
        exact = engine_in(tmp_path / "tuned", tiny, "float32")
        wanted = await heard(torch_engine(adapted, checkpoint.tokenizer, "in memory"))
        assert await heard(exact) == pytest.approx(wanted, abs=1e-4)
        assert await heard(base) != pytest.approx(wanted, abs=1e-2)

    def test_that_were_altered_are_refused(self, cache_dir: Path, tmp_path: Path) -> None:
        folder = tiny_checkpoint(tmp_path / "lm", cache_dir)
        (folder / "generation_config.json").write_text("{}")
        with pytest.raises(DamagedArtifact, match="generation_config"):
            engine_in(folder)

    def test_cut_short_are_told(self, cache_dir: Path, tmp_path: Path) -> None:
        folder = tiny_checkpoint(tmp_path / "lm", cache_dir)
        (folder / "manifest.json").unlink()
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:100_000])
        with pytest.raises(BadInput, match="cannot be loaded"):
            engine_in(folder)

    def test_without_a_model_are_told(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="no model"):
            engine_in(tmp_path)
