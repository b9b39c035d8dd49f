"""A service with keys: the page asks for one, and tells it to nobody else."""

from __future__ import annotations

from playwright.async_api import expect
from serving import KEY, SLOW, Service
from visitor import Enter


async def test_a_key_is_asked_for_used_and_kept_to_itself(enter: Enter, guarded: Service) -> None:
    visitor = await enter(guarded)
    page = visitor.page
    visitor.expects(401)
    await visitor.open(made=False)
    await expect(visitor.panel()).to_contain_text("A key is needed")
    await visitor.use_key("lw_of-nobody")
    await expect(visitor.panel()).to_contain_text("A key is needed")
    await visitor.use_key(KEY)
    await visitor.settled()
    assert len(await visitor.lines()) == 10
    kept = await page.evaluate("[{...sessionStorage}, {...localStorage}, document.cookie]")
    assert kept == [{"listwright-key": KEY}, {}, ""]
    await visitor.panel().get_by_text("The request as code").click()
    for name in ("As curl", "As Python"):
        await expect(page.get_by_label(name)).to_contain_text("LISTWRIGHT_API_KEY")
    assert KEY not in await page.content()
    assert KEY not in page.url
    assert not any(KEY in request.url for request in visitor.asked)
    visitor.calm()
    await page.reload()
    await visitor.settled()
    assert len(await visitor.lines()) == 10


async def test_who_leaves_the_dialog_keeps_the_key(enter: Enter, guarded: Service) -> None:
    visitor = await enter(guarded)
    visitor.expects(401)
    await visitor.open(made=False)
    await visitor.use_key(KEY)
    await visitor.settled()
    visitor.calm()
    await visitor.button("Key").click()
    dialog = visitor.page.get_by_role("dialog", name="API key")
    await expect(dialog.get_by_label("Key")).to_be_focused()
    await visitor.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(visitor.button("Key")).to_be_focused()
    await visitor.button("Key").click()
    await dialog.get_by_role("button", name="Cancel").click()
    async with visitor.making():
        await visitor.button("Make the list").click()
    assert len(await visitor.lines()) == 10


async def test_who_asks_too_often_is_told(enter: Enter, guarded: Service) -> None:
    visitor = await enter(guarded)
    visitor.expects(401, 429)
    await visitor.open(made=False)
    await visitor.use_key(SLOW)
    await visitor.settled()
    for _ in range(9):
        async with visitor.making():
            await visitor.button("Make the list").click()
    await expect(visitor.panel()).to_contain_text("Too many requests with this key")
    await expect(visitor.panel()).to_contain_text("It may work in ")


async def test_what_can_be_no_key_is_not_sent(enter: Enter, guarded: Service) -> None:
    visitor = await enter(guarded)
    visitor.expects(401)
    await visitor.open(made=False)
    await visitor.use_key("ключ \N{KEY}")
    dialog = visitor.page.get_by_role("dialog", name="API key")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_label("Key")).to_be_focused()
    await visitor.use_key(f" {KEY} ")
    await visitor.settled()
    assert len(await visitor.lines()) == 10


async def test_without_a_model_what_needs_one_cannot_be_chosen(
    enter: Enter, guarded: Service
) -> None:
    visitor = await enter(guarded)
    visitor.expects(401)
    await visitor.open({"wishes": {"strategy": "generate"}}, made=False)
    await visitor.use_key(KEY)
    await visitor.settled()
    assert visitor.last("/recommend")["strategy"] == "auto"
    assert len(await visitor.lines()) == 10
    for way in ("generate", "rank"):
        option = visitor.page.get_by_role("option", name=f"{way}: ")
        await expect(option).to_be_disabled()
    await visitor.page.get_by_role("tab", name="Compare").click()
    panel = visitor.panel("Compare")
    await expect(panel).to_contain_text("This service has no model")
    await expect(panel.get_by_role("button", name="Free against steered")).to_be_disabled()
    await visitor.button("Compare").click()
    await expect(panel).to_contain_text("items in both")
