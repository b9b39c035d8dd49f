"""The client knows the API as it is: fields that come or go on one side alone fail here."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import sys
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from ground import REPOSITORY
from pydantic import BaseModel

import listwright
import service.api
from listwright import answers, asked, calls, errors
from listwright.controls import Share
from service.api.about_schema import AboutAnswer, UsersAnswer
from service.api.answered import QuestionAnswer
from service.api.answers import CatalogueAnswer, ItemsAnswer, ReadyAnswer
from service.api.event_schema import EventBody, EventsAnswer, HistoryAnswer
from service.api.feedback_schema import FeedbackAnswer, FeedbackBody
from service.api.free_schema import FreeAnswer, FreeBody
from service.api.lists import RecommendAnswer
from service.api.question_schema import AnswerBody
from service.api.schemas import IntentBody, RecommendBody, ShareBody
from service.api.trace import SANE_ID
from service.api.verify_schema import VerifyAnswer
from service.errors import ListwrightError

SAME = [
    (answers.About, AboutAnswer),
    (answers.Answered, QuestionAnswer),
    (answers.Catalogue, CatalogueAnswer),
    (answers.FreeList, FreeAnswer),
    (answers.History, HistoryAnswer),
    (answers.Items, ItemsAnswer),
    (answers.Learnt, FeedbackAnswer),
    (answers.Ready, ReadyAnswer),
    (answers.Recommended, RecommendAnswer),
    (answers.Recorded, EventsAnswer),
    (answers.Users, UsersAnswer),
    (answers.Verified, VerifyAnswer),
]
MANY = {list, tuple}
CALLS_OWN = {"timeout", "request_id"}


def shape(kind: Any) -> Any:
    """A type without what differs on purpose: a list is a tuple here, and an enum its text."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in MANY:
        return ["many", shape(parts[0])]
    if origin is dict:
        return ["by name", shape(parts[1])]
    if origin in {Union, UnionType}:
        return sorted({str(shape(part)) for part in parts})
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: shape(field.annotation) for name, field in kind.model_fields.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "str"
    return kind.__name__ if kind is not NoneType else "null"


def required(kind: type[BaseModel]) -> set[str]:
    return {name for name, field in kind.model_fields.items() if field.is_required()}


@pytest.mark.parametrize(("ours", "theirs"), SAME, ids=lambda kind: kind.__name__)
def test_an_answer_has_the_fields_of_the_api(
    ours: type[BaseModel], theirs: type[BaseModel]
) -> None:
    assert shape(ours) == shape(theirs)
    assert required(ours) <= required(theirs)


def test_all_that_is_told_is_compared() -> None:
    def within(kind: Any) -> set[type]:
        found = {kind} if isinstance(kind, type) and issubclass(kind, BaseModel) else set()
        fields = kind.model_fields.values() if found else ()
        inner = [*get_args(kind), *(field.annotation for field in fields)]
        return found.union(*(within(part) for part in inner))

    compared = set().union(*(within(ours) for ours, _ in SAME))
    there = {kind for kind in vars(answers).values() if kind in answers.Told.__subclasses__()}
    assert there == compared


def test_what_is_asked_is_what_the_api_takes() -> None:
    listed = set(asked.ListAsked.__annotations__) - CALLS_OWN
    wishes = set(IntentBody.model_fields)
    assert listed == (set(RecommendBody.model_fields) - {"intent", "stream"}) | wishes
    free = set(asked.FreeAsked.__annotations__) - CALLS_OWN
    assert free == (set(FreeBody.model_fields) - {"intent"}) | wishes
    question = set(asked.QuestionAsked.__annotations__) - CALLS_OWN
    assert question | {"question"} == set(AnswerBody.model_fields)
    said = set(asked.Feedback.__annotations__) - CALLS_OWN
    assert said | {"request_id"} == set(FeedbackBody.model_fields)
    assert set(asked.Event.__dataclass_fields__) == set(EventBody.model_fields)
    assert set(Share.__dataclass_fields__) == set(ShareBody.model_fields)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (asked.Strategy, RecommendBody.model_fields["strategy"]),
        (asked.OnConflict, RecommendBody.model_fields["on_conflict"]),
        (asked.QuestionType, AnswerBody.model_fields["type"]),
        (asked.Cot, AnswerBody.model_fields["cot"]),
        (Share.__annotations__["op"], ShareBody.model_fields["op"]),
    ],
)
def test_words_are_those_of_the_api(ours: Any, theirs: Any) -> None:
    words = eval(ours, {"Literal": Literal}) if isinstance(ours, str) else ours  # noqa: S307 - ours
    assert set(get_args(words)) == {each.value for each in theirs.annotation}


def test_a_request_is_called_what_the_service_takes() -> None:
    assert calls.REQUEST_ID.pattern == SANE_ID.pattern.decode()


def all_errors(root: type[ListwrightError]) -> set[type[ListwrightError]]:
    return {root}.union(*(all_errors(kind) for kind in root.__subclasses__()))


def test_each_code_of_the_service_has_its_place_in_the_tree() -> None:
    for module in pkgutil.iter_modules(service.api.__path__, "service.api."):
        importlib.import_module(module.name)
    codes = {kind.code: kind.status for kind in all_errors(ListwrightError)}
    assert set(errors.BY_CODE) <= set(codes)
    for code, status in codes.items():
        body = f'{{"error": {{"code": "{code}", "message": "m"}}}}'.encode()
        told = type(errors.error_of(status, {}, body))
        plain = type(errors.error_of(status, {}, b""))
        assert issubclass(told, plain)
        # An event that ends a stream has no status; what is worth another try shows even so.
        if plain in {errors.Unavailable, errors.RateLimited}:
            assert type(errors.error_of(200, {}, body)) is plain


def test_the_client_imports_httpx_and_pydantic_and_no_more() -> None:
    found = set()
    for path in Path(listwright.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module).partition(".")[0])
    assert found - sys.stdlib_module_names == {"httpx", "listwright", "pydantic"}


def test_it_is_typed_for_those_who_use_it() -> None:
    assert (REPOSITORY / "listwright" / "py.typed").exists()
