from dataclasses import replace

from trimtab.core.signature import Field, Signature
from trimtab.release.compatible.findings import findings, unknown

LIVE = Signature((Field("age", "INT64"), Field("plan", "BYTES")), (Field("chance", "FP64"),))


def test_each_way_is_one_finding_with_both_sides():
    new = replace(LIVE, inputs=(Field("age", "FP64"),))
    assert [(one.name, one.verdict, one.diff) for one in findings(LIVE, new)] == [
        ("compatible", "FAIL", ("- input age INT64[-1]", "+ input age FP64[-1]")),
        ("compatible", "FAIL", ("- input plan BYTES[-1]",)),
    ]
    assert findings(LIVE, LIVE) == ()


def test_what_is_not_there_to_be_compared_with_passes_nothing():
    (one,) = unknown("sha256:0123456789abcdef", "push it")
    assert (one.verdict, one.hint) == ("UNKNOWN", "push it")
    assert "sha256:01234567 is not in the store" in one.why
