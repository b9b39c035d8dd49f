"""Words such as rank, all and three decide only where the asker gives orders with them."""

from __future__ import annotations

import pytest
from asking import asked

from service.question import Task

ONE, ALL, SOME = Task.MULTIPLE_CHOICE, Task.RANKING, Task.RETRIEVAL
LIST = "\n1. scarf\n2. whistle\n3. helmet\n4. lantern\n5. stove"

OF_ONE = [
    "Given the product type officer rank insignia, which of the following completes it?",
    "A user who bought a ranking board will order a whistle again. Which one comes next?",
    "Which of the following may be the product's rank in sales by weight?",
    "Which of these would you rank first for a camper?",
    "Rank badges and whistles are sold here; which of the following products is worn?",
    "Which of the following shows all suitable colours?",
    "Which statement names all matching things?",
    "Select the 4 season tent's best companion.",
    "Select the 2 in 1 product.",
    "Which of the two best known makers sells the stove?",
    "Choose the 3 piece set's companion.",
    "Pick the option that names two numbers.",
    "Is it the lantern, sold in an order of three, or the stove?",
    "A coin sorter is bought to sort coins by size. What else is bought?",
    "Which of the following phrases, ranked by length, is a product?",
    "下面哪个选项是所有露营者都需要的？",  # noqa: RUF001
    "次のうち、すべての人に必要なものはどれですか。",
    "Quel produit de la classe A sert à la montagne ?",
    "¿Qué producto sirve para ordenar zapatos?",
]
OF_ALL = [
    "Given five products, rank them for a camper.",
    "You are to look at the things and then rank all of them.",
    "Could you rank these products for a hiker?",
    "Please rank products by how warm they are.",
    "Your task is to rank the products; which is warmer comes first.",
    "Create a ranking of the products.",
    "List the products in descending order of relevance to a hiker.",
    "Give the products from most to least useful.",
    "Name all of them, the most relevant first.",
    "Classez les produits du plus chaud au plus froid.",
    "Clasifica los productos según su relevancia para un viaje.",
    "Classifica i prodotti in base alla loro pertinenza.",
    "Classifique os produtos de acordo com a relevância.",
    "Rangschik de producten op warmte.",
    "Uszereguj produkty według ceny.",
    "Ürünleri fiyata göre sıralayın.",  # noqa: RUF001
    "Упорядочите товары по цене.",
    "상품을 가격에 따라 정렬하세요.",
]


@pytest.mark.parametrize("task", [None, ONE])
@pytest.mark.parametrize("stem", OF_ONE)
def test_words_in_what_is_asked_order_nothing(stem: str, task: Task | None) -> None:
    question = asked(stem + LIST, task=task)
    assert (question.task, question.choose, question.notes) == (ONE, 1, ())


@pytest.mark.parametrize("task", [None, ALL])
@pytest.mark.parametrize("stem", OF_ALL)
def test_orders_to_rank(stem: str, task: Task | None) -> None:
    assert asked(stem + LIST, task=task).task is ALL


@pytest.mark.parametrize(
    ("stem", "count"),
    [
        ("Your answer should consist of two numbers.", 2),
        ("Answer with a list of two numbers.", 2),
        ("Which things keep somebody warm (exactly 2)?", 2),
        ("Which things keep somebody warm? Name exactly 2 of them.", 2),
        ("Predict 4 products that come next.", 4),
        ("Select a total of four.", 4),
        ("Select no more than two things.", 2),
        ("Pick as many as 4.", 4),
        ("Choose a pair of products.", 2),
        ("Choose four things. Output one number per line.", 4),
        ("Output four numbers, one on each line.", 4),
        ("What are the four most likely things in a rucksack?", 4),
        ("Show the 2 best.", 2),
        ("Selecione dois produtos.", 2),
        ("Kies twee producten uit de lijst.", 2),
        ("Wybierz dwa produkty z listy.", 2),
        ("Listeden iki ürün seçin.", 2),
        ("Выберите два товара из списка.", 2),
        ("목록에서 두 가지를 고르세요.", 2),
        ("목록에서 상품 2개를 선택하세요.", 2),
    ],
)
def test_numbers_of_options(stem: str, count: int) -> None:
    question = asked(stem + LIST)
    assert (question.task, question.choose) == (SOME, count)


@pytest.mark.parametrize(
    "stem",
    [
        "Select the things for a camper. There should be a comma separating every two numbers.",
        "Which things are warm? Separate the numbers with commas.",
        "Pick all things for a camper. Output one number per line.",
        "Which are for campers? There may be more than one.",
        "Find all suitable things.",
        "适合露营的有哪些？选出全部。",  # noqa: RUF001
        "当てはまるものをすべて選んでください。",
    ],
)
def test_several_though_nobody_says_how_many(stem: str) -> None:
    question = asked(stem + LIST)
    assert (question.task, question.choose) == (SOME, 3)
    assert any("does not say how many" in note for note in question.notes)


def test_one_per_line_is_no_count_of_options() -> None:
    question = asked("Things for a camper. Output one number per line." + LIST, task=SOME)
    assert question.choose == 3


@pytest.mark.parametrize(
    ("text", "task", "more"),
    [
        ("create a warm corner", ALL, {}),
        ("compose a picnic", SOME, {"k": 2}),
        ("top 2 gifts for campers", ONE, {}),
        ("top 2 gifts for campers", ALL, {}),
        ("choose 2 in 1 stove", ONE, {}),
        ("rank badge", ONE, {}),
        ("which 2 in 1 burns longest", ALL, {}),
        ("caja para ordenar herramientas", ONE, {}),
        ("ranger et trier les vis", ONE, {}),
        ("Kiste für mehrere Ordner sortieren", ONE, {}),
        ("select all that apply", ONE, {}),
        ("Rank the things and return the most relevant.", SOME, {}),
        ("Rank the things.", SOME, {}),
    ],
)
def test_options_beside_the_text_and_a_type_are_never_refused(
    text: str, task: Task, more: dict[str, int]
) -> None:
    options = ("stove", "lantern", "helmet")
    question = asked(text, task=task, options=options, **more)
    assert question.task is task
    assert question.choose == more.get("k", {ONE: 1, ALL: 3, SOME: 3}[task])


def test_a_contradiction_of_such_a_type_is_noted() -> None:
    question = asked("Rank the things.", task=ONE, options=("stove", "lantern"))
    assert question.notes == (
        "The text seems to ask for a ranking; the type multiple_choice was followed.",
    )
