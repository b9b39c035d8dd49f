"""The choices of each offline step, as docs/models.md lists them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ground import REPOSITORY
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from models.evaluate.compare.choices import CompareChoices
from models.llm.parent import Merging
from models.make.__main__ import Fewer
from models.merge.choices import SlerpChoices
from models.quantize.choices import AwqChoices, ReadChoices
from models.rl.choices import Reinforcing
from models.sft.choices import Tuning
from models.sft.data.choices import Fitting, Making, Reading, Selecting
from models.steps.config import Choices, Drawn

STEPS: dict[str, type[Choices]] = {
    "models.sft.data make": Making,
    "models.sft.data ecinstruct": Reading,
    "models.sft": Tuning,
    "models.merge adapter": Merging,
    "models.merge slerp": SlerpChoices,
    "models.rl": Reinforcing,
    "models.quantize awq": AwqChoices,
    "models.quantize read": ReadChoices,
    "models.evaluate compare": CompareChoices,
}
UNLISTED = {Drawn, Fitting, Selecting, Fewer}
"""What others are made of, and what is an option of its own on the command line."""


def row(name: str, info: FieldInfo) -> str:
    default = None if info.is_required() or info.default_factory else info.default
    written = default if isinstance(default, str) else json.dumps(to_jsonable_python(default))
    return f"| `{name}` | {'' if default is None else f'`{written}`'} | {info.description} |"


def table(step: str) -> str:
    rows = (row(*field) for field in STEPS[step].model_fields.items())
    head = (f"### {step}", "", "| choice | default | what it does |", "|---|---|---|")
    return "\n".join([*head, *rows, ""])


def below(kind: type[Choices]) -> Iterator[type[Choices]]:
    for one in kind.__subclasses__():
        if one.__module__.startswith("models."):
            yield one
            yield from below(one)


def test_every_choice_is_documented_as_it_is() -> None:
    page = (REPOSITORY / "docs" / "models.md").read_text("utf-8")
    missing = [table(step) for step in STEPS if table(step) not in page]
    assert not missing, "docs/models.md lacks:\n" + "\n".join(missing)


def test_no_other_step_is_documented() -> None:
    page = (REPOSITORY / "docs" / "models.md").read_text("utf-8")
    assert set(re.findall(r"^### (models\..+)$", page, re.MULTILINE)) == set(STEPS)


def test_every_kind_of_choices_is_of_a_step() -> None:
    assert set(below(Choices)) - UNLISTED == set(STEPS.values())
