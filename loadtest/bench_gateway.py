"""What a gateway adds in front of the same model's server: ours, LiteLLM's proxy, vllm-router.

    make bench-gateway [ARGS="--seconds S --rounds N"]

A mock server that answers at once stands behind all of them. The peers pass a chat on to it as it
is: the very chat that our gateway sends for a list. Ours does all that a list takes: history, plan,
candidates and prior, prompt, reading the model's answer, validation, receipt. Every gateway has one
core, the mock and the clients have the other. Peers are asked for a whole answer, which costs them
least; the mock streams to ours, because that is what ours asks for.

Added: the median and the 99th percentile of the answers, less those of the mock when as many
clients ask it. Rate: the best of all numbers of clients whose p99 keeps to 50 ms. For a second of
CPU: answers for each second that the gateway computed, by the kernel's account.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from loadtest.gateway.client import ask
from loadtest.gateway.targets import BOUND_S, OURS, WISHED, Target, targets
from loadtest.report import table
from loadtest.served import figure, split_cores
from service.cli.console import errors_told
from service.cli.demo import shop
from service.settings import load_settings

CLIENTS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
SHOWN: Final = (1, 32, 128)
WARM_S: Final = 2.0
MADE: Final = "listwright_engine_seconds_count"


def main() -> None:
    """Start all servers, load one after another, and print what came of it."""
    options = _options()
    settings = load_settings()
    catalogue = options.catalogue or shop(settings, settings.cache.folder / "demo")
    cores, others = split_cores()
    os.sched_setaffinity(0, others)
    with ExitStack() as stack:
        asked = targets(stack, catalogue, options.peers, cores, others)
        for clients in (CLIENTS[-1], CLIENTS[0]):
            _load(asked, clients, WARM_S)
        _forget(asked)
        for _, clients in itertools.product(range(options.rounds), CLIENTS):
            _load(asked, clients, options.seconds)
        print(f"gateways on core {sorted(cores)}; the mock and the clients on {sorted(others)}")
        _say(asked)
        _say_ratios({target.name: target for target in asked})
        _say_paths(asked)


def _load(asked: Sequence[Target], clients: int, seconds: float) -> None:
    for target in asked:
        before = target.server.cpu_seconds()
        target.rounds[clients].append(
            asyncio.run(ask(target.server.url, target.requests, clients, seconds))
        )
        target.cpu += target.server.cpu_seconds() - before


def _forget(asked: Sequence[Target]) -> None:
    for target in asked:
        target.rounds.clear()
        target.cpu = 0.0


def _say(asked: Sequence[Target]) -> None:
    direct = asked[0]
    times = [f"{share} at {clients}" for clients in SHOWN for share in ("p50", "p99")]
    header = ["added ms", *times, "answers/s at 128", f"at p99 <= {BOUND_S * 1e3:.0f} ms"]
    rows = []
    for target in asked:
        figures = [
            f"{1e3 * _added(target, direct, clients, share):.2f}"
            for clients in SHOWN
            for share in (0.5, 0.99)
        ]
        rates = [f"{target.rate(128):.0f}", f"{target.within_bound():.0f}"]
        cpu = f"{target.answers / target.cpu:.0f}" if target.cpu else "-"
        rows.append([target.name, *figures, *rates, cpu, str(target.wrong)])
    table([*header, "for a CPU s", "failed"], rows)


def _added(target: Target, direct: Target, clients: int, share: float) -> float:
    """What it adds; of the mock itself what it takes."""
    taken = target.percentile(clients, share)
    return taken if target is direct else taken - direct.percentile(clients, share)


def _say_ratios(by: dict[str, Target]) -> None:
    """How much of LiteLLM's addition ours is: below 1 is less."""
    direct, *_ = by.values()
    peer = by["LiteLLM proxy"]
    for name, (clients, share) in itertools.product(
        (OURS, WISHED), itertools.product(SHOWN, (0.5, 0.99))
    ):
        ours = _added(by[name], direct, clients, share)
        theirs = _added(peer, direct, clients, share)
        print(f"{name}: {ours / theirs:.2f} of what LiteLLM adds (p{100 * share:.0f} at {clients})")


def _say_paths(asked: Sequence[Target]) -> None:
    """Whether the model was asked for them: a list that came without it would have been cheap."""
    url = next(target.server.url for target in asked if target.name == OURS)
    made, lists = figure(url, MADE), figure(url, "listwright_lists_total")
    print(f"calls of the model that came to a list, warming up included: {made:.0f} of {lists:.0f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--catalogue", type=Path, help="folder that `listwright build` made")
    parser.add_argument(
        "--peers", type=Path, default=Path(".venv-gateways"), help="environment of the peers"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="of each load")
    parser.add_argument("--rounds", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    with errors_told():
        main()
