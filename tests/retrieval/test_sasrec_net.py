from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from ringroad import any_net, untrained

from models.sasrec.config import Config
from models.sasrec.net import exported, shape_of
from service.retrieval.sasrec_net import Net, tensors_of
from service.steering.arrays import FloatArray, IntArray

CONFIG = Config(dimension=12, layers=2, heads=3, length=20)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Config, int, int, list[list[int]]]:
    heads = draw(st.integers(1, 3))
    config = Config(
        dimension=heads * draw(st.integers(1, 6)),
        layers=draw(st.integers(1, 3)),
        heads=heads,
        length=draw(st.integers(1, 24)),
    )
    items = draw(st.integers(1, 30))
    history = st.lists(st.integers(0, items - 1), max_size=40)
    return config, items, draw(st.integers(0, 99)), draw(st.lists(history, min_size=1, max_size=5))


def by_torch(config: Config, items: int, seed: int, histories: list[list[int]]) -> FloatArray:
    """What the torch net says, every history padded to the full length."""
    net = untrained(items, config, seed)
    width = config.length
    padded = torch.zeros(len(histories), width, dtype=torch.int64)
    real = torch.zeros(len(histories), width, dtype=torch.bool)
    for place, history in enumerate(histories):
        kept = history[-width:]
        if kept:
            padded[place, -len(kept) :] = torch.tensor(kept)
            real[place, -len(kept) :] = True
    with torch.no_grad():
        vectors: FloatArray = net(padded, real)[:, -1].numpy()
    return vectors


def arrays(histories: list[list[int]]) -> list[IntArray]:
    return [np.array(history, dtype=np.int64) for history in histories]


@settings(max_examples=200)
@given(worlds())
def test_numpy_reads_as_torch_does(world: tuple[Config, int, int, list[list[int]]]) -> None:
    config, items, seed, histories = world
    net = any_net(items, config, seed)
    expected = by_torch(config, items, seed, histories)
    np.testing.assert_allclose(net.read(arrays(histories)), expected, atol=1e-4)


@pytest.mark.parametrize("length", [0, 1, 2, 7, 8, 9, 19, 20, 21, 200])
def test_at_the_size_that_is_served_too(length: int) -> None:
    config = Config()
    history = np.random.default_rng(length).integers(0, 500, length).tolist()
    found = any_net(500, config).read(arrays([history]))
    np.testing.assert_allclose(found, by_torch(config, 500, 0, [history]), atol=1e-4)


def test_what_is_read_beside_it_changes_no_bit() -> None:
    net = any_net(30, CONFIG)
    dice = np.random.default_rng(0)
    histories = [dice.integers(0, 30, n) for n in (1, 3, 8, 9, 20, 50, 2, 8, 0)]
    together = net.read(histories)
    for place, history in enumerate(histories):
        np.testing.assert_array_equal(net.read([history])[0], together[place])


def test_what_is_too_far_back_is_not_looked_at() -> None:
    net = any_net(30, CONFIG)
    history = np.arange(30)
    np.testing.assert_array_equal(net.read([history]), net.read([history[-20:]]))


def test_every_place_within_reach_counts() -> None:
    net = any_net(30, CONFIG)
    history = np.arange(20)
    for place in range(20):
        other = history.copy()
        other[place] = 25
        assert np.abs(net.read([other]) - net.read([history])).max() > 1e-5


class TestChecks:
    def tensors(self) -> dict[str, FloatArray]:
        return exported(untrained(30, CONFIG))

    def test_a_net_has_the_tensors_of_its_shape(self) -> None:
        shape = shape_of(30, CONFIG)
        assert {name: t.shape for name, t in self.tensors().items()} == tensors_of(shape)

    @pytest.mark.parametrize("name", sorted(tensors_of(shape_of(30, CONFIG))))
    def test_each_tensor_is_looked_at(self, name: str) -> None:
        tensor = self.tensors()[name]
        infinite = tensor.copy()
        infinite.flat[-1] = np.nan
        for bad in (infinite, tensor[:-1], tensor.astype(np.float64)):
            with pytest.raises(ValueError, match=name):
                Net(shape_of(30, CONFIG), self.tensors() | {name: bad})

    def test_none_is_missing_and_none_is_strange(self) -> None:
        tensors = self.tensors()
        strange = tensors | {"more": np.zeros(1, dtype=np.float32)}
        del tensors["norm.bias"]
        for bad in (tensors, strange):
            with pytest.raises(ValueError, match="not those of a net of its shape"):
                Net(shape_of(30, CONFIG), bad)

    @pytest.mark.parametrize("heads", [0, 5])
    def test_a_shape_that_cannot_be(self, heads: int) -> None:
        shape = shape_of(30, CONFIG)
        with pytest.raises(ValueError, match="heads"):
            Net(replace(shape, heads=heads), self.tensors())
