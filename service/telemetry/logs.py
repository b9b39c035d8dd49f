"""One JSON line an event, through the standard library's logging."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from service.telemetry.tracebacks import without_words


class JsonLines(logging.Formatter):
    """A record and its `fields` as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a newline."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, Mapping):
            line |= fields
        if record.exc_info:
            line["traceback"] = without_words(record.exc_info[1])
        # ASCII: a log reader must not stumble over what a message happens to quote.
        return json.dumps(line, default=str)


def log_to(stream: TextIO, level: str) -> None:
    """Send everything that is logged to a stream, from this level on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
