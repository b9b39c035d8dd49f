from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_encoder_needs_no_torch() -> None:
    code = (
        "import sys, service.retrieval.encoder, service.retrieval.export,"
        " service.retrieval.similarity, service.retrieval.search;"
        "sys.exit(bool({'torch', 'transformers', 'onnx'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=root, check=False).returncode == 0  # noqa: S603 - ours
