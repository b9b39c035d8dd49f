from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ground import REPOSITORY
from pydantic.fields import FieldInfo

from service.cli.serving import bounds_of
from service.domain import Strategy
from service.errors import BadSettings
from service.settings import (
    MODELS,
    VARIANTS,
    Part,
    Settings,
    Variant,
    load_settings,
    variable,
    variables,
)

DOCS = REPOSITORY / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith("LISTWRIGHT_"):
            monkeypatch.delenv(name)


def every_setting() -> Iterator[tuple[str, str, FieldInfo]]:
    for part, field in Settings.model_fields.items():
        if part == "variants":
            continue
        assert isinstance(field.annotation, type)
        assert issubclass(field.annotation, Part)
        for name, info in field.annotation.model_fields.items():
            yield part, name, info


def documented(part: str, name: str, info: FieldInfo) -> str:
    """The row of docs/settings.md for a setting."""
    default = None if info.default_factory else info.default
    written = str(default).lower() if isinstance(default, bool) else str(default)
    shown = "" if default is None else f"`{written}`"
    return f"| `{variable(part, name)}` | {shown} | {info.description} |"


def test_the_defaults() -> None:
    settings = load_settings()
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8080)
    assert settings.server.max_body_bytes == 2_000_000
    assert settings.catalogue.path is None
    assert (settings.engine.kind, settings.engine.queue) == ("embedded", 32)
    assert (settings.recommend.max_k, settings.recommend.default_k) == (100, 10)
    assert (settings.answer.prior_weight, settings.answer.similar) == (None, 3)
    assert (settings.answer.cot, settings.sidecar.url) == ("auto", None)


def test_every_setting_is_documented_as_it_is() -> None:
    page = DOCS.read_text("utf-8")
    missing = [row for setting in every_setting() if (row := documented(*setting)) not in page]
    assert not missing, "docs/settings.md lacks:\n" + "\n".join(missing)


def test_the_page_documents_nothing_that_is_not_there() -> None:
    page = DOCS.read_text("utf-8")
    named = {row.split("`")[1] for row in page.splitlines() if row.startswith("| `LISTWRIGHT_")}
    assert named == {variable(part, name) for part, name, _ in every_setting()} | {VARIANTS}


def test_variants_are_documented_as_they_are() -> None:
    page = DOCS.read_text("utf-8")
    assert f"| `{VARIANTS}` |  | {Settings.model_fields['variants'].description} |" in page
    for name, info in Variant.model_fields.items():
        default = "" if info.default is None else f"`{info.default}`"
        assert f"| `{name}` | {default} | {info.description} |" in page


def test_each_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTWRIGHT_SERVER__PORT", "9000")
    monkeypatch.setenv("listwright_engine__kind", "none")
    monkeypatch.setenv("LISTWRIGHT_RETRIEVAL__SIMILARITY", "off")
    monkeypatch.setenv("LISTWRIGHT_CATALOGUE__PATH", "~/shop")
    monkeypatch.setenv("LISTWRIGHT_ENGINE__THREADS", "")
    settings = load_settings()
    assert settings.server.port == 9000
    assert settings.engine.kind == "none"
    assert settings.retrieval.similarity is False
    assert settings.catalogue.path == Path.home() / "shop"
    assert settings.engine.threads == 2


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("", ()),
        ("shop.example", ("shop.example",)),
        ("Shop.example, lists.example.", ("shop.example", "lists.example")),
        ('["shop.example", "lists.example"]', ("shop.example", "lists.example")),
        ("*", ("*",)),
    ],
)
def test_hosts_are_a_list(
    monkeypatch: pytest.MonkeyPatch, value: str, hosts: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LISTWRIGHT_SERVER__HOSTS", value)
    settings = load_settings()
    assert settings.server.hosts == hosts
    assert bounds_of(settings).hosts == hosts


def test_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTWRIGHT_SERVER__PORT", "9000")
    monkeypatch.setenv("LISTWRIGHT_SERVER__HOST", "0.0.0.0")  # noqa: S104 - nothing listens
    settings = load_settings({"server": {"port": 9001}})
    assert (settings.server.port, settings.server.host) == (9001, "0.0.0.0")  # noqa: S104


@pytest.mark.parametrize("name", ["LISTWRIGHT_CACHE", "LISTWRIGHT_CACHE__FOLDER"])
def test_the_cache_has_a_short_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "~/elsewhere")
    assert load_settings().cache.folder == Path.home() / "elsewhere"


def test_the_cache_follows_the_desktops_convention(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/kept")
    assert load_settings().cache.folder == Path("/var/kept/listwright")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert load_settings().cache.folder == Path.home() / ".cache" / "listwright"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVER__PORT", "0"),
        ("SERVER__PORT", "eighty"),
        ("SERVER__HOSTS", "http://shop.example"),
        ("SERVER__HOSTS", "shop.example:80"),
        ("SERVER__HOSTS", "*.example"),
        ("SERVER__HOSTS", '["shop.example"'),
        ("SERVER__MAX_BODY_BYTES", "-1"),
        ("ENGINE__KIND", "telepathy"),
        ("ENGINE__THREADS", "0"),
        ("RETRIEVAL__SIMILARITY", "perhaps"),
        ("RETRIEVAL__RANKED", "1"),
        ("RECOMMEND__PRIOR_WEIGHT", "nan"),
        ("RECOMMEND__TEMPERATURE", "inf"),
        ("ANSWER__COT", "loud"),
        ("ANSWER__SIMILAR", "11"),
        ("ANSWER__PRIOR_WEIGHT", "-1"),
        ("ANSWER__THOUGHT_WORDS", "0"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"LISTWRIGHT_{name}", value)
    with pytest.raises(BadSettings) as caught:
        load_settings()
    assert f"LISTWRIGHT_{name} is '{value}'" in caught.value.message


@pytest.mark.parametrize("part", ["ENGINE", "SIDECAR"])
def test_a_url_that_holds_a_password_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setenv(f"LISTWRIGHT_{part}__URL", "me:pa55@host:8000")
    with pytest.raises(BadSettings) as caught:
        load_settings()
    assert f"LISTWRIGHT_{part}__URL cannot be used" in caught.value.message
    assert "pa55" not in caught.value.message


def test_all_bad_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTWRIGHT_SERVER__PORT", "x")
    monkeypatch.setenv("LISTWRIGHT_ENGINE__QUEUE", "y")
    with pytest.raises(BadSettings, match=r"(?s)SERVER__PORT.*ENGINE__QUEUE"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("RECOMMEND__DEFAULT_K", "101", "default_k is 101, more than max_k, 100"),
        ("RECOMMEND__MAX_DEADLINE_MS", "5", "default_deadline_ms is 20000, more than"),
    ],
)
def test_defaults_beyond_their_bounds(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"LISTWRIGHT_{name}", value)
    with pytest.raises(BadSettings, match=reason):
        load_settings()


@pytest.mark.parametrize(
    "name", ["SERVER__PROT", "SERVER", "PORT", "SERVER__PORT__X", "catalogue_path", ""]
)
def test_an_unknown_variable_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"LISTWRIGHT_{name}", "1")
    with pytest.raises(BadSettings, match=f"no setting reads LISTWRIGHT_{name}"):
        load_settings()


def test_a_misspelt_variable_gets_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTWRIGHT_SERVER__PROT", "1")
    with pytest.raises(BadSettings) as caught:
        load_settings()
    assert caught.value.hint == "Did you mean LISTWRIGHT_SERVER__PORT?"


def test_settings_do_not_change() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.server.port = 1  # type: ignore[misc]


def test_every_variable_is_listed_once() -> None:
    names = list(variables())
    assert len(names) == len(set(names))
    assert "LISTWRIGHT_CACHE" in names


def test_models_and_variants_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODELS, '{"tuned": "~/tuned", "base": null}')
    monkeypatch.setenv(VARIANTS, '{"b": {"model": "tuned", "strategy": "rank", "prior_weight": 2}}')
    settings = load_settings()
    assert settings.engine.models == {"tuned": Path.home() / "tuned", "base": None}
    (variant,) = settings.variants.values()
    assert (variant.model, variant.strategy, variant.prior_weight) == ("tuned", Strategy.RANK, 2.0)


@pytest.mark.parametrize("name", [MODELS, VARIANTS])
@pytest.mark.parametrize("value", ["{", "tuned", '["tuned"]', '{"../x": {}}', '{"a": 7}'])
def test_what_is_no_such_json_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ("{}", "says nothing"),
        ('{"strategy": "best"}', "strategy"),
        ('{"prior_weight": -1}', "prior_weight"),
        ('{"variant": "other"}', "variant"),
    ],
)
def test_a_variant_that_cannot_be_is_named(
    terms: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIANTS, f'{{"mine": {terms}}}')
    with pytest.raises(BadSettings, match=f"{VARIANTS}.*mine.*{words}"):
        load_settings()
