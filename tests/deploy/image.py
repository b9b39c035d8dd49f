"""Images without a container engine: the Dockerfile's own lines, carried out in clean roots.

A stage is a layer of an overlay over the layers it is made from, as engines have it. Each command
runs in namespaces of its own for mounts and processes, chrooted: it sees nothing of this machine
but what the base, the Dockerfile and what is mounted put there, and is process 1. Needs root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dockerfile import Stage, assigned, chain, environment, said, stages
from ground import REPOSITORY

CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# $1: options of the overlay, $2: where, $3: /tmp's kind; then pairs to mount, `--`, the command.
ENTER: Final = """
set -e
root=$2 tmp=$3
mount -t overlay overlay -o "$1" "$root"
mount -t proc proc "$root/proc"
[ "$tmp" = kept ] || mount -t tmpfs tmpfs "$root/tmp"
shift 3
while [ "$1" != -- ]; do
  mount --bind "$1" "$root$2"
  mount -o remount,ro,bind "$root$2"
  shift 2
done
shift
exec chroot "$root" "$@"
"""


@dataclass(frozen=True, slots=True)
class Images:
    """Stages of the Dockerfile, made one after another as they are needed."""

    folder: Path
    base: Path
    """A root file system that stands for the image of the first FROM."""
    given: Mapping[str, Path] = field(default_factory=dict)
    """Folders that stand for stages which are not carried out."""
    found: Mapping[str, Stage] = field(default_factory=stages)
    made: dict[str, Path] = field(default_factory=dict)

    def make(self, name: str) -> None:
        """Carry out a stage, and before it those that it is made from or copies from."""
        if name in self.made:
            return
        stage = self.found[name]
        if stage.base in self.found:
            self.make(stage.base)
        self.made[name] = self._layer(name)
        for line in stage.lines:
            if line.word == "RUN":
                self._run(stage, line.value)
            elif line.word == "COPY":
                self._copy(stage, line.words)

    def command(
        self,
        name: str,
        words: Sequence[str],
        *,
        user: str | None = None,
        mounts: Mapping[Path, str] = {},
        variables: Mapping[str, str] = {},
    ) -> list[str]:
        """Runs words in an image that nobody can write to but in /tmp, without any privilege."""
        known = environment(name, self.found, {"PATH": PATH}) | {"HOME": "/tmp"}  # noqa: S108
        where = self._last(name, "WORKDIR")
        uid, gid = (user or self._last(name, "USER")).split(":")
        dropped = ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--clear-groups"]
        inside = ["env", "-i", "-C", where, *_pairs(known | dict(variables))]
        inside += ["setpriv", f"--reuid={uid}", f"--regid={gid}", *dropped, *words]
        points = self.folder / f"{name}.points"
        for place in mounts.values():
            Path(f"{points}{place}").mkdir(parents=True, exist_ok=True)
        layers = f"lowerdir={points}:{self._below(name, itself=True)}"
        return [*_entered(layers, self._mountpoint(name), mounts, tmp="fresh"), *inside]

    def file(self, name: str, path: str) -> Path | None:
        """Where a file of an image lies; None if it has none of that name."""
        roots = self._below(name, itself=True).split(":")
        return next((it for root in roots if os.path.lexists(it := Path(root + path))), None)

    def _run(self, stage: Stage, line: str) -> None:
        arguments = {}
        for each in stage.lines:
            arguments |= assigned(each.words) if each.word == "ARG" else {}
        known = arguments | environment(stage.name, self.found, {"PATH": PATH})
        # How this machine's installer finds packages: the images of others find theirs.
        known |= {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
        inside = ["env", "-i", "-C", self._last(stage.name, "WORKDIR"), *_pairs(known)]
        layer = self.made[stage.name]
        options = f"lowerdir={self._below(stage.name)},upperdir={layer},workdir={layer}.work"
        certificates = {CERTIFICATES: str(CERTIFICATES)}
        entered = _entered(options, self._mountpoint(stage.name), certificates, tmp="kept")
        subprocess.run([*entered, *inside, "/bin/sh", "-c", line], check=True, timeout=600)  # noqa: S603

    def _copy(self, stage: Stage, words: list[str]) -> None:
        options = dict(word[2:].split("=") for word in words if word.startswith("--"))
        *sources, target = [word for word in words if not word.startswith("--")]
        into = Path(self._last(stage.name, "WORKDIR")) / target
        for it in [it for source in sources for it in self._sources(options.get("from"), source)]:
            whole = it.is_dir() or not (target.endswith("/") or len(sources) > 1)
            place = Path(f"{self.made[stage.name]}{into}") / ("" if whole else it.name)
            place.parent.mkdir(parents=True, exist_ok=True)
            if it.is_dir():
                shutil.copytree(it, place, symlinks=True, dirs_exist_ok=True, ignore=_left_out)
            else:
                shutil.copy(it, place)
                place.chmod(int(options.get("chmod", "644"), 8))

    def _sources(self, stage: str | None, path: str) -> list[Path]:
        """What is copied: of a stage its part in each of its layers, the lowest first."""
        if stage is None:
            assert let_in(path), f".dockerignore keeps {path} out"
            return [REPOSITORY / path]
        if stage in self.given:
            return [Path(f"{self.given[stage]}{path}")]
        self.make(stage)
        roots = reversed(self._below(stage, itself=True).split(":"))
        found = [it for root in roots if os.path.lexists(it := Path(root + path))]
        assert found, f"stage {stage} made no {path}"
        return found

    def _below(self, name: str, *, itself: bool = False) -> str:
        """The layers of an image as overlays want them, the uppermost first."""
        parents = [stage.name for stage in chain(name, self.found)][: None if itself else -1]
        return ":".join(str(it) for it in [*(self.made[p] for p in reversed(parents)), self.base])

    def _last(self, name: str, word: str) -> str:
        default = {"WORKDIR": "/", "USER": "0:0"}
        return said(name, word, self.found) or default[word]

    def _layer(self, name: str) -> Path:
        layer = self.folder / name
        for each in (layer, Path(f"{layer}.work"), self._mountpoint(name)):
            each.mkdir(parents=True)
        where = self._last(name, "WORKDIR")
        Path(f"{layer}{where}").mkdir(parents=True, exist_ok=True)
        return layer

    def _mountpoint(self, name: str) -> Path:
        return self.folder / f"{name}.root"


def let_in(path: str) -> bool:
    """Whether .dockerignore lets a path of the tree in: the last line that fits decides."""
    allowed = True
    for pattern in (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines():
        if pattern and not pattern.startswith("#"):
            inside = [Path(path), *Path(path).parents]
            if any(it.match(pattern.removeprefix("!")) and _as_deep(it, pattern) for it in inside):
                allowed = pattern.startswith("!")
    return allowed


def _as_deep(path: Path, pattern: str) -> bool:
    """Patterns begin at the top of the tree; pathlib's would fit at its end as well."""
    return "**" in pattern or len(path.parts) == len(Path(pattern.removeprefix("!")).parts)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """What .dockerignore takes out of folders that are copied whole."""
    return (
        {name for name in names if name == "__pycache__" or name.endswith(".pyc")}
        if (Path(folder).is_relative_to(REPOSITORY))
        else set()
    )


def _pairs(known: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in known.items()]


def _entered(options: str, root: Path, mounts: Mapping[Path, str], *, tmp: str) -> list[str]:
    alone = ["unshare", "--mount", "--pid", "--fork"]
    pairs = [word for source, place in mounts.items() for word in (str(source), place)]
    return [*alone, "/bin/sh", "-c", ENTER, "enter", options, str(root), tmp, *pairs, "--"]
