"""A whole evaluation: rows run, outcomes kept and resumed, figures and tables made of them."""

from __future__ import annotations

import asyncio
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from quiz import WordEncoder
from rich.console import Console

from models.evaluate import rows as names
from models.evaluate.answer import How, run_rows
from models.evaluate.bootstrap import DRAWS, Sample, estimate
from models.evaluate.form import Form
from models.evaluate.outcomes import Outcome
from models.evaluate.questions import Asked
from models.evaluate.rows import Row, without
from models.evaluate.score_rows import score_rows
from models.evaluate.scores import Judge, Label, Metric, Texts, Weights
from models.evaluate.summary import summarise
from models.evaluate.tables import as_json, markdown, show, write
from service.errors import BadInput
from service.question import AnswerPath, Task

CHOICE = Form(Task.MULTIPLE_CHOICE, ("0", "1"))
SPANS = Form(Task.ENTITIES, source="red wool cap", choose=3)


def choice(line: int, truth: str) -> Asked:
    return Asked(line, f"Question {line}?", Label(truth), Metric.ACCURACY, Task.MULTIPLE_CHOICE)


def spans(line: int, *truth: str) -> Asked:
    return Asked(line, f"Which in {line}?", Texts(truth), Metric.MICRO_F1, Task.ENTITIES)


ASKED = (choice(1, "0"), choice(2, "1"), spans(3, "red", "wool"), spans(4, "cap"))


class Road:
    """Says the same to every question of a kind, and counts what it was asked."""

    def __init__(self, label: str = "0", span: str = "red", failing: int | None = None) -> None:
        self.label, self.span, self.failing = label, span, failing
        self.asked = Counter[int]()
        self.under_way = self.most = 0

    async def __call__(self, asked: Asked) -> Outcome:
        self.asked[asked.line] += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.001)
        self.under_way -= 1
        if asked.line == self.failing:
            raise RuntimeError("no | answer")
        named = asked.metric is Metric.ACCURACY
        text, form = (self.label, CHOICE) if named else (self.span, SPANS)
        timings = {"read": 1.0, "answer": 3.0}
        return Outcome(text, form, timings=timings, path=AnswerPath.LLM)


async def test_figures_by_type_and_over_all() -> None:
    summary = await score_rows(ASKED, [Row("same", Road())], Judge(), How())
    figures = summary.figures["same"]
    assert summary.kinds == ("multiple_choice", "entities", "overall")
    assert figures["multiple_choice"].score.value == 0.5
    # One hit, one extra, two missed over both questions: pooled, not 2/3 and 0 averaged.
    assert figures["entities"].score.value == pytest.approx(2 / 5)
    assert figures["overall"].score.value == pytest.approx((0.5 + 0.4) / 2)
    assert figures["overall"].well_formed == 1.0
    assert figures["overall"].stages == {"read": 1.0, "answer": 3.0}
    assert figures["overall"].seconds > 0.0005


async def test_malformed_answers_are_counted_apart_from_their_score() -> None:
    summary = await score_rows(ASKED[:2], [Row("chatty", Road("1. Yes"))], Judge(), How())
    figures = summary.figures["chatty"]["multiple_choice"]
    assert (figures.score.value, figures.well_formed) == (0.5, 0.0)


async def test_a_question_without_a_form_was_not_read_and_is_not_answered_well() -> None:
    async def blind(_asked: Asked) -> Outcome:
        return Outcome("0")

    summary = await score_rows(ASKED, [Row("blind", blind)], Judge(), How())
    assert summary.figures["blind"]["overall"].well_formed == 0.0
    assert summary.figures["blind"]["multiple_choice"].score.value == 0.5


@pytest.mark.parametrize(("labels", "score"), [(("0", "1"), 1.0), (("1", "2"), 0.0)])
async def test_weights_begin_with_the_first_label(labels: tuple[str, ...], score: float) -> None:
    ranked = Asked(1, "Sort", Weights((0.0, 1.0)), Metric.NDCG, Task.RANKING)
    run = {"row": [Outcome("1", Form(Task.RANKING, labels))]}
    assert summarise([ranked], run, Judge()).figures["row"]["overall"].score.value == score


async def test_a_failure_is_told_and_the_rest_goes_on() -> None:
    summary = await score_rows(ASKED, [Row("frail", Road(failing=1))], Judge(), How())
    figures = summary.figures["frail"]
    assert (figures["overall"].failed, figures["entities"].failed) == (1, 0)
    assert figures["multiple_choice"].score.value == 0.0
    assert figures["multiple_choice"].well_formed == 0.5
    assert summary.failures == {"frail: RuntimeError: no | answer": 1}
    assert "| frail | 50%, 1 failed |" in markdown(summary)
    assert "no \\| answer" in markdown(summary)


@pytest.mark.parametrize("concurrency", [1, 2, 3])
async def test_no_more_questions_are_under_way_than_allowed(concurrency: int) -> None:
    road = Road()
    await run_rows(ASKED, [Row("row", road)], How(concurrency=concurrency))
    assert road.most == concurrency
    assert set(road.asked.values()) == {1}


async def test_progress_is_told_by_row() -> None:
    told: list[tuple[str, int, int]] = []
    how = How(report=lambda stage, done, total: told.append((stage, done, total)))
    await run_rows(ASKED[:2], [Row("a", Road()), Row("b", Road())], how)
    assert told == [(row, done, 2) for row in "ab" for done in (0, 1, 2)]


class TestKept:
    async def test_what_is_kept_is_not_asked_again(self, tmp_path: Path) -> None:
        how = How(keep=tmp_path / "deep" / "kept.jsonl")
        first = await run_rows(ASKED[:3], [Row("row", Road())], how)
        again = Road("1")
        second = await run_rows(ASKED, [Row("row", again)], how)
        assert set(again.asked) == {4}
        assert second["row"][:3] == first["row"]

    async def test_failures_are_tried_again(self, tmp_path: Path) -> None:
        how = How(keep=tmp_path / "kept.jsonl")
        await run_rows(ASKED, [Row("row", Road(failing=2))], how)
        sound = Road()
        run = await run_rows(ASKED, [Row("row", sound)], how)
        assert set(sound.asked) == {2}
        assert run["row"][1].failure is None
        assert not (await run_rows(ASKED, [Row("row", late := Road())], how))["row"][1].failure
        assert not late.asked

    async def test_another_row_or_another_stamp_is_asked_anew(self, tmp_path: Path) -> None:
        how = How(keep=tmp_path / "kept.jsonl")
        await run_rows(ASKED, [Row("row", Road(), "v1")], how)
        for row in (Row("row", Road(), "v2"), Row("other", Road(), "v1")):
            road = row.answer
            await run_rows(ASKED, [row], how)
            assert isinstance(road, Road)
            assert len(road.asked) == 4

    async def test_answers_from_before_roads_were_kept_are_asked_again(
        self, tmp_path: Path
    ) -> None:
        keep = tmp_path / "kept.jsonl"
        how = How(keep=keep)
        await run_rows(ASKED, [Row("row", Road())], how)
        lines = [json.loads(line) for line in keep.read_text("utf-8").splitlines()]
        for line in lines:
            del line["path"], line["degraded"], line["completed"]
        keep.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        for most in (4, 0):
            run = await run_rows(ASKED, [Row("row", road := Road())], how)
            assert len(road.asked) == most
            assert {outcome.path for outcome in run["row"]} == {AnswerPath.LLM}

    async def test_degraded_answers_are_asked_again(self, tmp_path: Path) -> None:
        how = How(keep=tmp_path / "kept.jsonl")

        async def late(_asked: Asked) -> Outcome:
            return Outcome("0", CHOICE, path=AnswerPath.LLM, degraded=True)

        await run_rows(ASKED, [Row("row", late)], how)
        for most in (4, 0):
            run = await run_rows(ASKED, [Row("row", road := Road())], how)
            assert len(road.asked) == most
            assert not any(outcome.degraded for outcome in run["row"])

    async def test_the_road_is_kept_too(self, tmp_path: Path) -> None:
        keep = tmp_path / "kept.jsonl"
        how = How(keep=keep)
        kept = Outcome("0", CHOICE, 1.0, {}, None, AnswerPath.ONLY, completed=2)

        async def road(_asked: Asked) -> Outcome:
            return kept

        await run_rows(ASKED[:1], [Row("row", road)], how)
        assert (await run_rows(ASKED[:1], [Row("row", Road())], how))["row"] == [kept]
        written = keep.read_text("utf-8")
        keep.write_text(written.replace('"only"', '"nowhere"'), "utf-8")
        with pytest.raises(BadInput, match="line 1 is not an outcome"):
            await run_rows(ASKED[:1], [Row("row", Road())], how)

    async def test_a_run_killed_in_mid_line_goes_on(self, tmp_path: Path) -> None:
        how = How(keep=tmp_path / "kept.jsonl")
        await run_rows(ASKED, [Row("row", Road())], how)
        whole = (tmp_path / "kept.jsonl").read_bytes()
        (tmp_path / "kept.jsonl").write_bytes(whole[:-20])
        await run_rows(ASKED, [Row("row", road := Road())], how)
        assert set(road.asked) == {4}
        await run_rows(ASKED, [Row("row", road := Road())], how)
        assert not road.asked

    async def test_a_run_that_is_stopped_keeps_what_it_has(self, tmp_path: Path) -> None:
        how = How(keep=tmp_path / "kept.jsonl")

        async def stuck(asked: Asked) -> Outcome:
            if asked.line > 2:
                await asyncio.Event().wait()
            return await Road()(asked)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run_rows(ASKED, [Row("row", stuck)], how), 0.2)
        await run_rows(ASKED, [Row("row", road := Road())], how)
        assert set(road.asked) == {3, 4}

    @pytest.mark.parametrize("line", ["{}", "[1]", "{", '{"row": 1}', "null"])
    async def test_a_file_of_something_else_is_refused(self, tmp_path: Path, line: str) -> None:
        (tmp_path / "kept.jsonl").write_text(f"{line}\n", "utf-8")
        with pytest.raises(BadInput, match="line 1 is not an outcome"):
            await run_rows(ASKED, [Row("row", Road())], How(keep=tmp_path / "kept.jsonl"))
        assert (tmp_path / "kept.jsonl").read_text("utf-8") == f"{line}\n"

    async def test_a_question_asked_twice_is_answered_once(self) -> None:
        run = await run_rows((ASKED[0], ASKED[0]), [Row("row", road := Road())], How())
        assert len(run["row"]) == 2
        assert road.asked == {1: 1}


class TestRefused:
    async def test_rows_of_one_name(self) -> None:
        with pytest.raises(BadInput, match="same name"):
            await score_rows(ASKED, [Row("row", Road()), Row("row", Road())], Judge(), How())

    async def test_no_questions(self) -> None:
        with pytest.raises(BadInput, match="no questions"):
            await score_rows((), [Row("row", Road())], Judge(), How())

    async def test_sentences_without_an_encoder_before_anything_is_asked(self) -> None:
        sentence = Asked(9, "What?", Texts(("a cap",)), Metric.COSINE, Task.GENERATION)
        with pytest.raises(BadInput, match="encoder"):
            await score_rows((*ASKED, sentence), [Row("row", road := Road())], Judge(), How())
        assert not road.asked


class TestIntervals:
    def test_hold_the_figure_and_shrink_with_more_questions(self) -> None:
        few, many = (sample([1.0, 0.0] * n).draws() for n in (5, 200))
        assert len(few) == DRAWS + 1
        assert estimate(few).value == estimate(many).value == 0.5
        assert estimate(few).low < estimate(many).low < 0.5 < estimate(many).high
        # The binomial's own limits for 200 of 400: half +- 0.049.
        assert estimate(many).low == pytest.approx(0.451, abs=0.006)

    def test_are_the_same_every_time(self) -> None:
        assert estimate(sample([1.0, 0.0, 0.3]).draws()) == estimate(sample([1, 0, 0.3]).draws())

    async def test_differences_are_taken_on_the_same_questions(self) -> None:
        asked = tuple(choice(line, "0") for line in range(40))
        run = {
            "base": [Outcome(str(line % 2), CHOICE) for line in range(40)],
            "worse": [Outcome("1", CHOICE) for _ in range(40)],
        }
        figures = summarise(asked, run, Judge(), baseline="base").figures
        assert figures["base"]["overall"].against is None
        worse = figures["worse"]["overall"].against
        assert worse is not None
        assert (worse.value, worse.high < 0) == (-0.5, True)
        same = summarise(asked, run | {"again": run["base"]}, Judge(), baseline="base").figures
        again = same["again"]["overall"].against
        assert again is not None
        assert (again.value, again.low, again.high) == (0.0, 0.0, 0.0)


def sample(values: list[float]) -> Sample:
    size = len(values)
    return Sample(np.array(values), np.zeros((size, 3)), np.zeros(size, dtype=bool))


class TestTables:
    async def test_on_a_terminal_in_markdown_and_as_json(self, tmp_path: Path) -> None:
        rows = [Row(names.SIMILARITY_ALONE, Road()), Row(without("caution"), Road("1", "x"))]
        summary = await score_rows(ASKED, rows, Judge(), How(), baseline=names.SIMILARITY_ALONE)
        screen = io.StringIO()
        show(Console(file=screen, width=200), summary)
        write(summary, markdown_to=tmp_path / "t.md", json_to=tmp_path / "t.json")
        page = (tmp_path / "t.md").read_text("utf-8")
        for text in (screen.getvalue(), page):
            assert "multiple choice (n=2)" in text
            assert "0.500 (0.00 to 1.00)" in text
            assert "without caution" in text
            assert "Failures" not in text
        assert "-0.400 (" in page
        figures = json.loads((tmp_path / "t.json").read_text("utf-8"))["figures"]
        assert figures["similarity alone"]["entities"]["score"]["value"] == pytest.approx(0.4)
        assert figures["without caution"]["entities"]["well_formed"] == 0.0

    def test_what_the_model_did_not_finish_has_a_table(self) -> None:
        llm = AnswerPath.LLM
        run = {
            "row": [
                Outcome("0", CHOICE, path=llm),
                Outcome("1", CHOICE, path=llm, degraded=True, completed=1),
                Outcome("red", SPANS, path=llm, degraded=True),
                Outcome("", failure="no", path=AnswerPath.SIMILAR, degraded=True, completed=3),
            ]
        }
        page = markdown(summarise(ASKED, run, Judge()))
        assert "**Degraded; with labels the model did not name**" in page
        assert "| row | 50%; 50% | 100%; 0% | 67%; 33% |" in page
        assert "Degraded" not in markdown(summarise(ASKED[:1], {"row": run["row"][:1]}, Judge()))

    def test_the_encoder_that_judged_is_named(self) -> None:
        sentence = Asked(9, "What?", Texts(("a cap",)), Metric.COSINE, Task.GENERATION)
        run = {"row": [Outcome("0", CHOICE), Outcome("a cap", Form(Task.GENERATION))]}
        summary = summarise([ASKED[0], sentence], run, Judge(WordEncoder()))
        assert "**Score (95% of bootstrap draws; sentences compared by words)**" in markdown(
            summary
        )
        assert json.loads(as_json(summary))["encoder"] == "words"
        unused = summarise(ASKED[:1], {"row": run["row"][:1]}, Judge(WordEncoder()))
        assert "**Score (95% of bootstrap draws)**" in markdown(unused)
        assert json.loads(as_json(unused))["encoder"] is None

    async def test_names_are_not_markup(self) -> None:
        summary = await score_rows(ASKED, [Row("[red]row[/]", Road())], Judge(), How())
        screen = io.StringIO()
        show(Console(file=screen, width=200), summary)
        assert "[red]row[/]" in screen.getvalue()
        assert json.loads(as_json(summary))["baseline"] is None
