"""`listwright key`: a key, and what the file of keys has to know of it."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.console import err, out


def key(
    name: Annotated[str, typer.Argument(help="Who will hold it, as logs will call them.")],
    *,
    tenant: Annotated[
        str | None, typer.Option(help="Whose users it is about.", show_default="default")
    ] = None,
    rate: Annotated[
        str | None, typer.Option(help="How often it may ask, such as 600/minute.")
    ] = None,
    admin: Annotated[
        bool, typer.Option("--admin", help="It may change what is served as well.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="It may read /metrics, and do nothing else.")
    ] = False,
) -> None:
    """Make an API key. It is shown this once; the file keeps what tells it, and not the key."""
    from service.access.keyring import entry_of, new_key  # noqa: PLC0415 - see commands.py

    made = new_key()
    entry = entry_of(made, name=name, tenant=tenant, rate=rate, admin=admin, watch=watch)
    err().print(f"The key, shown this once: {made}", markup=False, highlight=False, soft_wrap=True)
    err().print("For the file that LISTWRIGHT_ACCESS__KEYS names:", highlight=False)
    out().print(entry, markup=False, highlight=False, soft_wrap=True)
