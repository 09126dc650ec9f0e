"""`decide` for any plan, place and counts: it promotes only on proof, always ends, and depends on nothing else."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, Moments
from trimtab.release.flight.check_plan import check_plan
from trimtab.release.flight.decide import RULES, decide
from trimtab.release.flight.plan import KINDS, Limit, Plan
from trimtab.release.flight.states import Evidence, Snapshot, Stratum

OVER = {"promoted", "rolled back", "ended"}
PHASES = sorted({rule.phase for rule in RULES})
LIMITS = st.sampled_from(
    [
        Limit("errors", at_most=0.02),
        Limit("errors", worse_by=0.01),
        Limit("p99", at_most=0.5),
        Limit("p95", worse_by=1.5),
        Limit("disagreement", at_most=0.05),
        Limit("shift", at_most=0.3),
        Limit("auc", at_least=0.7),
        Limit("ctr", worse_by=0.1, at_least=0.1),
    ]
)


@st.composite
def plans(draw):
    kind = draw(st.sampled_from(KINDS))
    steps = (1.0,) if kind == "blue-green" else tuple(sorted(draw(st.sets(st.sampled_from([0.05, 0.25, 0.5])))))
    limits = [replace(one, warn_only=draw(st.booleans())) for one in draw(st.lists(LIMITS, min_size=1, max_size=3))]
    plan = Plan(kind, steps[:1] if kind == "ab" else steps, limits=tuple(limits), hold=draw(st.booleans()), minimum=20)
    assume(not check_plan(plan))
    return plan


@st.composite
def arms(draw):
    requests = draw(st.sampled_from([0, 1, 19, 20, 300, 20_000]))
    errors = int(requests * draw(st.sampled_from([0.0, 0.01, 0.03, 1.0])))
    at = draw(st.integers(0, len(LATENCY_S)))
    latency = tuple(requests if bucket == at else 0 for bucket in range(len(LATENCY_S) + 1))
    mean, count = draw(st.sampled_from([0.0, 0.5, 0.9])), draw(st.sampled_from([0, 90, 5000]))
    moments = Moments(count, count * mean, count * (mean * mean + 0.01), -1.0, 2.0) if count else Moments()
    return ArmCounts(requests, errors, latency, {"score": moments}, {"auc": moments, "ctr": moments})


@st.composite
def evidences(draw, plan: Plan, most: int):
    strata = []
    for share in plan.steps[:most]:
        champion, challenger = draw(arms()), draw(arms())
        mirrored = draw(st.sampled_from([0, 30, 5000]))
        wrong = int(mirrored * draw(st.sampled_from([0.0, 0.02, 1.0])))
        counts = Counts(champion, challenger, mirrored, 0, wrong, mirrored, wrong, champion.latency)
        strata.append(Stratum(share, draw(st.sampled_from([0.0, 599.0, 600.0, 4000.0])), counts))
    return Evidence(tuple(strata))


@st.composite
def looks(draw, phases=tuple(PHASES)):
    plan = draw(plans())
    step = draw(st.integers(0, len(plan.steps) - 1))
    phase = draw(st.sampled_from(phases))
    snapshot = Snapshot(
        phase,
        -1 if phase == "loading" else step,
        began=0.0,
        step_began=0.0,
        now=draw(st.sampled_from([-1e6, 0.0, 700.0, 3599.0, 3600.0, 1e7])),
        server=draw(st.sampled_from(["loading", "ready", "failed", "gone"])),
        asked=draw(st.sampled_from(["", "pause", "resume", "abort", "promote"])),
    )
    return plan, snapshot, draw(evidences(plan, 0 if phase == "loading" else step + 1))


def strict(action):
    return [one for one in action.findings if not one.warn_only]


@given(looks())
def test_it_is_promoted_only_on_proof_of_every_limit_at_the_last_step_or_by_a_person(look) -> None:
    plan, snapshot, evidence = look
    action = decide(plan, snapshot, evidence)
    if action.phase == "promoting" and snapshot.phase != "promoting" and snapshot.asked != "promote":
        assert snapshot.step == len(plan.steps) - 1
        assert {one.verdict for one in strict(action)} == {"PASS"}
        assert evidence.strata[-1].counts.challenger.requests >= plan.minimum
        assert plan.kind != "shadow"
        assert not plan.hold
    if action.phase == "ended" and snapshot.phase != "ended":
        assert plan.kind == "shadow"


@given(looks(phases=("flying", "paused")))
def test_who_is_found_to_break_a_limit_has_nobody_any_more_at_once(look) -> None:
    action = decide(*look)
    if any(one.verdict == "FAIL" for one in action.findings):
        assert (action.do, action.share) == ("roll back", 0.0)
    assert all(one.verdict != "FAIL" for one in action.findings if one.warn_only)


@given(looks(phases=("flying",)))
def test_what_is_said_of_a_limit_does_not_contradict_itself(look) -> None:
    for one in decide(*look).findings:
        known = [bound for bound in (one.low, one.value, one.high) if bound is not None]
        assert known == sorted(known)
        if one.verdict in {"FAIL", "WARN"}:
            assert not one.keeps
        if one.verdict == "PASS":
            assert one.keeps


@given(looks())
def test_the_next_place_is_one_that_the_plan_has(look) -> None:
    plan, snapshot, evidence = look
    action = decide(plan, snapshot, evidence)
    assert action.why
    assert action.step in {snapshot.step, snapshot.step + 1}
    assert action.share in {None, 0.0, *plan.steps}
    if action.do == "advance":
        assert action.share == plan.steps[action.step] > plan.steps[snapshot.step]
    if action.do == "wait":
        assert (action.phase, action.share) == (snapshot.phase, None)


@given(looks())
def test_the_same_is_decided_of_the_same(look) -> None:
    plan, snapshot, evidence = look
    assert decide(plan, snapshot, evidence) == decide(replace(plan), replace(snapshot), Evidence(evidence.strata))


@given(looks())
@settings(max_examples=200)
def test_every_flight_ends_however_its_counts_stay(look) -> None:
    """Time goes on, what is decided is done, and nobody asks for anything: from anywhere it is soon over."""
    plan, snapshot, evidence = look
    server = "ready" if snapshot.server == "gone" else snapshot.server  # somebody answers in the end
    snapshot = replace(snapshot, server=server)
    primaries = 0
    for _ in range(20):
        action = decide(plan, snapshot, evidence)
        primaries += action.phase == "promoted" != snapshot.phase
        if action.phase in OVER:
            break
        later = max(snapshot.now, 0.0) + 3600
        snapshot = replace(snapshot, phase=action.phase, step=action.step, now=later, asked="")
    assert action.phase in OVER
    assert primaries <= 1


@given(looks(phases=("flying", "paused")), st.sampled_from([1.0, 600.0, 1e6]))
def test_to_wait_longer_never_undoes_what_was_decided(look, later: float) -> None:
    """With the same counts, more time may only bring a step, an end of it, or the end of the time."""
    plan, snapshot, evidence = look
    first = decide(plan, snapshot, evidence)
    second = decide(plan, replace(snapshot, now=snapshot.now + later), evidence)
    if first.do == "roll back":
        assert second.do == "roll back"
    elif first.do == "wait":
        assert second.do in {"wait", "roll back"}


@given(looks(phases=("flying",)), st.integers(1, 400))
def test_more_failures_never_turn_no_into_yes(look, more: int) -> None:
    plan, snapshot, evidence = look
    assume(evidence.strata)
    last = evidence.strata[-1]
    arm = last.counts.challenger
    worse = replace(arm, errors=min(arm.requests, arm.errors + more))
    strata = (*evidence.strata[:-1], replace(last, counts=replace(last.counts, challenger=worse)))
    order = {"FAIL": 0, "WARN": 0, "UNKNOWN": 1, "PASS": 2}
    before, after = (decide(plan, snapshot, one).findings for one in (evidence, Evidence(strata)))
    for one, other in zip(before, after, strict=True):
        if one.measure == "errors":
            assert order[other.verdict] <= order[one.verdict]
