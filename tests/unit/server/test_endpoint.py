"""A name that answers: what it is called, whether it can, and rows that it is not asked again."""

import pytest

from trimtab.core.check import check
from trimtab.core.errors import OutsideError
from trimtab.server.batching.call import Call
from trimtab.server.engines import Failed
from trimtab.server.faults import ModelError, NotReadyError

CRASHED = Failed("crashed", "signal 11")
HUNG = Failed("hung", "stopped after 30 s")


def call(kit, told=None, **changed):
    return Call(check(kit.signature, {**kit.row, **changed}), 1.0, [].append if told is None else told.append)


def test_a_revision_has_three_names(endpoint, kit):
    digits = kit.digest.removeprefix("sha256:")
    assert endpoint.versions == (digits[:12], digits, kit.digest)
    assert endpoint.version == digits[:12]


def test_loading_ends_with_a_finding(kit):
    endpoint = kit.endpoint(ready=False)
    assert (endpoint.state, endpoint.plain()["reason"]) == ("loading", "still loading")
    endpoint.found("golden row 3 gives another `score`", {})
    assert (endpoint.state, endpoint.plain()["ready"]) == ("unfit", False)
    with pytest.raises(NotReadyError, match="is not ready") as caught:
        endpoint.require_ready()
    assert caught.value.detail == "golden row 3 gives another `score`"
    endpoint.found("", {1: 0.25})
    assert (endpoint.state, endpoint.curve.seconds(1)) == ("ready", 0.25)
    assert endpoint.plain() == {"version": endpoint.version, "digest": kit.digest, "ready": True}


@pytest.mark.parametrize("strikes", [[CRASHED], [HUNG, HUNG]])  # a call whose process died was tried twice
def test_rows_that_took_a_process_down_twice_are_not_asked_again_and_others_are(endpoint, kit, strikes):
    for strike in strikes:
        endpoint.submit(call(kit))
        endpoint.strike(call(kit), strike)
    with pytest.raises(ModelError) as caught:
        endpoint.submit(call(kit))
    assert caught.value.problems[0].code == "P324"
    endpoint.submit(call(kit, age=[31]))
    assert endpoint.batcher.waiting == len(strikes) + 1


def test_rows_that_only_raise_are_asked_every_time(endpoint, kit):
    for _ in range(5):
        endpoint.strike(call(kit), Failed("raised", "ValueError"))
    endpoint.submit(call(kit))
    assert endpoint.batcher.waiting == 1


def test_of_many_such_rows_the_oldest_are_forgotten(endpoint, kit):
    for age in (1, 2):
        endpoint.strike(call(kit, age=[age]), CRASHED)
    for spend in range(1023):
        endpoint.strike(call(kit, spend=[float(spend)]), CRASHED)
    endpoint.submit(call(kit, age=[1]))
    with pytest.raises(ModelError):
        endpoint.submit(call(kit, age=[2]))


def test_closing_answers_what_waits(endpoint, kit):
    told = []
    endpoint.submit(call(kit, told))
    endpoint.close()
    (error,) = told
    assert isinstance(error, OutsideError)
    assert [problem.code for problem in error.problems] == ["P316"]
    with pytest.raises(NotReadyError) as caught:
        endpoint.require_ready()
    assert caught.value.detail == "the server is being shut down"
    kit.endpoint(ready=False).close()
