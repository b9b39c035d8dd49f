"""Somebody before the page: looks at it and acts on it by roles and names, and by keys."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, expect
from serving import PATIENCE_S, Service

PATIENCE_MS = PATIENCE_S * 1000
expect.set_options(timeout=PATIENCE_MS)

READ_LINES = """list => [...list.children].map(line => {
  const texts = what => [...line.querySelectorAll(what)].map(each => each.textContent);
  const is = name => line.classList.contains(name);
  return {
    title: texts(".title")[0] ?? "", categories: texts("ul[aria-label=Categories] > li"),
    amiss: texts(".amiss"), text: line.innerText, open: is("open"), red: is("broken"),
  };
})"""


class Line(NamedTuple):
    """A line of a list as it is shown."""

    title: str
    categories: tuple[str, ...]
    amiss: tuple[str, ...]
    text: str
    open: bool
    red: bool


@dataclass
class Visitor:
    page: Page
    service: Service
    root: str
    said: list[str] = field(default_factory=list)
    """What the browser complained of."""
    asked: list[Request] = field(default_factory=list)
    provoked: list[str] = field(default_factory=list)
    """Beginnings of complaints that the test brings about."""

    async def open(self, kept: object = None, *, made: bool = True) -> None:
        """Open the page, with settings in its address where some are given."""
        # An address that differs after its `#` alone would load nothing.
        await self.page.goto("about:blank")
        address = "" if kept is None else f"#{quote(json.dumps(kept))}"
        await self.page.goto(self.root + address)
        if made:
            await self.settled()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, name: str) -> Locator:
        return self.page.get_by_role("combobox", name=name, exact=True)

    def options(self) -> Locator:
        """What a field offers for completion: of all fields, that which is open."""
        return self.page.get_by_role("listbox").get_by_role("option")

    def lines_in(self, name: str) -> Locator:
        return self.page.get_by_role("list", name=name, exact=True)

    def panel(self, name: str = "List") -> Locator:
        return self.page.get_by_role("tabpanel", name=name)

    def expects(self, *statuses: int) -> None:
        """The browser tells of every answer of 4xx and 5xx; these are what the test is about."""
        self.provoked += [
            f"Failed to load resource: the server responded with a status of {status}"
            for status in statuses
        ]

    async def settled(self, panel: str = "List") -> None:
        """Wait until a panel shows what was asked for, or why not."""
        await expect(self.panel(panel)).to_have_attribute("aria-busy", "false")

    @asynccontextmanager
    async def making(self, path: str = "/recommend", panel: str = "List") -> AsyncIterator[None]:
        """Do what has something made, and wait until it is shown."""
        async with self.page.expect_request(
            lambda request: request.url.endswith(path), timeout=PATIENCE_MS
        ):
            yield
        await self.settled(panel)

    async def lines(self, name: str = "The list") -> list[Line]:
        found: list[dict[str, Any]] = await self.lines_in(name).evaluate(READ_LINES)
        return [
            Line(**{**each, "categories": tuple(each["categories"]), "amiss": tuple(each["amiss"])})
            for each in found
        ]

    async def titles(self, name: str = "The list") -> list[str]:
        return [line.title for line in await self.lines(name)]

    async def counted(self, category: str) -> int:
        """How many lines of the list show a category."""
        return sum(category in line.categories for line in await self.lines())

    async def live(self, *, on: bool) -> None:
        """Whether a list is made at each change."""
        await self.page.get_by_role("checkbox", name="again at each change").set_checked(on)

    async def use_key(self, key: str) -> None:
        dialog = self.page.get_by_role("dialog", name="API key")
        await expect(dialog).to_be_visible()
        await dialog.get_by_label("Key").fill(key)
        await self.page.keyboard.press("Enter")

    async def choose(self, label: str, text: str) -> None:
        """Take a suggestion, with the keyboard alone."""
        await self.field(label).focus()
        await self.field(label).press_sequentially(text)
        await expect(self.options().first).to_contain_text(text)
        await self.page.keyboard.press("Enter")

    async def focused(self) -> str:
        """The name of what has the focus, or its role; "body" where nothing has."""
        said: str = await self.page.evaluate(
            """() => { const has = document.activeElement;
              return has === document.body ? "body"
                : has.getAttribute("aria-label") ?? has.labels?.[0]?.textContent.trim()
                ?? (has.textContent.trim().slice(0, 60) || has.id) }"""
        )
        return said

    def last(self, path: str) -> Any:
        """The body of the last request to a path."""
        bodies = [request.post_data for request in self.asked if request.url.endswith(path)]
        return json.loads(bodies[-1] or "null")

    def calm(self) -> None:
        """From now on nothing is provoked any more."""
        assert self.amiss() == []
        self.said.clear()
        self.provoked.clear()

    def amiss(self) -> list[str]:
        """What went wrong that no test provoked."""
        complaints = [
            said for said in self.said if not any(said.startswith(each) for each in self.provoked)
        ]
        origin = self.service.url + "/"
        away = [request.url for request in self.asked if not request.url.startswith(origin)]
        return complaints + [url for url in away if url != "about:blank"]


Enter: TypeAlias = Callable[..., Awaitable[Visitor]]
"""Opens a window: `await enter(service, width=375)`."""


@asynccontextmanager
async def visiting(
    browser: Browser,
    service: Service,
    *,
    path: str = "/",
    width: int = 1200,
    height: int = 900,
    **options: Any,
) -> AsyncIterator[Visitor]:
    """A window of its own, with nothing kept from others."""
    context = await browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    visitor = Visitor(page, service, service.url + path)

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            visitor.said.append(message.text)

    def ask(request: Request) -> None:
        visitor.asked.append(request)

    page.on("console", hear)
    page.on("pageerror", lambda error: visitor.said.append(f"{error.name}: {error.message}"))
    page.on("dialog", lambda dialog: visitor.said.append(f"dialog: {dialog.message}"))
    page.on("request", ask)
    try:
        yield visitor
    finally:
        await context.close()
    assert visitor.amiss() == []
