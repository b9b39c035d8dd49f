"""A model in parts, one in each process: torch's FSDP2, on CPUs (gloo) as on GPUs (nccl).

accelerate, under trl's trainer, has an FSDP of its own, which silently becomes DDP on CPUs: every
process would hold everything, and nothing about sharding could be proven without GPUs. So the
model is sharded here, by torch itself, before accelerate sees it, and carries accelerate's mark
for a model that is prepared already. The trainer's loop stays the same one for any number of
processes: FSDP2 averages gradients as DDP does, so its arithmetic of batches holds. Where an epoch
does not fill its last step in all processes, accelerate fills it with the epoch's first examples.

Started without torchrun there is one process, and every function here does the obvious.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, TypeVar

import torch
import torch.distributed as dist
from peft import PeftModel
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

T = TypeVar("T")

PATIENCE: Final = timedelta(hours=6)
"""How long processes wait for each other: the first one reads all of the model for its digest.

That is 140 GB at 70B, perhaps over a network; nccl itself would give up after ten minutes. For one
that has ended nobody waits: torchrun ends the others.
"""


@contextmanager
def together() -> Iterator[None]:
    """Join the processes that torchrun started beside this one, if it did."""
    if started() == 1:
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=PATIENCE)
    try:
        yield
    finally:
        dist.destroy_process_group()


def started() -> int:
    """How many processes torchrun started, whether they have joined yet or not."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Which of the processes this is; the first one writes."""
    return dist.get_rank() if dist.is_initialized() else 0


def processes() -> int:
    """How many are joined."""
    return dist.get_world_size() if dist.is_initialized() else 1


def from_first(value: T) -> T:
    """What the first process says, in all of them."""
    if not dist.is_initialized():
        return value
    box = [value]
    dist.broadcast_object_list(box, src=0)
    return box[0]


def from_each(value: T) -> list[T]:
    """What every process says, in order."""
    if not dist.is_initialized():
        return [value]
    boxes: list[T] = [value] * processes()
    dist.all_gather_object(boxes, value)
    return boxes


def summed(tensor: Tensor) -> Tensor:
    """The sum over the processes."""
    if dist.is_initialized():
        dist.all_reduce(tensor)
    return tensor


def sharded(model: PeftModel) -> PeftModel:
    """The model with each layer, and what is around them, in parts; as it is in one process."""
    if processes() == 1:
        return model
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    mesh = init_device_mesh(kind, (processes(),))
    # A layer's parts are put together when it is reached, and let go of when it is passed.
    for layer in model.get_base_model().get_decoder().layers:
        fully_shard(layer, mesh=mesh)
    fully_shard(model, mesh=mesh)
    return model


def held(model: nn.Module) -> list[float]:
    """The share of the model's elements that each process holds."""
    here = total = 0
    for one in model.parameters():
        here += one.to_local().numel() if isinstance(one, DTensor) else one.numel()
        total += one.numel()
    return [round(share, 4) for share in from_each(here / total)]


def whole(tensor: Tensor) -> Tensor:
    """A tensor with all its parts, on the CPU; to be asked for by every process at once."""
    found = tensor.detach()
    if isinstance(found, DTensor):
        found = found.full_tensor()
    return found.cpu().clone()


def like(tensor: Tensor, pattern: Tensor) -> Tensor:
    """A whole tensor in parts where the pattern is, and on its device."""
    on_device = tensor.to(pattern.device)
    if isinstance(pattern, DTensor):
        return distribute_tensor(on_device, pattern.device_mesh, pattern.placements)
    return on_device
