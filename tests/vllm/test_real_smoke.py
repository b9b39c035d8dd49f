"""The harness itself: both servers are really there, and obey the signals of the fault tests."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from stock import LARGE, SMALL, Catalogues

from loadtest.real_vllm import CONTEXT, DidNotStart, Vllm, without_plugin
from service.catalog.artifact import load
from service.cli.vllm_server import MODEL
from service.engines.local.checkpoint import NAME
from service.engines.local.convert import NAME as EMBEDDED
from service.engines.local.convert import ensure_model
from service.engines.text.tokenizer import ChatTokenizer

QUESTION = "What is the capital of France?"


@pytest.fixture(params=["server", "plain_server"])
def each(request: pytest.FixtureRequest) -> Vllm:
    running: Vllm = request.getfixturevalue(request.param)
    return running


def fetch(server: Vllm, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = json.dumps(body).encode() if body else None
    headers = {"content-type": "application/json"}
    asked = urllib.request.Request(f"{server.url}{path}", data, headers)  # noqa: S310
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
        answered: dict[str, Any] = json.load(answer)
        return answered


def test_it_names_its_model(each: Vllm) -> None:
    (card,) = fetch(each, "/v1/models")["data"]
    assert card["id"] == MODEL
    assert card["max_model_len"] == CONTEXT


def test_it_answers_unsteered(each: Vllm) -> None:
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": QUESTION}],
        "temperature": 0,
        "max_tokens": 16,
        "return_token_ids": True,
    }
    (choice,) = fetch(each, "/v1/chat/completions", body)["choices"]
    assert "Paris" in choice["message"]["content"]
    assert choice["token_ids"]


def test_only_one_of_them_has_the_plugin(server: Vllm, plain_server: Vllm) -> None:
    body = {
        "model": MODEL,
        "prompt": "1.",
        "max_tokens": 1,
        # No such protocol: a plugin refuses it, and who does not know the plugin passes over it.
        "vllm_xargs": {"listwright": -1},
    }
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(server, "/v1/completions", body)
    refused.value.close()
    assert refused.value.code == 400
    assert fetch(plain_server, "/v1/completions", body)["choices"]


def test_the_tokenizer_is_the_catalogues_own(
    each: Vllm, catalogues: Catalogues, checkpoint: Path
) -> None:
    tokenizer = ChatTokenizer(checkpoint, NAME)
    catalogue = load(catalogues.folder, tokenizer=tokenizer)
    title = catalogue.spelling(0)
    body = {"model": MODEL, "prompt": title, "add_special_tokens": False}
    assert fetch(each, "/tokenize", body)["tokens"] == tokenizer.encode(title)


def test_one_catalogue_serves_the_embedded_engine_too(checkpoint: Path, cache_dir: Path) -> None:
    embedded = ChatTokenizer(ensure_model(cache_dir, print), EMBEDDED)
    assert ChatTokenizer(checkpoint, NAME).sha256 == embedded.sha256


def test_both_catalogues_stand_in_one_folder(catalogues: Catalogues) -> None:
    assert load(catalogues.folder).version == catalogues.large.name
    assert [load(path).size for path in (catalogues.large, catalogues.small)] == [LARGE, SMALL]
    assert {path.parent for path in (catalogues.large, catalogues.small)} == {catalogues.folder}


def test_many_long_seeded_prompts_at_once_do_not_end_it(plain_server: Vllm) -> None:
    """vLLM on a CPU dies when it reads the prompt of a seeded request in pieces."""

    def ask(number: int) -> int:
        prompt = [1000 + number, *range(2000, 2900)]
        body = {"model": MODEL, "prompt": prompt, "seed": 1, "temperature": 1.0, "max_tokens": 2}
        answered: int = fetch(plain_server, "/v1/completions", body)["usage"]["prompt_tokens"]
        return answered

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(ask, range(10))) == [901] * 10
    assert plain_server.healthy()


def test_a_paused_server_hangs_and_then_goes_on(plain_server: Vllm) -> None:
    plain_server.pause()
    try:
        assert not plain_server.healthy(timeout=1)
        assert plain_server.running
    finally:
        plain_server.resume()
    assert plain_server.healthy(timeout=20)


def test_a_server_that_cannot_start_shows_its_log(tmp_path: Path) -> None:
    with pytest.raises(DidNotStart, match="nowhere"):
        without_plugin(tmp_path, tmp_path / "nowhere").start()
