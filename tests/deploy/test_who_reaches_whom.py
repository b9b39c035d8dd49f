"""Only the gateway reaches vLLM and Redis: on Kubernetes by policies, with compose by networks."""

from __future__ import annotations

import re
from itertools import product

import kubernetes_validate
import pytest
import yaml
from ground import REPOSITORY
from manifests import NAME, Manifest, fits, of_kind, pods

Peer = tuple[str, dict[str, str]]
"""A namespace, and a pod's labels."""

OWN = "listwright"
STOREFRONT: Peer = ("storefront", {NAME: "web"})
PROMETHEUS: Peer = ("monitoring", {NAME: "prometheus"})
OTHERS: dict[str, Peer] = {
    "storefront": STOREFRONT,
    "prometheus": PROMETHEUS,
    "neighbour": ("elsewhere", {NAME: "gateway"}),
    "intruder": (OWN, {NAME: "intruder"}),
}
NAMESPACES = {
    OWN: {"kubernetes.io/metadata.name": OWN},
    "storefront": {"kubernetes.io/metadata.name": "storefront", "listwright/may-ask": "true"},
    "monitoring": {"kubernetes.io/metadata.name": "monitoring"},
    "elsewhere": {"kubernetes.io/metadata.name": "elsewhere"},
}
EXPECTED = {
    "gpu": {
        ("storefront", "gateway"),
        ("prometheus", "gateway"),
        ("gateway", "redis"),
        ("gateway", "vllm"),
        ("gateway", "phi3"),
    },
    "cpu": {("storefront", "gateway"), ("prometheus", "gateway"), ("gateway", "redis")},
}


def is_peer(rule: Manifest, peer: Peer) -> bool:
    """Whether one entry of `from` or `to` means this pod, as Kubernetes reads it."""
    namespace, labels = peer
    if "namespaceSelector" in rule:
        there = fits(rule["namespaceSelector"], NAMESPACES[namespace])
    else:
        there = namespace == OWN
    return there and fits(rule.get("podSelector", {}), labels)


def lets(policies: list[Manifest], direction: str, who: Peer, other: Peer, ports: set[int]) -> bool:
    """Whether the policies of a pod let this through; a pod that none is about takes all."""
    if who[0] != OWN:
        return True
    about = [
        policy["spec"]
        for policy in policies
        if fits(policy["spec"]["podSelector"], who[1])
        and direction in policy["spec"]["policyTypes"]
    ]
    side = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}[direction]
    return not about or any(
        any(is_peer(peer, other) for peer in rule[side[1]])
        and ports & {each["port"] for each in rule["ports"]}
        for spec in about
        for rule in spec.get(side[0], ())
    )


def through(manifests: list[Manifest]) -> set[tuple[str, str]]:
    """Who reaches whom."""
    policies = of_kind(manifests, "NetworkPolicy")
    ours = pods(manifests)
    open_ports = {
        name: {
            port["containerPort"] for c in pod["spec"]["containers"] for port in c.get("ports", ())
        }
        for name, pod in ours.items()
    }
    everyone = OTHERS | {name: (OWN, pod["metadata"]["labels"]) for name, pod in ours.items()}
    return {
        (one, other)
        for one, other in product(everyone, ours)
        if one != other
        and lets(policies, "Egress", everyone[one], everyone[other], open_ports[other])
        and lets(policies, "Ingress", everyone[other], everyone[one], open_ports[other])
    }


@pytest.mark.parametrize("overlay", EXPECTED)
def test_policies_let_through_what_is_needed_and_no_more(
    overlays: dict[str, list[Manifest]], overlay: str
) -> None:
    assert through(overlays[overlay]) == EXPECTED[overlay]


def on_the_page(name: str) -> list[Manifest]:
    """A file that deploy/README.md shows whole."""
    page = (REPOSITORY / "deploy" / "README.md").read_text("utf-8")
    (text,) = re.findall(rf"```yaml\n(# {re.escape(name)}\n.*?)```", page, re.DOTALL)
    return list(yaml.safe_load_all(text))


class TestVllmWatched:
    """What the page says is to be opened for vLLM's own figures."""

    def test_prometheus_alone_comes_to_vllm(self, overlays: dict[str, list[Manifest]]) -> None:
        opened = on_the_page("vllm-watched.yaml")
        (policy,) = of_kind(opened, "NetworkPolicy")
        kubernetes_validate.validate(policy, "1.30", strict=True)
        reached = {("prometheus", "vllm"), ("prometheus", "phi3")}
        assert through([*overlays["gpu"], policy]) == EXPECTED["gpu"] | reached

    def test_the_monitor_finds_both_services(self, overlays: dict[str, list[Manifest]]) -> None:
        (monitor,) = of_kind(on_the_page("vllm-watched.yaml"), "ServiceMonitor")
        (endpoint,) = monitor["spec"]["endpoints"]
        found = {
            service["metadata"]["name"]
            for service in of_kind(overlays["gpu"], "Service")
            if fits(monitor["spec"]["selector"], service["metadata"]["labels"])
            and endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
        }
        assert found == {"vllm", "phi3"}

    def test_with_compose_they_have_a_network_of_their_own(self, compose: Manifest) -> None:
        (added,) = on_the_page("watched.yaml")
        assert added["services"].keys() <= compose["services"].keys()
        for service in added["services"].values():
            assert service["networks"] == ["figures"]
        assert added["services"].keys() == {"vllm", "phi3", "prometheus"}
        assert added["networks"] == {"figures": {"internal": True}}
        assert "figures" not in compose["networks"]


class TestCompose:
    def test_only_gateways_share_a_network_with_vllm_or_redis(self, compose: Manifest) -> None:
        services = {name: set(it.get("networks", ())) for name, it in compose["services"].items()}
        for guarded in ("vllm", "phi3", "redis"):
            reach = {name for name, nets in services.items() if nets & services[guarded]}
            assert reach - {"gateway", "gateway-cpu"} <= (
                {"redis"} if guarded == "redis" else {"vllm", "phi3"}
            )

    def test_nothing_else_leads_out(self, compose: Manifest) -> None:
        outward = {
            name for name, it in compose["networks"].items() if not (it or {}).get("internal")
        }
        assert outward == {"front"}
        on_it = {n for n, it in compose["services"].items() if "front" in it.get("networks", ())}
        assert on_it == {"gateway", "gateway-cpu", "grafana"}

    def test_only_gateways_and_grafana_are_published_and_on_the_loopback(
        self, compose: Manifest
    ) -> None:
        published = {n: it["ports"] for n, it in compose["services"].items() if "ports" in it}
        assert published.keys() == {"gateway", "gateway-cpu", "grafana"}
        for ports in published.values():
            assert {port["host_ip"] for port in ports} == {"127.0.0.1"}

    def test_no_service_is_on_the_network_that_docker_gives_by_itself(
        self, compose: Manifest
    ) -> None:
        for service in compose["services"].values():
            assert service.get("networks") or service["network_mode"] == "none"
