"""Answers in a few lines: some agents are shown no more than the text of a result."""

from __future__ import annotations

import json
from typing import Any


def list_text(answer: Any) -> str:
    """A list, and how it stands with its controls."""
    receipt = answer["receipt"]
    lines = [f"{len(answer['items'])} items, path {receipt['path']}:"]
    lines += [
        f"{place}. {_item(item)}" + (f": {item['reason']}" if "reason" in item else "")
        for place, item in enumerate(answer["items"], start=1)
    ]
    lines += [f"Held: {_control(each)}" for each in receipt["controls"]]
    lines += [f"Let go: {_control(each)}" for each in receipt["relaxed"]]
    return "\n".join(lines)


def answer_text(answer: Any) -> str:
    """An answer as it was given, and what the labels in it say."""
    texts = {option["label"]: option["text"] for option in answer["read"]["options"]}
    given = answer["answer"]
    one = given.get("choice")
    named = [one] if one is not None else given.get("ranking") or given.get("selection") or []
    lines = [answer["text"], *(f"{label}. {texts[label]}" for label in named)]
    return "\n".join([*lines, f"Path {answer['path']}: {answer['why']}."])


def items_text(answer: Any) -> str:
    """Items that were found."""
    found = [_item(item) for item in answer["items"]]
    return "\n".join([f"{len(found)} items:", *found])


def _item(item: Any) -> str:
    categories = ", ".join(map(_quoted, item["categories"]))
    return f"{item['title']} [{item['id']}]" + (f" ({categories})" if categories else "")


def _control(control: Any) -> str:
    share = f" {control['op']} {control['share']:.0%}" if "op" in control else ""
    wanted = f"wanted {control['want']}, has {control['got']}"
    categories = " or ".join(map(_quoted, control["categories"]))
    return f"{control['kind']} {categories}{share}: {wanted}"


def _quoted(category: str) -> str:
    """As it is to be written in a request: what stands in it parts nothing."""
    return json.dumps(category, ensure_ascii=False)
