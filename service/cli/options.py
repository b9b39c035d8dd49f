"""Options that several commands share, and the settings that they come to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.settings import Settings

Catalogue = Annotated[
    Path | None,
    typer.Option(help="Folder of a built catalogue.", show_default="LISTWRIGHT_CATALOGUE__PATH"),
]
Engine = Annotated[
    str | None,
    typer.Option(
        help="Who decodes: embedded, vllm, openai or none.", show_default="LISTWRIGHT_ENGINE__KIND"
    ),
]
EngineUrl = Annotated[
    str | None,
    typer.Option(
        help="Where the server of vllm or openai is.", show_default="LISTWRIGHT_ENGINE__URL"
    ),
]
Variant = Annotated[
    str | None,
    typer.Option(help="One of LISTWRIGHT_VARIANTS that is to serve it.", show_default="default"),
]
Several = list[str]


def settings_of(
    catalogue: Path | None, engine: str | None, engine_url: str | None, **server: object
) -> Settings:
    """The settings that the command line, the environment and the defaults come to."""
    from service.settings import load_settings  # noqa: PLC0415 - `--help` must not wait for it

    given: dict[str, dict[str, object]] = {
        "server": server,
        "catalogue": {"path": catalogue},
        "engine": {"kind": engine, "url": engine_url},
    }
    return load_settings({part: named(values) for part, values in given.items()})


def named(values: Mapping[str, object]) -> dict[str, object]:
    """What the command line says; the rest is left to the environment and the defaults."""
    return {name: value for name, value in values.items() if value is not None}
