"""Questions whose answer is a text: written freely, or taken word by word from a source."""

from __future__ import annotations

from service.errors import UnreadableQuestion
from service.question import DEFAULT_WORDS, AnswerRequest, Question, Task
from service.questions.extracts.extraction import Extraction, extraction, taken
from service.questions.extracts.source import last_text, source_text
from service.questions.extracts.target import target_text
from service.questions.layout.focus import focus
from service.questions.material import Material
from service.questions.orders.length import word_limit

USUAL_ENTITIES = 5
"""How many entities there may be when nobody says."""


def text_question(request: AnswerRequest, found: Material) -> Question:
    """The question whose answer is written or extracted."""
    _check_k(request.k)
    wanted = extraction(found.stem) or (taken(found.stem) if source_text(found.stem) else None)
    several = wanted is not None and not wanted.one
    entities = wanted is not None and (wanted.entities or several)
    if request.task is Task.ENTITIES:
        return _entities(request, found, wanted)
    if request.task is None and entities and (source_text(found.stem) or last_text(found.stem)):
        return _entities(request, found, wanted)
    return _generation(request, found, wanted)


def _generation(request: AnswerRequest, found: Material, wanted: Extraction | None) -> Question:
    """Free text; or one span, where a piece of a text that is there is asked for."""
    source = source_text(found.stem) if wanted is not None and not wanted.entities else ""
    notes = list(found.notes)
    if request.k is not None and not (source and request.k == 1):
        notes.append("k says how many options or entities to name; it means nothing for a text.")
    if found.options:
        notes.append("The options are part of the text, since the answer is to be written.")
    if request.task is None and not (notes or source or wanted) and found.wants.picks:
        notes.append("No options were found to choose from: the answer is written.")
    return Question(
        task=Task.GENERATION,
        stem=_stem_with_options(found),
        choose=1 if source else 0,
        focus=source or focus(found.stem),
        source=source,
        target=target_text(found.stem) if source else "",
        max_words=_max_words(request, found),
        notes=tuple(notes),
    )


def _entities(request: AnswerRequest, found: Material, wanted: Extraction | None) -> Question:
    stem = found.stem
    source, notes = source_text(stem), found.notes
    if not source:
        source = last_text(stem)
        if found.listed and source.endswith(found.listed[-1].text) and "\n" not in source:
            source = "\n".join(option.text for option in found.listed)
        notes = (*notes, "No text is labelled; the last lines were read as the one to search.")
    if not source:
        raise UnreadableQuestion(
            "The task is entities, but no text was found to take them from.",
            hint="Put the text behind a label, in a line of its own: Text: ...",
        )
    usual = 1 if wanted is not None and wanted.one else found.wants.count or USUAL_ENTITIES
    return Question(
        task=Task.ENTITIES,
        stem=_stem_with_options(found),
        choose=request.k or usual,
        focus=source,
        source=source,
        target=target_text(stem),
        max_words=_max_words(request, found),
        notes=notes,
    )


def _stem_with_options(found: Material) -> str:
    """Options that came beside the text would be lost to whoever writes."""
    listed = "\n".join(f"{option.label}. {option.text}" for option in found.options)
    return f"{found.stem.text}\n{listed}" if listed else found.stem.text


def _max_words(request: AnswerRequest, found: Material) -> int:
    return request.max_words or word_limit(found.stem.orders) or DEFAULT_WORDS


def _check_k(k: int | None) -> None:
    if k is not None and k < 1:
        raise UnreadableQuestion(f"k is {k}; it must be at least 1.", hint="Leave k out.")
