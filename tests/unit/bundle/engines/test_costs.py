"""Which form answers is decided by what calls were measured to cost, beside the bundle and never in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.bundle.engines.costs import COUNTS, Costs, read_costs, write_costs


def costs(*compiled: float) -> Costs:
    return Costs(COUNTS, {"original": (500e-6, 520e-6, 700e-6), "forest": compiled})


def test_how_much_faster() -> None:
    assert costs(5e-6, 6e-6, 20e-6).ratio() == pytest.approx(100)
    assert costs(5e-6, 6e-6, 20e-6).ratio(1000) == pytest.approx(35)


@pytest.mark.parametrize(
    ("compiled", "limit"),
    [
        ((5e-6, 6e-6, 20e-6), None),
        ((5e-6, 6e-6, 900e-6), 1000),
        ((5e-6, 700e-6, 900e-6), 32),
        ((700e-6, 700e-6, 900e-6), 1),
        ((5e-6, 6e-6, 800e-6), None),  # not worth loading a framework for
        ((900e-6, 6e-6, 20e-6), None),
    ],
)
def test_from_how_many_rows_on_the_original_answers(compiled: tuple[float, ...], limit: int | None) -> None:
    assert costs(*compiled).original_from == limit


def test_they_are_kept_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "measured" / "abc.json"
    assert read_costs(path) is None
    write_costs(costs(1.0, 2.0, 3.0), path)
    write_costs(costs(5e-6, 6e-6, 20e-6), path)
    assert read_costs(path) == costs(5e-6, 6e-6, 20e-6)


@pytest.mark.parametrize("text", ["", "{}", '{"counts":[1],"seconds":{"original":[1]}}', '{"counts":[1],"seconds":[]}'])
def test_a_file_that_makes_no_sense_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "abc.json").write_text(text)
    assert read_costs(tmp_path / "abc.json") is None
