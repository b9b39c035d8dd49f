"""One tree of errors; every fact a policy needs lives on the class.

ListwrightError
├── BadInput                 422  the caller can mend it
│   ├── UnknownCategory
│   ├── UnknownItem
│   ├── UnknownVariant
│   ├── ConflictingControls
│   ├── UnreadableQuestion
│   ├── NoModel
│   └── BadParameters             what the plugin inside vLLM is asked; a ValueError too
├── NotFound                 404
│   └── UnknownVersion
├── TooLarge                 413
├── BadCatalogue             500  input files or artifact, found while building or loading
│   ├── BadRows
│   └── DamagedArtifact
├── BadSettings              500  found at start, never while serving
├── EngineError              503  the pipeline answers these with another path
│   ├── EngineBusy
│   ├── EngineTimeout
│   │   └── EngineLate            it was not even asked
│   └── EngineFailed
│       ├── PromptTooLong         a shorter one may do
│       └── UnspellableLabels     the others may do
├── SpellingError            500  the speller met what it must not let through
├── StoreUnavailable         503
└── PromiseBroken            500  the validator found a violation in a finished list
"""

from __future__ import annotations

from typing import ClassVar


class ListwrightError(Exception):
    """Root of everything this project raises on purpose."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False
    default_hint: ClassVar[str] = ""
    shed: ClassVar[str | None] = None
    """As which kind of load it counts that was turned away; None where it is something else."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint


class BadInput(ListwrightError):
    """The request asks for something that cannot be."""

    status = 422
    code = "bad_input"


class UnknownCategory(BadInput):
    """A control names a category the catalogue does not have."""

    code = "unknown_category"


class UnknownItem(BadInput):
    """A strict history names an item the catalogue does not have."""

    code = "unknown_item"
    default_hint = "Leave strict_history out to ignore unknown items."


class ConflictingControls(BadInput):
    """No list can obey all the controls at once."""

    code = "conflicting_controls"
    default_hint = 'Loosen one of them, lower k, or send "on_conflict": "relax".'


class UnknownVariant(BadInput):
    """A request names a way to serve that there is not."""

    code = "unknown_variant"


class UnreadableQuestion(BadInput):
    """A question lacks what its task needs, or contradicts it."""

    code = "unreadable_question"


class NoModel(BadInput):
    """A request wants what a model says, of a service that has none."""

    code = "no_model"
    default_hint = "This service has no model: it only ranks."


class BadParameters(BadInput, ValueError):
    """What a request asks of the plugin inside vLLM cannot be; `parameter` is the one at fault."""

    code = "bad_parameters"

    def __init__(self, message: str, *, parameter: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.parameter = parameter


class NotFound(ListwrightError):
    """There is no such thing here."""

    status = 404
    code = "not_found"


class UnknownVersion(NotFound):
    """There is no catalogue of this version here."""

    code = "unknown_version"


class TooLarge(ListwrightError):
    """The request is larger than the service reads."""

    status = 413
    code = "too_large"


class BadCatalogue(ListwrightError):
    """The catalogue's input or artifact cannot be used."""

    code = "bad_catalogue"


class BadRows(BadCatalogue):
    """Rows of the input files are unusable."""

    code = "bad_rows"
    default_hint = "Mend the rows, or build without them with --skip-bad."


class DamagedArtifact(BadCatalogue):
    """A built catalogue is incomplete, altered or made for something else."""

    code = "damaged_artifact"
    default_hint = "Build the catalogue again with `listwright build`."


class BadSettings(ListwrightError):
    """The configuration cannot be started with."""

    code = "bad_settings"


class EngineError(ListwrightError):
    """The engine did not deliver; the same plan can still be served without it."""

    status = 503
    code = "engine_failed"
    retryable = True


class EngineBusy(EngineError):
    """The engine's queue is full."""

    code = "engine_busy"
    shed = "engine_busy"


class EngineTimeout(EngineError):
    """The deadline passed before the engine had finished."""

    code = "engine_timeout"


class EngineLate(EngineTimeout):
    """The engine would not have finished by the deadline, so it was not asked."""

    shed = "engine_late"


class EngineFailed(EngineError):
    """The engine answered with something unusable."""


class PromptTooLong(EngineFailed):
    """The model's context cannot hold the prompt and an answer; a shorter prompt may do."""


class UnspellableLabels(EngineFailed):
    """Labels the model's tokenizer cannot spell; without those at `places`, the others may do."""

    def __init__(self, message: str, *, places: tuple[int, ...], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.places = places


class SpellingError(ListwrightError):
    """A token that may not be spelled was about to be."""

    code = "spelling"


class StoreUnavailable(ListwrightError):
    """A history could not be read, so its exclusion cannot be promised."""

    status = 503
    code = "store_unavailable"
    retryable = True


class PromiseBroken(ListwrightError):
    """A finished list failed the validator; it is never sent."""

    code = "promise_broken"
