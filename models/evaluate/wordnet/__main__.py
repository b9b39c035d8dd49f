"""`python -m models.evaluate.wordnet`: writes a file of questions made from WordNet."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from models.evaluate.wordnet.dictionary import read_dictionary
from models.evaluate.wordnet.making import questions
from models.evaluate.wordnet.shelf import Shelf
from service.cli.console import err, errors_told

app = typer.Typer(add_completion=False)


@app.command()
def main(
    out: Annotated[Path, typer.Option(help="The file to write: JSON lines.")],
    dict_: Annotated[Path, typer.Option("--dict", help="Where WordNet's files are.")] = Path(
        "/usr/share/wordnet"
    ),
    count: Annotated[int, typer.Option(min=1, help="How many questions.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed makes other questions.")] = 1,
) -> None:
    """Make questions of the competition's kinds from WordNet."""
    with errors_told():
        made = questions(Shelf(read_dictionary(dict_)), count, seed)
        out.write_text("".join(json.dumps(asdict(each)) + "\n" for each in made), "utf-8")
    err().print(f"{len(made)} questions in {out}", markup=False)


if __name__ == "__main__":
    app(prog_name="python -m models.evaluate.wordnet")
