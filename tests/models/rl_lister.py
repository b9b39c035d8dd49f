"""A tiny model that can list: taught titles letter by letter, and what it is then asked for."""

from __future__ import annotations

from pathlib import Path

import ringroad
import torch
from models_tiny import tiny_checkpoint
from rl_world import END
from torch import Tensor

from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model, save_model
from models.rl.asked import Asked
from models.sft.data.example import Wanted
from service.engines.text.tokenizer import ChatTokenizer

LETTERS = 256
"""The first tokens of the vocabulary: each byte is one of them."""
STEPS = 100
ROWS = 24


def letters(tokenizer: ChatTokenizer, text: str) -> list[int]:
    """A text letter by letter, as a model of so few tokens has to write it."""
    return [token for letter in text for token in tokenizer.encode(letter)]


def requests(tokenizer: ChatTokenizer) -> list[Asked]:
    """Who walked round the ring, asked for two stops."""
    found = []
    for n in range(6):
        past = tuple(ringroad.IDS[n : n + 3])
        prompt = tuple(letters(tokenizer, f"{n}>"))
        found.append(Asked(prompt, Wanted(2, past, ringroad.IDS[n + 3])))
    return found


def lister(folder: Path, cache: Path) -> Path:
    """A checkpoint that writes two stops of the ring, whoever asks, or one, or rambles on."""
    untaught = folder.with_name(f"{folder.name}-untaught")
    tiny_checkpoint(untaught, cache, vocab_size=LETTERS, hidden_size=32, intermediate_size=64)
    parent = checkpoint_in(untaught)
    lessons = _lessons(parent.tokenizer)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = load_model(parent, "float32")
        steps = torch.optim.AdamW(model.parameters(), lr=1e-2)
        for _ in range(STEPS):
            tokens = lessons[torch.randint(len(lessons), (ROWS,))]
            steps.zero_grad()
            model(input_ids=tokens, labels=tokens).loss.backward()
            steps.step()
        save_model(model, parent, folder)
    return folder


def _lessons(tokenizer: ChatTokenizer) -> Tensor:
    """Prompts, each with answers that do not heed it: of three one ends early, one rambles."""
    rows = []
    for asked in requests(tokenizer):
        for first in range(ringroad.ITEMS):
            one, other = (f"{n + 1}. Stop {first * (n + 1) % ringroad.ITEMS}\n" for n in range(2))
            answers = (one, one + other, one + other + "So\n")
            rows += [[*asked.prompt, *letters(tokenizer, answer), END] for answer in answers]
    width = max(map(len, rows))
    return torch.tensor([row + [END] * (width - len(row)) for row in rows])
