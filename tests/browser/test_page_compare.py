"""Two ways to make a list, side by side; what breaks a promise is red and says which."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Route, expect
from serving import Service
from visitor import Enter, Visitor

TIGHT = {"include": ["Tea"], "shares": [{"category": "Gifts", "op": "<=", "percent": 25}], "k": 4}


def side(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("region", name=f"Side {name}")


async def compared(visitor: Visitor) -> None:
    await expect(visitor.panel("Compare")).to_contain_text(re.compile(r"\d+ items? in both"))


async def test_the_free_model_breaks_what_the_steered_one_keeps(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"tab": "compare", "wishes": TIGHT}, made=False)
    await visitor.button("Free against steered").click()
    await expect(visitor.button("Stop")).to_be_visible()
    await compared(visitor)
    await expect(visitor.button("Stop")).to_be_hidden()
    free, steered = await visitor.lines("List A"), await visitor.lines("List B")
    broken = [line for line in free if line.red]
    assert broken
    assert all(line.amiss for line in broken)
    assert not any(line.amiss for line in free if not line.red)
    await expect(side(visitor, "A")).to_contain_text(re.compile(r"✗ \d+ violations?: \d+ \w+"))
    amiss = side(visitor, "A").locator(".amiss").first
    red, green, blue = await amiss.evaluate(
        "each => getComputedStyle(each).color.match(/\\d+/g).slice(0, 3).map(Number)"
    )
    assert red > 100 + max(green, blue)
    await expect(side(visitor, "B")).to_contain_text("✓ no violation")
    assert len(steered) == 4
    assert not any(line.red or line.amiss for line in steered)
    assert all("Tea" in line.categories for line in steered)
    assert sum("Gifts" in line.categories for line in steered) <= 1


async def test_weight_0_against_tuned(enter: Enter) -> None:
    visitor = await enter()
    await visitor.open({"tab": "compare", "wishes": {"k": 4}}, made=False)
    await visitor.button("Weight 0 against tuned").click()
    await compared(visitor)
    assert [
        request.post_data_json["prior_weight"]
        for request in visitor.asked
        if request.url.endswith("/recommend") and "prior_weight" in request.post_data_json
    ] == [0]
    shared = set(await visitor.titles("List A")) & set(await visitor.titles("List B"))
    await expect(visitor.panel("Compare")).to_contain_text(f"{len(shared)} item")
    await expect(visitor.panel("Compare").get_by_text("in both", exact=True)).to_have_count(
        2 * len(shared)
    )
    for name in "AB":
        await expect(side(visitor, name)).to_contain_text("✓ no violation")


async def test_a_comparison_can_be_stopped_and_made_again(enter: Enter) -> None:
    visitor = await enter()
    sides = [{"way": "generate"}, {"way": "retrieve"}]
    await visitor.open({"tab": "compare", "wishes": {"k": 30}, "sides": sides}, made=False)
    await visitor.button("Compare").press("Enter")
    await expect(visitor.lines_in("List A").get_by_role("listitem").first).to_be_visible()
    await visitor.button("Stop").press("Enter")
    await expect(side(visitor, "A")).to_contain_text("Stopped.")
    await expect(visitor.button("Compare")).to_be_focused()
    await visitor.page.get_by_label("A: made by").select_option("retrieve")
    await visitor.button("Compare").click()
    await compared(visitor)
    assert await visitor.titles("List A") == await visitor.titles("List B")


SHARES = [
    {"category": "Travel", "op": ">=", "percent": 90},
    {"category": "Gifts", "op": "<=", "percent": 50},
]
CONFLICTS = {
    "include": {"include": ["Tea"], "exclude": ["Tea", "Garden"]},
    "share": {"include": ["Tea"], "exclude": ["Travel", "Garden"], "shares": SHARES},
}


@pytest.mark.parametrize("wishes", CONFLICTS.values(), ids=CONFLICTS)
@pytest.mark.parametrize("way", ["free", "retrieve"])
async def test_a_conflict_is_explained_once_and_let_go_of(
    enter: Enter, shop: Service, wishes: dict[str, Any], way: str
) -> None:
    visitor = await enter()
    visitor.expects(422)
    sides = [{"way": way}, {"way": "auto"}]
    kept = {"tab": "compare", "wishes": wishes | {"k": 4}, "sides": sides}
    await visitor.open(kept, made=False)
    await visitor.live(on=False)
    await visitor.button("Compare").click()
    panel = visitor.panel("Compare")
    await expect(panel.get_by_role("heading")).to_have_text(["These controls cannot all hold"])
    for name in "AB":
        await expect(side(visitor, name)).not_to_contain_text("hold")
    asked = visitor.last("/recommend")
    relaxed = await shop.post("/recommend", asked | {"stream": False, "on_conflict": "relax"})
    gone = relaxed.json()["receipt"]["relaxed"]
    assert gone
    await visitor.button("Let go of the fewest controls").press("Enter")
    await compared(visitor)
    await expect(panel.get_by_role("heading")).to_have_count(0)
    assert await visitor.focused() != "body"
    left = visitor.last("/recommend")["intent"]
    for control in gone:
        for category in control["categories"]:
            assert category not in left.get(f"{control['kind']}s", left.get(control["kind"], []))
            await expect(visitor.button(f"Remove {category}")).to_have_count(
                await visitor.page.locator(".chip").get_by_text(category, exact=True).count()
            )
    kept_shares = [share["category"] for share in left.get("shares", [])]
    assert "Gifts" in kept_shares or "shares" not in wishes
    assert "Garden" in left["exclude"]
    assert "on_conflict" not in visitor.last("/recommend")


async def test_what_goes_wrong_on_one_side_is_explained_there(enter: Enter) -> None:
    visitor = await enter()
    visitor.expects(503)
    error = {"code": "overloaded", "message": "too much", "hint": "Later.", "request_id": "r1"}

    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, json={"error": error})

    await visitor.page.route("**/free", refuse)
    sides = [{"way": "free"}, {"way": "retrieve"}]
    await visitor.open({"tab": "compare", "wishes": {"k": 4}, "sides": sides}, made=False)
    await visitor.button("Compare").click()
    await expect(side(visitor, "A").get_by_role("heading")).to_have_text("The service is busy")
    await expect(side(visitor, "B")).to_contain_text("no violation")
    assert len(await visitor.lines("List B")) == 4
    await visitor.page.unroute("**/free")
    await side(visitor, "A").get_by_role("button", name="Try again").press("Enter")
    await compared(visitor)
    await expect(visitor.panel("Compare").get_by_role("heading")).to_have_count(0)


async def test_a_service_that_is_gone_is_told_once(enter: Enter) -> None:
    visitor = await enter()
    visitor.provoked.append("Failed to load resource: net::ERR_FAILED")
    await visitor.page.route("**/recommend", lambda route: route.abort())
    sides = [{"way": "retrieve"}, {"way": "auto"}]
    await visitor.open({"tab": "compare", "wishes": {"k": 4}, "sides": sides}, made=False)
    await visitor.button("Compare").click()
    told = visitor.panel("Compare").get_by_text("The service cannot be reached.")
    await expect(visitor.button("Try again")).to_have_count(1)
    await expect(told).to_have_count(1)
    await expect(visitor.button("Let go of the fewest controls")).to_have_count(0)
