"""`listwright demo`: a shop made on the spot, served, and asked sample questions."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

from rich.console import Console
from rich.text import Text

import service
from service.api.server import bound, url_of
from service.cli.building import build
from service.cli.console import err, out
from service.cli.offline import run
from service.cli.serving import serve
from service.cli.show import show_answer
from service.demo.samples import samples
from service.demo.tour import Shown, tour
from service.demo.write import write_shop
from service.errors import ListwrightError
from service.retrieval.ranker import load_ranker, ranker_root
from service.settings import Settings, load_settings
from service.versions import CURRENT_FILE
from service.wiring import Parts

PORTS_TRIED = 50

TOOLS = ("torch", "scipy")
"""What training and tuning need."""


class TourFailed(ListwrightError):
    """A sample did not come out as it must."""

    code = "tour_failed"


def demo(folder: Path | None, port: int | None, *, once: bool) -> None:
    """Build the shop unless it is there, serve it, show the samples, and keep serving."""
    settings = load_settings()
    catalogue = shop(settings, folder or settings.cache.folder / "demo")
    given: dict[str, dict[str, object]] = {
        "catalogue": {"path": catalogue},
        # The samples are what is read here; their log lines would stand between them.
        "server": {"log_level": "warning"} | ({"port": port} if port else {}),
    }
    settings = load_settings(given)
    listening = bound(settings.server.host, settings.server.port, tries=PORTS_TRIED)
    url = url_of(listening)

    async def beside(parts: Parts) -> bool:
        await show_tour(out(), url, parts)
        if not once:
            out().print(Text.assemble("Serving at ", (url, "bold"), f" (API page: {url}/docs)"))
        return not once

    err().print("Starting the service ...")
    serve(settings, listening, beside)


def shop(settings: Settings, folder: Path) -> Path:
    """The demo shop's catalogue and ranker, made the first time and whenever the code changes."""
    catalogue = folder / f"shop-{_generator()}"
    if not (catalogue / CURRENT_FILE).exists():
        err().print("Making the demo shop ...")
        files = write_shop(folder / "files")
        build(settings, files.items, files.events, catalogue)
    if all(map(importlib.util.find_spec, TOOLS)):
        _train(catalogue)
    else:
        err().print(f"Without {' and '.join(TOOLS)} there is no ranker: similarity leads.")
    return catalogue


def _train(catalogue: Path) -> None:
    """Train the shop's ranker, and tune how much it counts, unless that was done."""
    root = ranker_root(catalogue)
    if not (root / CURRENT_FILE).exists():
        err().print("Training the shop's ranker (once, about a minute) ...")
        run("models.sasrec", ["--catalogue", str(catalogue), "--patience", "4"])
    if not load_ranker(root).tuning.blends:
        run("models.tune", ["--catalogue", str(catalogue), "--users", "0"])


def _generator() -> str:
    """Identity of the code: other code may make another shop, catalogue or ranker."""
    digest = hashlib.sha256()
    folder = Path(str(service.__file__)).parent
    for path in sorted([*folder.rglob("*.py"), *(folder.parent / "models").rglob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


async def show_tour(console: Console, url: str, parts: Parts) -> None:
    """Print the samples as they come; TourFailed if any went wrong."""
    histories = parts.catalogue.histories
    user = next(iter(histories.sample(1)), None)
    history = histories.history(user) if user else ()
    wrong = 0
    async for shown in tour(url, samples(parts.catalogue, user, history), parts.catalogue, history):
        _show(console, shown)
        wrong += bool(shown.problems)
    console.print()
    if wrong:
        raise TourFailed(f"{wrong} of the samples did not come out as they must")


def _show(console: Console, shown: Shown) -> None:
    console.print()
    console.rule(Text(shown.sample.title, "bold"), align="left")
    request = json.dumps(dict(shown.sample.body), ensure_ascii=False)
    console.print(Text(f"POST /recommend {request}", "dim"))
    show_answer(console, shown.answer, shown.milliseconds)
    for problem in shown.problems:
        console.print(Text(f"✗ {problem}", "bold red"))
