"""The rows of an evaluation: each is answered by what it is named for, or has failed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines.stub_server import Stub
from quiz import CHOICE, ENTITIES, RANKING, Narrow, Sage, Stopping, WordEncoder, answerer
from toyshop import SpellingEngine
from typer.testing import CliRunner

import models.evaluate.__main__ as command
from models.evaluate import rows as names
from models.evaluate.answer import How, Run, run_rows
from models.evaluate.form import well_formed
from models.evaluate.free import between_commas, tokens
from models.evaluate.questions import Asked
from models.evaluate.roads import Roads, roads_of
from models.evaluate.rows import Row
from models.evaluate.scores import Label, Metric, Texts, Weights
from service.domain import Cot
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput, EngineBusy
from service.pipeline.answerer import Answerer
from service.ports import Decoding, Job, Page, Written
from service.question import AnswerPath, Question, Task
from service.questions.read import read
from service.settings import Settings, load_settings
from service.wiring_answer import opened_answerer

ASKED = (
    Asked(1, CHOICE, Label("1"), Metric.ACCURACY, Task.MULTIPLE_CHOICE),
    Asked(2, RANKING, Weights((1.0, 0.0, 0.0, 0.0)), Metric.NDCG, Task.RANKING),
    Asked(3, ENTITIES, Texts(("dark red",)), Metric.MICRO_F1, Task.ENTITIES),
)
BY_MODEL = (names.FREE, names.MODEL_ALONE, names.SIMILARITY, names.THOUGHT, names.BOTH)
ELEMENT = "answer_only"


class Busy(SpellingEngine):
    """Has no time for anybody."""

    async def spell(self, job: Job) -> Decoding:
        raise EngineBusy("the engine has its hands full")

    async def write(self, page: Page) -> Written:
        raise EngineBusy("the engine has its hands full")


def roads(**parts: Any) -> Roads:
    return Roads(answerer(**parts), Cot.SIDECAR)


def all_rows(of: Roads) -> list[Row]:
    return [of.default, *of.ablation([ELEMENT])]


async def ran(of: Roads, asked: tuple[Asked, ...] = ASKED) -> Run:
    return await run_rows(asked, all_rows(of), How())


class TestByWhom:
    async def test_every_row_is_answered_by_what_it_is_named_for(self) -> None:
        run = await ran(roads(sidecar=Sage()))
        assert [*run] == ["as served", names.SIMILARITY_ALONE, *BY_MODEL, "without answer only"]
        paths = {name: {outcome.path for outcome in made} for name, made in run.items()}
        assert paths.pop(names.SIMILARITY_ALONE) == {AnswerPath.SIMILAR}
        assert set().union(*paths.values()) == {AnswerPath.LLM}
        assert all(outcome.failure is None for made in run.values() for outcome in made)

    async def test_similarity_is_not_taken_for_a_model_that_is_busy(self) -> None:
        run = await ran(roads(engine=Busy(), sidecar=Sage()))
        failed = {name: [o.failure for o in made] for name, made in run.items()}
        assert failed.pop(names.SIMILARITY_ALONE) == [None] * 3
        assert all(failures.count(None) == 0 for failures in failed.values())
        # With an encoder at hand the pipeline answers all the same; without, it cannot.
        told = (
            "answered by road 'similar': the engine gave no answer: the engine has its hands full"
        )
        for name in ("as served", names.SIMILARITY, names.BOTH):
            assert failed[name] == [told] * 3
            assert {outcome.text for outcome in run[name]} == {""}
        for name in (names.MODEL_ALONE, names.THOUGHT, "without answer only"):
            assert {failure.split(":")[0] for failure in failed[name] if failure} == {"EngineBusy"}

    async def test_nor_for_one_whose_context_is_too_short(self) -> None:
        run = await ran(roads(engine=Narrow(10), sidecar=Sage()))
        for name in BY_MODEL:
            assert all("fit" in (outcome.failure or "") for outcome in run[name])

    async def test_without_an_engine_similarity_is_what_serves(self) -> None:
        parts = replace(answerer(), engine=None)
        run = await ran(Roads(parts, Cot.SELF))
        assert {outcome.failure for outcome in run["as served"]} == {None}
        for name in BY_MODEL:
            assert all(outcome.failure for outcome in run[name])

    async def test_one_that_can_be_named_needs_no_model(self) -> None:
        only = Asked(1, "Colour?\nText: red", Texts(("red",)), Metric.MICRO_F1, Task.ENTITIES)
        run = await ran(roads(engine=Busy()), (replace(only, type=Task.ENTITIES),))
        assert {run[name][0].path for name in (names.MODEL_ALONE, "as served")} == {AnswerPath.ONLY}

    async def test_the_model_alone_sees_nothing_of_the_encoder(self) -> None:
        encoder = WordEncoder()
        of = roads(encoder=encoder, sidecar=Sage())
        wanted = {names.MODEL_ALONE, names.THOUGHT, "without answer only"}
        await run_rows(ASKED, [row for row in all_rows(of) if row.name in wanted], How())
        assert encoder.asked == 0

    async def test_labels_that_similarity_added_are_counted(self) -> None:
        run = await ran(roads(engine=SpellingEngine(most=1)), ASKED[1:2])
        (made,) = run[names.SIMILARITY]
        assert (made.path, made.degraded, made.completed) == (AnswerPath.LLM, True, 3)


class TestNothingIsKnownFromBefore:
    async def test_every_row_compares_and_thinks_for_itself(self) -> None:
        encoder, sage = WordEncoder(), Sage()
        of = roads(encoder=encoder, sidecar=sage)
        rows = {row.name: row for row in all_rows(of)}
        compared, thought = [], []
        for name in (names.SIMILARITY_ALONE, names.SIMILARITY, names.BOTH, names.THOUGHT):
            encoder.asked, sage.pages = 0, []
            await run_rows(ASKED, [rows[name]], How())
            compared.append(encoder.asked)
            thought.append(len(sage.pages))
        assert compared == [3, 3, 3, 0]
        assert thought == [0, 0, 3, 3]

    async def test_what_the_service_knows_is_no_help_and_is_not_added_to(self) -> None:
        encoder = WordEncoder()
        parts = answerer(encoder=encoder)
        served = await Roads(parts, Cot.OFF).default.answer(ASKED[0])
        assert served.path is AnswerPath.LLM
        before = encoder.asked
        await Roads(parts, Cot.OFF).default.answer(ASKED[0])
        assert encoder.asked == before + 1

    @pytest.mark.parametrize("more", [(), ("--engine", "none")])
    def test_the_engine_is_opened_to_keep_no_prompts(
        self, more: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[Settings] = []

        @asynccontextmanager
        async def desk(settings: Settings) -> AsyncIterator[Answerer]:
            opened.append(settings)
            yield answerer()

        monkeypatch.setattr(command, "opened_answerer", desk)
        monkeypatch.setenv("LISTWRIGHT_ENGINE__KEPT", "4096")
        file = tmp_path / "asked.jsonl"
        file.write_text(
            '{"question": "a or b?", "options": ["a", "b"], "truth": 1, "metric": "accuracy"}\n',
            "utf-8",
        )
        done = CliRunner().invoke(command.app, ["answer", "--file", str(file), *more])
        assert done.exit_code == 0, done.output
        assert [settings.engine.kept for settings in opened] == [0]


class TestWhoseOutcomesAreKept:
    """A server is opened without waiting for it, so at first nobody knows what it serves."""

    LINE = '{"question": "a or b?", "options": ["a", "b"], "truth": 1, "metric": "accuracy"}\n'

    @pytest.fixture
    def asked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        monkeypatch.setenv("LISTWRIGHT_RETRIEVAL__SIMILARITY", "false")
        file = tmp_path / "asked.jsonl"
        file.write_text(self.LINE, "utf-8")
        return ["answer", "--file", str(file), "--engine", "none"]

    @pytest.fixture
    def stub(self, cache_dir: Path) -> Stub:
        return Stub(ChatTokenizer(ensure_model(cache_dir, print), NAME), {}, plugin=False)

    async def test_rows_know_the_sidecars_model(self, stub: Stub) -> None:
        stamps = []
        async with stub.serving() as url:
            given = {
                "engine": {"kind": "none"},
                "retrieval": {"similarity": False},
                "sidecar": {"url": url},
            }
            for model in ("sage-1", "sage-2", "sage-1"):
                stub.models_answer = {"data": [{"id": model}]}
                async with opened_answerer(load_settings(given)) as parts:
                    of = await roads_of(parts, Cot.SIDECAR, keeping=True)
                    stamps.append([row.stamp for row in all_rows(of)])
        first, other, again = stamps
        assert all("sage-1" in stamp for stamp in first)
        assert not set(first) & set(other)
        assert again == first

    @pytest.mark.parametrize("part", ["engine", "sidecar"])
    def test_nothing_is_kept_of_a_model_that_nobody_knows(
        self, part: str, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nowhere = "http://127.0.0.1:9"
        monkeypatch.setenv(f"LISTWRIGHT_{part.upper()}__URL", nowhere)
        if part == "engine":
            asked = [*asked[:-1], "openai"]
        keep = tmp_path / "kept.jsonl"
        done = CliRunner().invoke(command.app, [*asked, "--keep", str(keep)])
        assert done.exit_code == 1
        assert f"Which model the {part}'s server has is not known" in done.stderr
        assert f"LISTWRIGHT_{part.upper()}__MODEL" in done.stderr
        assert not keep.exists()
        assert CliRunner().invoke(command.app, asked).exit_code == 0
        monkeypatch.setenv(f"LISTWRIGHT_{part.upper()}__MODEL", "sage-1")
        assert CliRunner().invoke(command.app, [*asked, "--keep", str(keep)]).exit_code == 0
        assert "sage-1" in keep.read_text("utf-8")


class TestFree:
    async def test_lists_on_lines_are_read_as_lists(self) -> None:
        of = roads(engine=Says("dark red\nwool scarf\n-\n"))
        (made,) = (await ran(of, ASKED[2:]))[names.FREE]
        assert made.text == "dark red, wool scarf"
        assert made.form is not None
        assert well_formed(made.text, made.form)

    async def test_of_what_names_options_nothing_is_mended(self) -> None:
        made = (await ran(roads(engine=Says("2\n3\n-")), ASKED[:2]))[names.FREE]
        assert [outcome.text for outcome in made] == ["2\n3\n-"] * 2

    @pytest.mark.parametrize(
        ("text", "list_"),
        [
            ("red\nblue", "red, blue"),
            ("red, blue", "red, blue"),
            ("red,\n\n blue ,\n-", "red, blue"),
            (" - ", ""),
            ("", ""),
            ("-\nred", "-, red"),
            ("red - blue", "red - blue"),
        ],
    )
    def test_between_commas(self, text: str, list_: str) -> None:
        assert between_commas(text) == list_

    async def test_an_answer_that_was_cut_off_is_told(self) -> None:
        (made,) = (await ran(roads(engine=Stopping("dark")), ASKED[2:]))[names.FREE]
        assert (made.path, made.degraded) == (AnswerPath.LLM, True)

    @pytest.mark.parametrize("many", [2, 50, 200])
    async def test_long_answers_have_room(self, many: int) -> None:
        engine = SpellingEngine()
        lines = [f"{n}. product number {n}" for n in range(1, many + 1)]
        ranking = "\n".join(["Rank these by fame.", *lines, "Output:"])
        asked = Asked(1, ranking, Weights((1.0,)), Metric.NDCG, Task.RANKING)
        await ran(roads(engine=engine), (replace(asked, type=Task.RANKING),))
        assert engine.pages[0].tokens >= 4 * many

    def test_so_have_texts_and_lists_of_entities(self) -> None:
        assert tokens(Question(Task.GENERATION, "Tell.", max_words=200)) >= 600
        question = read(ASKED[2].request())
        assert tokens(replace(question, choose=20)) > 160

    async def test_a_prompt_that_is_too_long_is_asked_shorter_as_it_is_served(self) -> None:
        words = " ".join(f"word{n}" for n in range(60))
        long = "\n".join(["Rank these by size.", *(f"{n}. {n} {words}" for n in range(1, 51))])
        asked = replace(ASKED[1], question=long, type=Task.RANKING)
        whole, narrow = SpellingEngine(), Narrow(0)
        await ran(roads(engine=whole), (asked,))
        narrow.room = len(whole.pages[0].prompt.user) - 1
        run = await ran(roads(engine=narrow), (asked,))
        assert run[names.FREE][0].failure is None
        assert run[names.MODEL_ALONE][0].failure is None


class Says(SpellingEngine):
    """Writes this, and has said all."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    async def write(self, page: Page) -> Written:
        return Written(self.text, tokens=9, passes=9)


def test_an_element_that_no_prompt_has() -> None:
    with pytest.raises(BadInput, match="no prompt has an element 'charm'"):
        list(roads().ablation(["charm"]))
