"""Names of series that several tests read."""

from __future__ import annotations


def lists_made(path: str, strategy: str, degraded: str = "false") -> str:
    labels = {
        "degraded": degraded,
        "origin": "made",
        "path": path,
        "strategy": strategy,
        "variant": "default",
    }
    told = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"listwright_lists_total{{{told}}}"
