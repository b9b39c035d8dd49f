"""A site that has its own name lead to this machine, and whoever visits it in a real browser."""

from __future__ import annotations

import chrome
from playwright.async_api import Page, Route
from serving import Service

SITE = "evil.example"

LED_HERE = (
    f"--host-resolver-rules=MAP {SITE} 127.0.0.1",
    # Newer browsers ask their users first, where a page of the internet turns to this machine.
    "--disable-features=LocalNetworkAccessChecks",
)

ASK = """async ([method, path, body]) => {
  const headers = body ? {"content-type": "application/json"} : {};
  const answer = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
  return [answer.status, await answer.text()];
}"""

EVENT = {"id": "rebound", "user_id": "u-rebound", "item_id": "anything"}
WISHES = [
    ("GET", "/", None),
    ("GET", "/users", None),
    ("GET", "/users/u-rebound/history", None),
    ("GET", "/catalogue", None),
    ("GET", "/metrics", None),
    ("POST", "/recommend", {"k": 1, "inside": True, "strategy": "retrieve"}),
    ("POST", "/events", {"events": [EVENT]}),
    ("DELETE", "/users/u-rebound/history", None),
]


async def visited(page: Page, site: str) -> None:
    """Open a page of the site that its own server sent, before its name led elsewhere."""

    async def sent(route: Route) -> None:
        await route.fulfill(content_type="text/html", body="<!doctype html><title>Win</title>")

    await page.route(f"{site}/win", sent)
    await page.goto(f"{site}/win")


async def test_its_script_is_told_nothing_and_changes_nothing(shop: Service) -> None:
    site = shop.url.replace("127.0.0.1", SITE)
    async with chrome.opened(*LED_HERE) as browser:
        page = await browser.new_page()
        await visited(page, site)
        for wish in WISHES:
            status, text = await page.evaluate(ASK, list(wish))
            assert (status, "unknown_host" in text) == (421, True), wish
        # It was let through to the service: what is open to all it is told.
        assert await page.evaluate(ASK, ["GET", "/healthz", None]) == [200, '{"status":"alive"}']
        # And it was its name alone that was refused.
        await visited(page, shop.url)
        assert (await page.evaluate(ASK, list(WISHES[1])))[0] == 200
    assert (await shop.get("/users/u-rebound/history")).json()["items"] == []
