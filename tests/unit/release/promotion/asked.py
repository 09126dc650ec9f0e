"""What the tests of a gate ask it about."""

from trimtab.core.attestations import Attestation
from trimtab.release.environments import Environment
from trimtab.release.promotion.judge import judge
from trimtab.release.promotion.values import Candidate, Source, Standing

NOW = 1_000_000.0
DAY = 86400.0
DIGEST, LIVE = "sha256:aaaaaaaaaaaa", "sha256:bbbbbbbbbbbb"
COMMIT = "c0ffee" * 6
BY_TAG = Source(COMMIT, "refs/tags/v1", author="eve@example.com")
ONE = Candidate("churn", DIGEST, commit=COMMIT, source=BY_TAG, by="carl@ci")
PROD = Environment("prod")
NOTHING = Standing()


def said(kind="golden", verdict="PASS", ago=0.0, **more):
    base = {"kind": kind, "digest": DIGEST, "verdict": verdict, "made": NOW - ago, "signer": "ci", "key": "kci"}
    return Attestation(**base | more)


def yes(who, **more):
    return said(kind="approval", **{"signer": who, "key": f"k{who}", "environment": "prod"} | more)


def judged(environment, attestations=(), candidate=ONE, standing=NOTHING):
    return judge(environment, candidate, attestations, standing, NOW)


def only(judgement):
    (finding,) = judgement.findings
    return finding
