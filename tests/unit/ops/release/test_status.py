from __future__ import annotations

from dataclasses import replace

from tests.doubles.releasing import NEW, OLD, Port

from trimtab.core.attestations import Attestation
from trimtab.ops.release.release import release
from trimtab.ops.release.status import Ends, ends_of, look
from trimtab.release.environments import Environment, Requirement


def test_what_was_released_and_answers_is_well():
    port = Port()
    assert look(port.environment, "churn", port.means()).is_well
    release(port.wish(), port.means())
    here = look(port.environment, "churn", port.means())
    assert here.is_well
    assert here.status.live.bundle == NEW
    assert here.differs == ()


def test_what_was_changed_by_hand_is_named():
    port = Port()
    release(port.wish(), port.means())
    port.target.apply(replace(port.past.live, server={"rows": 5}), lambda *_: None)
    here = look(port.environment, "churn", port.means())
    assert not here.is_well
    assert here.differs == ("`server.rows` is 5, and was released as None",)


def test_what_is_gone_is_named():
    port = Port()
    release(port.wish(), port.means())
    port.target.remove("churn", "prod")
    assert look(port.environment, "churn", port.means()).differs == ("nothing runs, and something was released",)


def test_a_target_that_does_not_answer_is_no_success():
    port = Port()
    release(port.wish(OLD), port.means())
    port.platform.reachable = False
    here = look(port.environment, "churn", port.means())
    assert (here.status, here.is_well) == (None, False)
    assert here.why == "the platform does not answer"
    assert here.past.live.bundle == OLD


def test_the_newest_yes_of_each_kind_that_may_get_too_old_says_when():
    wanted = Environment(
        "prod", requires=(Requirement("load", 100.0), Requirement("golden")), approvals=1, approvals_s=50.0
    )

    def one(kind, made, verdict="PASS", environment=""):
        return Attestation(kind, NEW, verdict, made, environment=environment)

    said = [one("load", 5.0), one("load", 10.0), one("load", 20.0, "FAIL"), one("golden", 1.0)]
    said += [one("approval", 3.0, environment="prod"), one("approval", 90.0, environment="dev")]
    assert ends_of(wanted, said) == (Ends("approval", 53.0), Ends("load", 110.0))
    assert ends_of(Environment("dev"), said) == ()
