"""The manifests: valid by the published schemas, and saying what the service needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from dockerfile import environment, said, stages
from ground import REPOSITORY
from manifests import (
    KUBERNETES,
    NAME,
    OVERLAYS,
    Manifest,
    containers,
    fits,
    of_kind,
    one,
    pods,
    secrets,
    variables,
)
from settings_said import taken

from service.api.roads import road_to

# The oldest that the page promises, and the newest whose schemas are at hand.
VERSIONS = ("1.30", "1.37")
OURS = {
    "listwright-gateway": "gateway",
    "listwright-gateway-cpu": "gateway-cpu",
    "listwright-workshop": "workshop",
    "listwright-vllm": "vllm",
}


def our_stage(container: Manifest) -> str | None:
    return OURS.get(container["image"].partition(":")[0])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_fits_the_published_schema(manifests: list[Manifest], version: str) -> None:
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_the_schema_would_refuse_a_misspelt_field(manifests: list[Manifest]) -> None:
    gateway = one(manifests, "Deployment", "gateway")
    wrong = gateway | {"spec": gateway["spec"] | {"replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_each_file_is_in_some_kustomization() -> None:
    named = set()
    for file in KUBERNETES.rglob("kustomization.yaml"):
        said_there = yaml.safe_load(file.read_text("utf-8"))
        of_maps = [
            name for each in said_there.get("configMapGenerator", ()) for name in each["files"]
        ]
        of_patches = [patch["path"] for patch in said_there.get("patches", ())]
        for name in [*said_there["resources"], *of_maps, *of_patches]:
            named.add((file.parent / name).resolve())
    there = {file for file in KUBERNETES.rglob("*") if file.is_file() and file.parent != KUBERNETES}
    assert {file for file in there if file.name != "kustomization.yaml"} == {
        file for file in named if file.is_file()
    }


def test_all_of_it_is_in_the_namespace(manifests: list[Manifest]) -> None:
    (namespace,) = of_kind(manifests, "Namespace")
    for manifest in manifests:
        if manifest is not namespace:
            assert manifest["metadata"]["namespace"] == namespace["metadata"]["name"]


class TestPods:
    def test_none_may_do_more_than_it_must(self, manifests: list[Manifest]) -> None:
        (namespace,) = of_kind(manifests, "Namespace")
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
        for pod in pods(manifests).values():
            whole = pod["spec"]["securityContext"]
            assert whole["runAsNonRoot"]
            assert whole["runAsUser"] > 0
            assert whole["seccompProfile"] == {"type": "RuntimeDefault"}
            assert not pod["spec"]["automountServiceAccountToken"]
            for container in containers(pod):
                own = container["securityContext"]
                assert not own["allowPrivilegeEscalation"]
                assert own["readOnlyRootFilesystem"]
                assert own["capabilities"] == {"drop": ["ALL"]}

    def test_ours_run_as_the_user_of_their_image(self, manifests: list[Manifest]) -> None:
        for pod in pods(manifests).values():
            context = pod["spec"]["securityContext"]
            for container in containers(pod):
                if (stage := our_stage(container)) is not None:
                    user = f"{context['runAsUser']}:{context['runAsGroup']}"
                    assert said(stage, "USER", stages()) == user

    def test_each_has_bounds(self, manifests: list[Manifest]) -> None:
        for pod in pods(manifests).values():
            for container in containers(pod):
                assert container["resources"]["limits"]["memory"]
                assert container["resources"]["requests"]

    def test_images_are_named_by_a_version(self, manifests: list[Manifest]) -> None:
        for pod in pods(manifests).values():
            for container in containers(pod):
                name, _, tag = container["image"].partition(":")
                assert name in OURS or "/" in name or name == "redis"
                assert tag not in {"", "latest"}

    def test_what_is_mounted_is_there(self, manifests: list[Manifest]) -> None:
        claims = {m["metadata"]["name"] for m in of_kind(manifests, "PersistentVolumeClaim")}
        maps = {m["metadata"]["name"] for m in of_kind(manifests, "ConfigMap")}
        accounts = {m["metadata"]["name"] for m in of_kind(manifests, "ServiceAccount")}
        for workload in of_kind(manifests, "Deployment", "StatefulSet", "Job"):
            pod = workload["spec"]["template"]["spec"]
            volumes = {volume["name"]: volume for volume in pod["volumes"]}
            made = {
                it["metadata"]["name"] for it in workload["spec"].get("volumeClaimTemplates", ())
            }
            mounted = {m["name"] for c in containers({"spec": pod}) for m in c["volumeMounts"]}
            assert mounted == volumes.keys() | made
            assert pod.get("serviceAccountName", "gateway") in accounts
            for volume in volumes.values():
                if "persistentVolumeClaim" in volume:
                    assert volume["persistentVolumeClaim"]["claimName"] in claims
                if "configMap" in volume:
                    assert volume["configMap"]["name"] in maps

    def test_only_what_builds_may_write_a_catalogue(self, manifests: list[Manifest]) -> None:
        writers = {
            name
            for name, pod in pods(manifests).items()
            for container in containers(pod)
            for mount in container["volumeMounts"]
            if mount["name"] in {"catalogues", "models"} and not mount.get("readOnly")
        }
        assert writers <= {"shop"}

    def test_programs_are_those_of_the_image(self, manifests: list[Manifest]) -> None:
        copied = {
            Path(word).name: Path(line.words[-1]).name
            for stage in stages().values()
            for line in stage.lines
            if line.word == "COPY"
            for word in line.words
            if word.endswith(".sh")
        }
        for pod in pods(manifests).values():
            for container in pod["spec"]["containers"]:
                program = Path(container.get("command", ["/bin/sh"])[0])
                if program.parent == Path("/usr/local/bin"):
                    assert program.name in copied.keys() | copied.values()

    def test_the_page_says_how_each_secret_is_made(self, manifests: list[Manifest]) -> None:
        page = (KUBERNETES / "README.md").read_text("utf-8")
        for pod in pods(manifests).values():
            for name, key in secrets(pod):
                assert f"secret generic {name} " in page
                assert not key or f"--from-literal={key}=" in page or f"--from-file={key}=" in page


class TestSelectors:
    def test_each_workload_selects_its_own_pods(self, manifests: list[Manifest]) -> None:
        for workload in of_kind(manifests, "Deployment", "StatefulSet"):
            labels = workload["spec"]["template"]["metadata"]["labels"]
            assert labels[NAME] == workload["metadata"]["name"]
            assert fits(workload["spec"]["selector"], labels)

    def test_each_service_leads_to_one_workload_and_a_port_of_it(
        self, manifests: list[Manifest]
    ) -> None:
        for service in of_kind(manifests, "Service"):
            chosen = {"matchLabels": service["spec"]["selector"]}
            (pod,) = [p for p in pods(manifests).values() if fits(chosen, p["metadata"]["labels"])]
            names = {port["name"] for c in containers(pod) for port in c.get("ports", ())}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= names

    def test_budgets_and_autoscalers_are_of_the_gateways(self, manifests: list[Manifest]) -> None:
        labels = pods(manifests)["gateway"]["metadata"]["labels"]
        (budget,) = of_kind(manifests, "PodDisruptionBudget")
        assert fits(budget["spec"]["selector"], labels)
        (scaler,) = of_kind(manifests, "HorizontalPodAutoscaler")
        assert scaler["spec"]["scaleTargetRef"]["name"] == "gateway"
        assert scaler["spec"]["minReplicas"] >= 2
        assert "replicas" not in one(manifests, "Deployment", "gateway")["spec"]
        for spread in pods(manifests)["gateway"]["spec"]["topologySpreadConstraints"]:
            assert fits(spread["labelSelector"], labels)


class TestGateway:
    @pytest.fixture
    def container(self, manifests: list[Manifest]) -> Manifest:
        (container,) = pods(manifests)["gateway"]["spec"]["containers"]
        return container

    @pytest.fixture
    def told(self, container: Manifest) -> dict[str, str]:
        """All that it is told, with stand-ins for secrets, over what its image says."""
        stage = our_stage(container)
        assert stage is not None
        stand_ins = {"store-url": "redis://:secret@redis:6379/0"}
        own = {
            name: value
            if isinstance(value, str)
            else stand_ins.get(value["secretKeyRef"]["key"], "x")
            for name, value in variables(container).items()
        }
        return environment(stage, stages(), {"PATH": ""}) | own

    def test_the_service_takes_its_settings(
        self, told: dict[str, str], manifests: list[Manifest], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = taken(told, monkeypatch)
        assert settings.store.kind == "redis"
        assert settings.access.keys is not None
        services = {m["metadata"]["name"]: m for m in of_kind(manifests, "Service")}
        for url in (settings.engine.url, settings.sidecar.url):
            if url is not None:
                host, _, port = url.removeprefix("http://").partition(":")
                assert int(port) in {each["port"] for each in services[host]["spec"]["ports"]}

    def test_it_shows_no_playground(
        self, told: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert not taken(told, monkeypatch).server.playground

    def test_folders_that_it_is_told_of_are_mounted(
        self, told: dict[str, str], container: Manifest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = taken(told, monkeypatch)
        mounted = [Path(mount["mountPath"]) for mount in container["volumeMounts"]]
        for path in (settings.catalogue.path, settings.access.keys, settings.engine.tokenizer):
            assert path is None or any(path.is_relative_to(place) for place in mounted)

    def test_it_is_probed_where_it_answers(
        self, container: Manifest, told: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paths = {
            kind: container[f"{kind}Probe"]["httpGet"]["path"]
            for kind in ("startup", "liveness", "readiness")
        }
        assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
        for path in paths.values():
            road = road_to(path)
            assert road is not None
            assert "GET" in road.methods
        (port,) = container["ports"]
        assert port == {"name": "http", "containerPort": taken(told, monkeypatch).server.port}
        assert {container[f"{kind}Probe"]["httpGet"]["port"] for kind in paths} == {"http"}

    def test_a_pod_is_given_longer_than_it_drains(
        self, manifests: list[Manifest], told: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = taken(told, monkeypatch).server
        given = pods(manifests)["gateway"]["spec"]["terminationGracePeriodSeconds"]
        assert given >= server.drain_seconds + server.shutdown_seconds + 10
        (container,) = pods(manifests)["gateway"]["spec"]["containers"]
        probe = container["readinessProbe"]
        # By then whoever balances has heard of it.
        assert server.drain_seconds > probe["periodSeconds"] * probe["failureThreshold"]


class TestEngines:
    @pytest.fixture
    def gpu(self, overlays: dict[str, list[Manifest]]) -> list[Manifest]:
        return overlays["gpu"]

    def test_each_has_a_gpu_and_time_to_end(self, gpu: list[Manifest]) -> None:
        for name in ("vllm", "phi3"):
            pod = pods(gpu)[name]["spec"]
            assert pod["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == 1
            assert pod["terminationGracePeriodSeconds"] > 30

    @pytest.mark.parametrize("name", ["vllm", "phi3"])
    def test_its_script_reads_its_variables(self, gpu: list[Manifest], name: str) -> None:
        (container,) = pods(gpu)[name]["spec"]["containers"]
        script = REPOSITORY / "deploy" / Path(container["command"][0]).name
        text = script.read_text("utf-8")
        own = variables(container)
        assert own.pop("VLLM_API_KEY")["secretKeyRef"]["name"] == "vllm"
        assert [each for each in own if f"\n{each}=" not in text] == []

    def test_gateways_take_no_more_places_than_vllm_has(self, gpu: list[Manifest]) -> None:
        (vllm,) = pods(gpu)["vllm"]["spec"]["containers"]
        (gateway,) = pods(gpu)["gateway"]["spec"]["containers"]
        (scaler,) = of_kind(gpu, "HorizontalPodAutoscaler")
        each = int(variables(gateway)["LISTWRIGHT_ENGINE__CONCURRENT"])
        assert each * scaler["spec"]["maxReplicas"] == int(variables(vllm)["LISTS"])

    def test_the_adapter_serves_what_the_autoscaler_asks_for(self, gpu: list[Manifest]) -> None:
        (scaler,) = of_kind(gpu, "HorizontalPodAutoscaler")
        asked = [
            m["pods"]["metric"]["name"] for m in scaler["spec"]["metrics"] if m["type"] == "Pods"
        ]
        rules = yaml.safe_load((KUBERNETES / "prometheus-adapter.yaml").read_text("utf-8"))
        assert asked == [rule["name"]["matches"] for rule in rules["rules"]["custom"]]
        assert set(asked) <= metrics()


def metrics() -> set[str]:
    """The names that the service's own code gives to what it counts."""
    sources = (REPOSITORY / "service" / "telemetry").glob("*.py")
    return set(re.findall(r'"(listwright_\w+)"', "".join(it.read_text("utf-8") for it in sources)))


def test_the_page_names_metrics_that_there_are() -> None:
    page = (REPOSITORY / "deploy" / "README.md").read_text("utf-8")
    named = re.findall(r"`(listwright_\w+)`", page)
    assert named
    assert {name.removesuffix("_total") for name in named} <= metrics()


def test_the_monitor_finds_the_gateways(overlays: dict[str, list[Manifest]]) -> None:
    path = KUBERNETES / "components" / "servicemonitor" / "servicemonitor.yaml"
    monitor: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    for name in OVERLAYS:
        service = one(overlays[name], "Service", "gateway")
        assert fits(monitor["spec"]["selector"], service["metadata"]["labels"])
        (endpoint,) = monitor["spec"]["endpoints"]
        assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
        assert road_to(endpoint["path"]) is not None
