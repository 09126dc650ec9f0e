from dataclasses import replace

import pytest
from tests.unit.release.promotion.asked import BY_TAG, DAY, DIGEST, LIVE, ONE, PROD, judged, only, said

from trimtab.core.attestations import Measure
from trimtab.release.environments import Environment, Requirement
from trimtab.release.promotion.judge import RULES
from trimtab.release.promotion.values import Source, Standing


def test_nobody_takes_away_for_themselves_what_is_asked_for():
    changed = replace(ONE, source=replace(BY_TAG, edited=("trimtab.toml",)))
    (finding,) = judged(PROD, candidate=changed).missing
    assert (finding.name, finding.verdict) == ("gate", "FAIL")
    assert "`trimtab.toml` differs" in finding.why


def test_where_nothing_is_asked_for_everything_passes_and_nothing_is_said():
    assert judged(PROD).outcome == "passed"
    assert judged(PROD).findings == ()


@pytest.mark.parametrize(
    ("bound", "ref", "verdict", "words"),
    [
        ({"tag": "v*"}, "refs/tags/v1", "PASS", "`v1` is `v*`"),
        ({"tag": "v*"}, "refs/heads/v1", "FAIL", "this is `refs/heads/v1`"),
        ({"tag": "v*"}, "refs/tags/w1", "FAIL", "`refs/tags/w1`"),
        ({"tag": "v*"}, "refs/tags/v1/x", "FAIL", "`refs/tags/v1/x`"),
        ({"tag": "v*"}, "", "UNKNOWN", "on none"),
        ({"branch": "main"}, "refs/heads/main", "PASS", "`main` is `main`"),
        ({"branch": "main"}, "refs/heads/main2", "FAIL", "`refs/heads/main2`"),
        ({"branch": "main"}, "refs/tags/main", "FAIL", "`refs/tags/main`"),
        ({"branch": "main"}, "main", "FAIL", "this is `main`"),
    ],
)
def test_a_branch_or_tag_is_held_against_its_pattern(bound, ref, verdict, words):
    found = judged(replace(PROD, **bound), candidate=replace(ONE, source=replace(BY_TAG, ref=ref))).findings[0]
    assert (found.name, found.verdict) == (next(iter(bound)), verdict)
    assert words in found.why
    assert (found.verdict == "PASS") == (not found.hint)


@pytest.mark.parametrize(
    ("change", "name", "verdict", "words"),
    [
        (
            {"commit": "d" * 36},
            "commit",
            "FAIL",
            "the bundle is of commit dddddddddddd, and refs/tags/v1 is c0ffeec0ffee",
        ),
        ({"commit": ""}, "commit", "UNKNOWN", "does not say which commit"),
        ({"source": Source("", "refs/tags/v1")}, "commit", "UNKNOWN", "git does not say"),
        ({"dirty": True}, "clean", "FAIL", "packaged from files that no commit holds"),
        ({"source": replace(BY_TAG, dirty=True)}, "clean", "FAIL", "files here differ"),
    ],
)
def test_the_bundle_is_of_that_commit_and_of_nothing_else(change, name, verdict, words):
    bound = replace(PROD, tag="v*")
    assert judged(bound).outcome == "passed"
    (finding,) = judged(bound, candidate=replace(ONE, **change)).missing
    assert (finding.name, finding.verdict) == (name, verdict)
    assert words in finding.why
    assert judged(PROD, candidate=replace(ONE, **change)).outcome == "passed"  # bound to nothing


def test_the_same_digest_is_live_in_the_environment_before():
    after = replace(PROD, after="staging")
    assert judged(after, standing=Standing(before=frozenset({DIGEST}))).outcome == "passed"
    finding = only(judged(after, standing=Standing(before=frozenset({LIVE}))))
    assert (finding.verdict, finding.why) == ("FAIL", "it is not live in `staging`")
    assert finding.hint == "`trimtab release churn@sha256:aaaaaaaa --to staging`"


def test_a_flight_here_that_sent_this_digest_back_is_remembered():
    standing = Standing(refused=((LIVE, "other"), (DIGEST, "errors 1.3 % is above 0.5 %")))
    finding = only(judged(PROD, standing=standing))
    assert finding.verdict == "FAIL"
    assert "errors 1.3 %" in finding.why
    assert judged(PROD, standing=Standing(refused=((LIVE, "other"),))).outcome == "passed"


GOLDEN = replace(PROD, requires=(Requirement("golden", within_s=7 * DAY),))


@pytest.mark.parametrize(
    ("evidence", "verdict", "words"),
    [
        ([], "UNKNOWN", "there is none of this bundle"),
        ([said()], "PASS", "0 s ago by ci"),
        ([said(ago=2 * DAY + 5)], "PASS", "2 d ago by ci"),
        ([said(verdict="FAIL")], "FAIL", "0 s ago by ci"),
        ([said(verdict="WARN")], "WARN", "by ci"),
        ([said(verdict="UNKNOWN")], "UNKNOWN", "no verdict"),
        ([said(ago=7 * DAY + 1)], "UNKNOWN", "it is 7 d old, and at most 7 d"),
        ([said(ago=-3700)], "UNKNOWN", "it is 1 h from the future: the clock here or of `ci` is wrong"),
        ([said(ago=-59)], "PASS", "0 s ago"),
        ([said(digest=LIVE)], "UNKNOWN", "there is none"),
        ([said(kind="tests")], "UNKNOWN", "there is none"),
        ([said(signer="")], "UNKNOWN", "there is none"),
        ([said(environment="dev")], "UNKNOWN", "there is none"),
        ([said(environment="prod")], "PASS", "by ci"),
        ([said(ago=10), said(verdict="FAIL", ago=20)], "PASS", "10 s ago"),
        ([said(ago=20), said(verdict="FAIL", ago=10)], "FAIL", "10 s ago"),
        ([said(ago=10), said(verdict="FAIL", ago=10)], "FAIL", "10 s ago"),
        ([said(ago=10), said(verdict="UNKNOWN")], "PASS", "10 s ago"),
        ([said(), said(verdict="FAIL", ago=-3700)], "FAIL", "ago by ci"),
        ([said(made=float("nan"))], "UNKNOWN", "future"),
    ],
)  # fmt: skip
def test_required_evidence_is_there_about_this_bundle_young_and_says_pass(evidence, verdict, words):
    finding = only(judged(GOLDEN, evidence))
    assert (finding.name, finding.verdict) == ("golden", verdict)
    assert words in finding.why
    assert bool(finding.hint) == (verdict != "PASS")
    assert judged(GOLDEN, evidence).outcome == ("passed" if verdict in ("PASS", "WARN") else "refused")


def test_what_only_warns_is_said_and_refuses_nothing():
    warned = replace(PROD, requires=(Requirement("load", warn_only=True),))
    for evidence in ([], [said(kind="load", verdict="FAIL")]):
        assert judged(warned, evidence).outcome == "passed"
        assert only(judged(warned, evidence)).verdict == "WARN"


def test_a_no_names_the_measures_that_it_rests_on():
    measures = (
        Measure("errors", 0.02, "FAIL", 0.005), Measure("p99", 4.0, "PASS", 8.0, "ms"),
        Measure("plan", None, "FAIL", says="was dropped"), *(Measure(f"m{at}", 1.0, "FAIL") for at in range(3)),
    )  # fmt: skip
    finding = only(judged(GOLDEN, [said(verdict="FAIL", measures=measures)]))
    assert finding.why.endswith(": errors 0.02 (limit 0.005), plan was dropped, m0 1 and 2 more")


@pytest.mark.parametrize("kind", ["compatible", "champion", "replay"])
def test_a_comparison_is_with_what_is_live_here_now(kind):
    compared = replace(PROD, requires=(Requirement(kind),))
    old, new = said(kind=kind, against="sha256:cc"), said(kind=kind, against=LIVE)
    assert judged(compared, [new], standing=Standing(LIVE)).outcome == "passed"
    finding = only(judged(compared, [old], standing=Standing(LIVE)))
    assert (finding.verdict, finding.why) == (
        "UNKNOWN", "it was compared with sha256:cc, and sha256:bbbbbbbb is live here now",
    )  # fmt: skip
    assert judged(compared, [said(kind=kind)], standing=Standing(LIVE)).outcome == "refused"
    assert "nothing is live here" in only(judged(compared, [])).why
    assert judged(compared, [], standing=Standing(DIGEST)).outcome == "passed"


def test_a_baseline_is_no_comparison_with_what_is_live():
    compared = replace(PROD, requires=(Requirement("baseline"),))
    assert judged(compared, [said(kind="baseline", against="sha256:cc")], standing=Standing(LIVE)).outcome == "passed"


def test_what_was_found_in_the_environment_before_counts_too():
    smoked = replace(PROD, after="staging", requires=(Requirement("smoke"),))
    standing = Standing(before=frozenset({DIGEST}))
    assert judged(smoked, [said(kind="smoke", environment="staging")], standing=standing).outcome == "passed"
    assert judged(smoked, [said(kind="smoke", environment="dev")], standing=standing).outcome == "refused"


def test_an_emergency_passes_with_all_that_was_against_it():
    strict = replace(GOLDEN, after="staging", approvals=1, approvers=("ann",))
    urgent = judged(strict, candidate=replace(ONE, emergency="the last one answers nonsense"))
    assert (urgent.outcome, urgent.emergency) == ("emergency", "the last one answers nonsense")
    assert [one.name for one in urgent.missing] == ["after", "golden", "approvals"]
    assert judged(strict, candidate=replace(ONE, emergency="  ")).outcome == "refused"
    assert judged(PROD, candidate=replace(ONE, emergency="why not")).outcome == "passed"


def test_findings_are_in_the_order_of_the_rules():
    everything = Environment(
        "prod", after="staging", branch="main", requires=(Requirement("tests"), Requirement("golden")), approvals=1,
        approvers=("ann",),
    )  # fmt: skip
    names = [one.name for one in judged(everything, standing=Standing(refused=((DIGEST, "x"),))).findings]
    assert names == ["branch", "commit", "clean", "after", "flight here", "tests", "golden", "approvals"]
    assert len({rule.says for rule in RULES}) == len(RULES)
