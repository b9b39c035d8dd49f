from __future__ import annotations

from pathlib import Path

from moviegoers import movielens

from models.data.dataset import read_dataset
from models.data.fewer import write_fewer


def test_the_items_met_most_stay_with_their_meetings(tmp_path: Path) -> None:
    whole = read_dataset(movielens(tmp_path / "films"))
    (tmp_path / "fewer").mkdir()
    found = write_fewer(whole, 10, tmp_path / "fewer")
    fewer = read_dataset(tmp_path / "fewer")
    assert fewer.size == found["items"] == 10
    assert sum(map(len, fewer.sequences)) == found["events"]
    counts = dict.fromkeys(whole.ids, 0)
    for met in whole.sequences:
        for place in met.tolist():
            counts[whole.ids[place]] += 1
    least = min(counts[one] for one in fewer.ids)
    assert least >= sorted(counts.values())[-10]
    for user, met in zip(fewer.users, fewer.sequences, strict=True):
        before = whole.sequences[whole.users.index(user)]
        wanted = [whole.ids[place] for place in before.tolist() if whole.ids[place] in fewer.ids]
        assert [fewer.ids[place] for place in met.tolist()] == wanted
    items = {item.id: item for item in whole.source.items}
    assert all(items[item.id] == item for item in fewer.source.items)
