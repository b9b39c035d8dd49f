from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from counted import lists_made

from service.domain import Path, Strategy
from service.pipeline.judge_answer import violations
from service.pipeline.validate import Verdict
from service.ports import AnswerMade, Decoding, ListMade, Observer, Spelled, Written
from service.question import Answered, AnswerPath, Question, Supplement, SupplementKind, Task
from service.telemetry.logs import log_to
from service.telemetry.metrics import OUTCOMES, VIOLATIONS, Metrics
from service.telemetry.observers import LogObserver, Observers

THOUGHT, SIMILAR = SupplementKind.THOUGHT, SupplementKind.SIMILAR


def an_answer(*supplements: Supplement, **violations: int) -> AnswerMade:
    return AnswerMade(Task.RANKING, AnswerPath.LLM, True, supplements, violations)


def series(metrics: Metrics) -> dict[str, float]:
    lines = metrics.exposition().decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def test_all_that_is_heard_is_counted() -> None:
    metrics = Metrics()
    metrics.stage("plan", 0.002)
    metrics.listed(
        ListMade(Path.LLM, Strategy.GENERATE, degraded=True, repaired=2, violations={"repeat": 3})
    )
    metrics.listed(ListMade(Path.LLM, Strategy.GENERATE, degraded=True, repaired=1, violations={}))
    metrics.decoded(Decoding((Spelled(1, None), Spelled(2, None)), tokens=20, passes=8))
    metrics.left_out("similarity", TimeoutError("late"))
    metrics.requested("/recommend", 200, 0.7)
    metrics.serving("v1", 40)
    metrics.serving("v2", 50)
    counted = series(metrics)
    expected = {
        'listwright_stage_seconds_count{stage="plan"}': 1,
        'listwright_stage_seconds_bucket{le="0.0025",stage="plan"}': 1,
        lists_made("llm", "generate", degraded="true"): 2,
        'listwright_violations_total{kind="repeat"}': 3,
        "listwright_repairs_total": 3,
        "listwright_engine_tokens_total": 20,
        "listwright_engine_passes_total": 8,
        'listwright_left_out_total{error="TimeoutError",part="similarity"}': 1,
        'listwright_requests_total{route="/recommend",status="200"}': 1,
        'listwright_request_seconds_count{route="/recommend"}': 1,
        'listwright_catalogue_items{version="v2"}': 50,
    }
    assert {name: counted[name] for name in expected} == expected
    assert 'listwright_catalogue_items{version="v1"}' not in counted


def test_answers_are_counted() -> None:
    metrics = Metrics()
    used = Supplement(SIMILAR, used=True, why="", milliseconds=2.0)
    known = Supplement(SIMILAR, used=True, why="", cached=True, milliseconds=0.1)
    late = Supplement(THOUGHT, used=False, why="it came too late", failed=True)
    off = Supplement(THOUGHT, used=False, why="it is off")
    metrics.answered(an_answer(used, late, words=2, misspelled=1))
    metrics.answered(an_answer(known, off, empty=1))
    metrics.answered(an_answer(used))
    metrics.decoded(Written("a few words", tokens=5, passes=4))
    counted = series(metrics)
    expected = {
        'listwright_answers_total{degraded="true",path="llm",task="ranking"}': 3,
        'listwright_supplements_total{kind="similar",outcome="used"}': 2,
        'listwright_supplements_total{kind="similar",outcome="cached"}': 1,
        'listwright_supplements_total{kind="thought",outcome="left_out"}': 1,
        'listwright_supplements_total{kind="thought",outcome="off"}': 1,
        'listwright_violations_total{kind="words"}': 2,
        'listwright_violations_total{kind="misspelled"}': 1,
        'listwright_violations_total{kind="empty"}': 1,
        "listwright_engine_tokens_total": 5,
        "listwright_engine_passes_total": 4,
    }
    assert {name: counted[name] for name in expected} == expected


def test_what_has_not_happened_yet_is_shown_as_zero() -> None:
    counted = series(Metrics())
    for kind in VIOLATIONS:
        assert counted[f'listwright_violations_total{{kind="{kind}"}}'] == 0
    assert counted[lists_made("ranked", "retrieve", degraded="false")] == 0
    for task in Task:
        for road in AnswerPath:
            labels = f'degraded="false",path="{road}",task="{task}"'
            assert counted[f"listwright_answers_total{{{labels}}}"] == 0
    for kind in SupplementKind:
        for outcome in OUTCOMES:
            labels = f'kind="{kind}",outcome="{outcome}"'
            assert counted[f"listwright_supplements_total{{{labels}}}"] == 0


def test_every_kind_of_violation_is_known() -> None:
    worst = Verdict(k=3, listed=2, exists=1, repeats=1, in_history=1, controls=())
    question = Question(Task.GENERATION, "Why?", max_words=2)
    free = Answered("r", question, (), (), "", AnswerPath.LLM, False, "", 0, (), None, None, 1.0)
    quoting = replace(question, source="a red hat")
    answers = [
        free, replace(free, text="far too long"), replace(free, question=quoting, text="no span"),
    ]  # fmt: skip
    both = {*worst.violations, *(kind for one in answers for kind in violations(one))}
    assert both | {"control", "misspelled"} == set(VIOLATIONS)


def test_two_services_in_one_process_do_not_share_counts() -> None:
    one, other = Metrics(), Metrics()
    one.requested("/", 200, 0.1)
    assert 'listwright_requests_total{route="/",status="200"}' not in series(other)


def test_observers_are_told_alike() -> None:
    one, other = Metrics(), Metrics()
    observers: Observer = Observers((one, other, LogObserver()))
    observers.stage("plan", 0.1)
    observers.listed(
        ListMade(Path.RANKED, Strategy.RETRIEVE, degraded=False, repaired=0, violations={})
    )
    observers.answered(an_answer())
    observers.decoded(Decoding((), tokens=1, passes=1))
    observers.left_out("engine", TimeoutError())
    for metrics in (one, other):
        counted = series(metrics)
        assert counted['listwright_stage_seconds_count{stage="plan"}'] == 1
        assert counted[lists_made("ranked", "retrieve", degraded="false")] == 1
        assert counted['listwright_answers_total{degraded="true",path="llm",task="ranking"}'] == 1
        assert counted["listwright_engine_passes_total"] == 1
        assert counted['listwright_left_out_total{error="TimeoutError",part="engine"}'] == 1


class TestLogs:
    @pytest.fixture
    def stream(self) -> Iterator[io.StringIO]:
        root = logging.getLogger()
        handlers, level = root.handlers, root.level
        stream = io.StringIO()
        log_to(stream, "info")
        yield stream
        root.handlers, root.level = handlers, level

    def test_a_record_is_one_line_of_json(self, stream: io.StringIO) -> None:
        # Once more: pytest listens too, and what it hears has to be sent where tests run apart.
        log_to(stream, "info")
        fields = {"route": "/recommend", "status": 200}
        logging.getLogger("listwright.request").info("request", extra={"fields": fields})
        logging.getLogger("listwright.request").debug("not logged")
        logging.getLogger("other").warning("tea for %s\n\ud800", "two")
        first, second = map(json.loads, stream.getvalue().splitlines())
        assert (first["event"], first["status"], first["level"]) == ("request", 200, "info")
        assert second["event"] == "tea for two\n\ud800"

    def test_a_traceback_stays_on_its_line(self, stream: io.StringIO) -> None:
        try:
            int("broken\nin two")
        except ValueError:
            logging.getLogger("listwright").exception("unexpected")
        (line,) = stream.getvalue().splitlines()
        assert "ValueError: " in json.loads(line)["traceback"]

    def test_what_an_operator_should_look_into(self, stream: io.StringIO) -> None:
        observer = LogObserver()
        observer.left_out("engine", RuntimeError("the user wrote: secret"))
        observer.listed(
            ListMade(
                Path.LLM, Strategy.GENERATE, degraded=False, repaired=1, violations={"repeat": 1}
            )
        )
        observer.listed(
            ListMade(Path.LLM, Strategy.GENERATE, degraded=False, repaired=0, violations={})
        )
        observer.answered(an_answer(repeat=2))
        observer.answered(an_answer())
        late, bad, worse = map(json.loads, stream.getvalue().splitlines())
        assert (late["part"], late["error"]) == ("engine", "RuntimeError")
        assert bad["violations"] == {"repeat": 1}
        assert (worse["type"], worse["path"]) == ("ranking", "llm")
        assert worse["violations"] == {"repeat": 2}
        assert "secret" not in stream.getvalue()
