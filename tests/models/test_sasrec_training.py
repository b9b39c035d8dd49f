from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from ringroad import ITEMS, SMALL, lesson, trained

from models.sasrec.batches import batches, chunks, cut
from models.sasrec.checkpoint import Checkpoint
from models.sasrec.config import Config
from models.sasrec.evaluate import UNKNOWN, Asked, hit_rate, ndcg, ranks
from models.sasrec.telling import Moment
from models.sasrec.training import Trained, train
from service.errors import BadInput


def same(one: Trained, other: Trained) -> bool:
    return one.tensors.keys() == other.tensors.keys() and all(
        np.array_equal(tensor, other.tensors[name]) for name, tensor in one.tensors.items()
    )


def pairs(sequence: np.ndarray) -> set[tuple[int, int]]:
    return set(zip(sequence[:-1].tolist(), sequence[1:].tolist(), strict=True))


class TestChunks:
    @pytest.mark.parametrize("size", [2, 3, 5, 6, 7, 11, 40])
    def test_hold_every_pair_of_neighbours(self, size: int) -> None:
        sequence = np.arange(size)
        for seed in range(20):
            pieces = chunks(sequence, 5, np.random.default_rng(seed))
            assert set().union(*map(pairs, pieces)) == pairs(sequence)
            assert all(2 <= len(piece) <= 6 for piece in pieces)

    def test_of_one_item_are_none(self) -> None:
        assert chunks(np.array([3]), 5, np.random.default_rng(0)) == []

    def test_are_cut_elsewhere_another_time(self) -> None:
        cuts = {
            tuple(len(piece) for piece in chunks(np.arange(40), 5, np.random.default_rng(seed)))
            for seed in range(20)
        }
        assert len(cuts) > 1


def test_a_batch_says_what_follows_what() -> None:
    sequences = [np.array([1, 2, 3]), np.array([4, 5])]
    pieces = cut(sequences, 5, np.random.default_rng(0))
    (batch,) = batches(pieces, 8)
    assert batch.real.sum() == 3
    told = list(
        zip(batch.items[batch.real].tolist(), batch.following[batch.real].tolist(), strict=True)
    )
    assert sorted(told) == [(1, 2), (2, 3), (4, 5)]
    assert batch.real[:, -1].all()


class TestMeasures:
    def test_are_those_of_lists_counted_by_hand(self) -> None:
        found = np.array([0, 1, 9, 10, np.inf])
        assert hit_rate(found, 10) == pytest.approx(3 / 5)
        assert ndcg(found, 10) == pytest.approx((1 + 1 / np.log2(3) + 1 / np.log2(11)) / 5)

    def test_a_rank_is_the_place_in_the_sorted_list_without_the_history(self) -> None:
        net = trained().net
        cases = [Asked(np.array([4, 2, 7]), target) for target in (0, 3, 11)]
        logits = net.read([cases[0].history])[0] @ net.items.T
        order = [n for n in np.argsort(-logits, kind="stable").tolist() if n not in {4, 2, 7}]
        assert ranks(net, cases).tolist() == [order.index(case.target) for case in cases]

    def test_what_is_not_known_is_a_miss(self) -> None:
        nothing = np.zeros(0, dtype=np.int64)
        cases = [Asked(np.array([1]), UNKNOWN), Asked(nothing, 3), Asked(np.array([1]), 2)]
        assert np.isinf(ranks(trained().net, cases)).tolist() == [True, True, False]

    def test_equal_scores_rank_by_their_place(self) -> None:
        made = trained()
        tensors = made.tensors | {"items": np.ones_like(made.tensors["items"])}
        net = replace(made, tensors=tensors).net
        assert ranks(net, [Asked(np.array([0]), 5)]).tolist() == [4]


class TestTraining:
    def test_finds_a_plain_pattern(self) -> None:
        found = ranks(trained().net, lesson()[1])
        assert hit_rate(found, 1) > 0.95
        assert trained().hr == hit_rate(found, 10)
        assert trained().ndcg == pytest.approx(ndcg(found, 10))

    def test_the_same_seed_gives_the_same_weights(self) -> None:
        torch.manual_seed(99)
        assert same(train(*lesson(), ITEMS, SMALL), trained())

    def test_another_seed_gives_others(self) -> None:
        config = replace(SMALL, seed=2, epochs=1)
        assert not same(
            train(*lesson(), ITEMS, config), train(*lesson(), ITEMS, replace(config, seed=3))
        )

    def test_leaves_the_dice_of_the_process_alone(self) -> None:
        torch.manual_seed(5)
        expected = torch.rand(3).tolist()
        torch.manual_seed(5)
        train(*lesson(), ITEMS, replace(SMALL, epochs=1))
        assert torch.rand(3).tolist() == expected

    def test_keeps_the_weights_of_the_best_epoch(self) -> None:
        # Steps so large that it soon gets worse again.
        config = replace(SMALL, learning_rate=0.3, epochs=20, patience=4)
        made = train(*lesson(), ITEMS, config)
        assert made.ndcg == max(made.ndcgs)
        assert made.ndcgs[made.best_epoch - 1] == made.ndcg
        assert made.best_epoch < made.epochs
        assert ndcg(ranks(made.net, lesson()[1]), 10) == pytest.approx(made.ndcg)
        shorter = train(*lesson(), ITEMS, replace(config, epochs=made.best_epoch))
        assert same(shorter, made)

    def test_ends_when_patience_does(self) -> None:
        made = train(*lesson(), ITEMS, replace(SMALL, learning_rate=1e-9, patience=3))
        assert made.epochs == made.best_epoch + 3

    def test_a_softmax_in_pieces_is_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        config = replace(SMALL, epochs=2)
        whole = train(*lesson(), ITEMS, config)
        monkeypatch.setattr("models.sasrec.training.LOGITS", 3 * ITEMS)
        pieces = train(*lesson(), ITEMS, config)
        assert pieces.losses == pytest.approx(whole.losses, rel=1e-4)

    @pytest.mark.parametrize("batch", [16, 1000])  # seen in the next loss, or in the weights
    def test_numbers_that_run_away_are_told(self, batch: int) -> None:
        with pytest.raises(BadInput, match="diverged in epoch 1") as told:
            train(*lesson(), ITEMS, replace(SMALL, learning_rate=1e30, batch=batch))
        assert "learning rate" in told.value.hint

    def test_heads_that_do_not_fit_are_refused(self) -> None:
        with pytest.raises(BadInput, match="3 heads cannot share 64 dimensions"):
            Config(heads=3)

    def test_tells_how_it_goes(self) -> None:
        told: list[Moment] = []
        made = train(*lesson(), ITEMS, replace(SMALL, epochs=2), told.append)
        ended = [moment for moment in told if moment.step == moment.steps]
        assert [moment.epoch for moment in ended] == [1, 2]
        assert [moment.over for moment in ended] == [False, True]
        assert [moment.loss for moment in ended] == made.losses
        assert [moment.ndcg for moment in ended] == made.ndcgs
        assert "loss" in str(told[0])


def rates(config: Config, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The learning rate of every step."""
    seen: list[float] = []
    step = torch.optim.AdamW.step

    def noted(self: torch.optim.AdamW) -> None:
        seen.append(self.param_groups[0]["lr"])
        step(self)

    monkeypatch.setattr(torch.optim.AdamW, "step", noted)
    train(*lesson(), ITEMS, config)
    return seen


class TestLearningRate:
    def test_rises_at_first_and_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        config = replace(SMALL, learning_rate=0.01, warmup=0.5, epochs=2, batch=8)
        found = rates(config, monkeypatch)
        steps = len(found) // 2
        assert found[: steps // 2] == pytest.approx(
            [0.01 * (n + 1) / (0.5 * steps) for n in range(steps // 2)]
        )
        assert found[steps // 2 + 1 :] == [0.01] * (2 * steps - steps // 2 - 1)

    def test_falls_to_what_is_to_be_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        config = replace(SMALL, learning_rate=0.01, warmup=0.0, last_rate=0.1, epochs=4)
        found = rates(config, monkeypatch)
        assert found[0] == 0.01
        assert found[len(found) // 2] == pytest.approx(0.01 * 0.55)
        assert all(later < earlier for earlier, later in pairwise(found))
        assert 0.001 < found[-1] < 0.0013


class Killed(Exception):
    pass


class TestGoingOn:
    def killed(self, kept: Checkpoint, epoch: int, config: Config = SMALL) -> None:
        def kill(moment: Moment) -> None:
            if moment.epoch == epoch and moment.step == 1:
                raise Killed

        with pytest.raises(Killed):
            train(*lesson(), ITEMS, config, kill, kept)

    def checkpoint(self, root: Path, config: Config = SMALL) -> Checkpoint:
        return Checkpoint.of(root, *lesson(), config)

    @pytest.mark.parametrize("epoch", [1, 2, 7])
    def test_comes_to_the_same_as_never_having_stopped(self, tmp_path: Path, epoch: int) -> None:
        kept = self.checkpoint(tmp_path)
        self.killed(kept, epoch)
        told: list[Moment] = []
        again = train(*lesson(), ITEMS, SMALL, told.append, kept)
        assert told[0].epoch == epoch
        assert same(again, trained())
        assert again.losses == trained().losses
        assert (again.ndcg, again.best_epoch) == (trained().ndcg, trained().best_epoch)

    def test_what_is_over_is_not_trained_further(self, tmp_path: Path) -> None:
        kept = self.checkpoint(tmp_path)
        train(*lesson(), ITEMS, SMALL, checkpoint=kept)
        told: list[Moment] = []
        assert same(train(*lesson(), ITEMS, SMALL, told.append, kept), trained())
        assert told == []

    def test_more_epochs_may_be_asked_for(self, tmp_path: Path) -> None:
        few = replace(SMALL, epochs=3)
        train(*lesson(), ITEMS, few, checkpoint=self.checkpoint(tmp_path, few))
        assert same(train(*lesson(), ITEMS, SMALL, checkpoint=self.checkpoint(tmp_path)), trained())

    def test_other_lessons_begin_anew(self, tmp_path: Path) -> None:
        root = tmp_path
        sequences, cases = lesson()
        others = {
            Checkpoint.of(root, sequences, cases, SMALL).path,
            Checkpoint.of(root, sequences[1:], cases, SMALL).path,
            Checkpoint.of(root, sequences, cases[1:], SMALL).path,
            Checkpoint.of(root, sequences, cases, replace(SMALL, seed=2)).path,
            Checkpoint.of(root, sequences, cases, replace(SMALL, dropout=0.2)).path,
            Checkpoint.of(root, sequences, cases, replace(SMALL, last_rate=0.1)).path,
            Checkpoint.of(root, sequences, cases, replace(SMALL, last_rate=0.1, epochs=9)).path,
        }
        assert len(others) == 7

    @pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nonsense", b"\x80\x04N."])
    def test_a_damaged_state_begins_anew(self, tmp_path: Path, damage: bytes) -> None:
        kept = self.checkpoint(tmp_path)
        kept.path.write_bytes(damage)
        assert same(train(*lesson(), ITEMS, SMALL, checkpoint=kept), trained())

    def test_what_was_left_long_ago_is_swept_in_the_end(self, tmp_path: Path) -> None:
        mine, fresh, old = (
            self.checkpoint(tmp_path),
            tmp_path / ".training-a",
            tmp_path / ".training-b",
        )
        for path in (mine.path, fresh, old):
            path.touch()
        os.utime(old, (0, 0))
        mine.done()
        assert list(tmp_path.iterdir()) == [fresh]
