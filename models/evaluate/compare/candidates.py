"""What is compared: names, and where each model lies or answers.

A key for an endpoint is never part of it: it stands in the variable API_KEY_ and the name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from service.errors import BadInput

HINT: Final = (
    "A model is a folder, `embedded`, vllm+http://HOST:PORT, openai+http://HOST:PORT (both may end"
    " in #MODEL), or vllm:FOLDER."
)
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SERVED: Final = "vllm:"
ENDPOINT: Final = re.compile(r"(vllm|openai)\+(https?://.+)")


class Kind(StrEnum):
    """Who computes."""

    EMBEDDED = "embedded"
    FOLDER = "folder"
    SERVED = "served"
    ENDPOINT = "endpoint"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model of the table."""

    name: str
    where: str
    kind: Kind
    folder: Path | None = None
    """Of a model in this process, or one that a vLLM is started for."""
    base: Path | None = None
    """What an adapter stands on, if not where it was made."""
    protocol: str = ""
    url: str = ""
    model: str | None = None
    """What the server calls it."""
    tokenizer: Path | None = None
    """Whose tokens a server's model reads, if not the small model's."""

    @property
    def key(self) -> str | None:
        """What its server asks for, if so."""
        return os.environ.get(f"API_KEY_{re.sub('[^A-Za-z0-9]', '_', self.name).upper()}")


def candidates_of(
    models: Mapping[str, str], bases: Mapping[str, str], tokenizers: Mapping[str, str]
) -> tuple[Candidate, ...]:
    """The models by their names; BadInput if one is nothing, or something is said of no model."""
    if not models:
        raise BadInput(
            "There is no model to compare.", hint=f"Name one: --model NAME=WHERE. {HINT}"
        )
    for option, said in (("--base", bases), ("--tokenizer", tokenizers)):
        if strangers := sorted(set(said) - set(models)):
            raise BadInput(f"{option} speaks of {strangers[0]!r}, which is no model here.")
    found = tuple(
        _candidate(name, where, _folder(bases.get(name)), _folder(tokenizers.get(name)))
        for name, where in models.items()
    )
    for one in found:
        _refuse_unread(one, one.name in bases, one.name in tokenizers)
    return found


def pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """What NAME=VALUE says of each name; BadInput where one is named twice."""
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not value.strip() or not NAME.fullmatch(name.strip()):
            raise BadInput(
                f"{option} takes NAME=VALUE, not {_told(text)!r}.",
                hint="A name is of letters, digits, and . _ - within.",
            )
        if name.strip() in found:
            raise BadInput(
                f"{option}: two are called {name.strip()!r}.", hint="Rename one of them."
            )
        found[name.strip()] = value.strip()
    return found


def _candidate(name: str, where: str, base: Path | None, tokenizer: Path | None) -> Candidate:
    if not NAME.fullmatch(name):
        raise BadInput(
            f"No model can be called {name!r}.", hint="Letters, digits, and . _ - within."
        )
    if where == Kind.EMBEDDED:
        return Candidate(name, where, Kind.EMBEDDED)
    if where.startswith(SERVED):
        folder = Path(where.removeprefix(SERVED)).expanduser()
        return Candidate(name, where, Kind.SERVED, _there(folder, name), base)
    if match := ENDPOINT.fullmatch(where):
        return _endpoint(name, where, match[1], match[2], tokenizer)
    return Candidate(name, where, Kind.FOLDER, _there(Path(where).expanduser(), name), base)


def _endpoint(
    name: str, where: str, protocol: str, address: str, tokenizer: Path | None
) -> Candidate:
    try:
        parts = urlsplit(address)
        # A port that is no number is seen no earlier.
        _ = parts.port
    except ValueError as error:
        raise BadInput(f"The address of {name!r} is none: {error}.", hint=HINT) from error
    if parts.username is not None or parts.password is not None or parts.query:
        raise BadInput(
            f"The address of {name!r} holds more than an address.",
            hint="A key is read from the variable API_KEY_ and the name, in capitals.",
        )
    if not parts.hostname:
        raise BadInput(f"The address of {name!r} names no host.", hint=HINT)
    return Candidate(
        name,
        where,
        Kind.ENDPOINT,
        protocol=protocol,
        url=parts._replace(fragment="").geturl().rstrip("/"),
        model=parts.fragment or None,
        tokenizer=tokenizer,
    )


def _refuse_unread(one: Candidate, based: bool, spelled: bool) -> None:  # noqa: FBT001
    """BadInput where an option says of a model what nothing is made of."""
    if based and one.kind is not Kind.FOLDER:
        raise BadInput(
            f"--base says what an adapter in a folder stands on, and {one.name!r} is none.",
            hint="Leave it out.",
        )
    if spelled and one.kind is not Kind.ENDPOINT:
        raise BadInput(
            f"--tokenizer is for an endpoint, and {one.name!r} has its own.", hint="Leave it out."
        )


def _there(folder: Path, name: str) -> Path:
    if not folder.is_dir():
        raise BadInput(f"{name!r} is to be {_told(str(folder))}, which is no folder.", hint=HINT)
    return folder


def _folder(named: str | None) -> Path | None:
    return None if named is None else Path(named).expanduser()


def _told(text: str) -> str:
    """Whatever stands before an @ may be a secret."""
    return re.sub(r"//[^/]*@", "//...@", text)
