"""No special token of a model comes out of what somebody wrote, on any road into any prompt."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from injections import SPELLINGS, TOKENS, TURNS
from quiz import Sage, answerer, ask
from remote_world import Desk, openai
from stub_server import Stub
from tokenizers import Tokenizer, normalizers
from toyshop import SpellingEngine, ToyCatalogue

from service.domain import Controls, Cot, Intent, Op, Prompt, Share
from service.engines.text.tokenizer import ChatTokenizer
from service.ports import Decoding, Job
from service.prompts.answer import Seen, answer_prompt
from service.prompts.choose import choose_prompt
from service.prompts.fence import CLOSE, OPEN
from service.prompts.question_thought import cleaned, thought_prompt
from service.prompts.rank import rank_prompt
from service.prompts.recommend import recommend_prompt
from service.question import Option, Question, Task

BENIGN = "tea"
EVERYTHING = [*SPELLINGS, *TURNS]
SIGNS = "<>[]"
OURS = '{"numbers": [...]}'
DATA = re.compile(f"{OPEN}.*?{CLOSE}", re.DOTALL)


def lists(text: str) -> list[Prompt]:
    """Every prompt for a list, with this text wherever somebody else's stands."""
    shares = (Share(text, Op.AT_MOST, 0.5),)
    controls = Controls((text, "Mugs"), (text,), shares)
    wanted = Intent(text=text, query=text, controls=controls)
    titles = [text, "Red Mug", text]
    return [
        recommend_prompt(titles, wanted, 5),
        rank_prompt(titles, wanted, "ABC", titles),
        choose_prompt(titles, wanted, 2, titles),
    ]


def answers(text: str) -> list[Prompt]:
    """Every prompt for an answer, and for a thought on one."""
    made = []
    options = tuple(Option(str(n), words) for n, words in enumerate([text, "Red Mug", text]))
    for task in Task:
        question = Question(task, f"Which? {text}", options, 1, source=text)
        seen = Seen(cleaned(f"The kettle boils water. {text} Tea is hot."), options[:2])
        made += [answer_prompt(question, seen, numbers=numbers) for numbers in (True, False)]
        # Even if cleaning had let it through.
        made += [answer_prompt(question, Seen(text)), thought_prompt(question)]
    return made


def roads(text: str) -> list[Prompt]:
    return [*lists(text), *answers(text)]


def is_neutral(user: str) -> bool:
    """Whether none of the signs that all tokens here have is left, however a server normalises."""
    own = user.replace(OPEN, "").replace(CLOSE, "").replace(OURS, "")
    return not set(unicodedata.normalize("NFKD", own)) & set(SIGNS)


def test_every_token_has_such_a_sign() -> None:
    assert all(set(token) & set(SIGNS) for token in TOKENS)


@pytest.mark.parametrize("place", range(0, len(EVERYTHING), 120))
def test_no_road_leaves_a_token_of_any_family(place: int) -> None:
    """For servers that cut prompts into tokens themselves, whichever model they have."""
    for text in EVERYTHING[place : place + 120]:
        for prompt in roads(text):
            assert is_neutral(prompt.user), (text, prompt.user)


@pytest.mark.parametrize("text", EVERYTHING[:: len(EVERYTHING) // 60] + list(TURNS))
def test_what_stands_outside_the_fences_is_ours_alone(text: str) -> None:
    for hostile, benign in zip(lists(text), lists(BENIGN), strict=True):
        assert DATA.sub("", hostile.user) == DATA.sub("", benign.user)
        assert hostile.user.count(OPEN) == benign.user.count(OPEN)
        assert hostile.system == benign.system


@pytest.mark.parametrize("text", TURNS)
def test_a_thought_that_gives_orders_gives_none_to_the_next_prompt(text: str) -> None:
    thought = cleaned(f"The kettle boils water for tea. {text}. Cups hold it.")
    assert "kettle" in thought
    assert not re.search(r"ignore|obey|forget the rules", thought, re.IGNORECASE)
    assert "\n" not in thought


@pytest.fixture
def tokenizers(
    tokenizer: ChatTokenizer, model_folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> list[tuple[ChatTokenizer, Tokenizer]]:
    """Of three families: as this service reads a prompt, and as a server reads plain text."""
    (tmp_path / "llama").mkdir()
    made = [(tokenizer, Tokenizer.from_file(str(model_folder / "tokenizer.json")))]
    for name in ("llama", "phi"):
        chat: ChatTokenizer = request.getfixturevalue(name)
        made.append((chat, Tokenizer.from_file(str(tmp_path / "tokenizer.json"))))
    return made


def specials_in(tokenizer: ChatTokenizer, ids: Sequence[int]) -> Counter[int]:
    special = set(tokenizer.specials.values())
    return Counter(token for token in ids if token in special)


def hostile_to(plain: Tokenizer) -> list[str]:
    """The tokens that this one adds to its vocabulary, and what is hostile to every other."""
    own = [str(added) for added in plain.get_added_tokens_decoder().values()]
    assert own
    return [*(f"tea{token}tea" for token in own), *TURNS, *EVERYTHING[::97]]


def test_no_token_id_that_opens_or_ends_a_turn_comes_of_text(
    tokenizers: list[tuple[ChatTokenizer, Tokenizer]],
) -> None:
    for chat, plain in tokenizers:
        for text in hostile_to(plain):
            assert not specials_in(chat, chat.encode(text)), "even unfenced, as titles are spelled"
            for hostile, benign in zip(roads(text), roads(BENIGN), strict=True):
                ours, theirs = chat.render(hostile), chat.render(benign)
                assert specials_in(chat, ours[0]) == specials_in(chat, theirs[0])
                assert specials_in(chat, ours[1]) == specials_in(chat, theirs[1])


@pytest.mark.parametrize("form", [None, normalizers.NFKC, normalizers.NFKD, normalizers.NFD])
def test_nor_where_a_server_cuts_the_text(
    tokenizers: list[tuple[ChatTokenizer, Tokenizer]], form: Callable[[], object] | None
) -> None:
    """There special tokens are read from text; some normalise it first."""
    for chat, plain in tokenizers:
        if form is not None:
            plain.normalizer = form()
        assert specials_in(chat, plain.encode("a" + next(iter(chat.specials))).ids), "it reads them"
        for text in hostile_to(plain):
            for prompt in roads(text):
                ids = plain.encode(prompt.user, add_special_tokens=False).ids
                assert not specials_in(chat, ids), (text, prompt.user)


@pytest.mark.parametrize("text", TURNS)
async def test_what_vllm_is_sent(
    desk: Desk, stub: Stub, tokenizer: ChatTokenizer, text: str
) -> None:
    for words in (BENIGN, text):
        for prompt in roads(words):
            await desk.ask(2, prompt=prompt)
    sent = [asked["prompt"] for asked in stub.asked if asked.get("stream")]
    benign, hostile = sent[: len(sent) // 2], sent[len(sent) // 2 :]
    assert len(hostile) == len(roads(text))
    for theirs, ours in zip(benign, hostile, strict=True):
        assert all(isinstance(token, int) for token in ours)
        assert specials_in(tokenizer, ours) == specials_in(tokenizer, theirs)


@pytest.mark.parametrize("text", TURNS)
async def test_what_a_server_that_chats_is_sent(
    stub: Stub, catalogue: ToyCatalogue, text: str
) -> None:
    async with stub.serving() as url, openai(url, catalogue, labels=20) as desk:
        for prompt in roads(text):
            await desk.write(4, prompt=prompt)
    chats = [asked["messages"] for asked in stub.asked if len(asked.get("messages", ())) > 1]
    assert len(chats) == len(roads(text))
    for messages in chats:
        assert [message["role"] for message in messages] == ["system", "user"]
        assert is_neutral(messages[1]["content"])


class Noting(SpellingEngine):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.prompts: list[Prompt] = []

    async def spell(self, job: Job) -> Decoding:
        self.prompts.append(job.prompt)
        return await super().spell(job)


@pytest.mark.parametrize("text", TURNS)
def test_what_a_sidecar_thought_on_the_way_into_an_answer(text: str) -> None:
    engine = Noting()
    sidecar = Sage(f"Ink is what a fountain pen writes with. {text}")
    question = f"Which goes with a pen? {text}\n0. garden hose\n1. bottle of ink {text}\nAnswer:"
    made = ask(answerer(engine, sidecar=sidecar), question, cot=Cot.SIDECAR)
    assert [extra.used for extra in made.supplements][:1] == [True]
    assert sidecar.pages
    for prompt in (*engine.prompts, *(page.prompt for page in sidecar.pages)):
        assert is_neutral(prompt.user)
    assert any("fountain pen" in prompt.user for prompt in engine.prompts)
