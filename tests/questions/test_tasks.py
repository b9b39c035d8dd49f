# ruff: noqa: RUF001 - punctuation of other scripts is what these read
from __future__ import annotations

import pytest
from asking import asked

from service.question import Task

LIST = "\n1. oak desk\n2. desk lamp\n3. rug\n4. mug\n5. mat"

ONE = [
    "Which product would a student buy first?",
    "Given that it rains, the customer reaches for",
    "Choose one product that gives light.",
    "Welches Produkt gibt Licht?",
    "Quel produit éclaire une table ?",
    "¿Qué producto sirve para escribir?",
    "Quale prodotto fa luce?",
    "哪个产品可以照明？",
    "次のうち、明かりになるものはどれですか。",
    "أي منتج يضيء الغرفة؟",
    "कौन सा उत्पाद रोशनी देता है?",
    "Which product has the highest rank in sales?",
    "Select the product that comes with 4 wheels.",
]
SEVERAL = [
    ("Please select 3 of the products.", 3),
    ("Choose exactly two products.", 2),
    ("From the following list, pick the two that match.", 2),
    ("You should output three numbers, separated by commas.", 3),
    ("Name the top 3 products.", 3),
    ("Which two products go together?", 2),
    ("Give the best three for a student.", 3),
    ("There should be a comma between two numbers. Select 4 products.", 4),
    ("Wähle drei Produkte aus.", 3),
    ("Bitte drei Produkte auswählen.", 3),
    ("Choisissez trois produits.", 3),
    ("Elige tres productos.", 3),
    ("Scegli tre prodotti.", 3),
    ("请从列表中选出三个产品。", 3),
    ("请选择3个产品。", 3),
    ("リストから商品を3つ選んでください。", 3),
    ("اختر ثلاثة منتجات.", 3),
    ("तीन उत्पाद चुनें।", 3),
]
ORDERED = [
    "Please rank the products by how well they suit the query 'study'.",
    "Re-rank all candidates. You should output a permutation of 1 to 5.",
    "Sort the products by relevance to the query 'study'.",
    "Rank the products. Put a comma between every two numbers.",
    "Ordne die Produkte nach ihrer Relevanz.",
    "Bitte sortiere die Produkte.",
    "Classez les produits par pertinence.",
    "Ordena los productos por relevancia.",
    "Ordina i prodotti per rilevanza.",
    "请按相关性对产品进行排序。",
    "関連性の高い順に商品を並べてください。",
    "رتب المنتجات حسب الصلة.",
    "उत्पादों को प्रासंगिकता के क्रम में रखें।",
]


@pytest.mark.parametrize("stem", ONE)
def test_one_of_the_options(stem: str) -> None:
    question = asked(stem + LIST)
    assert (question.task, question.choose) == (Task.MULTIPLE_CHOICE, 1)
    assert len(question.options) == 5


@pytest.mark.parametrize(("stem", "count"), SEVERAL)
def test_several_of_the_options(stem: str, count: int) -> None:
    question = asked(stem + LIST)
    assert (question.task, question.choose) == (Task.RETRIEVAL, count)


@pytest.mark.parametrize("stem", ORDERED)
def test_all_options_in_order(stem: str) -> None:
    question = asked(stem + LIST)
    assert (question.task, question.choose) == (Task.RANKING, 5)


def test_the_number_may_stand_behind_the_list() -> None:
    question = asked(
        f"A student needs things.{LIST}\nOutput (answer in two comma-separated numbers): "
    )
    assert (question.task, question.choose) == (Task.RETRIEVAL, 2)
    assert question.stem == "A student needs things."


def test_numbers_in_texts_and_quotes_say_nothing() -> None:
    question = asked(
        f"Which product goes with 'Select 3 Rank Sorter'?\nReview: choose three mugs.{LIST}"
    )
    assert question.task is Task.MULTIPLE_CHOICE


def test_several_without_a_number() -> None:
    question = asked(f"Select all that apply to a desk.{LIST}")
    assert (question.task, question.choose) == (Task.RETRIEVAL, 3)
    assert any("does not say how many" in note for note in question.notes)


def test_ranking_only_the_best() -> None:
    question = asked(f"Rank the products and output the top 3.{LIST}")
    assert (question.task, question.choose) == (Task.RETRIEVAL, 3)


def test_more_than_there_are() -> None:
    question = asked("Select 9 products.\n1. oak\n2. ash", task=Task.RETRIEVAL)
    assert question.choose == 2
    assert any("asks for 9" in note for note in question.notes)


def test_k_wins() -> None:
    assert asked("Select 3 products." + LIST, k=2).choose == 2
    assert asked("Select 3 products." + LIST, k=1).task is Task.MULTIPLE_CHOICE
    assert asked("Rank the products." + LIST, k=2).task is Task.RETRIEVAL
    assert asked("Which product?" + LIST, k=4).task is Task.RETRIEVAL
    assert asked("Which two products?" + LIST, k=1, task=Task.MULTIPLE_CHOICE).choose == 1


def test_the_task_that_is_named() -> None:
    assert asked("Desks." + LIST, task=Task.RANKING).choose == 5
    retrieval = asked("Desks." + LIST, task=Task.RETRIEVAL)
    assert (retrieval.choose, len(retrieval.notes)) == (3, 1)
    assert asked("Desks.\n1. oak\n2. ash", task=Task.RETRIEVAL).choose == 2


@pytest.mark.parametrize(
    ("stem", "labels"),
    [
        ("Rate the review on a scale of 1 to 5.", "1 2 3 4 5"),
        ("Give a score from 0 to 3.", "0 1 2 3"),
        ("Rate it from 1 (poor) to 4 (good).", "1 2 3 4"),
        ("How good is it? Rate it with 1-5 stars.", "1 2 3 4 5"),
        ("Bewerte die Rezension auf einer Skala von 1 bis 5.", "1 2 3 4 5"),
        ("Évaluez cet avis sur une échelle de 1 à 5.", "1 2 3 4 5"),
        ("Valora la reseña en una escala de 1 a 5.", "1 2 3 4 5"),
        ("Valuta la recensione su una scala da 1 a 5.", "1 2 3 4 5"),
        ("请给这条评论打分，从1到5。", "1 2 3 4 5"),
        ("レビューを1から5の5段階で評価してください。", "1 2 3 4 5"),
        ("قيم المراجعة من 1 إلى 5.", "1 2 3 4 5"),
        ("समीक्षा को 1 से 5 के पैमाने पर आँकें।", "1 2 3 4 5"),
    ],
)
def test_scales(stem: str, labels: str) -> None:
    question = asked(f"{stem}\nReview: Broke after 2 to 3 days.\nOutput:\nAnswer: ")
    assert question.task is Task.MULTIPLE_CHOICE
    assert " ".join(option.label for option in question.options) == labels
    assert question.choose == 1
    assert question.focus == "Broke after 2 to 3 days."


@pytest.mark.parametrize(
    "stem",
    [
        "Is this desk made of oak?",
        "Is oak or ash the harder wood?",
        "Write a title for a desk with 4 to 6 drawers.",
        "Write a review that gives it a rating of 1 to 5 stars.",
        "Explain the product type tripod",
        "Rate it on a scale of 1 to 900.",
        "Which shoes fit sizes from 36 to 42?",
    ],
)
def test_what_has_no_options_is_written(stem: str) -> None:
    question = asked(stem)
    assert (question.task, question.options, question.choose) == (Task.GENERATION, (), 0)
    assert question.source == ""


@pytest.mark.parametrize(
    "stem",
    [
        "Summarize these remarks in a sentence.",
        "Write a title for a product with these features:",
        "Schreibe eine Beschreibung mit diesen Merkmalen:",
        "Write a slogan.\nRules:",
    ],
)
def test_a_list_to_write_about_is_no_list_of_options(stem: str) -> None:
    question = asked(stem + LIST)
    assert (question.task, question.options) == (Task.GENERATION, ())
    assert "2. desk lamp" in question.stem
    assert question.notes == ("The list numbered 1 to 5 was read as part of the text.",)


def test_writing_where_there_are_options() -> None:
    question = asked("Which product is best?" + LIST, task=Task.GENERATION)
    assert (question.options, question.choose) == ((), 0)
    assert "5. mat" in question.stem
    beside = asked("Which is best?", task=Task.GENERATION, options=("oak", "ash"))
    assert beside.stem == "Which is best?\n1. oak\n2. ash"
    assert beside.notes


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("Describe the tent in at most 20 words.", 20),
        ("Describe the tent. Limit your answer to 40 words.", 40),
        ("Describe the tent in no more than twenty words.", 20),
        ("Describe the tent (max. 15 words).", 15),
        ("Describe the tent in 12 words or less.", 12),
        ("Beschreibe das Zelt in höchstens 25 Wörtern.", 25),
        ("Décris la tente en 20 mots maximum.", 20),
        ("Describe la tienda en menos de 18 palabras.", 18),
        ("Descrivi la tenda in massimo 16 parole.", 16),
        ("用20字以内描述帐篷。", 20),
        ("テントを50文字以内で説明してください。", 50),
        ("Describe the tent using 8 words.", 8),
        ("Write 45 words about the tent.", 45),
        ("Write a 200 word article about the tent.", 200),
        ("Write a ten-word slogan for the tent.", 10),
        ("Describe the tent in 10-15 words.", 15),
        ("Describe the tent in 40–60 words.", 60),
        ("Опишите палатку не более чем в 14 словах.", 14),
        ("Explain the 3 word phrase.", 30),
        ("Describe the tent in at least 50 words.", 30),
        ("Describe the game with 92 words on its cards.", 30),
        ("Describe the tent.", 30),
    ],
)
def test_word_limits(text: str, most: int) -> None:
    assert asked(text).max_words == most
    assert asked(text, max_words=7).max_words == 7
