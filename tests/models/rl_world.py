"""What tests of reinforcement share: judges of single tokens, and a shop with a ranker."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ringroad
from bookcase import tools
from ground import REPOSITORY
from models_tiny import tiny_checkpoint
from safetensors.torch import load_file, save_file

from models.llm.checkpoint import checkpoint_in
from models.rl.asked import Asked
from models.rl.choices import Reinforcing
from models.rl.judging import Judged
from models.rl.rewards import Rewards
from models.sft.data.example import Example, Wanted, write_examples
from service.catalog.artifact import LoadedCatalogue, load
from service.catalog.build import build
from service.catalog.read import read_source
from service.domain import Controls, Intent, Op, Share
from service.prompts.recommend import recommend_prompt
from service.retrieval.ranker import ranker_root

END = 2
LIKED = range(8, 16)
ASKED = [
    Asked(tuple(prompt), Wanted(1, (), "i0")) for prompt in ([5, 6], [9], [11, 12, 13], [20] * 6)
]


def sayer(folder: Path, cache: Path) -> Path:
    """A checkpoint that knows 64 tokens, and can be sure of one: its embeddings are long enough."""
    tiny_checkpoint(folder, cache, vocab_size=64, hidden_size=32)
    weights = folder / "model.safetensors"
    tensors = load_file(weights)
    tensors["model.embed_tokens.weight"] *= 10
    save_file(tensors, weights, {"format": "pt"})
    return folder


@contextmanager
def no_tests_found() -> Iterator[None]:
    """For importing trl, which takes the folder `vllm` of tests for the package of that name."""
    kept = list(sys.path)
    sys.path[:] = [path for path in kept if Path(path) != REPOSITORY / "tests"]
    try:
        yield
    finally:
        sys.path[:] = kept


@dataclass(frozen=True)
class Liking:
    """Every token that is liked is a line worth 1; at first one in eight is."""

    liked: Container[int] = LIKED

    def of(self, asked: Asked, tokens: Sequence[int]) -> Judged:
        earned = tuple(float(token in self.liked) for token in tokens)
        return Judged(Rewards(earned, 0.0, int(sum(earned))), earned, tuple(range(len(tokens))))


def bandit(**changes: object) -> Reinforcing:
    """Choices for a model of 64 tokens that says a few of them."""
    few: dict[str, object] = {
        "iterations": 12,
        "rollouts": 32,
        "minibatch": 16,
        "max_new_tokens": 4,
        "learning_rate": 1e-2,
        "kl": 0.0,
        "precision": "float32",
    }
    return Reinforcing.model_validate(few | changes)


def groups(**changes: object) -> Reinforcing:
    """The same for GRPO."""
    return bandit(algorithm="grpo", group=8, **changes)


def full(_descriptor: int) -> None:
    """A disk that takes nothing more, instead of `os.fsync`."""
    raise OSError(errno.ENOSPC, "No space left on device")


def shop(folder: Path, model: Path) -> Path:
    """A built catalogue of the ring's items, spelled by a model's tokenizer, and its ranker."""
    folder.mkdir(parents=True)
    items = [
        {"id": name, "title": f"Stop {n}", "categories": ["Even" if n % 2 == 0 else "Odd"]}
        for n, name in enumerate(ringroad.IDS)
    ]
    text = "".join(json.dumps(item) + "\n" for item in items)
    (folder / "items.jsonl").write_text(text, "utf-8")
    out = folder / "catalogue"
    build(
        read_source(folder / "items.jsonl", None),
        out,
        tools(checkpoint_in(model).tokenizer, similar=False),
    )
    ringroad.publish(ranker_root(out), seed=1)
    return out


def titled(catalogue: LoadedCatalogue, ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(catalogue.item(row).title for row in catalogue.rows(ids).tolist())


def lists(path: Path, catalogue: Path, **changes: object) -> Path:
    """A file of examples: who walked round the ring, asked for the next two stops."""
    loaded = load(catalogue)
    examples = []
    for n in range(6):
        past = tuple(ringroad.IDS[n : n + 3])
        controls = (
            Controls(),
            Controls(include=("Even",)),
            Controls(shares=(Share("Odd", Op.ABOUT, 0.5),)),
        )[n % 3]
        intent = Intent(controls=controls)
        facts = {"history": past, "target": ringroad.IDS[n + 3], "intent": intent}
        wanted = Wanted(k=2, **(facts | changes))  # type: ignore[arg-type]
        prompt = recommend_prompt(titled(loaded, past), wanted.intent, 2)
        titles = titled(loaded, (ringroad.IDS[n + 3], ringroad.IDS[n + 4]))
        examples.append(Example.of_list("sequential", prompt, titles, wanted))
    path.mkdir(parents=True)
    write_examples(path / "train.jsonl", examples)
    return path
