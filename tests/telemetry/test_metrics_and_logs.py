from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from counted import a_list, an_answer, hear_of_everything, lists_made, series

from service.api.errors import Overloaded, RateLimited
from service.domain import Origin, Path, Strategy, Supplement, SupplementKind
from service.engines.remote.server_errors import Unready
from service.errors import EngineLate, EngineTimeout, ListwrightError
from service.pipeline.judge_answer import violations
from service.pipeline.validate import Verdict
from service.ports import Drafted, ListMade, Looked, Observer, Written
from service.question import Answered, AnswerPath, Option, Question, Task
from service.telemetry.logs import log_to
from service.telemetry.metrics import Metrics
from service.telemetry.observers import LogObserver, Observers
from service.telemetry.quality_counts import ANSWER, LIST, VIOLATIONS
from service.telemetry.request_counts import SHED
from service.telemetry.road_counts import CACHES
from service.telemetry.supplement_counts import OUTCOMES

THOUGHT, SIMILAR = SupplementKind.THOUGHT, SupplementKind.SIMILAR


def told(metrics: Metrics) -> dict[str, float]:
    return series(metrics.exposition().decode())


def test_all_that_is_heard_is_counted() -> None:
    metrics = Metrics()
    hear_of_everything(metrics)
    metrics.serving("v2", 50)
    counted = told(metrics)
    made_by = 'model="m",origin="made",path="llm",prompt="recommend/1",strategy="generate"'
    list_is = 'model="m",path="llm",strategy="generate",variant="default"'
    fed = 'kind="clicked",model="m",path="llm",prompt="recommend/1",strategy="generate",variant="b"'
    expected = {
        'listwright_stage_seconds_count{stage="plan"}': 1,
        'listwright_stage_seconds_bucket{le="0.0025",stage="plan"}': 1,
        f'listwright_lists_total{{degraded="true",{made_by},variant="default"}}': 1,
        f'listwright_list_seconds_bucket{{le="0.5",{list_is}}}': 1,
        'listwright_deadline_ratio_bucket{le="0.75",made="list"}': 0,
        'listwright_deadline_ratio_bucket{le="0.9",made="list"}': 1,
        'listwright_violations_total{kind="repeat",of="draft",variant="default"}': 3,
        'listwright_violations_total{kind="repeat",of="list",variant="default"}': 0,
        'listwright_repairs_total{variant="default"}': 2,
        'listwright_draft_lines_total{model="m",stood="true",variant="default"}': 3,
        'listwright_draft_lines_total{model="m",stood="false",variant="default"}': 2,
        'listwright_controls_total{holds="false",kind="share",of="draft",variant="default"}': 1,
        'listwright_controls_total{holds="true",kind="share",of="list",variant="default"}': 1,
        'listwright_controls_relaxed_total{kind="exclude",variant="default"}': 1,
        'listwright_engine_tokens_total{model="m"}': 26,
        'listwright_engine_forced_tokens_total{model="m"}': 12,
        'listwright_engine_prompt_tokens_total{model="m"}': 220,
        'listwright_engine_passes_total{model="m"}': 13,
        'listwright_engine_forward_tokens_total{model="m"}': 112,
        'listwright_engine_seconds_count{model="m",work="spell"}': 1,
        'listwright_engine_seconds_count{model="m",work="write"}': 1,
        'listwright_engine_seconds_count{model="m",work="weigh"}': 1,
        'listwright_engine_first_token_seconds_count{model="m",work="spell"}': 1,
        'listwright_left_out_total{error="EngineBusy",part="engine"}': 1,
        'listwright_shed_total{reason="engine_busy"}': 1,
        'listwright_cache_total{cache="lists",outcome="hit"}': 1,
        'listwright_requests_running{route="/recommend"}': 1,
        'listwright_requests_total{route="/recommend",status="200"}': 1,
        'listwright_request_seconds_count{route="/recommend"}': 1,
        f"listwright_feedback_total{{{fed}}}": 1,
        'listwright_events_total{outcome="new"}': 1,
        'listwright_store_seconds_count{operation="history"}': 1,
        'listwright_store_faults_total{error="StoreUnavailable",operation="history"}': 1,
        "listwright_store_trips_total": 1,
        'listwright_engine_ahead{engine="engine"}': 2.5,
        'listwright_build_info{engine="vllm",version="1.0"}': 1,
        'listwright_catalogue_items{version="v2"}': 50,
    }
    assert {name: counted.get(name) for name in expected} == expected
    assert 'listwright_catalogue_items{version="v1"}' not in counted


def test_a_request_that_is_over_is_not_under_way() -> None:
    metrics = Metrics()
    for _ in range(3):
        metrics.began("/answer")
    metrics.ended("/answer")
    assert told(metrics)['listwright_requests_running{route="/answer"}'] == 2


def test_a_list_that_was_kept_had_no_draft_but_has_controls() -> None:
    metrics = Metrics()
    metrics.listed(a_list(origin=Origin.KEPT, drafted=Drafted(), violations={}))
    counted = told(metrics)
    held = 'listwright_controls_total{{holds="true",kind="share",of="{}",variant="default"}}'
    assert (counted[held.format("draft")], counted[held.format("list")]) == (0, 1)
    assert not any(name.startswith("listwright_draft_lines") for name in counted)


def test_what_a_list_was_given_may_be_unknown() -> None:
    metrics = Metrics()
    metrics.listed(a_list(allowed=None))
    assert not any(name.startswith("listwright_deadline_ratio_") for name in told(metrics))


def test_what_was_not_asked_counts_as_shed_and_what_was_too_slow_does_not() -> None:
    metrics = Metrics()
    metrics.left_out("engine", EngineLate("about 9 s"))
    metrics.left_out("engine", EngineTimeout("the deadline came"))
    metrics.left_out("engine", TimeoutError())
    metrics.shed("gateway_busy")
    counted = told(metrics)
    shed = {reason: counted[f'listwright_shed_total{{reason="{reason}"}}'] for reason in SHED}
    assert {reason for reason, count in shed.items() if count == 1} == {
        "gateway_busy",
        "engine_late",
    }
    assert sum(shed.values()) == 2


def every_error(kind: type[ListwrightError] = ListwrightError) -> Iterator[type[ListwrightError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from every_error(each)


def test_every_reason_to_shed_is_shown_before_it_occurs() -> None:
    assert {Overloaded, RateLimited, Unready} <= set(every_error())
    assert {kind.shed for kind in every_error()} - {None} <= set(SHED)


def test_answers_are_counted() -> None:
    metrics = Metrics()
    used = Supplement(SIMILAR, used=True, why="", milliseconds=2.0)
    known = Supplement(SIMILAR, used=True, why="", cached=True, milliseconds=0.1)
    late = Supplement(THOUGHT, used=False, why="it came too late", failed=True)
    off = Supplement(THOUGHT, used=False, why="it is off")
    metrics.answered(an_answer(used, late, misspelled=1))
    metrics.answered(an_answer(known, off))
    metrics.answered(an_answer(used))
    counted = told(metrics)
    how = 'degraded="true",model="m",path="llm",task="ranking",variant="b"'
    expected = {
        f"listwright_answers_total{{{how}}}": 3,
        'listwright_answer_seconds_bucket{le="0.25",path="llm",task="ranking"}': 3,
        'listwright_deadline_ratio_bucket{le="0.05",made="answer"}': 3,
        'listwright_supplements_total{kind="similar",outcome="used"}': 2,
        'listwright_supplements_total{kind="similar",outcome="cached"}': 1,
        'listwright_supplements_total{kind="thought",outcome="left_out"}': 1,
        'listwright_supplements_total{kind="thought",outcome="off"}': 1,
        'listwright_violations_total{kind="misspelled",of="answer_draft",variant="b"}': 1,
    }
    assert {name: counted.get(name) for name in expected} == expected


def test_what_is_withheld_is_none_that_was_handed_out() -> None:
    metrics = Metrics()
    metrics.withheld(a_list(violations={"repeat": 1}))
    metrics.withheld(an_answer(repeat=2))
    counted = told(metrics)
    expected = {
        'listwright_violations_total{kind="repeat",of="draft",variant="default"}': 3,
        'listwright_violations_total{kind="repeat",of="list",variant="default"}': 1,
        'listwright_violations_total{kind="repeat",of="answer",variant="b"}': 2,
    }
    assert {name: counted.get(name) for name in expected} == expected
    handed = [name for name in counted if name.startswith(("listwright_lists", "listwright_ans"))]
    assert handed
    assert not any(counted[name] for name in handed)
    assert not any("listwright_deadline_ratio_count" in name for name in counted)


def test_what_has_not_happened_yet_is_shown_as_zero() -> None:
    counted = told(Metrics())
    for of, kinds in VIOLATIONS.items():
        for kind in kinds:
            labels = f'kind="{kind}",of="{of}",variant="default"'
            assert counted[f"listwright_violations_total{{{labels}}}"] == 0
    assert counted[lists_made("ranked", "retrieve", degraded="false")] == 0
    for cache in CACHES:
        for outcome in Looked:
            labels = f'cache="{cache}",outcome="{outcome}"'
            assert counted[f"listwright_cache_total{{{labels}}}"] == 0
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
    choosing = replace(question, options=(Option("1", "a hat"), Option("2", "a mug")), choose=1)
    answers.append(replace(free, question=choosing, text="3,3"))
    found = {kind for one in answers for kind in violations(one)}
    assert {*worst.violations, "control"} == set(VIOLATIONS[LIST])
    assert found == set(VIOLATIONS[ANSWER])


def test_two_services_in_one_process_do_not_share_counts() -> None:
    one, other = Metrics(), Metrics()
    one.requested("/", 200, 0.1)
    assert 'listwright_requests_total{route="/",status="200"}' not in told(other)


def test_observers_are_told_alike() -> None:
    one, other = Metrics(), Metrics()
    observers: Observer = Observers((one, other, LogObserver()))
    observers.stage("plan", 0.1)
    observers.listed(
        ListMade(Path.RANKED, Strategy.RETRIEVE, degraded=False, repaired=0, violations={})
    )
    observers.answered(an_answer())
    observers.withheld(an_answer(repeat=1))
    observers.decoded(Written("so", tokens=1, passes=1), "m")
    observers.left_out("engine", TimeoutError())
    observers.looked_up("thoughts", Looked.MISS)
    for metrics in (one, other):
        counted = told(metrics)
        assert counted['listwright_stage_seconds_count{stage="plan"}'] == 1
        assert counted[lists_made("ranked", "retrieve", degraded="false")] == 1
        assert counted['listwright_answer_seconds_count{path="llm",task="ranking"}'] == 1
        assert counted['listwright_violations_total{kind="repeat",of="answer",variant="b"}'] == 1
        assert counted['listwright_engine_passes_total{model="m"}'] == 1
        assert counted['listwright_left_out_total{error="TimeoutError",part="engine"}'] == 1
        assert counted['listwright_cache_total{cache="thoughts",outcome="miss"}'] == 1


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
        assert json.loads(line)["traceback"].endswith("builtins.ValueError")

    def test_what_an_operator_should_look_into(self, stream: io.StringIO) -> None:
        observer = LogObserver()
        observer.left_out("engine", RuntimeError("the user wrote: secret"))
        observer.listed(a_list(drafted=Drafted(violations={"repeat": 1})))
        observer.listed(
            ListMade(Path.LLM, Strategy.GENERATE, degraded=False, repaired=0, violations={})
        )
        observer.answered(an_answer(misspelled=2))
        observer.answered(an_answer())
        observer.withheld(a_list(violations={"control": 1}))
        observer.withheld(an_answer(empty=1))
        late, bad, worse, *held = map(json.loads, stream.getvalue().splitlines())
        assert (late["part"], late["error"]) == ("engine", "RuntimeError")
        assert bad["violations"] == {"repeat": 1}
        assert (worse["type"], worse["path"]) == ("ranking", "llm")
        assert worse["violations"] == {"misspelled": 2}
        assert [(one["event"], one["level"], one["violations"]) for one in held] == [
            ("withheld", "error", {"control": 1}), ("withheld", "error", {"empty": 1}),
        ]  # fmt: skip
        assert "secret" not in stream.getvalue()
