"""An invented data set in the two formats that public ones come in: films, and who saw them."""

from __future__ import annotations

import random
from pathlib import Path

GENRES = ("Heist", "Ghost", "Desert", "Opera")
HEADS = ("Crimson", "Silent", "Winter", "Golden", "Broken")
TAILS = ("Harbour", "Lantern", "Orchard", "Circus", "Railway", "Kingdom", "Mirror", "Voyage")


def films() -> list[tuple[str, str, tuple[str, ...]]]:
    """Id, title and genres of forty films."""
    return [
        (
            f"f{n}",
            f"{HEADS[n % 5]} {TAILS[n // 5]} ({1950 + n})",
            tuple(dict.fromkeys((GENRES[n % 4], GENRES[n // 10]))),
        )
        for n in range(40)
    ]


def seen(users: int = 24, least: int = 4) -> list[tuple[str, str, int]]:
    """User, film and time; everyone leans to one genre."""
    dice = random.Random(5)
    rows = []
    for user in range(users):
        liked = [n for n in range(40) if n % 4 == user % 4]
        drawn = dice.sample(liked, 6) + dice.sample(range(40), 6)
        for at, n in enumerate(list(dict.fromkeys(drawn))[: least + user % 8]):
            rows.append((f"u{user}", f"f{n}", 1000 * user + at))
    return rows


def movielens(folder: Path, events: list[tuple[str, str, int]] | None = None) -> Path:
    """MovieLens' CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'{name},"{title}",{"|".join(genres)}' for name, title, genres in films()]
    text = "\n".join(["movieId,title,genres", *lines])
    (folder / "movies.csv").write_text(text + "\n", "utf-8")
    rows = [f"{user},{film},4.0,{at}" for user, film, at in (seen() if events is None else events)]
    text = "\n".join(["userId,movieId,rating,timestamp", *rows])
    (folder / "ratings.csv").write_text(text + "\n", "utf-8")
    return folder


def recbole(folder: Path) -> Path:
    """RecBole's atomic files."""
    folder.mkdir(parents=True, exist_ok=True)
    head = "item_id:token\tmovie_title:token_seq\tclass:token_seq"
    lines = [f"{name}\t{title}\t{' '.join(genres)}" for name, title, genres in films()]
    (folder / "films.item").write_text("\n".join([head, *lines]) + "\n", "utf-8")
    head = "user_id:token\titem_id:token\trating:float\ttimestamp:float"
    lines = [f"{user}\t{film}\t4\t{at}" for user, film, at in seen()]
    (folder / "films.inter").write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return folder
