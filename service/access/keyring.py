"""API keys. Only digests are kept, so that who reads the file cannot ask in another's name.

Keys are drawn at random, 256 bits of them: a plain digest is enough, since there is nothing to
guess. All digests are compared to the end: how long that takes tells nothing about any of them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from service.access.entry import Entry, File, in_words
from service.access.holder import Holder
from service.errors import BadSettings

PREFIX: Final = "lw_"
"""By which scanners of repositories know a key that has leaked."""

BOTH: Final = "one that may `watch` may do nothing else; an `admin` may watch as well"


class Keyring:
    """Knows holders by their keys."""

    def __init__(self, holders: Mapping[str, Holder]) -> None:
        """`holders` are by the digests of their keys."""
        self._holders = [(bytes.fromhex(digest), holder) for digest, holder in holders.items()]

    @property
    def holders(self) -> tuple[Holder, ...]:
        """All of them."""
        return tuple(holder for _, holder in self._holders)

    def holder(self, key: str) -> Holder | None:
        """Whose key it is; None for one that nobody holds."""
        digest = bytes.fromhex(digest_of(key))
        found = None
        for known, holder in self._holders:
            if hmac.compare_digest(known, digest):
                found = holder
        return found

    def trouble(self) -> str | None:
        """None: they are as they were read."""
        return None


def new_key() -> str:
    """A key that nobody has."""
    return PREFIX + secrets.token_urlsafe(32)


def entry_of(  # noqa: PLR0913 - what is said of a key
    key: str,
    *,
    name: str,
    tenant: str | None = None,
    rate: str | None = None,
    admin: bool = False,
    watch: bool = False,
) -> str:
    """What the file holds of a key, as TOML; BadSettings for what it cannot hold."""
    given = {"name": name, "tenant": tenant, "rate": rate}
    rights = {"admin": admin or None, "watch": watch or None}
    said = {what: value for what, value in (given | rights).items() if value is not None}
    try:
        entry = Entry.model_validate({"sha256": digest_of(key), **said})
    except ValidationError as error:
        raise BadSettings(f"there can be no such key: {in_words(error)}") from None
    if entry.admin and entry.watch:
        raise BadSettings(f"there can be no such key: {BOTH}")
    # Names and rates that passed need no escapes, so JSON's values are TOML's.
    lines = (f"{what} = {json.dumps(value)}" for what, value in said.items())
    return "\n".join(["[[keys]]", *lines, f'sha256 = "{digest_of(key)}"'])


def digest_of(key: str) -> str:
    """What the file holds of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def read_keyring(path: Path, *, none: bool = False) -> Keyring:
    """The keys of a TOML file; BadSettings says what is wrong with it, and repeats none of it.

    `none`: whether it may hold none, which says that nobody is let in any more.
    """
    try:
        entries = File.model_validate(tomllib.loads(path.read_text("utf-8"))).keys
    except ValidationError as error:
        raise BadSettings(f"the keys in {path} cannot be used: {in_words(error)}") from None
    except (OSError, ValueError, RecursionError) as error:
        # The parser lets pass what its own parts say of numbers and depths.
        raise BadSettings(f"the keys in {path} cannot be read: {error}") from error
    if not entries and not none:
        raise BadSettings(f"the keys in {path} cannot be used: there are none")
    _refuse_twins(path, entries)
    if any(each.admin and each.watch for each in entries):
        raise BadSettings(f"the keys in {path} cannot be used: {BOTH}")
    return Keyring({each.sha256: _holder(each) for each in entries})


def _holder(entry: Entry) -> Holder:
    return Holder(entry.name, entry.tenant, entry.rate, admin=entry.admin, watch=entry.watch)


def _refuse_twins(path: Path, entries: list[Entry]) -> None:
    for kind in ("name", "sha256"):
        said = [getattr(each, kind) for each in entries]
        if len(set(said)) < len(said):
            raise BadSettings(f"the keys in {path} cannot be used: two have the same {kind}")
