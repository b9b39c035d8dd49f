"""The images made in clean roots, by the Dockerfile's own lines, and their gateways serving lists.

`make deploy-check` runs it: it needs root and debootstrap, and packages come from their registries.
The base is Debian's with Python, as in the image that the Dockerfile names. The stage with torch is
left out: what it converts comes from this machine's cache.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from dockerfile import said, stages
from engines.stub_server import Stub
from image import Images
from toyshop import toy_items

from service.catalog.artifact import LoadedCatalogue, load
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.retrieval.export import ensure_encoder
from service.settings import load_settings
from service.wiring import build_catalogue

PATIENCE_S = 60.0
WISH = {"k": 5, "history": ["i0"], "intent": {"text": "a gift"}, "strategy": "generate"}


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Debian of the release that the image's tag names; CLEAN_ROOT is one that was made before."""
    if "CLEAN_ROOT" in os.environ:
        yield Path(os.environ["CLEAN_ROOT"])
        return
    release = stages()["base"].base.rpartition("-")[2]
    root = tmp_path_factory.mktemp("clean") / release
    wanted = "--include=python3-venv,ca-certificates"
    subprocess.run(["debootstrap", "--variant=minbase", wanted, release, root], check=True)  # noqa: S603, S607
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def models(cache_dir: Path) -> list[Path]:
    return [ensure_encoder(cache_dir, print), ensure_model(cache_dir, print)]


@pytest.fixture(scope="session")
def images(
    base: Path, models: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Images]:
    folder = tmp_path_factory.mktemp("images")
    for model in models:
        shutil.copytree(model, folder / "given" / "opt" / "listwright-models" / model.name)
    made = Images(folder, base, {"installed-workshop": folder / "given"})
    for name in ("gateway", "gateway-cpu"):
        made.make(name)
    yield made
    # pytest keeps folders of three runs; these are gigabytes.
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def catalogue(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> LoadedCatalogue:
    folder = tmp_path_factory.mktemp("catalogue")
    items = [{"id": i.id, "title": i.title, "categories": i.categories} for i in toy_items(40)]
    (folder / "items.jsonl").write_text("".join(json.dumps(i) + "\n" for i in items), "utf-8")
    settings = load_settings({"cache": {"folder": cache_dir}})
    made = load(build_catalogue(folder / "items.jsonl", None, folder / "built", settings))
    # Whoever made it, the image's own user has to be able to read it.
    for path in [folder, *folder.parents[:2], *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o555)
    return made


@contextmanager
def served(stub: Stub) -> Iterator[str]:
    """The stub on a loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    serving = stub.serving()
    try:
        yield asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(PATIENCE_S)
        asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Gateway:
    """A container, as far as it goes: process 1 of an image, and its port."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    @property
    def first(self) -> int:
        """The number that its process 1 has on this machine."""
        number = self.process.pid
        return int(Path(f"/proc/{number}/task/{number}/children").read_text("ascii").split()[0])

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=PATIENCE_S)

    def list(self) -> dict[str, Any]:
        answer = httpx.post(self.url + "/recommend", json=WISH, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def kill(self) -> None:
        """Process 1, and all with it: who started it would leave it behind."""
        if self.process.poll() is None:
            os.kill(self.first, signal.SIGKILL)
        self.process.wait()

    def wait(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            assert self.process.poll() is None
            try:
                self.get("/healthz")
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError


@contextmanager
def gateway(
    images: Images, name: str, mounts: dict[Path, str], **variables: str
) -> Iterator[Gateway]:
    """An image run by its own entry point and command."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [*json.loads(found(name, "ENTRYPOINT")), *json.loads(found(name, "CMD"))]
    variables |= {"LISTWRIGHT_SERVER__HOST": "127.0.0.1", "LISTWRIGHT_SERVER__PORT": str(port)}
    command = images.command(name, words, mounts=mounts, variables=variables)
    process = subprocess.Popen(command)  # noqa: S603
    running = Gateway(process, port)
    try:
        running.wait()
        yield running
    finally:
        running.kill()


def found(name: str, word: str) -> str:
    value = said(name, word, stages())
    assert value is not None
    return value


@pytest.fixture(scope="module")
def stub(models: list[Path], catalogue: LoadedCatalogue) -> Iterator[tuple[Stub, str]]:
    tokenizer = ChatTokenizer(models[1], NAME)
    it = Stub(tokenizer, {catalogue.version: catalogue})  # type: ignore[dict-item]
    with served(it) as url:
        yield it, url


@pytest.fixture
def remote(
    images: Images, models: list[Path], catalogue: LoadedCatalogue, stub: tuple[Stub, str]
) -> Iterator[Gateway]:
    mounts = {catalogue.folder.parent: "/srv/catalogues", models[1]: "/srv/model"}
    chosen = {"LISTWRIGHT_ENGINE__URL": stub[1], "LISTWRIGHT_ENGINE__TOKENIZER": "/srv/model"}
    with gateway(images, "gateway", mounts, **chosen) as running:
        yield running


def test_the_base_has_the_python_that_the_image_names(base: Path) -> None:
    minor = re.search(r":(\d\.\d+)-", stages()["base"].base)
    assert minor
    assert (base / "usr" / "bin" / f"python{minor[1]}").exists()


@pytest.mark.parametrize("name", ["gateway", "gateway-cpu"])
def test_the_image_holds_no_torch_no_vllm_no_installer_and_no_compiler(
    images: Images, name: str
) -> None:
    (packages,) = (images.file(name, "/opt/listwright") or Path()).glob("lib/python*/site-packages")
    there = {path.name.lower() for path in packages.iterdir()}
    assert "service" in there
    assert not there & {"torch", "vllm", "transformers", "scipy", "pip", "pytest"}
    assert ("onnxruntime_genai" in there) == (name == "gateway-cpu")
    for program in ("gcc", "cc", "pip", "make"):
        for folder in ("/usr/bin/", "/usr/local/bin/", "/opt/listwright/bin/"):
            assert images.file(name, folder + program) is None


def test_lists_are_made_with_a_server(remote: Gateway, stub: tuple[Stub, str]) -> None:
    receipt = remote.list()["receipt"]
    assert (receipt["path"], receipt["degraded"], receipt["exists"]) == ("llm", False, 5)
    assert stub[0].asked
    assert remote.get("/readyz").json() == {"ready": True, "degraded": []}


def test_lists_are_made_by_the_small_model(images: Images, catalogue: LoadedCatalogue) -> None:
    mounts = {catalogue.folder.parent: "/srv/catalogues"}
    with gateway(images, "gateway-cpu", mounts) as running:
        receipt = running.list()["receipt"]
    assert (receipt["path"], receipt["degraded"], receipt["exists"]) == ("llm", False, 5)


def test_it_is_nobody_with_no_privilege_and_process_1(remote: Gateway) -> None:
    lines = Path(f"/proc/{remote.first}/status").read_text("ascii").splitlines()
    status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    assert set(status["Uid"]) == {"10001"}
    assert set(status["Gid"]) == {"10001"}
    assert status["NSpid"][-1] == "1"
    assert status["NoNewPrivs"] == ["1"]
    assert {int(status[f"Cap{kind}"][0], 16) for kind in ("Prm", "Eff", "Bnd")} == {0}


def test_it_writes_nothing(images: Images) -> None:
    for path in ("/srv/x", "/opt/listwright/x", "/opt/listwright-models/x"):
        words = images.command("gateway", ["touch", path], user="0:0")
        done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603
        assert b"Read-only file system" in done.stderr


def test_its_health_check_tells_alive_from_dead(images: Images, remote: Gateway) -> None:
    check = json.loads(found("gateway", "HEALTHCHECK").partition("CMD ")[2])
    port = remote.url.rpartition(":")[2]
    words = images.command("gateway", check, variables={"LISTWRIGHT_SERVER__PORT": port})
    assert subprocess.run(words, check=False, timeout=PATIENCE_S).returncode == 0  # noqa: S603
    remote.kill()
    done = subprocess.run(words, check=False, timeout=PATIENCE_S, capture_output=True)  # noqa: S603
    assert done.returncode != 0


def test_told_to_end_it_says_so_first_and_finishes_what_it_began(
    remote: Gateway, stub: tuple[Stub, str]
) -> None:
    it, _ = stub
    it.pause = 0.02
    with ThreadPoolExecutor() as others:
        begun = others.submit(remote.list)
        while not it.running:
            assert not begun.done()
            time.sleep(0.005)
        os.kill(remote.first, signal.SIGTERM)
        while (ready := remote.get("/readyz")).status_code == 200:
            time.sleep(0.02)
        assert ready.status_code == 503
        assert begun.result()["receipt"]["path"] == "llm"
    it.pause = 0.0
    assert remote.process.wait(PATIENCE_S) == 0
