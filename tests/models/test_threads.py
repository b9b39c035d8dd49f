"""Threads of the processor: as many as are asked for, where there are so many cores."""

from __future__ import annotations

import pytest
import torch

from models.llm.threads import at_most


@pytest.mark.parametrize(("asked", "cores", "threads"), [(3, 4, 3), (4, 3, 3), (1, 8, 1)])
def test_no_more_than_cores_and_only_for_a_while(
    monkeypatch: pytest.MonkeyPatch, asked: int, cores: int, threads: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)))
    before = torch.get_num_threads()
    with at_most(asked):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == before
