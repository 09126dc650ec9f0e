from pathlib import Path

import pytest

from trimtab.batch.options import ScoreReport


@pytest.mark.parametrize(("rows", "seconds", "rate"), [(10, 2.0, 5.0), (0, 1.0, 0.0), (10, 0.0, 0.0)])
def test_the_rate_is_rows_a_second(rows, seconds, rate):
    assert ScoreReport(rows, 0, seconds, Path("out.parquet")).rows_per_s == rate
