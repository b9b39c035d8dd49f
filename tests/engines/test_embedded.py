"""The real model, really steered."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from service import ports
from service.domain import Controls, Intent, Prompt, Sampling
from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.local.runtime import State
from service.engines.local.turns import Turn
from service.engines.text.prose import CUT
from service.errors import DamagedArtifact, EngineBusy, EngineFailed, EngineTimeout
from service.pipeline.clock import Deadline
from service.ports import Decoding, Job, Page, Spelled
from service.prompts.recommend import recommend_prompt
from service.steering.arrays import FloatArray, IntArray
from service.steering.assignment import Assignment
from service.steering.lexicon_build import build_lexicon
from service.steering.plan import Stock, compile_plan

GREEDY: Final = Sampling()
NO_ROWS: IntArray = np.zeros(0, dtype=np.int64)
TITLES = [
    f"{brand} {kind} {size}"
    for brand in ("Fernhill", "Lumo", "Northern Star", "Ashdown")
    for kind in ("Wool Socks", "Reading Light", "Camp Stove", "Board Game", "Green Tea")
    for size in ("Small", "Large", "Travel Size")
]


class Desk:
    """Makes spellers and prompts for an engine."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.engine = engine
        tokens, offsets = engine.tokenizer.spell(TITLES)
        self.lexicon, self.order = build_lexicon(tokens, offsets)
        self.frame = engine.tokenizer.frame(20)

    def assignment(self, k: int = 5, banned: IntArray = NO_ROWS) -> Assignment:
        plan = compile_plan(Stock(len(TITLES), {}.__getitem__, banned), Controls(), k)
        return Assignment(self.lexicon, self.frame, plan)

    async def ask(
        self, title: str = TITLES[0], k: int = 5, *, seconds: float = 60, **sampling: Any
    ) -> Decoding:
        prompt = recommend_prompt([title], Intent(), k)
        return await self.spell(prompt, k, Deadline(seconds), Sampling(**sampling))

    async def spell(
        self, prompt: Prompt, k: int, deadline: ports.Deadline, sampling: Sampling = GREEDY
    ) -> Decoding:
        told: list[Spelled] = []
        job = Job(prompt, self.assignment(k), deadline, sampling, told.append)
        made = await self.engine.spell(job)
        assert tuple(told) == made.lines
        return made


@pytest.fixture
def desk(engine: EmbeddedEngine) -> Desk:
    return Desk(engine)


async def test_a_list_takes_far_fewer_passes_than_tokens(desk: Desk) -> None:
    made = await desk.ask(k=8)
    assert len(set(made.rows)) == 8
    spelled = sum(len(desk.lexicon.sequence(row)) for row in made.rows)
    labels = sum(len(label) for label in desk.frame.labels[:8])
    assert made.tokens <= spelled + labels + 1
    assert made.passes <= made.tokens / 2


async def test_the_model_decides_among_what_is_allowed(desk: Desk) -> None:
    liked = [await desk.ask(f"Ashdown {kind}", k=3) for kind in ("Green Tea", "Board Game")]
    assert liked[0].rows != liked[1].rows


async def test_greedy_lists_do_not_depend_on_what_came_before(desk: Desk) -> None:
    first = await desk.ask()
    await desk.ask("Something else entirely, and longer than before", k=9)
    await desk.spell(Prompt("other", "Another instruction.", "Hi"), 5, Deadline(60))
    assert (await desk.ask()).rows == first.rows


async def test_draws_are_repeated_by_their_seed(desk: Desk) -> None:
    def draw(seed: int) -> Any:
        return desk.ask(temperature=1.5, seed=seed)

    lists = [(await draw(seed)).rows for seed in (1, 1, 2, 3, 4)]
    assert lists[0] == lists[1]
    assert len(set(lists)) > 1


async def test_a_forced_list_needs_no_model(desk: Desk) -> None:
    only = desk.assignment(1, banned=np.arange(1, len(TITLES)))
    made = await desk.engine.spell(Job(Prompt("", "a", "b"), only, Deadline(9)))
    assert (made.rows, made.passes) == ((0,), 0)


class Runs:
    """A deadline that comes after so many looks at it, however fast the machine is."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def remaining(self) -> float:
        self.looks -= 1
        return 60.0 if self.looks >= 0 else 0.0


async def test_the_deadline_hands_in_what_there_is(desk: Desk) -> None:
    prompt = recommend_prompt([TITLES[0]], Intent(), 20)
    made = await desk.spell(prompt, 20, Runs(24))
    assert 0 < len(made.rows) < 20
    assert made.stopped == "the deadline came"
    nothing = await desk.ask(seconds=0.0)
    assert (nothing.rows, nothing.stopped) == ((), "the deadline came")


async def test_a_list_that_waits_past_its_deadline_is_given_up(desk: Desk) -> None:
    long = asyncio.create_task(desk.ask(k=20))
    await asyncio.sleep(0.01)
    with pytest.raises(EngineTimeout):
        await desk.ask(seconds=0.05)
    assert len((await long).rows) == 20


async def test_the_text_reads_as_the_rows(desk: Desk) -> None:
    made = await desk.ask(k=3)
    titles = [TITLES[int(desk.order[row])] for row in made.rows]
    assert [line.line for line in made.lines] == [f"{i}. {t}" for i, t in enumerate(titles, 1)]


async def test_each_line_is_told_as_soon_as_it_is_there(desk: Desk) -> None:
    told: list[Spelled] = []
    first = asyncio.Event()
    prompt = recommend_prompt([], Intent(), 8)

    def hear(line: Spelled) -> None:
        told.append(line)
        first.set()

    work = asyncio.ensure_future(
        desk.engine.spell(Job(prompt, desk.assignment(8), Deadline(60), tell=hear))
    )
    await first.wait()
    assert len(told) < 8
    assert not work.done()
    assert (await work).lines == tuple(told)


async def test_nothing_is_told_after_the_caller_has_gone(desk: Desk) -> None:
    told: list[Spelled] = []
    first = asyncio.Event()
    prompt = recommend_prompt([], Intent(), 20)

    def hear(line: Spelled) -> None:
        told.append(line)
        first.set()

    work = asyncio.ensure_future(
        desk.engine.spell(Job(prompt, desk.assignment(20), Deadline(60), tell=hear))
    )
    await first.wait()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    heard = len(told)
    await desk.ask(k=1)  # comes after the one that was cancelled
    assert len(told) == heard < 20


async def test_who_has_gone_gets_no_list_even_if_it_is_done() -> None:
    work = Future[Decoding]()
    asked = asyncio.ensure_future(Turn(Deadline(60)).handed_in(work))
    await asyncio.sleep(0)
    work.set_result(Decoding((), tokens=0, passes=0))
    await asyncio.sleep(0)  # the loop knows of it, and who asked does not
    asked.cancel()
    await asyncio.wait({asked})
    assert asked.cancelled()


async def test_a_full_queue_is_said_at_once_and_the_rest_is_served(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.ask() for _ in range(5)), return_exceptions=True)
    assert [type(a).__name__ for a in answers] == ["Decoding"] * 2 + ["EngineBusy"] * 3
    assert isinstance(answers[-1], EngineBusy)
    assert answers[0].rows == answers[1].rows  # type: ignore[union-attr]
    assert await desk.engine.trouble() is None


async def test_cancelling_frees_the_worker(desk: Desk) -> None:
    await desk.ask(k=1)
    long = asyncio.create_task(desk.ask(k=20))
    await asyncio.sleep(0.05)
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    began = time.monotonic()
    await desk.ask(k=1)
    assert time.monotonic() - began < 4


async def test_prompts_that_do_not_fit_are_refused_and_the_engine_goes_on(desk: Desk) -> None:
    prompt = Prompt("v", "s", "word " * 9_000)
    with pytest.raises(EngineFailed, match="does not fit"):
        await desk.spell(prompt, 5, Deadline(60))
    assert len((await desk.ask()).rows) == 5


async def test_what_the_runtime_raises_is_an_engine_error_and_the_engine_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("service.engines.local.decoder._choose", lambda *_: 1 / 0)
        with pytest.raises(EngineFailed, match="ZeroDivisionError"):
            await desk.ask()
    assert len((await desk.ask()).rows) == 5


async def test_a_closed_engine_says_so(model_folder: Path) -> None:
    engine = EmbeddedEngine(model_folder, EmbeddedOptions(threads=1))
    await engine.close()
    assert "closed" in (await engine.trouble() or "")
    with pytest.raises(EngineFailed, match="closed"):
        await Desk(engine).ask()


LETTER = Prompt("v", "You are brief.", "Write a letter to a friend.")


async def test_texts_do_not_depend_on_what_came_before(engine: EmbeddedEngine, desk: Desk) -> None:
    first = await engine.write(Page(LETTER, 24, Deadline(60)))
    await desk.ask()
    await engine.write(Page(Prompt("v", "Another instruction.", "Hi"), 12, Deadline(60)))
    assert (await engine.write(Page(LETTER, 24, Deadline(60)))).text == first.text
    assert (first.tokens, first.stopped) == (24, CUT)


async def test_a_text_takes_a_pass_a_token_and_ends_where_the_model_ends_it(
    engine: EmbeddedEngine,
) -> None:
    page = Page(
        Prompt("v", "Answer in one word.", "What is the capital of France?"), 90, Deadline(60)
    )
    made = await engine.write(page)
    assert "Paris" in made.text
    assert (made.passes, made.stopped) == (made.tokens + 1, None)
    assert made.seconds >= (made.seconds_to_first or 0) > 0


async def test_no_text_holds_a_token_that_steers_a_chat(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = engine.tokenizer
    said = State.logits

    def longing(state: State) -> FloatArray:
        """As a model that would rather open and close turns than say anything."""
        logits = said(state).copy()
        logits[[index for index in tokenizer.specials.values() if index != tokenizer.end]] += 1e3
        return logits

    plain = await engine.write(Page(LETTER, 30, Deadline(60)))
    monkeypatch.setattr(State, "logits", longing)
    assert (await engine.write(Page(LETTER, 30, Deadline(60)))).text == plain.text


async def test_no_text_ends_before_it_begins(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    end, said = engine.tokenizer.end, State.logits

    def tired(state: State) -> FloatArray:
        """As a model that would rather say nothing."""
        logits = said(state).copy()
        logits[end] += 1e3
        return logits

    monkeypatch.setattr(State, "logits", tired)
    made = await engine.write(Page(LETTER, 30, Deadline(60)))
    assert (made.tokens, made.stopped) == (1, None)


async def test_a_character_is_whole_or_not_there(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "東京 Größe 🎈"
    tokens = engine.tokenizer.encode(text)
    assert len(tokens) > len(text)
    said = iter(tokens)
    monkeypatch.setattr("service.engines.local.decoder.choose", lambda *_: next(said))
    asked: list[str] = []

    def enough(so_far: str) -> bool:
        asked.append(so_far)
        return False

    made = await engine.write(Page(LETTER, len(tokens), Deadline(60), enough=enough))
    assert made.text == text
    assert asked[-1] == text
    assert all(text.startswith(so_far) for so_far in asked)
    said = iter(tokens)
    cut = await engine.write(Page(LETTER, len(tokens) - 1, Deadline(60)))
    assert cut.text == "東京 Größe "


async def test_the_deadline_hands_in_what_was_written(engine: EmbeddedEngine) -> None:
    await engine.write(Page(LETTER, 2, Deadline(60)))
    made = await engine.write(Page(LETTER, 60, Runs(20)))
    assert made.stopped == "the deadline came"
    assert 0 < made.tokens < 60
    with pytest.raises(EngineTimeout, match="before"):
        await engine.write(Page(LETTER, 60, Runs(1)))


async def test_a_model_that_says_nothing_is_an_error(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = engine.tokenizer.end
    monkeypatch.setattr("service.engines.local.decoder.choose", lambda *_: end)
    with pytest.raises(EngineFailed, match="before the first word"):
        await engine.write(Page(LETTER, 60, Deadline(60)))


async def test_what_is_wrong_with_the_asker_is_an_engine_error_too(
    engine: EmbeddedEngine,
) -> None:
    def enough(_text: str) -> bool:
        raise ZeroDivisionError

    with pytest.raises(EngineFailed, match="ZeroDivisionError"):
        await engine.write(Page(LETTER, 60, Deadline(60), enough=enough))
    assert (await engine.write(Page(LETTER, 5, Deadline(60)))).text


async def test_texts_and_lists_share_the_queue(engine: EmbeddedEngine, desk: Desk) -> None:
    texts = [engine.write(Page(LETTER, 12, Deadline(60))) for _ in range(2)]
    answers = await asyncio.gather(*texts, desk.ask(), return_exceptions=True)
    assert [type(a).__name__ for a in answers] == ["Written", "Written", "EngineBusy"]


async def test_a_patient_text_goes_on_between_lists_and_says_the_same(
    engine: EmbeddedEngine, desk: Desk
) -> None:
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def listen(_so_far: str) -> bool:
        loop.call_soon_threadsafe(began.set)
        return False

    page = Page(LETTER, 60, Deadline(60), enough=listen, patient=True)
    alone = await engine.write(page)
    began.clear()
    text = asyncio.create_task(engine.write(page))
    await began.wait()
    assert engine.ahead() == 0
    for k in (3, 5):
        assert len((await desk.ask(k=k)).rows) == k
        assert not text.done()
    assert (await text).text == alone.text


async def test_no_step_of_a_patient_text_is_made_beside_a_list(
    engine: EmbeddedEngine, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[int, bool]] = []
    append = State.append

    def noted(state: State, tokens: list[int]) -> None:
        steps.append((id(state), engine.ahead() > 0))
        append(state, tokens)

    monkeypatch.setattr(State, "append", noted)
    page = Page(LETTER, 9, Deadline(60), patient=True)
    await asyncio.gather(desk.ask(k=9), engine.write(page))
    busy, quiet = ({state for state, listing in steps if listing is when} for when in (True, False))
    assert (len(busy), len(quiet), busy & quiet) == (1, 1, set())


async def test_a_patient_text_that_nobody_awaits_any_more_waits_no_longer(
    engine: EmbeddedEngine, desk: Desk
) -> None:
    long = asyncio.create_task(desk.ask(k=20))
    await asyncio.sleep(0)
    with pytest.raises(EngineTimeout):
        await engine.write(Page(LETTER, 9, Deadline(0.05), patient=True))
    left = asyncio.create_task(engine.write(Page(LETTER, 9, Deadline(60), patient=True)))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    await engine.close()
    assert len((await long).rows) == 20


def test_an_altered_model_is_refused(model_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    copy.mkdir()
    for file in model_folder.iterdir():
        (copy / file.name).symlink_to(file)
    (copy / "tokenizer.json").unlink()
    (copy / "tokenizer.json").write_text("{}")
    with pytest.raises(DamagedArtifact, match=r"tokenizer\.json"):
        EmbeddedEngine(copy)
