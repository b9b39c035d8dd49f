"""What a person reads in the terminal: results on stdout, all else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from service.errors import ListwrightError


def out() -> Console:
    """For results. Created when it is used, since tests and pipes exchange stdout."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    """For progress and errors."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def errors_told() -> Iterator[None]:
    """Errors as a person wants them: what is wrong, what to do, exit status 1."""
    try:
        yield
    except ListwrightError as error:
        tell(error.message, error.hint)
        raise SystemExit(1) from error
    except OSError as error:
        what = error.strerror or str(error) or type(error).__name__
        tell(f"{what}: {error.filename}" if error.filename else what)
        raise SystemExit(1) from error
    except KeyboardInterrupt as stopped:
        raise SystemExit(130) from stopped


def tell(message: str, hint: str = "") -> None:
    """Print an error."""
    console = err()
    console.print(Text.assemble(("Error: ", "bold red"), message))
    if hint:
        console.print(Text.assemble(("Hint: ", "bold"), hint))
