from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trimtab.bundle.forest.file import FILE, load, save
from trimtab.bundle.forest.forest import Forest
from trimtab.core.errors import UserError

MAGIC = len(b"trimtab forest 1\n") + 8


def test_a_forest_comes_back_as_it_was(a_forest: Callable[..., Forest], tmp_path: Path) -> None:
    forest = a_forest("sets", missing=float("nan"), scale=0.1)
    save(forest, tmp_path)
    read = load(tmp_path)
    assert repr(read.facts) == repr(forest.facts)  # NaN is not equal to itself
    for name, part in forest.tables.parts().items():
        found = getattr(read.tables, name)
        assert (found.dtype, found.shape, found.tobytes()) == (part.dtype, part.shape, part.tobytes())


def test_the_same_forest_gives_the_same_bytes(a_forest: Callable[..., Forest], tmp_path: Path) -> None:
    first = save(a_forest("sets"), tmp_path).read_bytes()
    assert save(load(tmp_path), tmp_path).read_bytes() == first


def test_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"P291.*cannot be read: No such file"):
        load(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[: MAGIC + 10],
        lambda data: data[:0],
        lambda data: b"trimtab forest 2\n" + data[17:],
        lambda data: data[:17] + b"\xff" * 8 + data[25:],
        lambda data: data.replace(b'"columns":2', b'"columns":"2"'),
        lambda data: data.replace(b'"columns":2', b'"columns":2.0'),
        lambda data: data.replace(b'"casts":false', b'"casts":0    '),
        lambda data: data.replace(b'"flat":true', b'"flam":true'),
        lambda data: data.replace(b'"shape":[3]', b'"shape":-33'),
        lambda data: data.replace(b'"scale":1.0', b'"scale":"1"'),
        lambda data: data.replace(b'{"arrays"', b'["arrays"'),
    ],
)
def test_a_damaged_file_is_refused(
    a_forest: Callable[..., Forest], tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = save(a_forest(), tmp_path)
    before = path.read_bytes()
    path.write_bytes(damage(before))
    assert path.read_bytes() != before
    with pytest.raises(UserError, match=r"P291.*`forest.bin` is damaged"):
        load(tmp_path)


def test_any_flipped_byte_is_refused_or_harmless(a_forest: Callable[..., Forest], tmp_path: Path) -> None:
    """Every byte once; what is let through is walked, which must end and stay inside (see the sanitiser's test)."""
    path = save(a_forest("sets"), tmp_path)
    data, chance = path.read_bytes(), np.random.default_rng(0)
    rows = chance.normal(size=(9, 2))
    refused = 0
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ int(chance.integers(1, 256))]) + data[at + 1 :])
        try:
            forest = load(tmp_path)
        except UserError:
            refused += 1
            continue
        if forest.facts.columns == 2:
            assert forest(rows).shape == (9, 1)
    assert refused > len(data) // 3
    assert (tmp_path / FILE).exists()
