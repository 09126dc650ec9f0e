import io

import pandas as pd
import pytest

from trimtab.core.nulls import CSV_NULLS


@pytest.mark.parametrize("word", sorted(CSV_NULLS))
def test_pandas_takes_each_word_for_null_in_a_column_of_text(word):
    frame = pd.read_csv(io.StringIO(f'x,y\na,1\n"{word}",2\n'))
    assert frame["x"].isna().tolist() == [False, True]


@pytest.mark.parametrize("word", ["Null", "none", "NAN", "-", "nil"])
def test_words_that_are_like_them_are_text(word):
    assert word not in CSV_NULLS
    assert pd.read_csv(io.StringIO(f"x\n{word}\n"))["x"].tolist() == [word]
