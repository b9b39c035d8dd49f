"""Who asks a service may start one in the same shell."""

from __future__ import annotations

import pytest

from listwright.setup import KEY, URL
from service.errors import BadSettings
from service.settings import OF_CLIENTS, load_settings


def test_what_the_client_reads_is_no_unknown_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {URL, KEY} == OF_CLIENTS
    for name in OF_CLIENTS:
        monkeypatch.setenv(name, "http://shop")
    load_settings()
    monkeypatch.setenv(f"{URL}_TOO", "http://shop")
    with pytest.raises(BadSettings, match=f"{URL}_TOO"):
        load_settings()
