"""A few steps on the real model."""

from __future__ import annotations

from pathlib import Path

from sft_examples import choices, data_in

from models.sft.tuning import tuned
from models.steps.output import figures_of
from service.engines.local.checkpoint import ensure_checkpoint


def test_smollm2_learns_what_it_is_taught(cache_dir: Path, tmp_path: Path) -> None:
    chosen = choices(
        steps=12, epochs=2, learning_rate=5e-4, precision="bfloat16", evaluate_every=12
    )
    model = ensure_checkpoint(cache_dir, print)
    folder = tuned(data_in(tmp_path / "data"), model, tmp_path / "out", chosen)
    assert folder is not None
    figures = figures_of(folder)
    before, after = figures["judgements"]["0"]["loss"], figures["judgements"]["12"]["loss"]
    assert after < before / 2
