"""Who is measured: the mock itself, our gateway in front of it, and its peers."""

from __future__ import annotations

import sys
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import cycle, repeat
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from loadtest.gateway.client import Asked, request
from loadtest.gateway.mock_openai import LAST, MODEL
from loadtest.running import Running, running
from loadtest.served import serving
from service.catalog.artifact import LoadedCatalogue, load

K: Final = 10
HISTORY: Final = 50
LISTS: Final = 30_000
BOUND_S: Final = 0.050
"""The p99 that a rate counts under."""

CHAT: Final = "/v1/chat/completions"
DIRECT: Final = "the mock itself"
OURS: Final = "listwright"
WISHED: Final = "listwright, a wish in words"
WISH: Final = "something sturdy for a weekend outdoors"


@dataclass(slots=True)
class Target:
    """Who is asked, and what came of it for each number of clients."""

    name: str
    server: Running
    requests: Iterator[bytes]
    """Without an end. No list is asked for twice: it would be told again, which costs little."""
    rounds: dict[int, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    cpu: float = 0.0

    def percentile(self, clients: int, share: float) -> float:
        """Seconds, all rounds together."""
        seconds = [each for one in self.rounds[clients] for each in one.seconds]
        return float(np.percentile(seconds, 100 * share)) if seconds else float("nan")

    def rate(self, clients: int) -> float:
        """Answers a second, all rounds together."""
        rounds = self.rounds[clients]
        return sum(len(one.seconds) for one in rounds) / sum(one.took for one in rounds)

    @property
    def answers(self) -> int:
        """All of them."""
        return sum(len(one.seconds) for each in self.rounds.values() for one in each)

    @property
    def wrong(self) -> int:
        """Answers other than 200."""
        return sum(one.wrong for each in self.rounds.values() for one in each)

    def within_bound(self) -> float:
        """The best rate whose p99 keeps to the bound."""
        kept = [self.rate(n) for n in list(self.rounds) if self.percentile(n, 0.99) <= BOUND_S]
        return max(kept, default=0.0)


def targets(
    stack: ExitStack, catalogue: Path, peers: Path, own: set[int], others: set[int]
) -> list[Target]:
    """All of them, started; gateways on the first cores, the mock on the others."""
    here = [sys.executable, "-m"]
    mock_command = [*here, "loadtest.gateway.mock_openai", "--port", "{port}"]
    mock = stack.enter_context(running(mock_command, others, "/v1/models"))
    ours = stack.enter_context(running(serving(catalogue), own, "/readyz", _settings(mock.url)))
    loaded = load(catalogue, verify=False)
    plain, wished = (list(_lists(ours.url, loaded, wish)) for wish in ("", WISH))
    chat = _chat(mock.url, ours.url, plain.pop())
    return [
        Target(DIRECT, mock, repeat(request(mock.url + CHAT, chat))),
        Target(OURS, ours, cycle(plain)),
        Target(WISHED, ours, cycle(wished)),
        *_peers(stack, peers, mock.url, own, chat),
    ]


def _settings(mock: str) -> dict[str, str]:
    return {
        "LISTWRIGHT_ENGINE__KIND": "openai",
        "LISTWRIGHT_ENGINE__URL": mock,
        # So that no list is made without the model because too many clients wait for it.
        "LISTWRIGHT_ENGINE__CONCURRENT": "256",
        "LISTWRIGHT_SERVER__MAX_CONCURRENT": "256",
        # And none refused: the peers refuse nobody.
        "LISTWRIGHT_SERVER__BUSY_MS": "10000",
        "LISTWRIGHT_SERVER__LOG_LEVEL": "warning",
        "OMP_NUM_THREADS": "1",
    }


def _lists(url: str, catalogue: LoadedCatalogue, wish: str) -> Iterator[bytes]:
    """Requests of users who have met different items: none is a copy of another."""
    dice = np.random.default_rng(0)
    ids = np.array([catalogue.item(row).id for row in range(catalogue.size)])
    for _ in range(LISTS):
        met = dice.choice(ids, min(HISTORY, len(ids) // 2), replace=False)
        body = {
            "history": met.tolist(),
            "k": K,
            "strategy": "generate",
            "intent": {**_controls(catalogue, dice), **({"text": wish} if wish else {})},
        }
        yield request(f"{url}/recommend", orjson.dumps(body))


def _controls(catalogue: LoadedCatalogue, dice: np.random.Generator) -> dict[str, Any]:
    """A category to leave out, and the share of another: both can be had of any catalogue."""
    large = _largest(catalogue)
    out, bounded = dice.choice(min(6, len(large)), 2, replace=False).tolist()
    share = {"category": large[bounded], "op": "<=", "share": 0.3}
    return {"exclude": [large[out]], "shares": [share]}


@lru_cache
def _largest(catalogue: LoadedCatalogue) -> list[str]:
    return sorted(catalogue.categories, key=lambda name: -len(catalogue.postings(name)))


def _chat(mock: str, ours: str, wire: bytes) -> bytes:
    """What our gateway asks the model for such a list, as a chat that is answered at once."""
    body = wire.partition(b"\r\n\r\n")[2]
    _fetch(f"{ours}/recommend", body)
    asked = orjson.loads(_fetch(mock + LAST))
    return orjson.dumps(asked | {"model": MODEL, "stream": False})


def _fetch(url: str, body: bytes | None = None) -> bytes:
    headers = {"content-type": "application/json"}
    asked = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - ours
    with urllib.request.urlopen(asked, timeout=30.0) as answer:  # noqa: S310 - ours
        read: bytes = answer.read()
    return read


def _peers(
    stack: ExitStack, environment: Path, mock: str, cores: set[int], chat: bytes
) -> Iterator[Target]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    config = folder / "litellm.json"
    config.write_bytes(orjson.dumps(_litellm(mock)))
    binaries = environment / "bin"
    address = ["--host", "127.0.0.1", "--port", "{port}"]
    litellm = [str(binaries / "litellm"), "--config", str(config), *address]
    router = [str(binaries / "vllm-router"), "--worker-urls", mock, *address]
    metrics = ["--prometheus-port", "{another}"]
    commands: Mapping[str, tuple[Sequence[str], str]] = {
        "LiteLLM proxy": (litellm, "/health/liveliness"),
        "vllm-router": ([*router, *metrics], "/health"),
    }
    for name, (command, ready) in commands.items():
        peer = stack.enter_context(running(command, cores, ready, QUIET))
        yield Target(name, peer, repeat(request(peer.url + CHAT, chat)))


QUIET: Final = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
"""LiteLLM would fetch its prices."""


def _litellm(mock: str) -> dict[str, Any]:
    params = {"model": f"openai/{MODEL}", "api_base": f"{mock}/v1", "api_key": "none"}
    return {
        "model_list": [{"model_name": MODEL, "litellm_params": params}],
        "litellm_settings": {"telemetry": False, "drop_params": True},
    }
