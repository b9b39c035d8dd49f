"""`python -m service.cli.vllm_server`: SmolLM2 on a real vLLM with the plugin, on this machine.

vLLM lives in an environment of its own. This prepares what it needs, says how to point the service
at it, and becomes that server, so signals reach vLLM itself.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.text import Text

from service.api.server import bound
from service.catalog.manifest import MANIFEST_FILE
from service.cli.console import err, errors_told
from service.cli.demo import shop
from service.engines.local.checkpoint import ensure_checkpoint
from service.engines.local.smollm2 import MODEL
from service.errors import BadSettings
from service.settings import Settings, load_settings, variable
from service.versions import CURRENT_FILE

HOST: Final = "127.0.0.1"
PORT: Final = 8000
PLUGIN: Final = "service.engines.vllm_plugin:ListwrightProcessor"

# `python -m vllm...openai.api_server` says of itself that it is deprecated, and the `vllm` command
# looks for a distribution of that name, which the CPU build is not.
SERVER: Final = "vllm.entrypoints.launchers.api_server.entry"

ENVIRONMENT: Final[Mapping[str, str]] = {
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "OMP_WAIT_POLICY": "passive",
    # Left to itself vLLM binds its threads to fixed cores, which other processes want as well.
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // 2)),
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB: 46,000 tokens of SmolLM2
}

RANKS: Final = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""Bounds that vLLM takes for the rank of adapters."""

MOST_ADAPTERS: Final = 4
"""In one batch; of more, lists wait for those of the others to end."""

LOADING_ALLOWED: Final = "VLLM_ALLOW_RUNTIME_LORA_UPDATING"


@dataclass(frozen=True, slots=True)
class Launch:
    """One server: which Python runs it, what it serves, where, and whether it can spell."""

    python: Path
    checkpoint: Path
    port: int = PORT
    catalogues: Path | None = None
    plugin: bool = True
    context: int = 8192
    adapters: int = 0
    """The largest rank of adapters that gateways may load while it runs; 0: they may load none."""
    more: Sequence[str] = ()
    name: str = MODEL
    """What requests call the model."""

    def command(self) -> list[str]:
        """The command line. Later options win, so `more` may overrule all of them."""
        return [
            str(self.python),
            *("-m", SERVER),
            *("--model", str(self.checkpoint)),
            *("--served-model-name", self.name),
            *("--host", HOST, "--port", str(self.port)),
            # vLLM 0.32 on a CPU dies of a seeded request whose prompt it reads in pieces: it would
            # take back a draw, which only a GPU's generator can. So prompts are read whole.
            "--no-enable-chunked-prefill",
            *("--max-model-len", str(self.context)),
            *("--max-num-batched-tokens", str(self.context)),
            # Compiling would take two minutes more and gain little on a CPU.
            "--enforce-eager",
            # Prefixes are shared in whole blocks; a CPU's default of 128 would share little.
            *("--block-size", "32"),
            # Requests say what they want; a model's own habits would be added unasked.
            *("--generation-config", "vllm"),
            "--enable-prompt-tokens-details",
            *(("--logits-processors", PLUGIN) if self.plugin else ()),
            *self._adapters(),
            *self.more,
        ]

    def _adapters(self) -> tuple[str, ...]:
        if not self.adapters:
            return ()
        rank = next((rank for rank in RANKS if rank >= self.adapters), RANKS[-1])
        most = ("--max-loras", str(MOST_ADAPTERS), "--max-lora-rank", str(rank))
        return ("--enable-lora", *most)

    def environment(self) -> dict[str, str]:
        """The environment: ours, what the person set before it, and where the catalogues are."""
        there = dict(ENVIRONMENT) | dict(os.environ)
        if self.adapters:
            there[LOADING_ALLOWED] = "True"
        if self.catalogues is not None:
            there[variable("plugin", "catalogues")] = str(self.catalogues)
        return there


def main(arguments: Sequence[str] | None = None) -> None:
    """Prepare, tell, and become vLLM."""
    chosen, more = _parser().parse_known_args(arguments)
    with errors_told():
        _serve(chosen, more)


def _serve(chosen: argparse.Namespace, more: Sequence[str]) -> None:
    python, port = chosen.python.absolute(), chosen.port
    if not python.exists():
        raise BadSettings(f"there is no {python}", hint="`make vllm` installs vLLM first.")
    bound(HOST, port).close()  # better now than after vLLM has loaded
    settings = load_settings()
    folder = _catalogues(settings, chosen.catalogues)
    checkpoint = ensure_checkpoint(settings.cache.folder, err().print)
    _say(port, folder)
    launch = Launch(python, checkpoint, port, folder, adapters=chosen.adapters, more=more)
    os.execve(python, launch.command(), launch.environment())  # noqa: S606 - vLLM, not a shell


def _catalogues(settings: Settings, chosen: Path | None) -> Path:
    """The folder of built versions: the one that was named, else the demo shop's."""
    folder = (chosen or shop(settings, settings.cache.folder / "demo")).expanduser().absolute()
    if not any(folder.glob(f"*/{MANIFEST_FILE}")):
        raise BadSettings(
            f"{folder} holds no built catalogue",
            hint="Name the folder that `listwright build --out` made, not one version within it.",
        )
    return folder


def _say(port: int, folder: Path) -> None:
    gateway = f".venv/bin/listwright serve --engine vllm --engine-url http://{HOST}:{port}"
    current = f" --catalogue {folder}" if (folder / CURRENT_FILE).exists() else ""
    err().print(Text(f"Starting vLLM on http://{HOST}:{port}: half a minute until it answers."))
    err().print(Text.assemble("Then, elsewhere: ", (f"{gateway}{current}", "bold")))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service.cli.vllm_server",
        description="Serve SmolLM2 on vLLM with the plugin. What is not named here goes to vLLM.",
    )
    parser.add_argument("--python", type=Path, required=True, help="Python that has vLLM.")
    parser.add_argument("--catalogues", type=Path, help="Folder of built versions.")
    parser.add_argument(
        "--adapters",
        type=int,
        default=0,
        metavar="RANK",
        help="Let gateways load LoRA adapters of at most this rank.",
    )
    parser.add_argument("--port", type=int, default=PORT, help="Port on loopback.")
    return parser


if __name__ == "__main__":
    main()
