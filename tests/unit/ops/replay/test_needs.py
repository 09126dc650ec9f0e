"""What a replay needs of a journal: all that is missing is named at once, with the way out."""

import pyarrow as pa
import pytest

from trimtab.core.errors import UserError
from trimtab.core.signature import Field
from trimtab.ops.replay.needs import Need, missing_of, require
from trimtab.ops.replay.recorded import Part, is_kept

AGE = Field("age", "INT64")
MAIL = Field("mail", "BYTES", nullable=True)
TYPES = {"in_age": pa.int64(), "in_mail": pa.string()}


def refused(needs, parts, types=TYPES, without=()):
    with pytest.raises(UserError) as caught:
        require(needs, parts, types, without)
    return caught.value.problems


def test_what_was_kept_for_a_time_or_for_good_is_enough():
    parts = [Part(5, {"in_age": "keep", "in_mail": "keep 30d"}), Part(0, {"in_age": "drop"})]
    require([Need("candidate", (AGE, MAIL))], parts, TYPES, ())
    assert all(map(is_kept, ("keep", "keep 30d")))
    assert not any(map(is_kept, ("drop", "", "keeper", "hash", "keep 30d, which is over")))


def test_everything_that_is_missing_is_named_at_once_with_rows_and_policy():
    parts = [Part(60, {"in_age": "bucket 10", "in_mail": "keep"}), Part(40, {"in_age": "keep"})]
    first, second = refused([Need("candidate", (AGE, MAIL)), Need("baseline", (AGE,))], parts)
    assert (first.code, second.code) == ("P970", "P970")
    assert first.what == (
        "input `age`, which the candidate and the baseline take, is kept as `bucket 10` in 60 of 100 rows"
    )
    assert '`age = "keep"`' in first.hint
    assert "--without" not in first.hint
    assert second.what == "input `mail`, which the candidate takes, is not there in 40 of 100 rows"
    assert "`--without mail` replays it as null" in second.hint
    assert missing_of("age", parts) == {"bucket 10": 60}


def test_what_may_be_null_is_replayed_without_if_that_is_said():
    parts = [Part(5, {"in_age": "keep"})]
    require([Need("candidate", (AGE, MAIL))], parts, TYPES, ("mail",))
    (problem,) = refused([Need("candidate", (AGE, MAIL))], [Part(5, {"in_mail": "keep"})], without=("age",))
    assert (problem.code, problem.where) == ("P975", "--without")
    assert "does not take null for `age`" in problem.what
    (problem,) = refused([Need("candidate", (AGE,))], parts, without=("agee",))
    assert (problem.code, problem.hint) == ("P975", "did you mean `age`?")


def test_a_column_of_another_type_is_named():
    parts = [Part(5, {"in_age": "keep"})]
    (problem,) = refused([Need("candidate", (AGE,))], parts, {"in_age": pa.string()})
    assert problem.code == "P970"
    assert "input `age` is `string` in the journal, the candidate says `age INT64[-1]`" in problem.what
