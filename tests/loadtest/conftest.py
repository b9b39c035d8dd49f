"""What load is made against in tests: a shop of books, as real as the service's own tests have."""

from __future__ import annotations

from pathlib import Path

import pytest
from bookcase import books, readings, source, tools

from loadtest.traffic.goods import Goods, goods_in
from service.catalog.build import build


@pytest.fixture(scope="package")
def bookshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bookshop")
    stock = source(folder, books(600), readings(600))
    build(stock, folder / "versions", tools(similar=False))
    return folder / "versions"


@pytest.fixture(scope="package")
def goods(bookshop: Path) -> Goods:
    return goods_in(bookshop)
