"""`python -m models.rl` on a shop with a ranker: what it makes, and what it will not start with."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import ringroad
import torch
from rl_world import lists, no_tests_found, shop
from safetensors.torch import load_file, save_file
from toyshop import ToyCatalogue
from typer.testing import CliRunner, Result

from models.llm.adapters import Lora, load_adapted, parent_of, save_adapter, with_lora
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.rl.__main__ import app
from models.rl.asked import TOO_LONG, UNKNOWN_CATEGORY, UNKNOWN_HISTORY, UNKNOWN_ITEM, Asked, Sieve
from models.rl.judging import Judged, ListJudge
from models.rl.ranks import Ranks, ranks_beside
from models.sft.data.example import Example, Wanted, read_examples, write_examples
from models.steps.output import figures_of
from service.catalog.artifact import LoadedCatalogue, load
from service.domain import Controls, Intent, Item
from service.errors import BadInput
from service.retrieval.ranker import current_version, load_ranker, ranker_root
from service.retrieval.ranker_bound import bound
from service.retrieval.ranker_publish import retuned
from service.tuning import Blend, Situation, Tuning

SHORT = ("iterations=2", "rollouts=4", "minibatch=2", "max_new_tokens=6", "value_first=0")
GROUPS = ("algorithm=grpo", "iterations=1", "rollouts=4", "minibatch=2", "group=2")
WAYS = {"ppo": SHORT, "grpo": (*GROUPS, "max_new_tokens=6")}


@pytest.fixture(scope="module")
def catalogue(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop(tmp_path_factory.mktemp("shops") / "shop", tiny)


@pytest.fixture(scope="module")
def loaded(catalogue: Path) -> LoadedCatalogue:
    return load(catalogue)


@pytest.fixture(scope="module")
def ranks(catalogue: Path, loaded: LoadedCatalogue) -> Ranks:
    return ranks_beside(catalogue, loaded)


@pytest.fixture(scope="module")
def data(catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lists(tmp_path_factory.mktemp("data") / "lists", catalogue)


def run(
    catalogue: Path, data: Path, model: Path, out: Path, *more: str, way: str = "ppo"
) -> Result:
    named = ["--catalogue", catalogue, "--data", data, "--model", model, "--out", out]
    given = [part for one in WAYS[way] for part in ("--set", one)]
    if way == "grpo":
        with no_tests_found():
            import trl.trainer.grpo_trainer  # noqa: F401, PLC0415
    return CliRunner().invoke(app, [*map(str, named), *given, *more])


def adapter(model: Path, folder: Path) -> Path:
    """One that changes what the model says."""
    parent = checkpoint_in(model)
    adapted = with_lora(load_model(parent), Lora(2, 4))
    with torch.no_grad():
        for name, one in adapted.named_parameters():
            if "lora_B" in name:
                one.normal_(std=0.2)
    save_adapter(adapted, parent, folder)
    return folder


class TestRanks:
    def test_are_places_among_all_outside_the_history(
        self, ranks: Ranks, loaded: LoadedCatalogue
    ) -> None:
        past = ("i0", "i1")
        found = ranks.after(past)
        rows = loaded.rows([name for name in ringroad.IDS if name not in past])
        assert sorted(found[rows].tolist()) == list(range(10))

    def test_are_the_rankers_own_order(
        self, ranks: Ranks, catalogue: Path, loaded: LoadedCatalogue
    ) -> None:
        past = ("i3",)
        ranker = bound(load_ranker(ranker_root(catalogue)), loaded)
        scores = ranker.scores(ranker.known(loaded.rows(past))).of(ranker.item_at)
        others = [row for row in range(loaded.size) if loaded.item(row).id not in past]
        found = ranks.after(past)
        by_score = sorted(others, key=lambda row: -float(scores[row]))
        assert sorted(others, key=lambda row: int(found[row])) == by_score

    def test_are_missing_where_there_is_no_ranker(
        self, catalogue: Path, loaded: LoadedCatalogue, tmp_path: Path
    ) -> None:
        with pytest.raises(BadInput, match="no ranker") as told:
            ranks_beside(tmp_path, loaded)
        assert "listwright train" in told.value.hint


class TestRequests:
    def sieve(
        self, loaded: LoadedCatalogue, ranks: Ranks, tiny: Path, context: int | None = 2048
    ) -> Sieve:
        return Sieve(loaded, ranks, checkpoint_in(tiny).tokenizer, context, lambda k: 10 * k)

    def test_are_those_that_can_be_judged(
        self, loaded: LoadedCatalogue, ranks: Ranks, tiny: Path, catalogue: Path, tmp_path: Path
    ) -> None:
        def some(name: str, **changes: object) -> list[Example]:
            path = lists(tmp_path / name, catalogue, **changes)
            return list(read_examples(path / "train.jsonl"))

        examples = [
            *some("good"),
            *some("gone", target="i99"),
            *some("new", history=()),
            *some("vanished", intent=Intent(controls=Controls(exclude=("Gone",)))),
        ]
        found = self.sieve(loaded, ranks, tiny).requests(examples)
        assert len(found.asked) == 6
        assert found.left_out == {UNKNOWN_ITEM: 6, UNKNOWN_HISTORY: 6, UNKNOWN_CATEGORY: 6}

    def test_are_none_where_the_context_is_too_short(
        self, loaded: LoadedCatalogue, ranks: Ranks, tiny: Path, data: Path
    ) -> None:
        examples = list(read_examples(data / "train.jsonl"))
        with pytest.raises(BadInput, match=f"6 with {TOO_LONG}"):
            self.sieve(loaded, ranks, tiny, context=40).requests(examples)

    def test_are_bound_by_the_longest_answer_among_them(
        self, loaded: LoadedCatalogue, ranks: Ranks, tiny: Path, data: Path
    ) -> None:
        short = next(iter(read_examples(data / "train.jsonl")))
        assert short.wanted is not None
        long = replace(short.prompt, user=f"{short.prompt.user} Please do, if you can.")
        asks_for_more = replace(short, wanted=replace(short.wanted, k=5))
        longer = replace(short, prompt=long)
        sieve = self.sieve(loaded, ranks, tiny)
        (one,) = sieve.requests([asks_for_more]).asked
        bound = replace(sieve, context=len(one.prompt) + 50)
        assert len(bound.requests([longer]).asked) == 1
        found = bound.requests([asks_for_more, longer])
        assert [asked.wanted.k for asked in found.asked] == [5]
        assert found.left_out == {TOO_LONG: 1}

    def test_have_no_bound_where_a_model_names_none(
        self, loaded: LoadedCatalogue, ranks: Ranks, tiny: Path, data: Path
    ) -> None:
        examples = list(read_examples(data / "train.jsonl"))
        assert len(self.sieve(loaded, ranks, tiny, context=None).requests(examples).asked) == 6


class TestJudging:
    def test_reads_a_list_and_credits_its_lines(
        self, loaded: LoadedCatalogue, ranks: Ranks, tiny: Path, data: Path
    ) -> None:
        tokenizer = checkpoint_in(tiny).tokenizer
        judge = ListJudge(loaded, ranks, tokenizer)
        examples = read_examples(data / "train.jsonl")
        sieve = Sieve(loaded, ranks, tokenizer, 2048, lambda k: k)
        first = sieve.requests(examples).asked[0]
        # The history is i0 to i2 and the target i3: a hit, then what was met already.
        tokens = [*tokenizer.encode("1. Stop 3\n2. Stop 0\n"), tokenizer.end]
        found = judge.of(first, tokens)
        assert found.rewards.lines == (1.0, -1.0)
        assert found.rewards.whole == 0.0  # 1/log2(2) - 1
        broken = [place for place, one in enumerate(found.tokens) if one]
        assert [tokenizer.decode(tokens[: place + 1]) for place in broken] == [
            "1. Stop 3\n",
            "1. Stop 3\n2. Stop 0\n",
        ]

    @pytest.mark.parametrize("said", ["", "\n\n", "I cannot."])
    def test_reads_what_is_no_list(
        self, loaded: LoadedCatalogue, ranks: Ranks, tiny: Path, data: Path, said: str
    ) -> None:
        tokenizer = checkpoint_in(tiny).tokenizer
        sieve = Sieve(loaded, ranks, tokenizer, 2048, lambda k: k)
        first = sieve.requests(read_examples(data / "train.jsonl")).asked[0]
        found = ListJudge(loaded, ranks, tokenizer).of(
            first, [*tokenizer.encode(said), tokenizer.end]
        )
        assert found.rewards.lines == (-1.0, -1.0)
        assert sum(found.tokens) == found.rewards.total == -4.0

    def test_counts_what_stands_among_and_after_the_lines(
        self, loaded: LoadedCatalogue, ranks: Ranks, tiny: Path, data: Path
    ) -> None:
        tokenizer = checkpoint_in(tiny).tokenizer
        judge = ListJudge(loaded, ranks, tokenizer)
        sieve = Sieve(loaded, ranks, tokenizer, None, lambda k: k)
        first = sieve.requests(read_examples(data / "train.jsonl")).asked[0]

        def of(said: str) -> Judged:
            return judge.of(first, [*tokenizer.encode(said), tokenizer.end])

        plain = of("1. Stop 3\n2. Stop 5\n")
        rambling = of("1. Stop 3\nindeed\n2. Stop 5\n1. Stop 6\nand so on")
        assert rambling.rewards.lines == (*plain.rewards.lines, -1.0, -1.0, -1.0)
        assert rambling.rewards.total == pytest.approx(plain.rewards.total - 6)
        assert sum(rambling.tokens) == pytest.approx(rambling.rewards.total)

    @pytest.mark.parametrize("there", [2, 3])
    @pytest.mark.parametrize("outside", [1, 2])
    def test_rambling_is_never_free_however_short_the_list(
        self, loaded: LoadedCatalogue, ranks: Ranks, tiny: Path, there: int, outside: int
    ) -> None:
        tokenizer = checkpoint_in(tiny).tokenizer
        judge = ListJudge(loaded, ranks, tokenizer)
        asked = Asked((1,), Wanted(4, ("i0", "i1"), "i7"))

        def of(said: str) -> Judged:
            return judge.of(asked, [*tokenizer.encode(said), tokenizer.end])

        listed = "".join(f"{n + 1}. Stop {n + 3}\n" for n in range(there))
        plain, rambling = of(listed), of(listed + "Enjoy!\n" * outside)
        assert plain.rewards.legal == rambling.rewards.legal == there
        assert rambling.rewards.total == pytest.approx(plain.rewards.total - 2 * outside)
        # What rambles pays where it ends, what lacks at the very end.
        assert rambling.tokens[rambling.lines[there]] == -1.0
        assert sum(rambling.tokens) == pytest.approx(rambling.rewards.total)

    def test_takes_a_shared_title_for_the_target(self, ranks: Ranks, tiny: Path) -> None:
        class Same(ToyCatalogue):
            def spelling(self, row: int) -> str:
                return "Stop"

        same = Same([Item(name, "Stop") for name in ringroad.IDS])
        judge = ListJudge(same, ranks, checkpoint_in(tiny).tokenizer)
        asked = Asked((1,), Wanted(2, ("i0", "i1"), "i7"))
        tokenizer = checkpoint_in(tiny).tokenizer
        found = judge.of(asked, tokenizer.encode("1. Stop\n2. Stop\n"))
        assert found.rewards.lines[0] == 1.0
        assert found.rewards.legal == 2


class TestCommand:
    def test_makes_an_adapter_that_fits_its_model(
        self, catalogue: Path, data: Path, tiny: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        result = run(catalogue, data, tiny, out)
        assert result.exit_code == 0, result.output
        assert "2 iterations over 6 requests" in result.stdout
        assert "reward: " in result.stdout
        parent, _ = load_adapted(out)
        assert parent.folder == tiny.resolve()
        for figures in figures_of(out)["iterations"]:
            assert {"reward", "lines", "list", "legal", "kl", "length", "seconds"} <= set(figures)

    def test_learns_by_grpo(self, catalogue: Path, data: Path, tiny: Path, tmp_path: Path) -> None:
        result = run(catalogue, data, tiny, tmp_path / "out", "--algorithm", "grpo", way="grpo")
        assert result.exit_code == 0, result.output
        assert "grpo, 1 iterations over 6 requests" in result.stdout
        parent, _ = load_adapted(tmp_path / "out")
        assert parent.folder == tiny.resolve()

    def test_on_an_adapter_writes_what_the_new_one_stands_on(
        self, catalogue: Path, data: Path, tiny: Path, tmp_path: Path
    ) -> None:
        result = run(catalogue, data, adapter(tiny, tmp_path / "tuned"), tmp_path / "out")
        assert result.exit_code == 0, result.output
        stands_on, _ = load_adapted(tmp_path / "out")
        assert stands_on.folder == tmp_path / "out-start"
        # And on that alone.
        with pytest.raises(BadInput, match="was made on another model"):
            parent_of(tmp_path / "out", tiny)

    @pytest.mark.parametrize("way", WAYS)
    def test_of_weights_that_are_no_numbers_is_told(
        self, catalogue: Path, data: Path, tiny: Path, tmp_path: Path, way: str
    ) -> None:
        broken = shutil.copytree(tiny, tmp_path / "broken")
        (broken / "manifest.json").unlink()
        tensors = load_file(broken / "model.safetensors")
        tensors["model.layers.0.mlp.up_proj.weight"][0, 0] = float("nan")
        save_file(tensors, broken / "model.safetensors", {"format": "pt"})
        result = run(catalogue, data, broken, tmp_path / "out", way=way)
        assert result.exit_code == 1
        assert f"The model in {broken} finds scores that are no numbers" in result.stderr
        assert not list(tmp_path.glob("*out*"))

    @pytest.mark.parametrize(
        ("way", "iterations", "rate"), [("ppo", 1, 1e30), ("ppo", 2, 1e30), ("grpo", 2, 1e38)]
    )
    def test_that_diverged_is_told(
        self,
        catalogue: Path,
        data: Path,
        tiny: Path,
        tmp_path: Path,
        way: str,
        iterations: int,
        rate: float,
    ) -> None:
        far = ("--set", f"learning_rate={rate}", "--set", f"iterations={iterations}")
        result = run(catalogue, data, tiny, tmp_path / "out", *far, way=way)
        assert result.exit_code == 1, result.output
        assert "The policy diverged: after iteration" in result.stderr
        assert "Lower learning_rate" in result.stderr
        assert not (tmp_path / "out").exists()

    def test_makes_again_what_was_removed_from_under_an_adapter(
        self, catalogue: Path, data: Path, tiny: Path, tmp_path: Path
    ) -> None:
        tuned, out, start = (tmp_path / name for name in ("tuned", "out", "out-start"))
        first = run(catalogue, data, adapter(tiny, tuned), out)
        assert first.exit_code == 0, first.output
        shutil.rmtree(start)
        again = run(catalogue, data, tuned, out)
        assert (again.exit_code, again.stdout) == (0, first.stdout), again.output
        assert parent_of(out).folder == start
        shutil.rmtree(start)
        shutil.copytree(tiny, start)
        other = run(catalogue, data, tuned, out)
        assert other.exit_code == 1
        assert "Move both away" in other.stderr

    def test_goes_on_with_a_ranker_that_was_tuned_meanwhile(
        self, catalogue: Path, data: Path, tiny: Path, tmp_path: Path
    ) -> None:
        copy = Path(shutil.copytree(catalogue, tmp_path / "shop", symlinks=True))
        first = run(copy, data, tiny, tmp_path / "out")
        assert first.exit_code == 0, first.output
        root = ranker_root(copy)
        before = current_version(root)
        retuned(root, Tuning({Situation("none"): Blend({"popularity": 1.0})}))
        assert current_version(root) != before
        again = run(copy, data, tiny, tmp_path / "out")
        assert (again.exit_code, again.stdout) == (0, first.stdout), again.output
        ringroad.publish(root, seed=2)
        other = run(copy, data, tiny, tmp_path / "out")
        assert other.exit_code == 1
        assert "holds something else already" in other.stderr

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            (("--set", "rollouts=3"), "no whole minibatches"),
            (("--algorithm", "grpo", "--set", "group=3"), "no whole groups"),
            (("--algorithm", "grpo"), "GRPO does not read value_first"),
            (("--set", "group=2"), "PPO does not read group"),
            (("--set", "value_first=2"), "the first 2 teach values alone"),
            (("--set", "eta=1"), "nothing reads 'eta'"),
        ],
    )
    def test_does_not_start_with_choices_that_cannot_be(
        self,
        catalogue: Path,
        data: Path,
        tiny: Path,
        tmp_path: Path,
        given: tuple[str, ...],
        told: str,
    ) -> None:
        result = run(catalogue, data, tiny, tmp_path / "out", *given)
        assert result.exit_code == 1
        assert told in result.stderr
        assert not list(tmp_path.iterdir())

    def test_does_not_start_without_lists(
        self, catalogue: Path, tiny: Path, data: Path, tmp_path: Path
    ) -> None:
        some = next(iter(read_examples(data / "train.jsonl")))
        (tmp_path / "talk").mkdir()
        talk = Example("general", some.prompt, "Hello.")
        write_examples(tmp_path / "talk" / "train.jsonl", [talk])
        result = run(catalogue, tmp_path / "talk", tiny, tmp_path / "out")
        assert result.exit_code == 1
        assert "1 that ask for no list" in result.stderr

    def test_does_not_start_without_a_ranker(
        self, catalogue: Path, tiny: Path, data: Path, tmp_path: Path
    ) -> None:
        copy = shutil.copytree(catalogue, tmp_path / "bare")
        shutil.rmtree(ranker_root(copy))
        result = run(copy, data, tiny, tmp_path / "out")
        assert result.exit_code == 1
        assert "There is no ranker" in result.stderr

    def test_does_not_start_where_tokenizers_differ(
        self, catalogue: Path, tiny: Path, data: Path, tmp_path: Path
    ) -> None:
        other = shutil.copytree(tiny, tmp_path / "other")
        text = json.loads((other / "tokenizer.json").read_text("utf-8"))
        (other / "tokenizer.json").write_text(
            json.dumps(text | {"version": "1.0"}, indent=7), "utf-8"
        )
        result = run(catalogue, data, other, tmp_path / "out")
        assert result.exit_code == 1
        assert "tokenizer" in result.stderr

    def test_does_not_start_from_quantised_weights(
        self, catalogue: Path, tiny: Path, data: Path, tmp_path: Path
    ) -> None:
        other = shutil.copytree(tiny, tmp_path / "awq")
        config = json.loads((other / "config.json").read_text("utf-8"))
        config["quantization_config"] = {"quant_method": "awq"}
        (other / "config.json").write_text(json.dumps(config), "utf-8")
        result = run(catalogue, data, other, tmp_path / "out")
        assert result.exit_code == 1
        assert "is quantised (awq)" in result.stderr
