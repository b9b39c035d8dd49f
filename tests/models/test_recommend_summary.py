"""From lists to figures: users are drawn, not lists; failures are told wherever they matter."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from models.evaluate.bootstrap import Estimate
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.metrics import NON_EXIST, counts, ndcg
from models.evaluate.recommend.plots import timed
from models.evaluate.recommend.rows import WORDS, Row, RowName
from models.evaluate.recommend.summary import Answers, Lot, Summary, summarised
from models.evaluate.recommend.tables import markdown
from models.evaluate.recommend.tally import Group, Tally
from models.evaluate.recommend.tasks import Posed, Task
from service.domain import Controls, Intent, Item, Op, RecommendRequest, Share

ITEMS = {name: Item(name, f"Title {name}", ("odd",)) for name in "abcdef"}
BOUND = Controls(shares=(Share("odd", Op.AT_LEAST, 0.5),))
FAILED = Listed(failure="the engine is down", seconds=0.5)
K = 2


async def _nothing(_posed: Posed) -> Listed:
    return Listed()


def posed(task: Task, user: str) -> Posed:
    intent = Intent(controls=BOUND if task.bounded else Controls())
    request = RecommendRequest(k=K, history=("f",), intent=intent)
    return Posed(task, user, request, "a", rare=False)


def summary_of(rows: dict[str, dict[Task, Sequence[Listed]]]) -> Summary:
    """Of rows with a list for each of the users, in every task."""
    tasks = list(next(iter(rows.values())))
    users = len(next(iter(rows.values()))[tasks[0]])
    numbers: dict[str, int] = {}
    answers = {}
    for task in tasks:
        asked = [posed(task, f"u{n}") for n in range(users)]
        tallies = {row: tally_of(asked, of[task]) for row, of in rows.items()}
        answers[task] = Answers(Group.of(asked, numbers), tallies)
    named = [Row(name, _nothing, "") for name in rows]
    return summarised(Lot(K, users, answers), {"data": "toys"}, named)


def tally_of(asked: Sequence[Posed], lists: Sequence[Listed]) -> Tally:
    tally = Tally(len(asked))
    # As they would come from several at once.
    for place in reversed(range(len(asked))):
        listed = lists[place]
        tally.take(place, counts(asked[place], listed, ITEMS.__getitem__), listed)
    return tally


def of_form(lists: dict[Task, Sequence[Listed]]) -> Estimate:
    return summary_of({"row": lists}).form["row"][NON_EXIST].value


def test_the_lists_of_a_user_are_drawn_together() -> None:
    good, bad = Listed(("a", "b"), 1.0), Listed((None, None), 1.0)
    half = [good, bad] * 10
    alone = of_form({Task.SEQUENTIAL: half})
    # The same again in other tasks says nothing new of users.
    again = of_form(dict.fromkeys((Task.SEQUENTIAL, Task.WISH, Task.TITLE, Task.ABOUT), half))
    assert alone.value == again.value == 0.5
    assert (again.low, again.high) == pytest.approx((alone.low, alone.high))
    # Where every user has as many of both, it makes no difference who is drawn.
    even = of_form({Task.SEQUENTIAL: half, Task.WISH: half[::-1]})
    assert (even.low, even.high) == (0.5, 0.5)


def test_a_row_that_failed_throughout_has_no_time() -> None:
    made = Listed(("a", "b"), 2.0)
    summary = summary_of(
        {"good": {Task.SEQUENTIAL: [made, FAILED]}, "down": {Task.SEQUENTIAL: [FAILED, FAILED]}}
    )
    took = summary.tasks[Task.SEQUENTIAL].took
    assert (took["good"].median, took["good"].failed) == (2.0, 1)
    assert (took["down"].median, took["down"].p95, took["down"].failed) == (None, None, 2)
    assert list(timed(summary, ndcg(K))) == ["good"]
    seconds = markdown(summary).split("**Seconds a list")[1]
    assert "| good | 2.000, 2.000 |" in seconds
    assert "down" not in seconds


def test_form_and_obedience_tell_how_many_failed() -> None:
    made = Listed(("a", "b"), 1.0)
    summary = summary_of(
        {"row": {Task.SEQUENTIAL: [made, FAILED, made], Task.AT_LEAST: [FAILED, FAILED, made]}}
    )
    text = markdown(summary)
    form = text.split("**Form of all lists")[1].split("**")[1]
    assert "| failed |" in form
    assert "| 3 of 6 |" in form
    obedience = text.split("obedience, %")[1].split("**")[1]
    assert "| failed |" in obedience
    assert "33.33" in obedience
    assert obedience.rstrip().endswith("| 2 |")


def test_which_strategies_the_service_chose() -> None:
    chosen = [Listed(("a", "b"), 1.0, chosen=name) for name in ("rank", "retrieve", "rank")]
    summary = summary_of({WORDS[RowName.AUTO]: {Task.SEQUENTIAL: [*chosen, FAILED]}})
    took = summary.tasks[Task.SEQUENTIAL].took[WORDS[RowName.AUTO]]
    assert took.strategies == {"rank": 2, "retrieve": 1}
    assert "| rank 2, retrieve 1 |" in markdown(summary)


def test_how_free_text_is_read_is_told_beside_its_row_alone() -> None:
    made = {Task.SEQUENTIAL: [Listed(("a", "b"), 1.0)]}
    assert "rise from 1" in markdown(summary_of({WORDS[RowName.FREE]: made}))
    assert "rise from 1" not in markdown(summary_of({WORDS[RowName.RANK]: made}))


def test_reasons_are_told_in_the_order_of_the_requests_however_they_came() -> None:
    down, late = Listed(failure="down"), Listed(failure="late")
    summary = summary_of({"row": {Task.SEQUENTIAL: [late, down, late], Task.WISH: [down] * 3}})
    assert list(summary.failures.items()) == [("row: late", 2), ("row: down", 4)]


def test_a_user_of_some_tasks_only_is_pooled_with_his_own() -> None:
    good, bad = Listed(("a", "b"), 1.0), Listed((None, None), 1.0)
    numbers: dict[str, int] = {}
    answers = {}
    for task, users, lists in (
        (Task.SEQUENTIAL, ("ann", "bob"), (good, bad)),
        (Task.WISH, ("cid", "bob"), (good, bad)),
    ):
        asked = [posed(task, user) for user in users]
        answers[task] = Answers(Group.of(asked, numbers), {"row": tally_of(asked, lists)})
    # All of what is wrong is one user's: some draws have none of him, and some him alone.
    found = summarised(Lot(K, 3, answers), {}, [Row("row", _nothing, "")])
    value = found.form["row"][NON_EXIST].value
    assert (value.value, value.low, value.high) == (0.5, 0.0, 1.0)
    assert found.tasks[Task.SEQUENTIAL].left_out == 1
