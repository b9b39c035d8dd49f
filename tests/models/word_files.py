"""A small dictionary of invented definitions, in the format of WordNet's own files."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

LICENCE = "  1 This line stands for a licence: such lines begin with two blanks.  \n"

TREE = """
artifact
  covering
    clothing: what people put on against wind and cold
      hat: clothing for the head with a brim
        sun hat: a wide hat of straw for the beach
        top hat: a tall black hat for the opera
        beret: a soft flat cap of felt for the head
        bonnet: a cap with ribbons to be tied below the chin
      coat, overcoat: a long warm garment for the cold outside
        raincoat: a light coat that keeps the rain out
        parka: a thick outdoor garment with a hood
      shirt: a garment with sleeves for the upper body
        polo: a knitted shirt with a soft collar
        blouse: a loose garment for the upper body
  furnishing
    furniture: what rooms are made fit to live in with
      chair: a seat with a back for one person
        rocker: a seat that moves forth and back
        armchair: a chair with rests at both sides
        stool: a seat with three legs and no back
      table: a flat top on legs to eat at
        desk: a flat top with a drawer to write at
        bench: a long seat for several to share
  instrument
    container: what holds something else inside of it
      cup: a small open vessel to drink from
        mug: a tall vessel with a handle to drink from
        beaker: a tall cup of glass or metal
        goblet: a vessel with a stem for wine
        tumbler: a plain glass without a stem for water
      box: a container with a flat lid on top
        crate: a strong container made of wood
        chest: a large box with a lid for storage
      wheeled vehicle: what moves on wheels along a road
        wagon: a vehicle with four wheels for loads
"""
PARTS = {"coat": ("hood", "collar"), "cup": ("handle",), "desk": ("drawer",), "chair": ("seat",)}
OTHERS = ("hood", "collar", "handle", "drawer", "seat")


def write_dictionary(folder: Path) -> Path:
    """Write `data.noun` and `index.noun`."""
    words, glosses, parents = _read_tree()
    ids = {name: f"{1740 + 100 * place:08d}" for place, name in enumerate(words)}
    children = defaultdict(list)
    for name, parent in parents.items():
        children[parent].append(name)
    lines = []
    for name in words:
        pointers = [f"@ {ids[parents[name]]} n 0000"] if name in parents else []
        pointers += [f"~ {ids[child]} n 0000" for child in children[name]]
        pointers += [f"%p {ids[part]} n 0000" for part in PARTS.get(name, ())]
        spelled = " ".join(f"{word.replace(' ', '_')} 0" for word in words[name])
        lines.append(
            f"{ids[name]} 06 n {len(words[name]):02x} {spelled} {len(pointers):03d} "
            f'{" ".join([*pointers, "|"])} {glosses[name]}; "an example with a {name}"  \n'
        )
    index = sorted(
        f"{word.replace(' ', '_')} n 1 2 @ ~ 1 0 {ids[name]}  \n"
        for name, said in words.items()
        for word in said
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.noun").write_text(LICENCE + "".join(lines), "utf-8")
    (folder / "index.noun").write_text(LICENCE + "".join(index), "utf-8")
    return folder


def _read_tree() -> tuple[dict[str, list[str]], dict[str, str], dict[str, str]]:
    words: dict[str, list[str]] = {}
    glosses: dict[str, str] = {}
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in TREE.strip("\n").split("\n"):
        depth = (len(line) - len(line.lstrip())) // 2
        said, _, gloss = line.strip().partition(": ")
        name, *more = said.split(", ")
        words[name], glosses[name] = [name, *more], gloss or name
        if depth:
            parents[name] = above[depth - 1]
        above[depth:] = [name]
    # Each product is mentioned elsewhere often enough to be known.
    everything = ", ".join(word.replace(" ", ", ") for said in words.values() for word in said)
    for place, other in enumerate(OTHERS):
        words[other], glosses[other] = [other], f"thing {place} beside {everything}, {OTHERS}"
        parents[other] = "artifact"
    return words, glosses, parents
