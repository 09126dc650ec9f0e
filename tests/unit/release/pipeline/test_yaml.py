"""What is written is read back the same by readers of YAML 1.1 and 1.2."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trimtab.release.pipeline.yaml import as_yaml

TRAPS = [
    "on", "off", "yes", "no", "y", "n", "true", "null", "~", "", "3.10", "1e3", "0o17", "0755", "1_000", "12:30:45",
    "2026-11-30", "=", "<<", "*a", "&a", "!a", "# a", "a: b", "a #b", "- a", "? a", "%a", "@a", "`a`", "'a'", '"a"',
    "${{ a }}", "$[ a ]", "a\\", " a", "a ", ".inf", "0x1f", ".5", "5.",
]  # fmt: skip


@pytest.mark.parametrize("text", TRAPS)
def test_a_text_stays_a_text_as_key_and_as_value(text):
    plain = {"key": text, text or "empty": "value", "list": [text]}
    written = as_yaml(plain)
    assert yaml.safe_load(written) == plain
    ruamel = pytest.importorskip("ruamel.yaml", reason="needs check-jsonschema, which brings a reader of YAML 1.2")
    assert ruamel.YAML(typ="safe", pure=True).load(written) == plain


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.booleans() | st.integers(), max_size=4))
def test_anything_is_read_back(plain):
    assert yaml.safe_load(as_yaml(plain)) == plain


def test_more_than_one_line_is_a_block_and_nothing_is_folded_or_shared():
    shared = ["x"]
    text = as_yaml({"run": "one\ntwo\n", "long": "word " * 60 + "end", "a": shared, "b": shared})
    assert "run: |\n  one\n  two\n" in text
    assert max(map(len, text.splitlines())) > 300
    assert "&" not in text
    assert "a:\n  - x\nb:\n  - x\n" in text


def test_a_comment_stands_behind_the_value_that_it_is_of():
    assert as_yaml({"uses": "a/b@1", "name": "a/b@12"}, {"a/b@1": "v1"}) == "uses: a/b@1 # v1\nname: a/b@12\n"
