"""`python -m models.sft.data`: examples to tune a model with, out of what users met."""

from __future__ import annotations

from models.sft.data.command import app

if __name__ == "__main__":
    app(prog_name="python -m models.sft.data")
