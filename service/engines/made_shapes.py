"""Whether an adapter was made for the model that it is to stand on, told by shapes alone.

Only the headers of the files are read, so that takes no time and no memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from safetensors import SafetensorError, safe_open

from service.engines.made_model import ADAPTER_WEIGHTS, CONFIG, MadeModel, bad, described

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]

_WRAPPED: Final = "base_model.model."
"""Before the name of each matrix, as peft writes it."""

_DOWN: Final = ".lora_A.weight"
_UP: Final = ".lora_B.weight"


def refuse_misfit(made: MadeModel, parent: Path) -> None:
    """BadSettings if matrices of an adapter fit none of its parent's."""
    own = _shapes(made, [made.folder / ADAPTER_WEIGHTS])
    if described(made.label, parent / CONFIG).get("quantization_config"):
        # Its weights are packed: their shapes say nothing.
        return
    base = _shapes(made, sorted(parent.glob("*.safetensors")))
    wrong = sorted(_misfits(own, base))
    if wrong:
        raise bad(
            made.label,
            f"it was made for another model than {parent}: {wrong[0]}",
            hint="An adapter stands on the very model that it was trained on.",
        )


def _misfits(own: Shapes, base: Shapes) -> Iterator[str]:
    matrices = [name.removesuffix(_DOWN) for name in own if name.endswith(_DOWN)]
    if not matrices:
        yield "it changes no matrix"
    for matrix in matrices:
        name = matrix.removeprefix(_WRAPPED)
        there, up = base.get(f"{name}.weight"), own.get(matrix + _UP)
        wanted = (up[0] if up else 0, own[matrix + _DOWN][1])
        if there is None:
            yield f"that has no {name}"
        elif there != wanted:
            yield f"{name} has the shape {list(there)} there, not {list(wanted)}"


def _shapes(made: MadeModel, files: list[Path]) -> Shapes:
    shapes: dict[str, tuple[int, ...]] = {}
    for path in files:
        try:
            with safe_open(path, framework="numpy") as opened:
                for name in opened.keys():  # noqa: SIM118 - it is no mapping
                    shapes[name] = tuple(opened.get_slice(name).get_shape())
        except (OSError, SafetensorError) as error:
            raise bad(made.label, f"{path} is damaged ({error})") from error
    return shapes
