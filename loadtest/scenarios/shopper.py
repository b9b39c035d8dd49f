"""A customer for Locust: asks, checks each answer, and calls one that may not stand a failure.

What the service sheds (429, 503) is no failure. It stands in the report under a name of its own.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Final

import orjson
from locust import FastHttpUser, constant_throughput, task

from loadtest.scenarios.names import CATALOGUE, DEADLINE, KEY
from loadtest.traffic.asks import MIX, Ask, Asker, Kind
from loadtest.traffic.checks import problems
from loadtest.traffic.goods import Goods, goods_in

SHED: Final = frozenset({429, 503})
OK: Final = 200
NOT_FOUND: Final = 404
REMEMBERED: Final = 20
"""Lists of its own that a customer may say something about."""

PATIENCE_S: Final = 60.0

_numbers: Final = count()
_run: Final = os.urandom(4).hex()
"""Events of two runs against one service are different events."""


@cache
def _goods() -> Goods:
    return goods_in(Path(os.environ[CATALOGUE]))


@cache
def _met() -> dict[str, set[str]]:
    """What the service has acknowledged of each user, by any customer of this process."""
    return {}


class Shopper(FastHttpUser):
    """Asks once a second, on the whole: as many customers as there are, so many requests."""

    abstract = True
    mix: ClassVar[Mapping[Kind, float]] = MIX
    wait_time = constant_throughput(1)
    connection_timeout = PATIENCE_S
    network_timeout = PATIENCE_S

    def on_start(self) -> None:
        """Draw from a seed of one's own."""
        number = next(_numbers)
        self.asker = Asker(_goods(), number, int(os.environ[DEADLINE]), f"{_run}-{number}")
        self.lists: deque[Mapping[str, Any]] = deque(maxlen=REMEMBERED)
        key = os.environ.get(KEY)
        self.headers = {"content-type": "application/json"} | ({"x-api-key": key} if key else {})

    @task
    def ask(self) -> None:
        """Ask for the next thing, and check what comes of it."""
        asked = self.asker.ask(self.asker.kind(self.mix), self.lists[-1] if self.lists else None)
        met = frozenset(_met().get(asked.user or "", ()))
        with self.client.post(
            asked.kind.value, data=orjson.dumps(asked.body).decode(), headers=self.headers,
            catch_response=True,
        ) as response:  # fmt: skip
            if response.status_code in SHED:
                response.request_meta["name"] = f"{asked.kind.value}, shed"
                response.success()
            elif asked.kind is Kind.FEEDBACK and response.status_code == NOT_FOUND:
                response.request_meta["name"] = f"{asked.kind.value}, of a list not remembered"
                response.success()
            elif response.status_code != OK:
                response.failure(f"{response.status_code}: {response.text}")
            else:
                self._check(asked, response, met)

    def _check(self, asked: Ask, response: Any, met: frozenset[str]) -> None:
        answer = orjson.loads(response.content)
        if wrong := problems(asked, answer, met, _goods()):
            response.failure("; ".join(wrong))
            return
        response.success()
        if asked.kind is Kind.LIST:
            self.lists.append(answer)
        elif asked.kind is Kind.EVENTS:
            for event in asked.body["events"]:
                _met().setdefault(event["user_id"], set()).add(event["item_id"])
