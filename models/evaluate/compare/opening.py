"""A candidate opened: what answers by it, how its titles are spelled, how much room it takes."""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where a model is in this process

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from models.evaluate.compare.candidates import Candidate, Kind
from models.evaluate.compare.memory import Room, begun, bytes_of, room_here, room_there
from models.evaluate.compare.serving import Starting, refuse_missing, running
from models.evaluate.compare.weights import served_name
from models.evaluate.in_process import InProcess, answering
from service.engines.local.convert import ensure_model
from service.engines.remote.engine import UNKNOWN, RemoteEngine
from service.errors import BadInput, EngineFailed
from service.pipeline.answerer import Answerer
from service.ports import Engine
from service.settings import Engine as EngineSettings
from service.settings import Settings
from service.wiring_answer import opened_answerer
from service.wiring_engine import tell


@dataclass(frozen=True, slots=True)
class Opened:
    """A candidate that can be asked."""

    answerer: Answerer
    engine: Engine
    context: int | None
    server: int | None
    """The first process of a vLLM of its own."""
    before: int | None
    """Bytes that were taken before anything was loaded, where it was to be."""
    model: str = ""
    """A name that no other model has, nor one that a server elsewhere calls the same."""


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens candidates, one after another."""

    settings: Settings
    vllm: Starting

    def checked(self, candidate: Candidate) -> Settings:
        """The settings that a world for it is opened with, without an engine.

        BadInput if the model cannot be, as far as that is seen before it is opened.
        """
        match candidate.kind:
            case Kind.FOLDER:
                assert candidate.folder is not None  # noqa: S101 - so it was made
                return InProcess(candidate.folder, candidate.base).settings(self.settings)
            case Kind.SERVED:
                assert candidate.folder is not None  # noqa: S101 - so it was made
                refuse_missing(self.vllm.python)
                return _with(self.settings, kind="none", tokenizer=_whole(candidate.folder))
            case Kind.ENDPOINT:
                tokenizer = candidate.tokenizer or self.settings.engine.tokenizer
                return _with(self.settings, kind="none", tokenizer=tokenizer)
            case Kind.EMBEDDED:
                return _with(self.settings, kind="none", tokenizer=None)

    async def refuse_away(self, candidate: Candidate, *, keeping: bool) -> None:
        """BadInput if it is an endpoint, and nothing answers there.

        Nor may what is kept be of a model that nobody knows: it could pass for any other's.
        """
        if candidate.kind is Kind.ENDPOINT:
            bare = self.settings.retrieval.model_copy(update={"similarity": False})
            settings = self._endpoint(candidate).model_copy(update={"retrieval": bare})
            async with opened_answerer(settings) as parts:
                await _refuse_away(parts.engine, candidate)
                if keeping and parts.engine is not None and parts.engine.model == UNKNOWN:
                    raise BadInput(
                        f"Which model {candidate.name!r} has is not known, so nothing can be kept.",
                        hint="Name it behind the address, as #MODEL; or leave out --keep and"
                        " tune_users.",
                    )

    @asynccontextmanager
    async def opened(self, candidate: Candidate, catalogues: Path | None) -> AsyncIterator[Opened]:
        """Load or reach it, and let go of it; a vLLM of its own reads lists from `catalogues`."""
        before = begun(on_gpu=_on_gpu(candidate))
        async with AsyncExitStack() as stack:
            server: int | None = None
            if candidate.kind is Kind.SERVED:
                parts, server = await self._served(candidate, catalogues, stack)
            else:
                parts = await stack.enter_async_context(self._parts(candidate))
            await _refuse_away(parts.engine, candidate)
            assert parts.engine is not None  # noqa: S101 - every kind has one
            longest = self._longest(candidate, parts.engine)
            name = _name(parts.engine, candidate)
            yield Opened(parts, parts.engine, longest, server, before, name)

    def _parts(self, candidate: Candidate) -> AbstractAsyncContextManager[Answerer]:
        if candidate.kind is Kind.ENDPOINT:
            return opened_answerer(self._endpoint(candidate))
        if candidate.folder is None:
            return opened_answerer(_with(self.settings, kind="embedded", tokenizer=None))
        return answering(InProcess(candidate.folder, candidate.base), self.settings)

    async def _served(
        self, candidate: Candidate, catalogues: Path | None, stack: AsyncExitStack
    ) -> tuple[Answerer, int]:
        """By a vLLM of its own, and which process that is."""
        assert candidate.folder is not None  # noqa: S101 - so it was made
        folder, context = candidate.folder.resolve(), self._context(candidate)
        name = served_name(candidate, self.vllm.options)
        starting = running(self.vllm, folder, catalogues, context, name)
        server = await stack.enter_async_context(starting)
        settings = _with(self.settings, kind="vllm", url=server.url, tokenizer=folder)
        return await stack.enter_async_context(opened_answerer(settings)), server.pid

    def room(self, candidate: Candidate, opened: Opened) -> Room:
        """What it takes, once it has been asked."""
        weights = bytes_of(self._folders(candidate))
        if candidate.kind is Kind.ENDPOINT:
            return Room(weights or None)
        if opened.server is not None:
            return room_there(weights, opened.server)
        return room_here(weights, opened.before, on_gpu=_on_gpu(candidate))

    def _folders(self, candidate: Candidate) -> list[Path]:
        """Where its weights are: an adapter's, and those it stands on."""
        if candidate.kind is Kind.EMBEDDED:
            return [ensure_model(self.settings.cache.folder, tell)]
        if candidate.folder is None:
            return []
        from models.llm.engine import checkpoint_under

        return [candidate.folder, checkpoint_under(candidate.folder, candidate.base).folder]

    def _longest(self, candidate: Candidate, engine: Engine) -> int | None:
        """How many tokens it reads at most, prompt and answer together."""
        if isinstance(engine, RemoteEngine):
            return engine.watch.standing.context
        longest = self.settings.engine.context
        return self._context(candidate) if candidate.folder else longest

    def _context(self, candidate: Candidate) -> int:
        assert candidate.folder is not None  # noqa: S101 - only of models that lie in one
        from models.llm.engine import checkpoint_under

        said = checkpoint_under(candidate.folder, candidate.base).config.get(
            "max_position_embeddings"
        )
        longest = self.settings.engine.context
        return min(longest, int(said)) if said else longest

    def _endpoint(self, candidate: Candidate) -> Settings:
        key = candidate.key
        return _with(
            self.settings,
            kind=candidate.protocol,
            url=candidate.url,
            model=candidate.model,
            api_key=None if key is None else SecretStr(key),
            tokenizer=candidate.tokenizer or self.settings.engine.tokenizer,
        )


def _name(engine: Engine, candidate: Candidate) -> str:
    """What it is learnt of under. Servers may call different models the same."""
    if candidate.kind is not Kind.ENDPOINT or engine.model == UNKNOWN:
        return engine.model
    return f"{engine.model} at {candidate.url}"


def _on_gpu(candidate: Candidate) -> bool:
    """Whether torch puts it on a GPU; the small model that is embedded never is there."""
    if candidate.kind is not Kind.FOLDER:
        return False
    import torch

    return torch.cuda.is_available()


def _with(settings: Settings, **changed: object) -> Settings:
    """The settings with another engine; what the environment says of its own is not meant."""
    own: dict[str, Any] = {
        "url": None,
        "api_key": None,
        "model": None,
        "models": {},
        "tenant": None,
        "kept": 0,
    }
    fields = settings.engine.model_dump() | own | changed
    try:
        engine = EngineSettings(**fields)
    except ValidationError as error:
        raise BadInput(f"No engine can be like this: {error.errors()[0]['msg']}") from error
    return settings.model_copy(update={"engine": engine, "variants": {}})


def _whole(folder: Path) -> Path:
    """A checkpoint that vLLM can be started on; BadInput if it is an adapter or none at all."""
    from models.llm.checkpoint import checkpoint_in, is_adapter

    if is_adapter(folder):
        raise BadInput(
            f"{folder} is an adapter, and vLLM is started on whole checkpoints here.",
            hint="Merge it first: python -m models.merge adapter.",
        )
    return checkpoint_in(folder).folder


async def _refuse_away(engine: Engine | None, candidate: Candidate) -> None:
    trouble = None if engine is None else await engine.trouble()
    if trouble is not None:
        kind = BadInput if candidate.kind is Kind.ENDPOINT else EngineFailed
        hint = "Start its server, or leave it out." if candidate.kind is Kind.ENDPOINT else ""
        raise kind(f"The model {candidate.name!r} cannot be asked: {trouble}", hint=hint)
