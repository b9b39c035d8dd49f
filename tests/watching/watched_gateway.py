"""A gateway in a process of its own, over a real Redis and a stub of vLLM, with keys."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import httpx
from engines.stub_server import Stub
from engines.test_made_models import adapter
from real_redis import RealRedis, free_port, real_redis

from service.catalog.artifact import LoadedCatalogue, load
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.settings import load_settings
from service.wiring import build_catalogue

PATIENCE_S: Final = 60.0
KEYS: Final = {"shop": "", "prometheus": "watch = true\n", "hasty": 'rate = "1/minute"\n'}
VARIANTS: Final = {
    "bold": {"strategy": "rank", "share": 0.3},
    "calm": {"prior_weight": 0.5},
    "tuned": {"model": "tuned"},
}
COLOURS: Final = ("Red", "Blue", "Green", "Grey")
THINGS: Final = ("Mug", "Lamp", "Sock", "Book", "Drum", "Rug")


@dataclass(frozen=True, slots=True)
class Watched:
    """What runs."""

    url: str
    stub: Stub
    thinker: Stub
    redis: RealRedis
    catalogue: Path
    keys: Path


def key(name: str) -> str:
    return f"lw_{name}"


def catalogue_in(folder: Path, cache: Path) -> LoadedCatalogue:
    items = [
        {"id": f"{colour}{thing}", "title": f"{colour} {thing}", "categories": [colour, thing]}
        for colour in COLOURS
        for thing in THINGS
    ]
    file = folder / "items.jsonl"
    file.write_text("".join(json.dumps(item) + "\n" for item in items), "utf-8")
    settings = load_settings({"cache": {"folder": cache}, "retrieval": {"similarity": False}})
    return load(build_catalogue(file, None, folder / "built", settings))


@asynccontextmanager
async def watched_gateway(folder: Path, cache: Path) -> AsyncIterator[Watched]:
    built = catalogue_in(folder, cache)
    tokenizer = ChatTokenizer(ensure_model(cache, print), NAME)
    # It likes what it may not have, now and then, and thinks when it is asked to.
    said = {"say": "Ink fills pens.", "likes": (5, 6), "adapters": {}}
    stub = Stub(tokenizer, {built.version: built}, **said)  # type: ignore[dict-item, arg-type]
    adapter(folder / "tuned", folder / "elsewhere")
    thinker = Stub(tokenizer, {}, say="Ink fills pens.")
    with real_redis(folder) as redis:
        async with stub.serving() as engine, thinker.serving() as sidecar:
            variables = _settings(folder, cache, built, redis, engine)
            variables["LISTWRIGHT_SIDECAR__URL"] = sidecar
            async with _process(folder, variables) as url:
                yield Watched(url, stub, thinker, redis, built.folder, folder / "keys.toml")


def _settings(
    folder: Path, cache: Path, built: LoadedCatalogue, redis: RealRedis, engine: str
) -> dict[str, str]:
    entries = (
        f'[[keys]]\nname = "{name}"\nsha256 = "{sha256(key(name).encode()).hexdigest()}"\n{more}'
        for name, more in KEYS.items()
    )
    (folder / "keys.toml").write_text("".join(entries), "utf-8")
    return {
        "LISTWRIGHT_ACCESS__KEYS": str(folder / "keys.toml"),
        "LISTWRIGHT_CACHE": str(cache),
        "LISTWRIGHT_CATALOGUE__PATH": str(built.folder),
        "LISTWRIGHT_ENGINE__CONCURRENT": "2",
        "LISTWRIGHT_ENGINE__KIND": "vllm",
        "LISTWRIGHT_ENGINE__MODELS": json.dumps({"tuned": str(folder / "tuned")}),
        "LISTWRIGHT_ENGINE__URL": engine,
        "LISTWRIGHT_ENGINE__WATCHED": "1",
        "LISTWRIGHT_RETRIEVAL__SIMILARITY": "false",
        "LISTWRIGHT_SERVER__DRAIN_SECONDS": "0",
        "LISTWRIGHT_STORE__KIND": "redis",
        "LISTWRIGHT_STORE__URL": redis.url,
        "LISTWRIGHT_VARIANTS": json.dumps(VARIANTS),
    }


@asynccontextmanager
async def _process(folder: Path, variables: Mapping[str, str]) -> AsyncIterator[str]:
    port = free_port()
    command = [str(Path(sys.executable).with_name("listwright")), "serve", "--port", str(port)]
    log = folder / "serve.log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | variables, stderr=written
        )
        url = f"http://127.0.0.1:{port}"
        try:
            await _answers(url, process)
            yield url
        finally:
            if process.returncode is None:
                process.terminate()
            ended = await process.wait()
        assert ended == 0, log.read_text("utf-8")


async def _answers(url: str, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(base_url=url) as client, asyncio.timeout(PATIENCE_S):
        while process.returncode is None:
            try:
                if (await client.get("/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
