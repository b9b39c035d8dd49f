"""One service with the real small model and one browser, for all tests that look at the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import chrome
import pytest
import pytest_asyncio
from bazaar import bazaar
from playwright.async_api import Browser
from serving import KEY, SLOW, Service, served
from visitor import Enter, Visitor, visiting

from service.access.keyring import entry_of
from service.catalog.build import build
from service.settings import load_settings
from service.wiring import tools_of

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What lives for the whole session lives on the session's loop, and so do those who use it."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    folder = tmp_path_factory.mktemp("bazaar")
    settings = load_settings({"cache": {"folder": cache_dir}})
    return build(bazaar(folder), folder / "catalogue", tools_of(settings)).parent


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shop(catalogue: Path, cache_dir: Path) -> AsyncIterator[Service]:
    variables = {"LISTWRIGHT_CACHE": str(cache_dir), "LISTWRIGHT_ENGINE__KIND": "embedded"}
    async with served(catalogue, catalogue.parent / "serve.log", variables) as service:
        yield service


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def guarded(
    catalogue: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """The same shop behind keys, and with no model."""
    folder = tmp_path_factory.mktemp("guarded")
    entries = [entry_of(KEY, name="shop"), entry_of(SLOW, name="slow", rate="9/minute")]
    (folder / "keys.toml").write_text("\n".join(entries), "utf-8")
    variables = {
        "LISTWRIGHT_ACCESS__KEYS": str(folder / "keys.toml"),
        "LISTWRIGHT_ENGINE__KIND": "none",
        "LISTWRIGHT_RETRIEVAL__SIMILARITY": "false",
    }
    async with served(catalogue, folder / "serve.log", variables) as service:
        yield service


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chrome.opened() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def enter(browser: Browser, shop: Service) -> AsyncIterator[Enter]:
    """Opens windows, and holds at the end that nothing went wrong in any of them unseen."""
    async with AsyncExitStack() as stack:

        async def entered(service: Service = shop, **options: Any) -> Visitor:
            return await stack.enter_async_context(visiting(browser, service, **options))

        yield entered


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(enter: Enter) -> Visitor:
    """Somebody before the page, whose first list has been made: by the retrievers, quickly."""
    visitor = await enter()
    await visitor.open({"wishes": {"strategy": "retrieve"}})
    return visitor
