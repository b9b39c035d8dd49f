"""The command line. Heavy parts are imported by the commands that need them, when they run."""

from service.cli.commands import main

__all__ = ["main"]
