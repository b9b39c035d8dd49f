"""API keys: digests alone are kept; a file that is wrong stops the start and is not repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.access.holder import Holder
from service.access.keyring import digest_of, entry_of, new_key, read_keyring
from service.errors import BadSettings


def test_whoever_holds_a_key_is_known_by_it(tmp_path: Path) -> None:
    shop, boss = new_key(), new_key()
    path = tmp_path / "keys.toml"
    path.write_text(
        "\n".join(
            [
                "# of our shop",
                entry_of(shop, name="shop-1", tenant="shop", rate="600/minute"),
                entry_of(boss, name="boss", admin=True),
            ]
        ),
        "utf-8",
    )
    assert shop not in path.read_text("utf-8")
    keyring = read_keyring(path)
    assert keyring.holder(shop) == Holder("shop-1", "shop", "600/minute")
    assert keyring.holder(boss) == Holder("boss", admin=True)
    for wrong in ("", "lw_", shop[:-1], shop.upper(), digest_of(shop), new_key(), "ключ", "\ud800"):
        assert keyring.holder(wrong) is None


def test_no_two_keys_are_alike() -> None:
    keys = {new_key() for _ in range(1_000)}
    assert len(keys) == 1_000
    assert all(len(key) > 40 and key.startswith("lw_") for key in keys)


ENTRY = f'[[keys]]\nname = "a"\nsha256 = "{digest_of("secret")}"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "`keys` is missing"),
        ('keys = "all"', "`keys` is a list"),
        ('keys = ["a"]', "key 1 is a table"),
        (ENTRY.replace('name = "a"', ""), "`name` of key 1 is missing"),
        ("keys = []", "there are none"),
        ("[[keys", "cannot be read"),
        (f"x = {'9' * 5_000}", "cannot be read"),
        (f"x = {'[' * 20_000}", "cannot be read"),
        (ENTRY.replace('"a"', '"a/b"'), "`name` of key 1 has 1 to 64 letters"),
        (ENTRY + 'tenant = "x/y"', "`tenant` of key 1 has 1 to 64 letters"),
        (ENTRY + 'rate = "often"', "`rate` of key 1 is such as 600/minute"),
        (ENTRY + "rate = 5", "`rate` of key 1 is such as 600/minute"),
        (ENTRY + 'rate = "0/second"', "rate"),
        (ENTRY + 'rate = "1000000/hour"', "rate"),
        (ENTRY + 'admin = "yes"', "`admin` of key 1 is `true`"),
        (ENTRY + "watch = 1", "`watch` of key 1 is `true`"),
        (ENTRY + "admin = true\nwatch = true", "may do nothing else"),
        (ENTRY + 'key = "secret"', "`key` of key 1 is not known; known are name, sha256"),
        (
            ENTRY.replace(digest_of("secret"), "secret"),
            "`sha256` of key 1 has 64 hexadecimal digits",
        ),
        (ENTRY + ENTRY, "two have the same name"),
        (ENTRY + ENTRY.replace('"a"', '"b"'), "two have the same sha256"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadSettings) as refused:
        read_keyring(path)
    assert words in refused.value.message
    assert "secret" not in refused.value.message
    for foreign in ("Input should", "Value error", "Field required", "String should", "parse"):
        assert foreign not in refused.value.message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        read_keyring(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "a b"}, "`name` has 1 to 64 letters"),
        ({"name": "a", "rate": "x"}, "`rate` is such as 600/minute"),
        ({"name": "a", "tenant": ""}, "`tenant` has 1 to 64 letters"),
        ({"name": "a", "admin": True, "watch": True}, "one that may `watch` may do nothing else"),
    ],
)
def test_an_entry_that_no_file_can_hold_is_not_made(given: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSettings) as refused:
        entry_of(new_key(), **given)
    assert refused.value.message.startswith(f"there can be no such key: {words}")


def test_one_that_watches_is_known_as_that(tmp_path: Path) -> None:
    key, path = new_key(), tmp_path / "keys.toml"
    path.write_text(entry_of(key, name="eye", watch=True), "utf-8")
    assert read_keyring(path).holder(key) == Holder("eye", watch=True)
