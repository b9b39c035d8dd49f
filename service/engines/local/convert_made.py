"""A model of one's own for ONNX Runtime, once: an adapter is merged into its model before.

Merged, a model takes one pass a token, as fast as it was; left apart, an adapter doubles the number
of matrices, and keeps the builder from packing those of attention into one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from service.engines.local.convert import FORMAT, build_int4
from service.engines.local.smollm2 import without_chatter
from service.engines.made_changed import changed
from service.engines.made_model import MadeModel, bad, copy_tokenizer, made_model, short_digest
from service.engines.made_shapes import refuse_misfit
from service.modelfolder import convert, ensure_folder, write_manifest

INSTALL: Final = "pip install 'listwright[models]' once where it is converted."
MODULE: Final = "service.engines.local.convert_made"


def ensure_made(cache: Path, made: MadeModel, tell: Callable[[str], None]) -> Path:
    """The folder of the converted model, converting it the first time."""
    whole, digest = made, made.digest
    if made.parent is not None:
        whole = _parent(made, made.parent)
        digest = short_digest((made.digest, whole.digest))
    name = f"{made.label}-int4@{digest}"
    adapter = () if made.parent is None else (str(made.folder),)

    def make(aside: Path) -> None:
        tell(f"Converting the language model {made.label} (once, about half a minute) ...")
        convert(MODULE, aside, INSTALL, name, str(whole.folder), *adapter)
        _refuse_exchanged(made)
        _refuse_exchanged(whole)

    return ensure_folder(cache / f"{name}-{FORMAT}", make)


def _parent(made: MadeModel, folder: Path) -> MadeModel:
    """The whole model that an adapter is to be merged into."""
    if not folder.is_dir():
        raise bad(
            made.label,
            f"the model that it stands on is not at {folder}",
            hint="Put it there, or merge the two where it is: python -m models.merge.",
        )
    parent = made_model(made.label, folder)
    if parent.parent is not None:
        raise bad(made.label, f"it stands on {folder}, which is an adapter itself")
    if made.tokenizer not in {None, parent.tokenizer}:
        raise bad(made.label, f"it was trained with another tokenizer than {folder} has")
    refuse_misfit(made, folder)
    return parent


def _refuse_exchanged(model: MadeModel) -> None:
    """What is kept under a digest was made of just that, however long making it took."""
    if changed(model):
        raise bad(
            model.label,
            f"the files in {model.folder} were exchanged while it was being converted",
            hint="Start again once all of them are there.",
        )


def convert_made(folder: Path, name: str, whole: Path, adapter: Path | None = None) -> None:
    """Write the model and its manifest into the folder. Loads torch into this process."""
    with tempfile.TemporaryDirectory(dir=folder) as between:
        if adapter is not None:
            _merge(whole, adapter, Path(between))
        build_int4(whole if adapter is None else Path(between), folder)
    copy_tokenizer(whole, folder)
    write_manifest(folder, {"name": name})


def _merge(whole: Path, adapter: Path, folder: Path) -> None:
    import torch  # noqa: PLC0415 - only here, so that importing this module stays cheap
    from peft import PeftModel  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    model = AutoModelForCausalLM.from_pretrained(
        whole,
        dtype=torch.bfloat16,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
    )
    adapted = PeftModel.from_pretrained(model, str(adapter), use_safetensors=True)
    adapted.merge_and_unload().save_pretrained(folder)
    copy_tokenizer(whole, folder)


if __name__ == "__main__":
    without_chatter()
    target, called, *sources = sys.argv[1:]
    convert_made(Path(target), called, *map(Path, sources))
