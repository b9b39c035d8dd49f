"""The events of a list, as the service streams them, changed on their way to the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.async_api import Page, Route


async def retold(page: Page, change: Callable[[int, dict[str, Any]], None]) -> None:
    """From now on have each item of a list changed, by its place, wherever it is told."""

    async def tell(route: Route) -> None:
        answer = await (await route.fetch()).text()
        came = iter(range(len(answer)))
        blocks = [_block(block, change, came) for block in answer.split("\n\n")]
        await route.fulfill(body="\n\n".join(blocks), content_type="text/event-stream")

    await page.route("**/recommend", tell)


def _block(block: str, change: Callable[[int, dict[str, Any]], None], came: Any) -> str:
    name, _, data = block.partition("\ndata: ")
    if name not in {"event: item", "event: answer"}:
        return block
    said = json.loads(data)
    if name == "event: item":
        change(next(came), said)
    else:
        for place, item in enumerate(said["items"]):
            change(place, item)
    return f"{name}\ndata: {json.dumps(said)}"
