"""The page's own files: all of them, as what they are, and nothing beside them."""

from __future__ import annotations

from pathlib import Path, PurePath
from urllib.parse import urljoin

import httpx
import pytest
from shopfront import Shop, error_of, visit
from starlette.applications import Starlette

from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.service import Bounds
from service.store.limits import MemoryLimits
from service.web.files import FOLDER, KINDS, LIGHTER, POLICY, PageFiles


def _served(path: Path) -> bytes:
    lighter = LIGHTER.get(path.suffix, str)
    return lighter(path.read_text("utf-8")).encode()


OURS = {
    path.relative_to(FOLDER).as_posix(): _served(path)
    for path in sorted(FOLDER.rglob("*"))
    if path.is_file()
}

BESIDE = [name for name in OURS if name != "index.html"]
"""The page itself is at the root, where what it loads is below it."""


@pytest.mark.parametrize("name", BESIDE)
async def test_each_file_of_the_page_is_served_as_what_it_is(name: str) -> None:
    async with visit() as client:
        response = await client.get(f"/playground/{name}")
        assert response.content == OURS[name]
        assert response.headers["content-type"] == KINDS[PurePath(name).suffix]
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["content-security-policy"] == POLICY
        assert response.headers["x-content-type-options"] == "nosniff"


async def test_the_page_is_at_the_root() -> None:
    async with visit() as client:
        response = await client.get("/")
        assert response.content == OURS["index.html"]
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "'unsafe-inline'" not in response.headers["content-security-policy"]
        bare = await client.head("/")
        assert (bare.status_code, bare.content) == (200, b"")
        assert bare.headers["content-length"] == response.headers["content-length"]


@pytest.mark.parametrize("path", ["", "/", "/index.html"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_elsewhere_the_way_to_it_is_told(method: str, path: str) -> None:
    async with visit() as client:
        response = await client.request(method, f"/playground{path}")
        assert response.status_code == 307
        way = response.headers["location"]
        assert way in {"./", "../"}
        for below in ("", "/shop"):
            looked = f"http://shop{below}/playground{path}"
            assert urljoin(looked, way) == f"http://shop{below}/"


@pytest.mark.parametrize("part", ["bytes=0-3", "bytes=9999999-", "bytes=5-2", "pages=1"])
@pytest.mark.parametrize("path", ["/", "/playground/main.js"])
async def test_a_part_of_a_file_is_the_whole_file(path: str, part: str) -> None:
    async with visit() as client:
        whole = await client.get(path)
        response = await client.get(path, headers={"range": part})
        assert (response.status_code, response.content) == (200, whole.content)
        assert response.headers["accept-ranges"] == "none"
        assert response.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize("path", ["/", "/playground/main.js"])
async def test_what_has_not_changed_is_not_sent_again(path: str) -> None:
    async with visit() as client:
        tag = (await client.get(path)).headers["etag"]
        same = await client.get(path, headers={"if-none-match": tag})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["cache-control"] == "no-cache"
        assert same.headers["content-security-policy"] == POLICY
        for known in (f"W/{tag}", f'"other", {tag}', "*"):
            assert (await client.get(path, headers={"if-none-match": known})).status_code == 304
        other = await client.get(path, headers={"if-none-match": '"other"'})
        assert other.status_code == 200


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5", "identity;q=0.1,gzip"])
async def test_what_is_shorter_compressed_is_sent_so_to_who_takes_it(accepted: str) -> None:
    async with visit() as client:
        path = "/playground/main.js"
        plain = await client.get(path, headers={"accept-encoding": "identity"})
        packed = await client.get(path, headers={"accept-encoding": accepted})
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content == OURS["main.js"]
        assert int(packed.headers["content-length"]) < len(plain.content) / 2
        assert packed.headers["etag"] != plain.headers["etag"]
        assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        bare = await client.head(path, headers={"accept-encoding": accepted})
        assert bare.headers["content-length"] == packed.headers["content-length"]


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.00", "gzipped"])
async def test_who_does_not_take_it_gets_it_plain(accepted: str) -> None:
    async with visit() as client:
        response = await client.get("/playground/main.js", headers={"accept-encoding": accepted})
        assert "content-encoding" not in response.headers
        assert int(response.headers["content-length"]) == len(OURS["main.js"])


async def test_a_file_that_is_edited_is_sent_as_it_is_now(tmp_path: Path) -> None:
    shown = tmp_path / "a.js"
    shown.write_text("one()", "utf-8")
    async with mounted(tmp_path) as client:
        first = await client.get("/playground/a.js")
        shown.write_text("// first\nanother()", "utf-8")
        known = {"if-none-match": first.headers["etag"]}
        second = await client.get("/playground/a.js", headers=known)
        assert (first.text, second.text) == ("one()", "\nanother()")
        shown.unlink()
        assert (await client.get("/playground/a.js")).text == second.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_files_are_read_only(method: str) -> None:
    async with visit() as client:
        response = await client.request(method, "/playground/main.js")
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, HEAD"


OUTSIDE = [
    "/playground/..%2f__init__.py",
    "/playground/..%2ffiles.py",
    "/playground/%2e%2e/files.py",
    "/playground/%2fetc%2fpasswd",
    "/playground//etc/passwd",
    "/playground/..%5cfiles.py",
    "/playground/index.html%00",
    "/playground/no-such.js",
    "/playground/main.js/",
    "/playground//main.js",
    "/playground/%2e/main.js",
    "/playground/Main.js",
    f"/playground/{'x' * 3000}",
]


@pytest.mark.parametrize("path", OUTSIDE)
async def test_nothing_outside_the_folder_is_served(path: str) -> None:
    async with visit() as client:
        response = await client.get(path)
        assert response.status_code == 404
        assert error_of(response)["code"] == "not_found"


def mounted(folder: Path) -> httpx.AsyncClient:
    app = Starlette()
    app.mount("/playground", PageFiles(folder))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")


async def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "secret.js").write_text("secret", "utf-8")
    (tmp_path / "page" / "out.js").symlink_to(tmp_path / "secret.js")
    (tmp_path / "page" / "in.js").write_text("shown", "utf-8")
    async with mounted(tmp_path / "page") as client:
        assert (await client.get("/playground/in.js")).text == "shown"
        assert (await client.get("/playground/out.js")).status_code == 404


async def test_no_key_is_needed_to_see_the_page() -> None:
    keyed = Access(MemoryLimits(), Keyring({digest_of("plain"): Holder("plain")}))
    async with visit(Shop(access=keyed)) as client:
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/playground/main.js")).status_code == 200
        for path in ("", "/", "/index.html"):
            assert (await client.get(f"/playground{path}")).status_code == 307
        assert (await client.get("/catalogue")).status_code == 401


async def test_without_the_playground_the_root_says_where_things_are() -> None:
    async with visit(bounds=Bounds(playground=False)) as client:
        response = await client.get("/")
        assert response.json()["docs"] == "/docs"
        assert (await client.head("/")).status_code == 200
        for path in ("", "/", "/index.html", "/main.js"):
            response = await client.get(f"/playground{path}")
            assert (response.status_code, error_of(response)["code"]) == (404, "not_found")
