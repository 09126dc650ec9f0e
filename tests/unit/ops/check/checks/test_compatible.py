from dataclasses import replace

import pytest

from trimtab.ops.check.checks.compatible import check
from trimtab.ops.check.subject import CannotError

LIVE = f"sha256:{'2' * 64}"


def test_a_dropped_input_is_refused_with_both_sides(subject, bench, bundle, signature):
    live = bundle(LIVE)
    new = replace(signature, inputs=signature.inputs[:1])
    made = check(subject(made=bundle(signature=new), live=live, live_known=True, environment="prod"), bench())
    assert [(one.name, one.verdict) for one in made.measures] == [("input plan", "FAIL")]
    assert made.measures[0].says.startswith("dropped, plan BYTES[-1]: ")
    assert made.facts["diff"][0] == "- input plan BYTES[-1]"
    assert (made.against, made.environment) == (LIVE, "prod")


def test_the_same_signature_passes_against_what_is_live(subject, bench, bundle):
    made = check(subject(live=bundle(LIVE), live_known=True, environment="prod"), bench())
    assert [(one.name, one.verdict, one.count) for one in made.measures] == [("fields", "PASS", 3)]
    assert made.against == LIVE


def test_where_nothing_is_live_nobody_can_break_and_where_nobody_knows_it_is_unknown(subject, bench):
    made = check(subject(live_known=True, environment="prod"), bench())
    assert ([one.verdict for one in made.measures], made.against) == (["PASS"], "")
    with pytest.raises(CannotError, match="not known what is live"):
        check(subject(), bench())
