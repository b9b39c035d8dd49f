from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.catalog.clean import clean_category, clean_title, decode_entities, neutralise

TOKENS = [
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|begin_of_text|>",
    "<|start_header_id|>",
    "<\uff5cbegin\u2581of\u2581sentence\uff5c>",
    "[INST]",
    "[/INST]",
    "<<SYS>>",
    "<</SYS>>",
    "<s>",
    "</s>",
    "<unk>",
    "<pad>",
    "<bos>",
    "<eos>",
    "<mask>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<repo_name>",
    "<reponame>",
    "<file_sep>",
    "<filename>",
    "<gh_stars>",
    "<jupyter_start>",
    "<fim_prefix>",
    "<tool_call>",
    "</tool_call>",
    "<think>",
    "</think>",
    "<0x0A>",
    "<unused12>",
    "<extra_id_0>",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "[TOOL_CALLS]",
    "[AVAILABLE_TOOLS]",
    "[gMASK]",
    "[|user|]",
]
PIECES = [
    *TOKENS,
    *("&lt;", "&amp;", "&amp;amp;", "&#60;", "&#x7c;", "&gt;", "&nbsp;", "&shy;", "&#0;", "lt;"),
    *("<", "|", ">", "[", "]", "&", ";", "#", "im_start", "INST", "SYS", "s", "amp", "a", "\u0338"),
    *("\x00", "\n", "\r", "\t", "\u2028", "\u2029", "\x85", " ", "\u3000", "\u200b", "\u202e"),
    *("\u200d", "\ufe0f", "\U0001f469", "\U0001f4bb", "\u00e9", "e\u0301", "\ud800", "\udc00"),
    *("\u212b", "\u037e", "\u2adc", "\u0915", "\u094d", "\ufeff", "1", "\u20e3"),
]
wild = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join)
surrogates = st.text(st.characters(exclude_categories=()), max_size=30)


@given(wild | surrogates)
@example("&lt;|im_start|&gt;")
@example("<|im\x00_start|>")
@example("&am\x00p;lt;s&gt;")
@example("&amp;" + "amp;" * 50 + "lt;s>")
@example("<\u200b<SYS\u2060>>")
@example("\u2adc\u200d\U0001f4bb")
def test_a_cleaned_title_is_fit_whatever_came(raw: str) -> None:
    title = clean_title(raw)
    assert clean_title(title) == title
    assert unicodedata.is_normalized("NFC", title)
    assert title.encode().decode() == title
    assert title == " ".join(title.split())
    assert len(title.splitlines()) <= 1
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in title)
    assert not any(token.lower() in title.lower() for token in TOKENS)
    assert decode_entities(title) == title


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x24F)))
def test_what_can_be_seen_is_kept(raw: str) -> None:
    seen = re.sub(r"[\s\xad\x7f-\x9f]", "", unicodedata.normalize("NFC", decode_entities(raw)))
    if not re.search(r"[&<\[]", raw):
        assert clean_title(raw).replace(" ", "") == seen


@pytest.mark.parametrize("token", TOKENS)
def test_a_template_token_stays_readable_but_is_none(token: str) -> None:
    for raw in (token, f"a{token}b", token.replace("<", "&lt;"), token.replace("<", "&amp;lt;")):
        title = clean_title(raw)
        assert token not in title
        assert token in title.replace(" ", "")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Salt &amp; Pepper", "Salt & Pepper"),
        ("Salt &amp;amp; Pepper", "Salt & Pepper"),
        ("&quot;Tom&#39;s&#x22; caf&eacute;", '"Tom\'s" café'),
        ("arts&times R&D &unknown; AT&T", "arts&times R&D &unknown; AT&T"),
        ('"Great" „Performances“ «Cats»', '"Great" „Performances“ «Cats»'),
        ("  a\tb\r\nc\u2028d\u2029e\x85f\u00a0\u3000g  ", "a b c d e f g"),
        ("a\x00b\x1b[31mc\x7f\ud83d", "ab[31mc"),
        ("cafe\u0301", "caf\u00e9"),
        ("user\u202egpj.exe\u202c", "usergpj.exe"),
        ("zero\u200bwidth\u2060\ufeff\u00ad", "zerowidth"),
        ("x\u200dy \ufe0f", "xy"),
        ("hidden\U000e0061\U000e0062", "hidden"),
        ("a\ufe0f\ufe0f", "a"),
        ("\u3164\u2800\u200b", ""),
        ("Pok\u00e9mon \u795e\u5947\u5b9d\u8d1d", "Pok\u00e9mon \u795e\u5947\u5b9d\u8d1d"),
        ("2 < 3 and [box] of <b>tags</b>", "2 < 3 and [box] of <b>tags</b>"),
        ("<|im_start|>system", "< |im_start|>system"),
    ],
)
def test_titles_in_the_wild(raw: str, clean: str) -> None:
    assert clean_title(raw) == clean
    assert clean_category(raw) == clean


@pytest.mark.parametrize(
    "shaped",
    [
        "\U0001f469\u200d\U0001f4bb coder",
        "\u2764\ufe0f\u200d\U0001f525 heart on fire",
        "keycap 1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f England",
        "\U0001f44d\U0001f3fd thumb",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 (Persian)",
        "\u0915\u094d\u200d\u0937 (Hindi)",
        "\u845b\U000e0100\u98fe",
        "\u00a9\ufe0f \u2122\ufe0f",
    ],
)
def test_invisible_characters_that_shape_what_is_seen_are_kept(shaped: str) -> None:
    assert clean_title(shaped) == shaped


def test_nothing_invisible_is_overlooked() -> None:
    visible_formats = re.compile(
        r"[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f]"
    )
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in {"Cc", "Cf", "Cs"} and not visible_formats.match(char):
            assert clean_title(f"a{char}b") in {"ab", "a b"}, hex(code)


def test_deep_escaping_is_bounded() -> None:
    title = clean_title("&amp;" + "amp;" * 200_000)
    assert title.startswith("& amp;")


specials_lists = st.lists(
    st.sampled_from([*TOKENS, "<", " ", "a b", "\n", "ab", "ba", "Observation:", ""])
    | st.text("ab <|>\n", max_size=4),
    max_size=8,
)


@given(wild | st.text("ab <|>\n", max_size=30), specials_lists)
@example("ab", [" ", "ab"])
@example("ababa", ["ab", "ba"])
def test_no_special_token_survives(text: str, specials: list[str]) -> None:
    safe = neutralise(text, specials)
    assert not any(special in safe for special in specials if special)
    assert neutralise(safe, specials) == safe


@given(wild, specials_lists)
def test_a_text_without_special_tokens_is_left_alone(text: str, specials: list[str]) -> None:
    if not any(special in text for special in specials if special):
        assert neutralise(text, specials) == text


def test_special_tokens_are_parted_not_lost() -> None:
    assert neutralise("say <|eot_id|> now", ["<|eot_id|>"]) == "say < |eot_id|> now"
    assert neutralise("a<b", ["<"]) == "ab"
    assert neutralise("", ["x"]) == ""
