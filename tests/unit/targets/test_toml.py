"""What is written reads back the same, and is the same text each time."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.targets.toml import toml_text

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_what_is_written_reads_back(table: dict[str, Any]) -> None:
    text = toml_text(table)
    assert tomllib.loads(text) == table
    assert toml_text(dict(reversed(table.items()))) == text


def test_tables_come_after_values_and_none_is_left_out() -> None:
    text = toml_text({"b": {"z": {"k": [1, 2]}, "a": 1}, "a": "x", "gone": None, "empty": {}})
    assert text == 'a = "x"\n\n[b]\na = 1\n\n[b.z]\nk = [1, 2]\n\n[empty]\n'


def test_what_toml_has_no_form_for_is_said() -> None:
    with pytest.raises(ValueError, match="no form for"):
        toml_text({"a": [object()]})
