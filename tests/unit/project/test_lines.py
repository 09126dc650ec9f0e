from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from trimtab.project.lines import dotted, line_of, lines_of

TEXT = '''\
name = "churn" # [not.a.table]

[model]
include = [ # [
  "a]",
  "rows = 3",
]
method = """
path = "inside"
"""
prepare = 'x' # """
metrics.auc = 0.9
  [ signature . inputs . "monthly spend" ]
dtype = "FP64"
[server]
"time out" = { a = "1", b = "}" }
rows = 3
'''


def test_every_key_has_the_line_it_stands_on():
    assert tomllib.loads(TEXT)
    assert lines_of(TEXT) == {
        ("name",): 1,
        ("model",): 3,
        ("model", "include"): 4,
        ("model", "method"): 8,
        ("model", "prepare"): 11,
        ("model", "metrics"): 12,
        ("model", "metrics", "auc"): 12,
        ("signature", "inputs", "monthly spend"): 13,
        ("signature", "inputs", "monthly spend", "dtype"): 14,
        ("server",): 15,
        ("server", "time out"): 16,
        ("server", "rows"): 17,
    }


def test_a_key_without_a_line_has_that_of_its_table():
    lines = {("server",): 4, ("server", "x"): 7}
    assert line_of(("server", "x", "y"), lines) == 7
    assert line_of(("server", "z"), lines) == 4
    assert line_of(("name",), lines) is None


def test_names_are_quoted_where_toml_needs_it():
    assert dotted(("signature", "inputs", "monthly spend", "low")) == 'signature.inputs."monthly spend".low'


@given(st.lists(st.text("ab", min_size=1, max_size=3), unique=True, min_size=1, max_size=6), st.integers(0, 3))
def test_any_number_of_keys_and_blank_lines(names, blanks):
    text = ("\n" * blanks).join(f'{name} = ["""\nx\n""",\n]\n' for name in names)
    assert set(tomllib.loads(text)) == set(names)
    lines = text.splitlines()
    found = lines_of(text)
    assert len(found) == len(names)
    assert all(lines[line - 1].startswith(f"{path[0]} =") for path, line in found.items())
