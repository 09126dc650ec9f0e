from dataclasses import replace
from math import inf

import pytest
from tests.unit.release.promotion.asked import DAY, LIVE, ONE, PROD, judged, only, said, yes

from trimtab.release.environments import Requirement

TWO = replace(PROD, approvals=2, approvers=("ann", "bob", "carl", "eve"), approvals_s=DAY)


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ([], "0 of 2"),
        ([yes("ann"), yes("ann", ago=1)], "1 of 2 (ann)"),
        ([yes("ann"), yes("bob", key="kann")], "1 of 2"),
        ([yes("ann"), yes("ann", key="other")], "1 of 2 (ann)"),
        ([yes("ann"), yes("dan")], "1 of 2 (ann)"),
        ([yes("ann"), yes("bob", environment="staging")], "1 of 2 (ann)"),
        ([yes("ann"), yes("bob", environment="")], "1 of 2 (ann)"),
        ([yes("ann"), yes("bob", digest=LIVE)], "1 of 2 (ann)"),
        ([yes("ann"), yes("bob", ago=DAY + 1)], "1 of 2 (ann); the yes of `bob` is 1 d old, and holds for 1 d"),
        ([yes("ann"), yes("bob", ago=-600)], "the yes of `bob` is from the future"),
        ([yes("ann"), yes("bob", ago=1), yes("bob", verdict="FAIL")], "1 of 2 (ann); `bob` says no"),
        ([yes("ann"), yes("carl")], "`carl` releases it"),
        ([yes("ann"), yes("eve")], "`eve` wrote the commit"),
    ],
)  # fmt: skip
def test_approvals_are_of_enough_different_people_for_this_bundle_here(evidence, words):
    finding = only(judged(TWO, evidence))
    assert finding.verdict == "FAIL"
    assert words in finding.why
    assert "`trimtab approve prod churn@sha256:aaaaaaaa --key KEY.pem`" in finding.hint


def test_one_name_with_the_keys_of_both_makes_them_one_person():
    both = [said(kind="tests", signer="x", key="kann"), said(kind="tests", signer="x", key="kbob")]
    assert only(judged(TWO, [yes("ann"), yes("bob"), *both])).why.startswith("1 of 2")


def test_two_different_people_are_enough():
    assert only(judged(TWO, [yes("bob"), yes("ann", ago=DAY)])).why == "2 of 2 (ann, bob)"
    assert judged(TWO, [yes("ann"), yes("bob", verdict="FAIL", ago=9), yes("bob")]).outcome == "passed"
    assert judged(replace(TWO, approvals_s=inf), [yes("ann", ago=9 * DAY), yes("bob")]).outcome == "passed"


def test_who_alone_signed_the_evidence_has_not_looked_with_other_eyes():
    strict = replace(TWO, approvals=1, requires=(Requirement("golden"),))
    own = said(signer="ann", key="kann")
    finding = judged(strict, [own, yes("ann")]).missing[0]
    assert "`ann` signed its evidence (golden)" in finding.why
    same_key = said(signer="ci", key="kann")
    assert judged(strict, [same_key, yes("ann")]).outcome == "refused"
    assert judged(strict, [own, said(), yes("ann")]).outcome == "passed"  # another vouches for it as well
    assert judged(strict, [own, yes("bob")]).outcome == "passed"
    assert judged(replace(strict, four_eyes=False), [own, yes("ann")]).outcome == "passed"


@pytest.mark.parametrize(
    ("by", "counts"),
    [("ann", False), ("Ann@laptop", False), ("anna@laptop", True), ("", True), ("root@ci", True)],
)
def test_nobody_approves_what_they_release_themselves(by, counts):
    judgement = judged(replace(TWO, approvals=1), [yes("ann")], candidate=replace(ONE, by=by))
    assert (judgement.outcome == "passed") is counts
