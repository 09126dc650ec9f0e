from __future__ import annotations

import json

import msgspec
import pytest

from trimtab.core.deployment import Deployment
from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, FlightStatus, Moments
from trimtab.core.traffic import Traffic
from trimtab.release.ledger.plain import plain_of, value_of

BUCKETS = tuple(at % 20 == 3 for at in range(len(LATENCY_S) + 1))
COUNTS = Counts(
    ArmCounts(9, 1, tuple(map(int, BUCKETS)), {"y": Moments(2, 3.0, 5.0, 1.0, 2.0), "z": Moments()}), compared=3
)


def test_counts_come_back_through_json_and_are_short():
    text = json.dumps(plain_of(COUNTS), allow_nan=False)
    assert value_of(json.loads(text), Counts) == COUNTS
    assert len(text) < 800


def test_a_variable_that_is_called_as_buckets_are_is_left_alone():
    wanted = Deployment("churn", "prod", "sha256:a", variables={"delay": "5s", "latency": "low"})
    assert value_of(json.loads(json.dumps(plain_of(wanted))), Deployment) == wanted


def test_what_a_server_writes_is_read_whole_lists_and_all():
    status = FlightStatus("churn", "sha256:a", "sha256:b", Traffic("f", 0.5), "ready", COUNTS)
    assert value_of(json.loads(msgspec.json.encode(status)), FlightStatus) == status


@pytest.mark.parametrize("latency", [{"x": 1}, {str(len(LATENCY_S) + 1): 1}, {"3": "many"}, [1, "2"], [1, 2], 5])
def test_buckets_that_there_are_not_are_refused(latency):
    with pytest.raises(ValueError, match=r"buckets?|Expected"):
        value_of({"champion": {"latency": latency}}, Counts)
