import json

import numpy as np
import pytest

from trimtab.ops.check.checks.champion import check
from trimtab.ops.check.subject import CannotError
from trimtab.release.flight.plan import Limit

CHANCE = np.random.default_rng(2)
X = CHANCE.random(400) * 99
TRUE = CHANCE.random(400) < X / 100
LIVE = f"sha256:{'2' * 64}"
LIMIT = (Limit("auc", worse_by=0.02),)


def noisy(size):
    def model(table):
        noise = np.random.default_rng(4).normal(0, size, table.height)
        return {"y": table.columns["x"].values / 100 + noise}

    return model


@pytest.fixture
def made(subject, bench, bundle, tmp_path, good):
    def make(mine, theirs=good, limits=LIMIT, **wanted):
        path = tmp_path / "held.jsonl"
        rows = zip(X, TRUE, strict=True)
        path.write_text("\n".join(json.dumps({"x": x, "plan": "plus", "was": bool(true)}) for x, true in rows))
        said = {"held": path, "truth": "was", "metric": "auc", **wanted}
        one = subject(wanted=said, limits=limits, live=bundle(LIVE), live_known=True, environment="prod")
        return check(one, bench({"": mine, LIVE: theirs}))

    return make


@pytest.mark.parametrize(("size", "verdict"), [(0.0, "PASS"), (0.001, "PASS"), (2.0, "FAIL"), (0.12, "UNKNOWN")])
def test_a_regression_fails_and_one_that_too_few_rows_show_is_unknown(made, size, verdict):
    found = made(noisy(size))
    assert [one.verdict for one in found.measures] == [verdict]
    assert (found.against, found.environment, found.measures[0].limit) == (LIVE, "prod", 0.02)
    assert found.facts["champion"] == pytest.approx(0.827, abs=1e-3)


def test_a_better_one_passes_and_without_a_limit_none_may_be_worse(made, good):
    assert [one.verdict for one in made(good, noisy(2.0), ()).measures] == ["PASS"]
    assert [one.verdict for one in made(noisy(2.0), good, ()).measures] == ["FAIL"]


def test_of_errors_more_is_worse(made, good):
    assert [one.verdict for one in made(noisy(0.5), good, (), metric="logloss").measures] == ["FAIL"]


def test_a_limit_that_only_warns_warns(made):
    found = made(noisy(2.0), limits=(Limit("auc", worse_by=0.02, warn_only=True),))
    assert [one.verdict for one in found.measures] == ["WARN"]


def test_nothing_live_passes_the_champion_passes_and_what_nobody_knows_is_unknown(subject, bench, bundle):
    assert check(subject(live_known=True), bench()).measures[0].verdict == "PASS"
    itself = check(subject(live=bundle(), live_known=True), bench())
    assert (itself.measures[0].verdict, itself.against) == ("PASS", bundle().digest)
    with pytest.raises(CannotError, match="not known what is live"):
        check(subject(), bench())
    with pytest.raises(CannotError, match="no held rows"):
        check(subject(live=bundle(LIVE), live_known=True), bench())
