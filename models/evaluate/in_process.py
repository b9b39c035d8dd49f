"""A checkpoint or an adapter that makes lists and answers in this process, in place of an engine.

What is set for the small model in the process holds for it too: threads, context, what the prior
weighs, how many candidates are weighed.
"""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where a model is named

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from service.engines.embedded import EmbeddedEngine
from service.errors import BadInput
from service.pipeline.answerer import Answerer
from service.settings import Settings
from service.wiring_answer import PRIOR_WEIGHTS, opened_answerer
from service.wiring_edition import RANKED_HERE


def without_engine(settings: Settings) -> Settings:
    """The settings for what is opened beside a model, or without any.

    The models that are served, and the variants that name them, belong to the engine that is not
    there: without one they would be refused.
    """
    engine = settings.engine.model_copy(update={"kind": "none", "model": None, "models": {}})
    return settings.model_copy(update={"engine": engine, "variants": {}})


def as_set(settings: Settings, tokenizer: Path) -> Settings:
    """What is set for the small model, for another one with its tokenizer, opened by the caller."""
    settings = without_engine(settings)
    weight = settings.answer.prior_weight
    parts = {
        "engine": {"workers": 1, "tokenizer": tokenizer},
        "retrieval": {"ranked": settings.retrieval.ranked or RANKED_HERE},
        "answer": {"prior_weight": PRIOR_WEIGHTS["embedded"] if weight is None else weight},
    }
    changed = {name: getattr(settings, name).model_copy(update=to) for name, to in parts.items()}
    return settings.model_copy(update=changed)


@dataclass(frozen=True, slots=True)
class InProcess:
    """Where it lies."""

    folder: Path
    base: Path | None = None
    """What an adapter stands on, if not where it was made."""

    @classmethod
    def named(
        cls, folder: Path | None, base: Path | None, engine: str | None, url: str | None = None
    ) -> InProcess | None:
        """What the options of a command name; BadInput if they contradict each other."""
        if folder is None:
            if base is not None:
                raise BadInput("--base is what an adapter stands on.", hint="Name it with --model.")
            return None
        for option, value in (("--engine", engine), ("--engine-url", url)):
            if value is not None:
                raise BadInput(
                    f"There is one model at a time: {option} or --model.", hint="Leave one out."
                )
        return cls(folder, base)

    def settings(self, settings: Settings) -> Settings:
        """The settings to open everything else with: its tokenizer, and no engine of their own.

        BadInput if there is no model that can be read.
        """
        try:
            from models.llm.engine import checkpoint_under
        except ImportError as error:
            raise BadInput(
                f"A model in the process needs {error.name}, which is not installed.",
                hint="Install the extra: pip install -e '.[models]', or serve it and use --engine.",
            ) from error
        return as_set(settings, checkpoint_under(self.folder, self.base).folder)

    @asynccontextmanager
    async def opened(self, settings: Settings) -> AsyncIterator[EmbeddedEngine]:
        """Load it, and let go of it."""
        from models.llm.engine import engine_in
        from models.llm.threads import at_most

        chosen = settings.engine
        with at_most(chosen.threads):
            engine = engine_in(self.folder, self.base, context=chosen.context, queue=chosen.queue)
            try:
                yield engine
            finally:
                await engine.close()


@asynccontextmanager
async def answering(model: InProcess, settings: Settings) -> AsyncIterator[Answerer]:
    """What answers questions, by a model in this process."""
    own = model.settings(settings)
    async with opened_answerer(own) as parts, model.opened(own) as engine:
        yield replace(parts, engine=engine)
