"""What an operator can set: one frozen model per part, read from LISTWRIGHT_* variables.

A value that cannot be, or a variable that nothing reads, stops the start: a misspelt setting that
is silently ignored is found out in production.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from service.domain import DEFAULT_TENANT, DEFAULT_VARIANT, Strategy
from service.errors import BadSettings
from service.tuning import MAX_WISH_WEIGHT, PRIOR_WEIGHT

PREFIX: Final = "LISTWRIGHT_"
SHORT_CACHE: Final = PREFIX + "CACHE"
"""The one variable with a short form, since every tool that shares the cache needs it."""

OF_CLIENTS: Final = frozenset({PREFIX + "URL", PREFIX + "API_KEY"})
"""What the Python client reads: whoever sets them may well start a service in the same shell."""

UNTOLD: Final = frozenset({"url", "api_key", "tenant"})
"""Settings that may hold a secret, even where one does not belong: no message repeats them."""

SERVER: Final = r"^https?://[^\s/]+(/[^\s]*)?$"
"""What the address of a server looks like."""

SLACK: Final = 1e-9
"""Three thirds are one."""

REDIS: Final = r"rediss?://([^\s/?#@]*@)?[^\s/?#@:]+(:\d{1,5})?(/\d*)?"
"""What the address of a Redis looks like."""

HOST: Final = r"\*|[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?"
"""What the name of a host looks like."""

VARIANTS: Final = PREFIX + "VARIANTS"
MODELS: Final = PREFIX + "ENGINE__MODELS"
"""Variables that hold a JSON object."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""What an operator may call a model or a variant: receipts, logs and folders have it."""

Folder = Annotated[Path, AfterValidator(Path.expanduser)]
Fraction = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _default_cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "listwright"


def _redis(url: SecretStr) -> SecretStr:
    """It may hold a password, so no message repeats it."""
    if not re.fullmatch(REDIS, url.get_secret_value()):
        raise ValueError("it must look like redis://[[user]:password@]host[:port][/number]")
    return url


def _host(name: str) -> str:
    """As requests are compared with it: how it is written makes no difference."""
    name = name.strip().lower()
    if not re.fullmatch(HOST, name):
        raise ValueError("it must be the name of a host, without scheme and port, or *")
    return name.removesuffix(".")


def _listed(given: object) -> object:
    """A list in a variable: as JSON, or with commas between."""
    if not isinstance(given, str):
        return given
    return json.loads(given) if given.lstrip().startswith("[") else given.split(",")


Host = Annotated[str, AfterValidator(_host)]


class Part(BaseModel):
    """Settings of one part."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Server(Part):
    """The HTTP server."""

    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 for all.")
    port: int = Field(default=8080, ge=1, le=65535, description="Port to listen on.")
    max_body_bytes: int = Field(
        default=2_000_000,
        ge=1_000,
        description="Largest request body that is read; beyond it, 413. Most routes read less, in "
        "proportion where this is more than the default.",
    )
    busy_ms: int = Field(
        default=500,
        ge=10,
        le=60_000,
        description="How long requests may wait for this process, all waits together, before "
        "others are refused; a small part of their deadline.",
    )
    request_seconds: float = Field(
        default=10.0,
        gt=0,
        le=3_600,
        allow_inf_nan=False,
        description="How long a request may take to arrive: a late body is answered 408, and who "
        "sends no whole request is hung up on.",
    )
    max_concurrent: int = Field(
        default=64,
        ge=1,
        description="Requests worked on at the same time; beyond it, 503 with Retry-After.",
    )
    shutdown_seconds: int = Field(
        default=30,
        ge=0,
        description="How long requests in flight may take to finish after SIGTERM.",
    )
    drain_seconds: float = Field(
        default=2.0,
        ge=0,
        le=300,
        allow_inf_nan=False,
        description="How long it serves on after SIGTERM while /readyz says no, so that balancers "
        "hear of it before connections are refused.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged; each request is one line at info."
    )
    traces: bool = Field(
        default=False,
        description="Send spans of OpenTelemetry, to where its own variables say, such as "
        "OTEL_EXPORTER_OTLP_ENDPOINT; needs the extra `traces`.",
    )
    playground: bool = Field(
        default=True,
        description="Serve the page for people at /, and what it alone asks for: lists that the "
        "model writes freely, whom the catalogue knows, and, for `inside` in a request, the whole "
        "prompt with the role of its variant.",
    )
    hosts: Annotated[tuple[Host, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default_factory=tuple,
        description="Where no keys are set: which hosts requests may be for, besides addresses, "
        "names without a dot, and names that nobody can buy, such as `localhost` and those below "
        "`.internal`; JSON or commas between, `*` for any. Others are answered 421. Of web pages "
        "these alone may ask, besides those of this machine and of the address itself.",
    )


class Access(Part):
    """Who may ask."""

    keys: Folder | None = Field(
        default=None,
        description="File of API keys, as `listwright key` makes them; unset: anyone may ask.",
    )


class Catalogue(Part):
    """Which catalogue is served."""

    path: Folder | None = Field(default=None, description="Folder that `listwright build` made.")
    verify: bool = Field(default=True, description="Check every file's SHA-256 when loading.")
    tenant: Name = Field(
        default=DEFAULT_TENANT, description="Whose users those are that the catalogue knows."
    )


class Cache(Part):
    """What is made once and kept."""

    folder: Folder = Field(
        default_factory=_default_cache,
        description="Converted models and the demo shop; by default "
        "$XDG_CACHE_HOME/listwright or ~/.cache/listwright. LISTWRIGHT_CACHE works too.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: object) -> object:
        return {"folder": given} if isinstance(given, str | Path) else given


class Engine(Part):
    """Who decodes."""

    kind: Literal["embedded", "vllm", "openai", "none"] = Field(
        default="embedded",
        description="The small model in the process; vLLM with the plugin; any server that speaks "
        "OpenAI's API; or none: retrieval makes all lists, similarity chooses among options.",
    )
    url: str | None = Field(
        default=None,
        pattern=SERVER,
        description="Where the server of `vllm` or `openai` is, such as http://127.0.0.1:8000.",
    )
    api_key: SecretStr | None = Field(default=None, description="What the server asks for, if so.")
    model: str | None = Field(
        default=None,
        description="Model that decodes: one of `LISTWRIGHT_ENGINE__MODELS`, or what the server "
        "calls it; by default the first the server names, or the small model.",
    )
    models: dict[Name, Folder | None] = Field(
        default_factory=dict,
        description="Models of one's own, as JSON: a name and the folder of an adapter or, for the "
        "embedded engine, of a whole checkpoint; null for what the server has under that name.",
    )
    tokenizer: Folder | None = Field(
        default=None,
        description="Folder with tokenizer.json and the chat template of the model on the server; "
        "by default those of the small model. `listwright build` spells titles with it.",
    )
    tenant: SecretStr | None = Field(
        default=None,
        description="With vLLM: secret that keeps this service's prompts apart in a shared prefix "
        "cache.",
    )
    labels: int = Field(
        default=50, ge=1, le=1_000, description="Candidates numbered in a prompt without plugin."
    )
    concurrent: int = Field(
        default=64, ge=1, le=10_000, description="Lists a server decodes side by side."
    )
    watched: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(
        default=0.02,
        description="Share of the lists for which a vLLM with the plugin is asked what the model "
        "wanted, which takes it some time; 0: none.",
    )
    threads: int = Field(
        default=2, ge=1, le=256, description="Threads of one forward pass of the embedded model."
    )
    workers: int = Field(
        default=1, ge=1, le=64, description="Lists the embedded model decodes side by side."
    )
    queue: int = Field(
        default=32, ge=0, description="Lists that may wait for a place before it is busy."
    )
    retries: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(
        default=0.1,
        description="Share of the calls to a server that may be asked once more, where nothing "
        "had come of them; 0: none.",
    )
    context: int = Field(
        default=8192,
        ge=512,
        description="Longest prompt and list together that the embedded model reads, in tokens.",
    )
    kept: int = Field(
        default=8192,
        ge=0,
        description="Tokens of whole prompts that the embedded model remembers having read, 46 kB "
        "each: who asks the same again need not wait for it. 0: none.",
    )


class Plugin(Part):
    """The speller inside vLLM; read in the server's process, not in the gateway's."""

    catalogues: Folder | None = Field(
        default=None,
        description="Folder of built versions that lists may be spelled from. Unset: the plugin "
        "spells lists of labels alone.",
    )
    versions: int = Field(
        default=4, ge=1, le=64, description="Versions kept open; the least used is let go of."
    )
    verify: bool = Field(
        default=True, description="Check the SHA-256 of every file that is mapped."
    )


class Store(Part):
    """Where it is kept what users meet."""

    kind: Literal["memory", "redis"] = Field(
        default="memory",
        description="In the process, until it ends; or in Redis, which several gateways share.",
    )
    url: Annotated[SecretStr, AfterValidator(_redis)] | None = Field(
        default=None,
        description="Where Redis is, such as redis://:password@10.0.0.5:6379/0; rediss:// for TLS.",
    )
    cluster: bool = Field(default=False, description="Whether that is a node of a Redis Cluster.")
    prefix: Name = Field(
        default="listwright", description="What all keys begin with: services can share a server."
    )
    timeout_ms: int = Field(
        default=500, ge=1, le=60_000, description="How long Redis may take to answer."
    )
    history: int = Field(
        default=1_000, ge=1, le=10_000, description="Events kept of a user: the newest."
    )
    lists_seconds: int = Field(
        default=300,
        ge=0,
        le=86_400,
        description="How long a list that a model made is told again to whoever asks the same; "
        "0: each is made anew.",
    )


class Retrieval(Part):
    """Who scores the candidates."""

    candidates: int = Field(
        default=500, ge=1, le=100_000, description="Items each retriever scores."
    )
    similarity: bool = Field(
        default=True, description="Search by meaning, with the sentence encoder."
    )
    sasrec: bool = Field(
        default=True,
        description="Follow users with the ranker beside the catalogue, as soon as there is one.",
    )
    ranked: int | None = Field(
        default=None,
        ge=2,
        le=1_000,
        description="Candidates that the model weighs at most to rank; by default 10 for the "
        "embedded model, which is slow to read them, and 50 for a server's.",
    )


class Recommend(Part):
    """Bounds and defaults of one request."""

    max_k: int = Field(default=100, ge=1, le=1_000, description="Longest list.")
    default_k: int = Field(
        default=10, ge=1, description="Length of a list when the request says nothing."
    )
    max_history: int = Field(default=10_000, ge=0, description="Longest history in a request.")
    default_deadline_ms: int = Field(
        default=20_000, ge=1, description="Time a request may take when it says nothing."
    )
    max_deadline_ms: int = Field(
        default=120_000, ge=1, description="Longest time a request may ask for."
    )
    prior_weight: Fraction = Field(
        default=PRIOR_WEIGHT,
        description="How much the retrievers weigh against the model, where `listwright tune` has "
        "not measured it; 0 is the model alone.",
    )
    wish_weight: Annotated[float, Field(ge=0, le=MAX_WISH_WEIGHT, allow_inf_nan=False)] = Field(
        default=1.0,
        description="How much the words of a wish count beside what a user met, as a multiple of "
        "what `listwright tune` found; 0 leaves them to the model alone.",
    )
    cot: Literal["self", "sidecar", "off"] = Field(
        default="off",
        description="Who thinks about the user before a model makes a list, where the request "
        "leaves it open: the sidecar, the engine itself, or nobody.",
    )
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = Field(
        default=0.0, description="Sampling temperature when the request says nothing; 0 is greedy."
    )

    @model_validator(mode="after")
    def _defaults_within_bounds(self) -> Self:
        if self.default_k > self.max_k:
            raise ValueError(f"default_k is {self.default_k}, more than max_k, {self.max_k}")
        if self.default_deadline_ms > self.max_deadline_ms:
            raise ValueError(
                f"default_deadline_ms is {self.default_deadline_ms}, more than"
                f" max_deadline_ms, {self.max_deadline_ms}"
            )
        return self


class Answer(Part):
    """Defaults of one answer; its deadlines and temperature are those of any request."""

    prior_weight: Fraction | None = Field(
        default=None,
        description="How much similarity weighs against the model, 0 being the model alone; by "
        "default 8 for the embedded model and 1 for a server's.",
    )
    cot: Literal["auto", "self", "sidecar", "off"] = Field(
        default="auto",
        description="Who thinks before an answer is made, where that helps: the sidecar, the "
        "engine itself, or nobody; auto: the sidecar if there is one, else a server's model.",
    )
    similar: int = Field(
        default=3, ge=0, le=10, description="How many similar options the prompt points out."
    )
    thought_words: int = Field(
        default=60,
        ge=10,
        le=400,
        description="Longest thought that a prompt shows, in words; that of a list 100 at most.",
    )


class Sidecar(Part):
    """The small model beside the service that thinks before a list or an answer is made."""

    url: str | None = Field(
        default=None,
        pattern=SERVER,
        description="Where a server is that speaks OpenAI's API; unset: there is no sidecar.",
    )
    api_key: SecretStr | None = Field(default=None, description="What the server asks for, if so.")
    model: str | None = Field(
        default=None, description="Model to ask the server for; by default the first it names."
    )
    concurrent: int = Field(
        default=16, ge=1, le=10_000, description="Thoughts the server writes side by side."
    )
    queue: int = Field(
        default=32, ge=0, description="Thoughts that may wait for a place before it is busy."
    )


class Variant(Part):
    """One way to serve: what holds where a request that names it says nothing itself."""

    model: str | None = Field(
        default=None,
        description="Model that decodes, as `LISTWRIGHT_ENGINE__MODELS` names it; by default "
        "`LISTWRIGHT_ENGINE__MODEL`.",
    )
    strategy: Strategy = Field(
        default=Strategy.AUTO, description="Who makes the list where a request leaves it open."
    )
    prior_weight: Fraction | None = Field(
        default=None,
        description="How much the retrievers weigh against the model in lists; by default as "
        "measured, or as set.",
    )
    share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(
        default=0.0,
        description="Part of all users who get it where a request names no variant, by a hash of "
        "the user; `default` gets the others.",
    )
    role: Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$")] | None = (
        Field(
            default=None,
            description="Who the model is told to be where it makes lists, in a sentence or two; "
            "by default an expert recommender. The prompt's version carries a mark of it.",
        )
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("it says nothing: it would be the default one by another name")
        return self


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
    )

    server: Server = Field(default_factory=Server)
    access: Access = Field(default_factory=Access)
    catalogue: Catalogue = Field(default_factory=Catalogue)
    cache: Annotated[Cache, NoDecode] = Field(default_factory=Cache)
    engine: Engine = Field(default_factory=Engine)
    plugin: Plugin = Field(default_factory=Plugin)
    store: Store = Field(default_factory=Store)
    retrieval: Retrieval = Field(default_factory=Retrieval)
    recommend: Recommend = Field(default_factory=Recommend)
    answer: Answer = Field(default_factory=Answer)
    sidecar: Sidecar = Field(default_factory=Sidecar)
    variants: dict[Name, Variant] = Field(
        default_factory=dict,
        description="Ways to serve that stand side by side, as JSON: a name, and its `model`, "
        "`strategy`, `prior_weight`, `role` and `share`, each of which may be left out. A request "
        "names one; `default` is what all others get.",
    )

    @field_validator("variants")
    @classmethod
    def _shares_are_parts_of_one_whole(cls, variants: dict[str, Variant]) -> dict[str, Variant]:
        if DEFAULT_VARIANT in variants and variants[DEFAULT_VARIANT].share:
            raise ValueError("default has what the other variants leave, and no share of its own")
        total = sum(variant.share for variant in variants.values())
        if total > 1 + SLACK:
            raise ValueError(f"the shares come to {total:g}, more than 1")
        return variants


def load_settings(given: Mapping[str, Mapping[str, object]] | None = None) -> Settings:
    """Settings from what is given (the command line), else the environment, else the defaults."""
    _refuse_unknown(os.environ)
    values: dict[str, Any] = {part: dict(fields) for part, fields in (given or {}).items()}
    try:
        return Settings(**values)
    except SettingsError as error:
        raise BadSettings(
            f"{_unreadable(os.environ)} holds no JSON object",
            hint='Such as {"tuned": "/srv/models/tuned"}; docs/settings.md has examples.',
        ) from error
    except ValidationError as error:
        raise BadSettings("\n".join(_problems(error))) from error


def variable(part: str, name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{part}__{name}".upper()


def variables() -> Iterator[str]:
    """Every environment variable that is read."""
    for part, field in Settings.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, Part):
            yield from (variable(part, name) for name in annotation.model_fields)
    yield VARIANTS
    yield SHORT_CACHE


def _refuse_unknown(environment: Iterable[str]) -> None:
    known = list(variables())
    unknown = sorted(
        name
        for name in environment
        if name.upper().startswith(PREFIX) and name.upper() not in {*known, *OF_CLIENTS}
    )
    if unknown:
        near = difflib.get_close_matches(unknown[0].upper(), known, n=1)
        raise BadSettings(
            f"no setting reads {', '.join(unknown)}",
            hint=f"Did you mean {near[0]}?" if near else "docs/settings.md lists all of them.",
        )


def _unreadable(environment: Mapping[str, str]) -> str:
    """The variable that is to hold a JSON object and does not."""
    for name, value in environment.items():
        if name.upper() in {MODELS, VARIANTS}:
            try:
                json.loads(value)
            except ValueError:
                return name
    return f"{MODELS} or {VARIANTS}"


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        place = [str(step) for step in problem["loc"]]
        reason = problem["msg"].removeprefix("Value error, ")
        if place[0] == "variants":
            yield f"{VARIANTS}: {' '.join(place[1:]) or 'it'} is {problem['input']!r}: {reason}"
        elif len(place) < 2:  # noqa: PLR2004 - a whole part, not one of its settings
            yield f"settings of {'.'.join(place)}: {reason}"
        else:
            said = "cannot be used" if place[1] in UNTOLD else f"is {problem['input']!r}"
            yield f"{variable(*place[:2])} {said}: {reason}"
