"""Without keys, nobody asks under a name that a stranger can have lead here. Over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import yaml
from ground import REPOSITORY
from shopfront import Shop
from test_roads import shop as keyed

from service.api.app import create_app
from service.api.hosts import PROBES
from service.api.roads import ROADS
from service.api.server import Server, bound
from service.api.service import Bounds
from service.domain import User

CLOSE = b"Connection: close\r\n"


@dataclass(frozen=True)
class Told:
    status: int
    body: bytes

    @property
    def code(self) -> str:
        error = json.loads(self.body)["error"]
        assert set(error) == {"code", "message", "hint", "request_id"}
        return str(error["code"])


@dataclass(frozen=True)
class Door:
    port: int

    async def tell(self, data: bytes) -> Told:
        """What is answered to these bytes, on a connection of their own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            async with asyncio.timeout(15):
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        return Told(int(head.split()[1]), body)

    async def ask(self, host: bytes, line: bytes = b"GET /users", more: bytes = b"") -> Told:
        head = b"%b HTTP/1.1\r\nHost: %b\r\n" % (line, host)
        return await self.tell(head + more + CLOSE + b"\r\n")


@asynccontextmanager
async def open_shop(shop: Shop, bounds: Bounds | None = None) -> AsyncIterator[Door]:
    listening = bound("127.0.0.1", 0)
    server = Server(create_app(shop, bounds or Bounds()), 2)
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield Door(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await running


OURS = """127.0.0.1 127.0.0.1:PORT 127.0.0.1: 127.0.0.1. 10.2.3.4:80 [::1] [::1]:PORT [FE80::1]:80
[::ffff:127.0.0.1] localhost localhost:PORT LocalHost:PORT localhost. shop.localhost a.b.localhost.
shop SHOP:8080 listwright_gateway gateway.listwright.svc gateway.listwright.svc.cluster.local.
nas.lan:80 gw.internal pi.home.arpa till.LAN.:80"""

STRANGERS = """
evil.example evil.example:PORT EVIL.example. evil.example.:PORT 127.0.0.1.evil.example
127.0.0.1.evil.example:PORT localhost.evil.example evil.localhost.example notlocalhost.com
evil.local evil.local:PORT till.LOCAL.:80 evil.cluster.local svc.cluster.local.evil.com
evillocal.com arpa.evil home.arpa.evil.com 127.0.0.1.nip.io com. ai.:80 .. . 1.2.3
0x7f.0.0.1 127.0.0.1@evil.example evil.example@127.0.0.1 me:secret@localhost localhost@
localhost/ localhost#.evil.example localhost?x localhost:80:80 localhost:80a
http://localhost localhost,evil.example [::1 ::1 [::1].evil.example [evil.example]
[localhost] [1::2::3] %6cocalhost localhost%00.evil.example l\xf6calhost \xe2\x84\xaaube
"""


async def test_what_nobody_else_can_be_called_is_served() -> None:
    async with open_shop(Shop()) as door:
        for host in OURS.replace("PORT", str(door.port)).split():
            told = await door.ask(host.encode())
            assert (told.status, b"u1" in told.body) == (200, True), host


async def test_what_may_be_a_strangers_name_is_refused() -> None:
    async with open_shop(Shop()) as door:
        for host in STRANGERS.replace("PORT", str(door.port)).split():
            told = await door.ask(host.encode("latin-1"))
            # Some of these even the parser does not take for a host.
            assert told.status in {400, 421}, host
            assert told.status == 400 or told.code == "unknown_host", host


async def test_on_all_roads_but_those_of_probes() -> None:
    async with open_shop(Shop()) as door:
        for road in ROADS:
            for method in road.methods - {"HEAD"}:
                line = f"{method} {road.path}".encode()
                status = (await door.ask(b"evil.example", line)).status
                assert status == (200 if road.path in PROBES else 421), line
        assert (await door.ask(b"evil.example", b"GET /nothing")).status == 421


async def test_a_page_whose_name_was_led_here_reads_changes_and_erases_nothing() -> None:
    shop, event = Shop(), {"id": "e1", "user_id": "u1", "item_id": "i3"}
    async with open_shop(shop) as door:
        site = b"evil.example:%d" % door.port
        # As a browser asks for a page of that site: nothing of it crosses origins.
        own = b"Origin: http://%b\r\nSec-Fetch-Site: same-origin\r\n" % site
        body = json.dumps({"events": [event]}).encode()
        sent = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
        for line in (b"GET /users", b"GET /users/u1/history", b"DELETE /users/u1/history"):
            assert (await door.ask(site, line, own)).code == "unknown_host"
        data = b"POST /events HTTP/1.1\r\nHost: %b\r\n%b\r\n%b" % (site, own + sent + CLOSE, body)
        assert (await door.tell(data)).code == "unknown_host"
        assert await shop.store.history(User("u1")) == ("i1", "i2")


HOME = """http://127.0.0.1:PORT http://localhost:PORT https://localhost http://LocalHost:3000
http://[::1]:PORT http://app.localhost http://127.0.0.1"""

AWAY = """http://evil.local:PORT http://evil:PORT http://shop:8080 http://evil.lan null
http://evil.example http://evil.example:PORT http://127.0.0.1.evil.example http://10.1.2.3:PORT
http://10.2.3.4 file:// http:// http://localhost@evil.example http://evil.example#localhost
chrome-extension://abcdef localhost 127.0.0.1 http://localhost.evil.example"""


async def test_a_page_of_this_machine_may_ask() -> None:
    async with open_shop(Shop()) as door:
        for origin in HOME.replace("PORT", str(door.port)).split():
            for line in (b"GET /users", b"DELETE /users/u1/history"):
                told = await door.ask(b"localhost", line, b"Origin: %b\r\n" % origin.encode())
                assert told.status in {200, 204}, origin


async def test_a_page_of_a_neighbour_changes_nothing() -> None:
    async with open_shop(Shop()) as door:
        for origin in AWAY.replace("PORT", str(door.port)).split():
            more = b"Origin: %b\r\n" % origin.encode()
            # Under the name that the page has itself, and under one of ours.
            own = origin.partition("://")[2].encode() or b"localhost"
            # Whose own name is an address is the very one that is asked.
            ours = set() if b"http://10." in more else {own}
            for host in {*ours, b"localhost", b"gateway:8080", b"10.2.3.4:8080"}:
                told = await door.ask(host, b"DELETE /users/u1/history", more)
                assert told.status in {400, 403, 421}, (host, origin)
                assert told.status != 403 or told.code == "forbidden"
        for origins in (b"http://evil", b"http://localhost\r\nOrigin: http://evil"):
            told = await door.ask(b"evil", b"DELETE /users/u2/history", b"Origin: %b\r\n" % origins)
            assert told.status in {400, 403}


async def test_nothing_is_erased_by_a_neighbours_page() -> None:
    shop = Shop()
    async with open_shop(shop) as door:
        for host in (b"evil.local:8300", b"evil:8300", b"evil.lan"):
            told = await door.ask(
                host, b"DELETE /users/u1/history", b"Origin: http://%b\r\n" % host
            )
            assert told.code == ("unknown_host" if b".local" in host else "forbidden")
        assert await shop.store.history(User("u1")) == ("i1", "i2")
        # A program by such a name is no page.
        assert (await door.ask(b"gateway:8080", b"DELETE /users/u1/history")).status == 204


async def test_a_page_at_the_very_address_may_ask() -> None:
    async with open_shop(Shop()) as door:
        for host in (b"10.2.3.4:8080", b"10.2.3.4", b"[fe80::1]:8080"):
            told = await door.ask(host, b"GET /users", b"Origin: http://%b\r\n" % host)
            assert told.status == 200
        other = b"Origin: http://10.2.3.4:9\r\n"
        assert (await door.ask(b"10.2.3.4:8080", b"GET /users", other)).code == "forbidden"


async def test_pages_of_hosts_that_the_operator_names_may_ask() -> None:
    async with open_shop(Shop(), Bounds(hosts=("till.local", "shop"))) as door:
        for host in (b"till.local:8080", b"shop:8080", b"SHOP"):
            told = await door.ask(host, b"GET /users", b"Origin: http://%b\r\n" % host)
            assert told.status == 200, host
        behind = b"Origin: https://shop\r\n"
        assert (await door.ask(b"gateway:8080", b"GET /users", behind)).status == 200
    async with open_shop(Shop(), Bounds(hosts=("*",))) as door:
        evil = b"Origin: http://evil\r\n"
        assert (await door.ask(b"evil", b"GET /users", evil)).status == 200


async def test_with_keys_a_page_may_be_anybodys() -> None:
    async with open_shop(keyed()) as door:
        more = b"X-API-Key: plain\r\nOrigin: http://evil.local\r\n"
        assert (await door.ask(b"evil.local", more=more)).status == 200


ABSOLUTE = [
    (b"GET http://evil.example/users", b"127.0.0.1", 404),
    (b"GET http://127.0.0.1/users", b"evil.example", 421),
    (b"GET http://127.0.0.1/users", b"127.0.0.1", 404),
    (b"GET //evil.example/users", b"127.0.0.1", 404),
    (b"CONNECT 127.0.0.1:80", b"evil.example", 421),
]


@pytest.mark.parametrize(("line", "host", "status"), ABSOLUTE)
async def test_a_target_that_names_a_host_leads_nowhere(
    line: bytes, host: bytes, status: int
) -> None:
    async with open_shop(Shop()) as door:
        assert (await door.ask(host, line)).status == status


async def test_one_host_is_named_and_not_two() -> None:
    async with open_shop(Shop()) as door:
        assert (await door.tell(b"GET /users HTTP/1.0\r\n\r\n")).code == "unknown_host"
        assert (await door.tell(b"GET /users HTTP/1.0\r\nHost:\r\n\r\n")).status in {400, 421}
        assert (await door.tell(b"GET /healthz HTTP/1.0\r\n\r\n")).status == 200
        assert (await door.tell(b"GET /users HTTP/1.1\r\n\r\n")).status == 400
        for pair in ((b"127.0.0.1", b"evil.example"), (b"evil.example", b"127.0.0.1")):
            twice = b"Host: %b\r\nHost: %b\r\n" % pair
            for version in (b"1.0", b"1.1"):
                told = await door.tell(b"GET /users HTTP/%b\r\n%b\r\n" % (version, twice))
                assert told.status in {400, 421}
        # What a proxy says of the host it was asked for makes no stranger ours.
        said = b"X-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\n"
        assert (await door.ask(b"evil.example", more=said)).status == 421


async def test_hosts_that_the_operator_names_are_served() -> None:
    async with open_shop(Shop(), Bounds(hosts=("shop.example",))) as door:
        for host in (b"shop.example", b"SHOP.example:80", b"shop.example.", b"localhost"):
            assert (await door.ask(host)).status == 200
        for host in (b"a.shop.example", b"evilshop.example", b"evil.example"):
            assert (await door.ask(host)).code == "unknown_host"
    async with open_shop(Shop(), Bounds(hosts=("*",))) as door:
        assert (await door.ask(b"evil.example")).status == 200


@pytest.mark.parametrize("host", [b"evil.example", b"gateway.listwright", b"127.0.0.1", b"a@b/c"])
async def test_with_keys_any_host_will_do(host: bytes) -> None:
    async with open_shop(keyed()) as door:
        assert (await door.ask(host, more=b"X-API-Key: plain\r\n")).status == 200
        assert (await door.ask(host)).code == "unauthorized"
        assert (await door.ask(host, b"GET /docs")).status == 200


def names_in_deployments() -> Iterator[str]:
    compose = yaml.safe_load((REPOSITORY / "deploy" / "compose.yaml").read_text("utf-8"))
    yield from compose["services"]
    base = REPOSITORY / "deploy" / "kubernetes" / "base"
    space = yaml.safe_load((base / "namespace.yaml").read_text("utf-8"))["metadata"]["name"]
    service = yaml.safe_load((base / "gateway-service.yaml").read_text("utf-8"))["metadata"]["name"]
    yield from (service, f"{service}.{space}.svc", f"{service}.{space}.svc.cluster.local")


async def test_names_of_our_own_deployments_are_served() -> None:
    async with open_shop(Shop()) as door:
        for name in names_in_deployments():
            assert (await door.ask(name.encode() + b":8080")).status == 200, name
