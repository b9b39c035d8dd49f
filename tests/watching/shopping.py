"""A shop's day in small: requests of every kind, until told to end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx
from watched_gateway import key

PAUSE_S = 0.02
CROWD = 10
QUESTION = "Which of these is filled with ink?\n1. sun hat\n2. fountain pen\n3. scarf"
ORDER = "Rank these by warmth. 1. T-shirt 2. parka 3. jumper"
SHARES = [{"category": "Mug", "op": "<=", "share": 0.4}]
OBEYING: dict[str, Any] = {"exclude": ["Red"], "shares": SHARES}
# No list of ten can be made of six things.
IN_CONFLICT: dict[str, Any] = {"include": ["Mug", "Lamp"], "shares": SHARES}


class Shop:
    """Asks, and counts what it is answered."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.answered: Counter[tuple[str, int]] = Counter()

    async def round(self, number: int) -> None:
        """One of everything, for another user each time."""
        user = f"u{number}"
        for more in (
            {"strategy": "generate", "intent": OBEYING},
            # The same once more is kept.
            {"strategy": "generate", "intent": OBEYING},
            {"strategy": "generate", "variant": "calm", "intent": OBEYING},
            {"strategy": "generate", "variant": "tuned", "intent": OBEYING},
            {"variant": "bold"},
            {"strategy": "retrieve"},
            {"strategy": "generate", "stream": True},
            {"intent": IN_CONFLICT, "on_conflict": "relax", "k": 10},
            {"intent": {"text": "a gift"}, "history": ["RedMug"], "strategy": "generate"},
            {"k": 0},
        ):
            made = await self._post("/recommend", {"user_id": user, "k": 4, **more})
            if made.status_code == httpx.codes.OK and "stream" not in more:
                await self._tell(made.json(), number)
        for question in (QUESTION, ORDER):
            await self._post("/answer", {"question": f"{question} #{number}"})
        met = {"id": f"e{number}", "user_id": user, "item_id": "RedMug"}
        await self._post("/events", {"events": [met]})
        await self._post("/recommend", {"user_id": user, "k": 4}, "hasty")
        await self._post("/nowhere", {})

    async def crowd(self) -> None:
        """Many come at once, each for a list of the model's."""
        body = {"strategy": "generate", "k": 4}
        users = [{"user_id": f"c{number}"} for number in range(CROWD)]
        await asyncio.gather(*(self._post("/recommend", body | user) for user in users))

    async def _tell(self, made: dict[str, Any], number: int) -> None:
        ids = [item["id"] for item in made["items"]]
        said = {"request_id": made["request_id"], "shown": ids, "clicked": ids[: number % 3]}
        await self._post("/feedback", said | {"bought": ids[: number % 2]})

    async def _post(self, path: str, body: object, name: str = "shop") -> httpx.Response:
        headers = {"authorization": f"Bearer {key(name)}"}
        response = await self._client.post(path, json=body, headers=headers)
        self.answered[path, response.status_code] += 1
        return response


@asynccontextmanager
async def shopping(url: str) -> AsyncIterator[Shop]:
    """It goes on as long as the block does."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        shop = Shop(client)

        async def on_and_on() -> None:
            for number in count():
                await shop.round(number)
                await asyncio.sleep(PAUSE_S)

        going = asyncio.ensure_future(on_and_on())
        try:
            yield shop
        finally:
            going.cancel()
            results = await asyncio.gather(going, return_exceptions=True)
        for failed in results:
            if not isinstance(failed, asyncio.CancelledError):
                raise failed
