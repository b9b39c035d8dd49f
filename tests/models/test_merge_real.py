"""A real model blended with itself, slightly tuned: about 30 seconds of one thread."""

from __future__ import annotations

from pathlib import Path

import torch

from models.llm.adapters import Lora, save_adapter, with_lora
from models.llm.checkpoint import Checkpoint, checkpoint_in
from models.llm.loading import load_model
from models.llm.parent import Parent
from models.llm.tokens import prompt_tokens, text_tokens
from models.merge.choices import SlerpChoices
from models.merge.slerp import merge_slerp
from models.steps.output import figures_of
from models.steps.telling import silently
from service.domain import Prompt
from service.engines.local.checkpoint import ensure_checkpoint

ASKED = Prompt("test", "You are a helpful assistant.", "What is the capital of France?")
TAUGHT = Prompt("test", "You are a helpful assistant.", "What is the capital of Zubrowka?")


def tuned(parent: Checkpoint, folder: Path) -> Path:
    """An adapter that has seen one new fact a few times."""
    model = with_lora(load_model(parent), Lora(4, 8))
    prompt = prompt_tokens(parent.tokenizer, TAUGHT)
    answer = text_tokens(parent.tokenizer, "The capital of Zubrowka is Lutz.")
    tokens = torch.tensor([[*prompt, *answer]])
    labels = torch.tensor([[*[-100] * len(prompt), *answer]])
    learning = torch.optim.AdamW([one for one in model.parameters() if one.requires_grad], 1e-3)
    losses = []
    for _ in range(4):
        loss = model(input_ids=tokens, labels=labels).loss
        loss.backward()
        learning.step()
        learning.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    save_adapter(model, parent, folder)
    return folder


def answered(checkpoint: Checkpoint, prompt: Prompt) -> str:
    tokens = torch.tensor([prompt_tokens(checkpoint.tokenizer, prompt)])
    model = load_model(checkpoint)
    with torch.no_grad():
        said = model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            do_sample=False,
            max_new_tokens=10,
            pad_token_id=checkpoint.tokenizer.end,
        )
    return checkpoint.tokenizer.decode(said[0, tokens.shape[1] :].tolist())


def test_a_blend_of_a_model_and_a_tuned_one_still_answers(tmp_path: Path, cache_dir: Path) -> None:
    parent = checkpoint_in(ensure_checkpoint(cache_dir, print))
    torch.manual_seed(1)
    adapter = tuned(parent, tmp_path / "adapter")
    one, other = Parent.named(parent.folder), Parent.named(adapter)
    choices = SlerpChoices(t=0.5, t_of={"self_attn": [0.0, 0.5, 0.3, 0.7, 1.0], "mlp": 0.6})
    child = checkpoint_in(merge_slerp(one, other, choices, tmp_path / "child", silently))
    figures = figures_of(child.folder)
    for side in ("from_one", "from_other"):
        assert 0 < figures[side]["distance"] < 0.1
    assert "Paris" in answered(child, ASKED)
