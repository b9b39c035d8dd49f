"""A model's chat template, cut where the system's and the user's words go.

Folders come as published: the template in a file of its own or in the tokenizer's configuration,
special tokens as text or as objects, with a role for the system or without.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from service.errors import BadSettings

FILE: Final = "chat_template.jinja"

Pieces: TypeAlias = tuple[str, str, str]
"""What stands before the system's words, between them and the user's, and after these."""

_SYSTEM: Final = "\ue000"
_USER: Final = "\ue001"
"""Placeholders for the contents while the template is rendered; private-use characters."""

_BREAK: Final = "\n\n"
"""Between the system's words and the user's, in one turn."""


def pieces(folder: Path, config: Mapping[str, Any]) -> Pieces:
    """The three pieces of the template in a model's folder; BadSettings if there is none."""
    source = _source(folder, config)
    apart = [_turn("system", _SYSTEM), _turn("user", _USER)]
    # A template without a system's role says so or leaves those words out.
    together = [_turn("user", _SYSTEM + _BREAK + _USER)]
    for messages in (apart, together):
        if cut := _cut(_rendered(source, messages, config)):
            return cut
    raise BadSettings(f"the chat template in {folder} does not show what system and user say")


def content(config: Mapping[str, Any], name: str) -> str | None:
    """A special token of the configuration, which writes it as text or as an object."""
    token = config.get(name)
    if isinstance(token, Mapping):
        token = token.get("content")
    return token if isinstance(token, str) else None


def _source(folder: Path, config: Mapping[str, Any]) -> str:
    file = folder / FILE
    if file.exists():
        return file.read_text(encoding="utf-8")
    template = config.get("chat_template")
    if isinstance(template, list):
        # Several, for several uses.
        template = {one.get("name"): one.get("template") for one in template}.get("default")
    if not isinstance(template, str):
        message = (
            f"the model in {folder} has no chat template: it is not made to follow instructions"
        )
        raise BadSettings(message, hint="Name the folder of an instruct model.")
    return template


def _turn(role: str, words: str) -> dict[str, str]:
    return {"role": role, "content": words}


def _rendered(source: str, messages: list[dict[str, str]], config: Mapping[str, Any]) -> str:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    # No clock: a template that writes today's date would end every shared prefix at midnight.
    environment.globals["raise_exception"] = _refuse
    try:
        return environment.from_string(source).render(
            messages=messages,
            add_generation_prompt=True,
            bos_token=content(config, "bos_token") or "",
            eos_token=content(config, "eos_token") or "",
        )
    except TemplateError:
        return ""


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)


def _cut(text: str) -> Pieces | None:
    before, system, rest = text.partition(_SYSTEM)
    between, user, after = rest.partition(_USER)
    whole = system and user and _SYSTEM not in rest and _USER not in before + after
    return (before, between, after) if whole else None
