"""Whom a client asks, as whom, and how long it goes on. The key is in here and shown nowhere."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import httpx
from pydantic import SecretStr

from listwright.calls import Call
from listwright.tries import Patience

URL: Final = "LISTWRIGHT_URL"
KEY: Final = "LISTWRIGHT_API_KEY"
AGENT: Final = f"listwright/{version('listwright')}"
CONNECT_S: Final = 5.0
"""A host that is away answers nothing at all; some of the deadline is left for another try."""

VISIBLE: Final = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Setup:
    """What both clients are made with."""

    url: str
    key: SecretStr | None
    patience: Patience

    @classmethod
    def of(cls, url: str | None, key: str | None, patience: Patience) -> Setup:
        """From what is given, else from the environment; ValueError where it cannot be used."""
        return cls(_url(url or os.environ.get(URL, "")), _key(key or os.environ.get(KEY)), patience)

    def request(self, call: Call[Any], until: float) -> httpx.Request:
        """A call as it is sent, to be waited for until then."""
        headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": AGENT}
        if call.streams:
            headers["accept"] = "text/event-stream, application/json"
        if self.key is not None:
            headers["authorization"] = f"Bearer {self.key.get_secret_value()}"
        if "request_id" in call.options:
            headers["x-request-id"] = call.options["request_id"]
        content = None
        if call.body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(call.body).encode()
        return httpx.Request(
            call.method,
            self.url + call.path,
            params=call.query or None,
            headers=headers,
            content=content,
            extensions={"timeout": self._timeout(until).as_dict()},
        )

    def in_time(self, until: float) -> None:
        """Nothing, or a timeout: an answer that comes in drops never makes the network wait."""
        if self.left(until) <= 0:
            raise httpx.ReadTimeout("")

    def left(self, until: float) -> float:
        """Seconds until then."""
        return until - self.patience.clock()

    def _timeout(self, until: float) -> httpx.Timeout:
        left = max(0.001, self.left(until))
        return httpx.Timeout(left, connect=min(left, CONNECT_S))


def check_open(http: httpx.Client | httpx.AsyncClient) -> None:
    """ValueError where the client was closed."""
    if http.is_closed:
        raise ValueError("the client is closed: make another")


def _url(given: str) -> str:
    try:
        url = httpx.URL(given)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query:
        raise ValueError(
            f"the url of the service is such as https://shop.example: give url=, or set {URL}"
        )
    return str(url.copy_with(fragment=None)).rstrip("/")


def _key(given: str | None) -> SecretStr | None:
    if given is None:
        return None
    # What a header cannot hold would be shown in the error of whoever sends it.
    if not VISIBLE.fullmatch(given):
        raise ValueError(f"the key, api_key= or {KEY}, holds what no key holds, such as a space")
    return SecretStr(given)
