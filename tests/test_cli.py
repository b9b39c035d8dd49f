"""The command line over a small service in memory; everything else is real, sockets included."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import ringroad
import typer
from quiz import Sage
from rich.console import Console
from shopfront import Shelf, Shop, goods

import service.cli.asking
import service.cli.building
import service.cli.checking
import service.cli.demo
import service.cli.serving
from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.server import bound, url_of
from service.cli import main
from service.cli.asking import share
from service.cli.console import errors_told
from service.cli.progress import progress
from service.cli.serving import bounds_of, serve
from service.demo.samples import Sample, samples
from service.demo.tour import problems
from service.domain import Item, User
from service.errors import BadRows, BadSettings, DamagedArtifact, ListwrightError
from service.retrieval.ranker_publish import retuned
from service.settings import Settings, load_settings
from service.store.limits import MemoryLimits
from service.tuning import Blend, Situation, Tuning


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """What the commands open instead of a catalogue and a model."""
    town = Shop(Shelf(goods(400)))

    @asynccontextmanager
    async def opened(_: Settings) -> AsyncIterator[Shop]:
        yield town

    for module in (service.cli.asking, service.cli.checking, service.cli.serving):
        monkeypatch.setattr(module, "opened", opened)
    monkeypatch.setattr(service.cli.checking, "load", lambda _: town.catalogue)
    return town


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in os.environ:
        if name.upper().startswith("LISTWRIGHT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "160")
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class TestSurface:
    def test_help_waits_for_nothing_heavy(self) -> None:
        code = (
            "import sys\nfrom service.cli import main\n"
            "try: main(['--help'])\nexcept SystemExit: pass\n"
            "print({'numpy', 'pyarrow', 'fastapi', 'pydantic', 'onnxruntime'} & {*sys.modules})"
        )
        done = subprocess.run(  # noqa: S603 - the code stands here
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        for command in ("serve", "demo", "build", "recommend", "answer", "verify", "check"):
            assert command in done.stdout
        assert done.stdout.splitlines()[-1] == "set()"

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("--version") == 0
        assert capsys.readouterr().out.startswith("listwright 0.")

    @pytest.mark.parametrize(
        "arguments",
        [
            ("dance",),
            ("build",),
            ("serve", "--port", "x"),
            ("recommend", "--share", "Mug"),
            ("build", "--items", "x", "--out", "y", "--column", "colour=c"),
        ],
    )
    def test_wrong_usage(self, arguments: tuple[str, ...]) -> None:
        assert run(*arguments) == 2

    def test_an_error_is_told_without_a_traceback(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit, match="1"), errors_told():
            raise BadSettings("no [catalogue]", hint="Build one.")
        told = capsys.readouterr()
        assert told.err == "Error: no [catalogue]\nHint: Build one.\n"
        assert told.out == ""

    def test_so_is_an_error_of_the_system(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit, match="1"), errors_told():
            Path("/nowhere/at all").read_bytes()
        assert capsys.readouterr().err == "Error: No such file or directory: /nowhere/at all\n"

    def test_a_bad_setting_is_told(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LISTWRIGHT_SERVER__PROT", "1")
        assert run("serve") == 1
        assert "LISTWRIGHT_SERVER__PORT" in capsys.readouterr().err


class TestShare:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Toys<=0.3", ("Toys", "<=", 0.3)),
            ("Toys >= 30%", ("Toys", ">=", 0.3)),
            ("Books & Games~.5", ("Books & Games", "~", 0.5)),
            ("a~b<=1", ("a~b", "<=", 1.0)),
        ],
    )
    def test_as_one_writes_it(self, text: str, expected: tuple[str, str, float]) -> None:
        assert tuple(share(text).values()) == expected

    @pytest.mark.parametrize("text", ["", "Toys", "Toys<0.3", "<=0.3", "Toys<=", "Toys<=1.2.3"])
    def test_as_one_does_not(self, text: str) -> None:
        with pytest.raises(typer.BadParameter, match="is not like"):
            share(text)


class TestRecommend:
    def test_a_table(self, town: Shop, capsys: pytest.CaptureFixture[str]) -> None:
        wish = ("--include", "Mug", "--exclude", "Red", "--share", "Blue~50%", "-k", "4")
        assert run("recommend", "--user", "u1", *wish) == 0
        told = capsys.readouterr().out
        assert told.count("Mug") >= 4
        assert "4 of 4 exist" in told
        assert "0 of 2 in the history" in told
        assert "share Blue ~ 50%: 2 (wants =2)" in told
        assert "in Mug, as asked" in told

    def test_what_was_thought_or_why_nothing_was(
        self, town: Shop, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("recommend", "-k", "2", "--cot", "self", "--wish-weight", "2") == 0
        assert "thought  not used: there is no model that could read it" in capsys.readouterr().out
        assert run("recommend", "-k", "2") == 0
        assert "thought" not in capsys.readouterr().out
        assert run("recommend", "-k", "2", "--wish-weight", "200") == 1
        assert "wish_weight must be at most 100, got 200" in capsys.readouterr().err

    def test_titles_are_not_markup(self, town: Shop, capsys: pytest.CaptureFixture[str]) -> None:
        town.catalogue = Shelf([Item("x", "[red]Sale[/] [/bold]", ("[b]",))])
        assert run("recommend", "-k", "1") == 0
        assert "[red]Sale[/] [/bold]" in capsys.readouterr().out

    @pytest.mark.usefixtures("town")
    def test_a_conflict(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("recommend", "--include", "Red", "--exclude", "Red") == 1
        told = capsys.readouterr()
        assert told.err.startswith("Error: ")
        assert "Hint: " in told.err
        assert run("recommend", "--include", "Red", "--exclude", "Red", "--relax") == 0
        assert "relaxed exclude Red" in capsys.readouterr().out

    @pytest.mark.usefixtures("town")
    def test_bounds_are_those_of_the_api(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("recommend", "-k", "0") == 1
        assert "k must be at least 1, got 0" in capsys.readouterr().err
        assert run("recommend", "--text", "\udcff") == 1
        assert "lone surrogate" in capsys.readouterr().err


class TestVerify:
    @pytest.fixture
    def saved(self, town: Shop, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
        wish = ("--include", "Mug", "--share", "Blue<=0.5", "--history", "i0", "-k", "4")
        assert run("recommend", *wish, "--json") == 0
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert town.catalogue.rows([answer["items"][0]["id"]]) >= 0
        return answer

    def verify(self, answer: Mapping[str, Any], folder: Path, *options: str) -> int:
        receipt = folder / "answer.json"
        receipt.write_text(json.dumps(answer), "utf-8")
        return run("verify", str(receipt), "--catalogue", str(folder), *options)

    def test_what_holds(self, saved: dict[str, Any], tmp_path: Path) -> None:
        assert self.verify(saved, tmp_path) == 0
        assert self.verify(saved, tmp_path, "--history", "i0") == 0

    def test_a_history_that_has_changed_since(
        self, saved: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.verify(saved, tmp_path, "--history", "i0", "--history", "gone") == 0
        told = capsys.readouterr().out
        assert "Note: the history given is not the one the list was made for" in told
        assert self.verify(saved, tmp_path, "--history", saved["items"][0]["id"]) == 1

    def test_from_stdin(
        self, saved: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given = io.TextIOWrapper(io.BytesIO(json.dumps(saved).encode()))
        monkeypatch.setattr(sys, "stdin", given)
        assert run("verify", "-", "--catalogue", str(tmp_path)) == 0

    def test_what_does_not_hold(
        self, saved: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        saved["items"][0]["id"] = "i1"
        saved["items"][1]["id"] = "forged"
        assert self.verify(saved, tmp_path) == 1
        told = capsys.readouterr().out
        assert "'forged' does not exist" in told
        assert "'i1' is not as the catalogue has it" in told

    def test_a_file_that_is_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("verify", "/nowhere.json", "--catalogue", ".") == 1
        assert "No such file or directory: /nowhere.json" in capsys.readouterr().err

    @pytest.mark.usefixtures("town")
    @pytest.mark.parametrize("text", ["{", "[]", "{}", '{"items": 3, "receipt": {}}'])
    def test_what_is_no_answer(
        self, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "x.json").write_text(text, "utf-8")
        assert run("verify", str(tmp_path / "x.json"), "--catalogue", str(tmp_path)) == 1
        assert capsys.readouterr().err.startswith("Error: ")


class TestBuild:
    def test_what_is_asked_for_reaches_the_builder(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked: dict[str, Any] = {}

        def build_catalogue(*files: object, **options: Any) -> Path:
            *_, out, settings = files
            asked.update(options, files=files[:3], similarity=settings.retrieval.similarity)
            for done in range(3):
                options["progress"]("reading", done, 2)
            return Path(str(out)) / "v1"

        monkeypatch.setattr(service.cli.building, "build_catalogue", build_catalogue)
        options = ("--column", "id=asin", "--column", "title=name", "--skip-bad", "--no-similarity")
        assert run("build", "--items", "a.csv", "--events", "b.csv", "--out", "c", *options) == 0
        assert asked.pop("progress")
        assert asked == {
            "files": (Path("a.csv"), Path("b.csv"), Path("c")),
            "similarity": False,
            "skip_bad": True,
            "columns": {"id": "asin", "title": "name"},
        }
        told = capsys.readouterr()
        assert told.out == "Built c/v1\n"
        assert told.err == "reading: 0 of 2\nreading: 2 of 2\n"

    def test_bad_rows_are_told(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def build_catalogue(*_: object, **__: object) -> Path:
            raise BadRows("1 bad row:\na.csv:3: no title")

        monkeypatch.setattr(service.cli.building, "build_catalogue", build_catalogue)
        assert run("build", "--items", "a.csv", "--out", "c") == 1
        told = capsys.readouterr().err
        assert "a.csv:3: no title" in told
        assert "--skip-bad" in told

    def test_bars_in_a_terminal(self) -> None:
        console = Console(file=io.StringIO(), force_terminal=True, width=80)
        with progress(console) as report:
            report("reading", 1, 2)
            report("writing", 2, 2, {"loss": 0.25})
            report("reading", 2, 2)
        assert isinstance(console.file, io.StringIO)
        assert "reading" in console.file.getvalue()
        assert "writing  loss 0.25" in console.file.getvalue()


class TestCheck:
    @pytest.mark.usefixtures("town")
    def test_it_would_start(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("check", "--port", str(free_port())) == 0
        told = capsys.readouterr().out
        assert told.count("✓") == 6
        assert "✓ keys: none are set, and anyone may ask" in told
        assert "✓ engine: none, retrieval makes all lists" in told

    def test_it_would_not(self, town: Shop, capsys: pytest.CaptureFixture[str]) -> None:
        town.wrong = {"engine": "the model is loading"}
        with socket.create_server(("127.0.0.1", 0)) as other:
            assert run("check", "--port", str(other.getsockname()[1])) == 1
        told = capsys.readouterr()
        assert told.out.count("✗") == 2
        assert "Address already in use" in told.err
        assert "the model is loading" in told.err

    def test_each_model_has_a_line_of_its_own(
        self, town: Shop, capsys: pytest.CaptureFixture[str]
    ) -> None:
        town.sidecar, town.wrong = Sage(), {"sidecar": "nobody is there"}
        assert run("check", "--port", str(free_port())) == 1
        told = capsys.readouterr()
        assert "✓ engine: none, retrieval makes all lists" in told.out
        assert "✗ sidecar\n" in told.out
        assert "nobody is there" in told.err
        town.wrong = {}
        assert run("check", "--port", str(free_port())) == 0
        assert "✓ sidecar: sage-1 thinks before lists and answers" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("tenants", "said"),
        [
            (["default", "shop"], "✓ keys: 3, of default, shop\n"),
            (["shpo"], "✓ keys: 2, of shpo; the users that the catalogue knows are of default"),
            ([], "✓ keys: 1, of no tenant; the users that the catalogue knows are of default"),
        ],
    )
    def test_whose_keys_there_are(
        self, tenants: list[str], said: str, town: Shop, capsys: pytest.CaptureFixture[str]
    ) -> None:
        holders = [Holder(f"key-{tenant}", tenant) for tenant in tenants]
        holders += [Holder("prometheus", "default", watch=True)]
        keyring = Keyring({digest_of(holder.name): holder for holder in holders})
        town.access = Access(MemoryLimits(), keyring)
        assert run("check", "--port", str(free_port())) == 0
        assert said in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("wrong", "what"),
        [
            (DamagedArtifact("items.arrow was altered"), "catalogue and models"),
            (BadSettings("the keys in keys.toml cannot be read"), "settings"),
        ],
    )
    def test_what_cannot_be_opened(
        self,
        wrong: ListwrightError,
        what: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        @asynccontextmanager
        async def opened(_: Settings) -> AsyncIterator[None]:
            raise wrong
            yield

        monkeypatch.setattr(service.cli.checking, "opened", opened)
        assert run("check", "--port", str(free_port())) == 1
        told = capsys.readouterr()
        assert f"✗ {what}\n" in told.out
        assert wrong.message in told.err


class TestServe:
    def served(self, beside: service.cli.serving.Beside) -> None:
        settings = load_settings(
            {"server": {"log_level": "error", "shutdown_seconds": 5, "drain_seconds": 0.5}}
        )
        self.listening = bound("127.0.0.1", free_port())
        serve(settings, self.listening, beside)

    @pytest.mark.usefixtures("town")
    def test_over_a_real_socket(self) -> None:
        async def beside(_: object) -> bool:
            async with aiohttp.ClientSession(url_of(self.listening)) as session:
                async with session.get("/healthz") as response:
                    assert await response.json() == {"status": "alive"}
                    assert "server" not in response.headers
                async with session.post("/recommend", json={"k": 3}) as response:
                    assert len((await response.json())["items"]) == 3

                async def fifty_megabytes() -> AsyncIterator[bytes]:
                    for _ in range(50):
                        yield b" " * 1_000_000

                kind = {"Content-Type": "application/json"}
                for body in (io.BytesIO(b" " * 50_000_000), fifty_megabytes()):
                    async with session.post("/recommend", data=body, headers=kind) as response:
                        assert response.status == 413
                        assert (await response.json())["error"]["code"] == "too_large"
                async with session.get("/readyz") as response:
                    assert response.status == 200
            return False

        self.served(beside)

    @pytest.mark.usefixtures("town")
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_a_signal_ends_it_after_the_requests_in_flight(self, number: int) -> None:
        answered: list[int] = []

        async def beside(town: Any) -> bool:
            history = town.store.history

            async def slow(user: User) -> tuple[str, ...]:
                os.kill(os.getpid(), number)
                await asyncio.sleep(0.3)
                found: tuple[str, ...] = await history(user)
                return found

            town.store.history = slow
            async with (
                aiohttp.ClientSession(url_of(self.listening)) as session,
                session.post("/recommend", json={"user_id": "u1", "k": 3}) as response,
            ):
                answered.append(response.status)
            return True

        self.served(beside)
        assert answered == [200]

    @pytest.mark.usefixtures("town")
    def test_in_the_background_of_a_script_sigint_ends_it_as_well(self) -> None:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self.test_a_signal_ends_it_after_the_requests_in_flight(signal.SIGINT)
        finally:
            signal.signal(signal.SIGINT, before)

    @pytest.mark.usefixtures("town")
    def test_under_nohup_a_closed_terminal_ends_nothing(self) -> None:
        async def beside(_: object) -> bool:
            os.kill(os.getpid(), signal.SIGHUP)
            async with (
                aiohttp.ClientSession(url_of(self.listening)) as session,
                session.get("/readyz") as response,
            ):
                assert response.status == 200
            return False

        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            self.served(beside)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        finally:
            signal.signal(signal.SIGHUP, before)

    @pytest.mark.usefixtures("town")
    def test_told_to_end_it_is_not_ready_first_and_serves_on_until_that_is_known(self) -> None:
        seen: list[tuple[int, int]] = []

        async def beside(_: object) -> bool:
            async with aiohttp.ClientSession(url_of(self.listening)) as session:
                for told in (False, True):
                    if told:
                        os.kill(os.getpid(), signal.SIGTERM)
                        await asyncio.sleep(0.1)
                    async with session.get("/readyz") as ready:
                        body = await ready.json()
                    assert body["ready"] is not told
                    # A client that does not know yet, over a connection of its own.
                    async with (
                        aiohttp.ClientSession(url_of(self.listening)) as newcomer,
                        newcomer.post("/recommend", json={"k": 3}) as response,
                    ):
                        seen.append((ready.status, response.status))
            return True

        self.served(beside)
        assert seen == [(200, 200), (503, 200)]

    @pytest.mark.usefixtures("town")
    def test_what_fails_beside_it_ends_it_too(self) -> None:
        async def beside(_: object) -> bool:
            raise BadSettings("no")

        with pytest.raises(BadSettings):
            self.served(beside)

    def test_a_port_that_is_taken(self, capsys: pytest.CaptureFixture[str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            assert run("serve", "--port", str(other.getsockname()[1])) == 1
        assert "Choose another with --port" in capsys.readouterr().err

    def test_the_next_free_port(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with bound("127.0.0.1", port, tries=20) as listening:
                assert port < listening.getsockname()[1] < port + 20
        with bound("0.0.0.0", free_port()) as listening:  # noqa: S104 - what is tested
            assert url_of(listening).startswith("http://127.0.0.1:")

    def test_the_bounds_come_from_the_settings(self) -> None:
        settings = load_settings({"recommend": {"max_k": 7, "default_k": 3}})
        bounds = bounds_of(settings)
        assert (bounds.max_k, bounds.default_k, bounds.max_body_bytes) == (7, 3, 2_000_000)


class TestDemo:
    def test_once(
        self,
        town: Shop,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(service.cli.demo, "shop", lambda *_: tmp_path)
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            assert run("demo", "--once", "--folder", str(tmp_path), "--port", str(port)) == 0
        told = capsys.readouterr().out
        assert told.count("POST /recommend") == 6
        assert told.count("receipt") == 5
        assert "conflicting_controls" in told
        assert "About 30%" in told
        assert "Serving at" not in told
        assert town.catalogue.version == "shelf-1"

    def test_one_that_stays_says_where(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        async def no_tour(*_: object) -> None:
            """The samples are another test's."""

        stays: list[bool] = []

        def serve(_: Settings, listening: socket.socket, beside: Any) -> None:
            with listening:
                stays.append(asyncio.run(beside(None)))

        monkeypatch.setattr(service.cli.demo, "shop", lambda *_: tmp_path)
        monkeypatch.setattr(service.cli.demo, "show_tour", no_tour)
        monkeypatch.setattr(service.cli.demo, "serve", serve)
        port = free_port()
        assert run("demo", "--port", str(port)) == 0
        assert stays == [True]
        assert f"Serving at http://127.0.0.1:{port}" in capsys.readouterr().out

    def test_a_sample_that_goes_wrong(
        self,
        town: Shop,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(service.cli.demo, "shop", lambda *_: tmp_path)
        town.store.broken = RuntimeError("broken")
        monkeypatch.setattr(service.cli.demo, "samples", lambda *_: [Sample("x", {"user_id": "u"})])
        assert run("demo", "--once", "--port", str(free_port())) == 1
        told = capsys.readouterr()
        assert "expected a list, got internal" in told.out
        assert "1 of the samples" in told.err

    def test_the_shop_is_built_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        built: list[Path] = []

        def build(_: object, items: Path, events: Path, out: Path) -> Path:
            assert items.exists()
            assert events.exists()
            out.mkdir()
            (out / "CURRENT").touch()
            built.append(out)
            return out

        tools: list[str] = []

        def run_tool(module: str, arguments: list[str]) -> None:
            tools.append(module)
            assert arguments[:2] == ["--catalogue", str(built[0])]
            root = built[0] / "ranker"
            if module == "models.sasrec":
                ringroad.publish(root, seed=1)
            else:
                retuned(root, Tuning({Situation("none"): Blend({"popularity": 1.0})}))

        monkeypatch.setattr(service.cli.demo, "build", build)
        monkeypatch.setattr(service.cli.demo, "run", run_tool)
        settings = load_settings()
        first = service.cli.demo.shop(settings, tmp_path)
        assert service.cli.demo.shop(settings, tmp_path) == first
        assert built == [first]
        assert tools == ["models.sasrec", "models.tune"]


class TestSamples:
    def test_they_name_what_is_there(self) -> None:
        shelf = Shelf(goods(400))
        made = samples(shelf, "u1", ["i1", "i5"])
        assert [sample.refused for sample in made] == [*[""] * 5, "conflicting_controls"]
        named = json.dumps([dict(sample.body) for sample in made])
        assert '"Blue"' in named
        assert all(sample.body["user_id"] == "u1" for sample in made)

    @pytest.mark.parametrize("count", [1, 5, 60])
    def test_a_small_catalogue_gets_the_samples_that_fit(self, count: int) -> None:
        made = samples(Shelf(goods(count)), None, [])
        assert len(made) >= 2
        assert all(sample.body["k"] <= max(10, count) for sample in made)

    def test_what_is_wrong_with_an_answer(self) -> None:
        shelf = Shelf(goods())
        conflict = Sample("x", {}, refused="conflicting_controls")
        assert problems(conflict, {"items": []}, shelf, ()) == [
            "expected conflicting_controls, got a list"
        ]
        assert problems(conflict, {"error": {"code": "conflicting_controls"}}, shelf, ()) == []
