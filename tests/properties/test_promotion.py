"""A gate, over many heaps of evidence: more of it never turns a yes into a no, and what nobody knows is never a yes."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.core.attestations import KINDS, Attestation
from trimtab.release.environments import Environment, Requirement
from trimtab.release.promotion.judge import judge
from trimtab.release.promotion.values import Candidate, Source, Standing

NOW = 1_000_000.0
DIGESTS = ("sha256:aa", "sha256:bb")
LIVES = ("", "sha256:bb", "sha256:cc")
# one person with two names and one key, one with one name and two keys, and some others
PEOPLE = (("ann", "k1"), ("anna", "k1"), ("bob", "k2"), ("bob", "k3"), ("carl", "k4"), ("ci", "k5"), ("", ""))
APPROVERS = ("ann", "anna", "bob", "carl")
FEW = ("golden", "tests", "champion", "load")

attestations = st.builds(
    lambda kind, digest, verdict, ago, environment, against, who: Attestation(
        kind, digest, verdict, NOW - ago, environment=environment, against=against, signer=who[0], key=who[1]
    ),
    st.sampled_from((*FEW, "approval", "approval")),
    st.sampled_from(DIGESTS),
    st.sampled_from(("PASS", "WARN", "FAIL", "UNKNOWN")),
    st.sampled_from((-500.0, -30.0, 0.0, 10.0, 99.0, 101.0)),
    st.sampled_from(("", "staging", "prod", "prod", "dev")),
    st.sampled_from(LIVES),
    st.sampled_from(PEOPLE),
)
heaps = st.lists(attestations, max_size=12)
environments = st.builds(
    lambda kinds, within, warn, approvals, holds, eyes: Environment(
        "prod", after="staging", requires=tuple(Requirement(kind, within, warn) for kind in kinds),
        approvals=approvals, approvers=APPROVERS, approvals_s=holds, four_eyes=eyes,
    ),
    st.lists(st.sampled_from(FEW), unique=True, max_size=3), st.sampled_from((100.0, float("inf"))), st.booleans(),
    st.integers(0, 3), st.sampled_from((100.0, float("inf"))), st.booleans(),
)  # fmt: skip
candidates = st.builds(
    lambda by, author: Candidate("churn", DIGESTS[0], source=Source(author=author), by=by),
    st.sampled_from(("", "ann@host", "root@ci")), st.sampled_from(("", "bob@example.com")),
)  # fmt: skip
standings = st.builds(lambda live: Standing(live, frozenset({DIGESTS[0]})), st.sampled_from(LIVES))


@given(environments, candidates, heaps, standings, st.lists(attestations, max_size=4))
@settings(max_examples=300)
def test_more_evidence_never_turns_a_yes_into_a_no_unless_it_says_fail(environment, candidate, heap, standing, more):
    more = [one for one in more if one.verdict != "FAIL"]
    # an approval that says anything but PASS is a no, whatever it is called
    more = [one for one in more if one.kind != "approval" or one.verdict == "PASS"]
    if judge(environment, candidate, heap, standing, NOW).outcome == "passed":
        assert judge(environment, candidate, heap + more, standing, NOW).outcome == "passed"


@given(environments, candidates, heaps, standings)
@settings(max_examples=200)
def test_nothing_passes_without_every_required_kind_known_and_good(environment, candidate, heap, standing):
    found = judge(environment, candidate, heap, standing, NOW)
    if found.outcome != "passed":
        return
    for requirement in environment.requires:
        compared = requirement.kind == "champion" and standing.live
        good = [
            one for one in heap
            if one.kind == requirement.kind and one.digest == candidate.digest and one.signer
            and one.verdict in ("PASS", "WARN") and -60 <= NOW - one.made <= requirement.within_s
            and (one.against == standing.live or not compared)
        ]  # fmt: skip
        assert good or requirement.warn_only or (requirement.kind == "champion" and not compared)
    yes = {
        {"anna": "ann"}.get(one.signer, one.signer) for one in heap
        if one.kind == "approval" and one.verdict == "PASS" and one.digest == candidate.digest
        and one.environment == "prod" and -60 <= NOW - one.made <= environment.approvals_s
    } & set(APPROVERS)  # fmt: skip
    assert len(yes) >= environment.approvals
    if environment.four_eyes and environment.approvals:
        barred = {"ann"} if candidate.by.startswith("ann@") else set()
        barred |= {"bob"} if candidate.source.author else set()
        assert len(yes - barred) >= environment.approvals


@given(environments, candidates, heaps, standings, st.randoms())
@settings(max_examples=150)
def test_neither_order_nor_a_copy_changes_anything(environment, candidate, heap, standing, chance):
    first = judge(environment, candidate, heap, standing, NOW)
    again = [*heap, *(one for one in heap if chance.random() < 0.5)]
    chance.shuffle(again)
    assert judge(environment, candidate, again, standing, NOW) == first


@given(environments, candidates, heaps, standings)
@settings(max_examples=100)
def test_who_has_no_signer_is_nobody_and_an_emergency_hides_nothing(environment, candidate, heap, standing):
    signed = [one for one in heap if one.signer]
    plain = judge(environment, candidate, heap, standing, NOW)
    assert judge(environment, candidate, signed, standing, NOW) == plain
    urgent = judge(environment, replace(candidate, emergency="fire"), heap, standing, NOW)
    assert urgent.findings == plain.findings
    assert urgent.outcome == ("passed" if plain.outcome == "passed" else "emergency")


def test_the_kinds_here_are_some_of_all():
    assert set(FEW) | {"approval"} <= set(KINDS)
