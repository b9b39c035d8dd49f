from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from service.demo import habits, seasons
from service.demo.dice import Dice
from service.demo.shelves import DEPARTMENTS, kinds
from service.demo.shop import DAYS, Product, stock
from service.demo.shoppers import Event, events, kinship
from service.demo.vocabulary import Brand, parse
from service.demo.write import ShopFiles, write_shop

SEED = 7


@pytest.fixture(scope="module")
def shop() -> tuple[Product, ...]:
    return stock(SEED)


@pytest.fixture(scope="module")
def log(shop: tuple[Product, ...]) -> list[Event]:
    return events(shop, SEED)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ShopFiles:
    return write_shop(tmp_path_factory.mktemp("shop") / "made" / "here", SEED)


@pytest.fixture(scope="module")
def by_id(shop: tuple[Product, ...]) -> dict[str, Product]:
    return {product.id: product for product in shop}


@pytest.fixture(scope="module")
def histories(log: list[Event]) -> dict[str, list[str]]:
    """Each user's distinct items in order of first touch."""
    seen: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for event in log:
        seen[event.user_id].setdefault(event.item_id)
    return {user: list(items) for user, items in seen.items()}


def month(event: Event) -> int:
    return datetime.fromtimestamp(event.timestamp, UTC).month


class TestNotation:
    def test_reads_brands_lines_tiers_options_and_counts(self) -> None:
        text = """
[Lamps] Glow+ (Aria, Pulse), Dim-
Desk Lamp | 10-20 | - / Brass | Black
 / White, 2nd Generation | Gifts, Eco-Friendly | x12
Plain Lamp | 5-9
"""
        first, second = parse("Home", text)
        assert first.brands == (Brand("Glow", 2, ("Aria", "Pulse")), Brand("Dim", 0))
        assert first.styles == ("", "Brass")
        assert first.options == ("Black", "White, 2nd Generation")
        assert first.tags == ("Gifts", "Eco-Friendly")
        assert (first.low, first.high, first.count, first.branded) == (10, 20, 12, True)
        assert (second.category, second.styles, second.options, second.tags) == (
            "Lamps",
            ("",),
            ("",),
            (),
        )

    def test_by_keeps_the_brand_out_of_the_title(self) -> None:
        (kind,) = parse("Books", "[Novels] by Pale Fox, Wren\nNovel | 5-9 | The Sea | Paperback")
        assert not kind.branded
        assert [brand.name for brand in kind.brands] == ["Pale Fox", "Wren"]


class TestTables:
    def test_every_kind_is_named_once(self) -> None:
        names = Counter(kind.noun for kind in kinds())
        assert [name for name, count in names.items() if count > 1] == []

    def test_a_brand_has_one_tier_everywhere(self) -> None:
        tiers: defaultdict[str, set[int]] = defaultdict(set)
        for kind in kinds():
            for brand in kind.brands:
                tiers[brand.name].add(brand.tier)
        assert {name for name, found in tiers.items() if len(found) > 1} == set()

    def test_habits_and_seasons_name_only_what_the_shelves_hold(
        self, shop: tuple[Product, ...]
    ) -> None:
        nouns = {kind.noun for kind in kinds()}
        names = nouns | {name for product in shop for name in product.categories}
        pairs = {noun for key, rest in habits.COMPLEMENTS.items() for noun in (key, *rest)}
        assert pairs | set(habits.REFILL_DAYS) | set(habits.TRENDS) <= nouns
        assert {name for rest in habits.PERSONAS.values() for name in rest} <= names
        assert set(seasons.CURVES) <= names

    def test_every_category_interests_somebody(self) -> None:
        liked = {name for names in habits.PERSONAS.values() for name in names}
        assert {kind.category for kind in kinds()} <= liked

    def test_the_first_second_is_that_of_the_first_day(self) -> None:
        first = datetime.fromtimestamp(seasons.FIRST_SECOND, UTC)
        assert (first.date(), first.hour) == (seasons.FIRST_DAY, 0)


class TestStock:
    def test_size(self, shop: tuple[Product, ...]) -> None:
        assert len(shop) >= 2_400
        assert len(DEPARTMENTS) >= 12
        assert len({product.kind.category for product in shop}) >= 45

    def test_titles_are_distinct_and_read_like_titles(self, shop: tuple[Product, ...]) -> None:
        titles = [product.title for product in shop]
        assert len(set(titles)) == len(titles)
        assert len({title.casefold() for title in titles}) == len(titles)
        for title in titles:
            assert 3 <= len(title.split()) <= 10, title
            assert title == " ".join(title.split())
            assert not title.endswith(",")
            assert " ," not in title

    def test_titles_share_prefixes(self, shop: tuple[Product, ...]) -> None:
        starts = Counter(" ".join(product.title.split()[:4]) for product in shop)
        assert sum(count for count in starts.values() if count > 1) > len(shop) / 4

    def test_no_word_is_doubled(self, shop: tuple[Product, ...]) -> None:
        for product in shop:
            words = product.title.replace(",", "").casefold().split()
            doubled = [a for a, b in pairwise(words) if a == b]
            assert doubled == [], product.title

    def test_ids_are_distinct_and_in_order(self, shop: tuple[Product, ...]) -> None:
        ids = [product.id for product in shop]
        assert ids == sorted(set(ids))

    def test_categories_overlap_and_differ_in_size(self, shop: tuple[Product, ...]) -> None:
        sizes = Counter(name for product in shop for name in product.categories)
        assert sum(8 <= count <= 15 for count in sizes.values()) >= 8
        assert sum(count >= 200 for count in sizes.values()) >= 5
        assert sum(len(product.categories) > 2 for product in shop) > len(shop) / 2
        for product in shop:
            assert product.categories[:2] == (product.kind.department, product.kind.category)
            assert len(set(product.categories)) == len(product.categories)

    def test_a_kind_holds_alternatives(self, shop: tuple[Product, ...]) -> None:
        sizes = Counter(product.kind.noun for product in shop)
        assert set(sizes) == {kind.noun for kind in kinds()}
        assert sum(count >= 3 for count in sizes.values()) > len(sizes) * 0.95

    def test_prices_look_like_prices(self, shop: tuple[Product, ...]) -> None:
        for product in shop:
            assert product.cents % 100 in {0, 49, 99}, product
            assert 0.5 * product.kind.low <= product.cents / 100 <= product.kind.high + 10, product

    def test_larger_costs_no_less(self, shop: tuple[Product, ...]) -> None:
        pans = [product for product in shop if product.kind.noun == "Frying Pan"]
        for one in pans:
            for two in pans:
                same = (one.brand, one.line, one.style) == (two.brand, two.line, two.style)
                if same and one.option < two.option:
                    assert one.cents <= two.cents

    def test_words_of_the_title_decide_the_cross_categories(
        self, shop: tuple[Product, ...]
    ) -> None:
        for product in shop:
            assert ("Refurbished" in product.title) == ("Refurbished" in product.categories)
            if "Women's" in product.title:
                assert "Women" in product.categories
                assert "Men" not in product.categories
            if "Gifts Under 15" in product.categories:
                assert "Gifts" in product.categories
                assert product.cents < 1500

    def test_another_seed_is_another_shop(self, shop: tuple[Product, ...]) -> None:
        assert {p.title for p in stock(SEED + 1)} != {p.title for p in shop}


class TestEvents:
    def test_size(self, log: list[Event], histories: Mapping[str, list[str]]) -> None:
        assert len(histories) >= 1_600
        assert len(log) >= 45_000
        assert sum(len(items) for items in histories.values()) >= 40_000
        assert {event.event for event in log} == {"view", "buy"}

    def test_in_order_of_time_within_two_years(self, log: list[Event]) -> None:
        times = [event.timestamp for event in log]
        assert times == sorted(times)
        assert times[0] >= seasons.FIRST_SECOND
        assert times[-1] < seasons.FIRST_SECOND + (DAYS + 1) * 86_400

    def test_a_user_is_at_one_place_at_a_time(self, log: list[Event]) -> None:
        moments = Counter((event.user_id, event.timestamp) for event in log)
        assert max(moments.values()) == 1

    def test_every_item_exists_and_was_on_sale(
        self, log: list[Event], by_id: Mapping[str, Product]
    ) -> None:
        for event in log:
            day = (event.timestamp - seasons.FIRST_SECOND) // 86_400
            assert by_id[event.item_id].launched <= day

    def test_popularity_has_a_long_tail_and_some_items_are_cold(
        self, log: list[Event], shop: tuple[Product, ...]
    ) -> None:
        counts = Counter(event.item_id for event in log)
        top = sum(count for _, count in counts.most_common(len(shop) // 10))
        assert 0.25 < top / len(log) < 0.7
        assert 0.01 < 1 - len(counts) / len(shop) < 0.15

    def test_some_histories_are_short_and_some_long(
        self, histories: Mapping[str, list[str]]
    ) -> None:
        lengths = sorted(len(items) for items in histories.values())
        assert sum(length <= 3 for length in lengths) > 50
        assert lengths[-1] > 100
        assert 10 <= lengths[len(lengths) // 2] <= 60


class TestStructure:
    def test_the_last_item_predicts_the_next_far_better_than_popularity(
        self, histories: Mapping[str, list[str]]
    ) -> None:
        tested = {user: items for user, items in histories.items() if len(items) >= 3}
        trained = {
            user: items[:-1] if user in tested else items for user, items in histories.items()
        }
        popular: Counter[str] = Counter()
        follows: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for items in trained.values():
            popular.update(items)
            for one, two in pairwise(items):
                follows[one][two] += 1

        def hits(user: str, ranking: Counter[str]) -> bool:
            new = (item for item, _ in ranking.most_common(300) if item not in set(trained[user]))
            return tested[user][-1] in [item for item, _ in zip(new, range(10), strict=False)]

        by_popularity = sum(hits(user, popular) for user in tested) / len(tested)
        by_last_item = sum(hits(user, follows[trained[user][-1]]) for user in tested) / len(tested)
        assert by_popularity > 10 / 2_600
        assert by_last_item >= 2 * by_popularity
        assert by_last_item < 0.7  # learnable, not told

    @pytest.mark.parametrize(
        ("category", "high", "low"),
        [
            ("Seeds & Bulbs", {3, 4, 5}, {11, 12, 1}),
            ("Christmas", {11, 12}, {5, 6}),
            ("Back to School", {7, 8, 9}, {3, 4, 5}),
            ("Gifts", {11, 12}, {2, 3}),
            ("Barbecue", {5, 6, 7}, {1, 2, 11}),
        ],
    )
    def test_seasons_come_in_both_years(
        self,
        log: list[Event],
        by_id: Mapping[str, Product],
        category: str,
        high: set[int],
        low: set[int],
    ) -> None:
        for year in (2024, 2025):
            months = Counter(
                month(event)
                for event in log
                if category in by_id[event.item_id].categories
                and datetime.fromtimestamp(event.timestamp, UTC).year == year
            )
            in_season = sum(months[m] for m in high) / len(high)
            off_season = sum(months[m] for m in low) / len(low)
            assert in_season > 1.5 * off_season

    def test_users_have_taste(
        self, histories: Mapping[str, list[str]], by_id: Mapping[str, Product]
    ) -> None:
        """A user's top three departments hold far more of the history than everybody's would."""
        everybody: Counter[str] = Counter()
        own = total = 0
        for items in histories.values():
            counts = Counter(by_id[item].kind.department for item in items)
            everybody.update(counts)
            if len(items) >= 20:
                own += sum(count for _, count in counts.most_common(3))
                total += len(items)
        common = sum(count for _, count in everybody.most_common(3)) / everybody.total()
        assert own / total > 1.5 * common

    def test_what_runs_out_is_bought_again(
        self, log: list[Event], by_id: Mapping[str, Product]
    ) -> None:
        bought = Counter((event.user_id, event.item_id) for event in log if event.event == "buy")
        again = [item for (_, item), count in bought.items() if count > 1]
        assert len(again) > 300
        assert {by_id[item].kind.noun for item in again} <= set(habits.REFILL_DAYS)

    def test_complements_follow_a_purchase(
        self, log: list[Event], by_id: Mapping[str, Product]
    ) -> None:
        after: Counter[str] = Counter()
        last: dict[str, Event] = {}
        for event in log:
            before = last.get(event.user_id)
            if before and before.event == "buy":
                noun = by_id[before.item_id].kind.noun
                if noun == "Running Shoes":
                    after[by_id[event.item_id].kind.noun] += 1
            last[event.user_id] = event
        assert {noun for noun, _ in after.most_common(2)} <= {
            *habits.COMPLEMENTS["Running Shoes"],
        }

    def test_kinship_grows_with_what_is_shared(self, shop: tuple[Product, ...]) -> None:
        first = shop[0]
        assert kinship(first, first) > 1
        strangers = [p for p in shop if p.brand.name != first.brand.name]
        assert min(kinship(p, first) for p in strangers) == 1


class TestFiles:
    def test_items(self, files: ShopFiles, shop: tuple[Product, ...]) -> None:
        rows = [json.loads(line) for line in files.items.read_text("utf-8").splitlines()]
        assert len(rows) == len(shop)
        for row, product in zip(rows, shop, strict=True):
            assert row["id"] == product.id
            assert row["title"] == product.title
            assert tuple(row["categories"]) == product.categories
            assert row["price"] == product.cents / 100
            assert row["brand"] == product.brand.name
            assert row["type"] == product.kind.noun

    def test_events(self, files: ShopFiles, log: list[Event]) -> None:
        with files.events.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        assert rows[0] == ["user_id", "item_id", "timestamp", "event"]
        assert rows[1:] == [[e.user_id, e.item_id, str(e.timestamp), e.event] for e in log]

    def test_nothing_else_is_left_behind(self, files: ShopFiles) -> None:
        assert {path.name for path in files.items.parent.iterdir()} == {
            "items.jsonl",
            "events.csv",
        }

    def test_the_same_bytes_in_another_process_with_another_hash_seed(
        self, files: ShopFiles, tmp_path: Path
    ) -> None:
        code = "import sys, pathlib; from service.demo.write import write_shop; "
        code += "write_shop(pathlib.Path(sys.argv[1]))"
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", code, str(tmp_path)],
            check=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": "12345"},
        )
        assert (tmp_path / "items.jsonl").read_bytes() == files.items.read_bytes()
        assert (tmp_path / "events.csv").read_bytes() == files.events.read_bytes()

    def test_writing_again_replaces_what_was_there_with_the_same(
        self, files: ShopFiles, tmp_path: Path
    ) -> None:
        (tmp_path / "items.jsonl").write_text("old")
        again = write_shop(tmp_path)
        assert again.items.read_bytes() == files.items.read_bytes()
        assert again.events.read_bytes() == files.events.read_bytes()


class TestDice:
    def test_a_stream_is_named_by_its_key(self) -> None:
        one, same, other = Dice(7, "a"), Dice(7, "a"), Dice(7, "b")
        first = [one.unit() for _ in range(5)]
        assert first == [same.unit() for _ in range(5)]
        assert first != [other.unit() for _ in range(5)]

    def test_the_stream_is_pinned(self) -> None:
        """The promise across Pythons and machines: these very numbers."""
        dice = Dice(7, "pinned")
        assert [dice.between(0, 999) for _ in range(4)] == [195, 757, 662, 853]

    def test_a_weight_of_zero_is_never_drawn(self) -> None:
        dice = Dice(1)
        drawn = Counter(dice.weighted((0.0, 3.0, 0.0, 1.0, 0.0)) for _ in range(2_000))
        assert set(drawn) == {1, 3}
        assert 2 < drawn[1] / drawn[3] < 4.5

    def test_shuffled_keeps_everything(self) -> None:
        assert sorted(Dice(3).shuffled(range(50))) == list(range(50))
