"""The evidence in words and as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.bundle.compiled.certificate import (
    Certificate,
    Found,
    Refutation,
    Worst,
    read_certificate,
    write_certificate,
)
from trimtab.core.errors import UserError


def certificate(absolute: float = 3e-7, relative: float = 2e-9) -> Certificate:
    worst = Worst({"x": "Infinity"}, {"y": 1.0}, {"y": 1.0000003})
    found = Found("bundle", 100_081, 12, absolute, relative, worst)
    return Certificate((found, Found("model", 50_000, 0, 0.0, 0.0)), 1e-6, 1e-9, 20)


def test_it_says_how_many_rows_and_how_far_apart() -> None:
    assert str(certificate()) == "100081 rows compared, largest difference 3e-7"
    assert str(certificate(0.0)) == "100081 rows compared, largest difference 0.0"


def test_huge_numbers_differ_relatively() -> None:
    assert str(certificate(2e292)) == "100081 rows compared, largest relative difference 2e-9"


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_certificate(tmp_path) is None
    (tmp_path / "compiled").mkdir()
    write_certificate(certificate(), tmp_path)
    assert read_certificate(tmp_path) == certificate()


def test_a_refutation_is_one_line_with_its_row() -> None:
    said = Refutation("`y` is 1 compiled, 2 in the original", {"x": 0.5, "plan": None})
    assert str(said) == '`y` is 1 compiled, 2 in the original, for {"x":0.5,"plan":null}'
    assert str(Refutation("it takes too long")) == "it takes too long"


@pytest.mark.parametrize("text", ["", "{}", '{"found":[],"rtol":0,"atol":0,"seed":1}', '{"found":[{"of":"model"}]}'])
def test_a_damaged_one_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "compiled").mkdir()
    (tmp_path / "compiled" / "certificate.json").write_text(text)
    with pytest.raises(UserError, match=r"P289\]: `compiled/certificate.json` is damaged"):
        read_certificate(tmp_path)
