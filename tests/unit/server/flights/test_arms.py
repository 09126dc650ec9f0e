"""Who answers whom: by a hash that keeps people where they are, by name, and never after the lease."""

import numpy as np
import pytest

from trimtab.core.check import Fault, SignatureError
from trimtab.core.errors import UserError
from trimtab.core.table import Column
from trimtab.core.traffic import Split, Traffic, point_of
from trimtab.server.flights.arms import everything
from trimtab.server.flights.tally import counts_of


def counts(pair):
    return counts_of(pair.page.parts, pair.arms.layout)


def test_everybody_has_the_champion_where_nothing_is_steered(pair):
    turn = pair.assign()
    assert (turn.arm, turn.probability, turn.counted, turn.endpoint) == ("champion", 1.0, True, pair.arms.champion)
    assert turn.headers == ((b"x-trimtab-revision", b"old"),)


def test_people_stay_where_they_are_when_the_share_grows(pair):
    before = set()
    for share in (0.1, 0.4, 1.0):
        pair.steer(share, split=Split("header", "x-user"))
        turns = {user: pair.assign(f"id{user}", x_user=f"u{user}") for user in range(200)}
        now = {user for user, turn in turns.items() if turn.arm == "challenger"}
        assert before <= now
        assert now == {user for user in range(200) if point_of("f", f"u{user}".encode()) < share}
        assert {turns[user].probability for user in now} == {share}
        before = now
    assert len(before) == 200


@pytest.mark.parametrize(
    ("split", "key"),
    [
        (Split(), b"i7"),
        (Split("principal"), b"key:ci"),
        (Split("header", "x-user"), b"ann"),
        (Split("header", "x-other"), b"i7"),
        (Split("column", "town"), b"Bern"),
        (Split("column", "x"), b"1.0"),
        (Split("column", "nothing"), b"i7"),
    ],
)
def test_what_splits_is_hashed_and_else_the_request(pair, split, key):
    point = point_of("f", key)
    for share, arm in ((point * 0.999, "champion"), (min(point * 1.001 + 1e-9, 1.0), "challenger")):
        pair.steer(share, split=split)
        assert pair.assign("i7", principal="key:ci", x_user="ann").arm == arm


def test_a_challenger_that_cannot_answer_is_asked_nothing_and_it_is_no_evidence(pair):
    pair.steer(1.0)
    assert pair.assign("i").arm == "challenger"
    pair.arms.challenger.state = "unfit"
    turn = pair.assign("i")
    assert (turn.arm, turn.counted) == ("champion", False)


def test_a_caller_without_a_name_is_split_by_its_requests(pair):
    pair.steer(0.5, split=Split("principal"))
    assert {pair.assign(f"i{at}").arm for at in range(40)} == {"champion", "challenger"}


@pytest.mark.parametrize(
    "value",
    [[1], [1.0], np.array([1.0]), Column(np.array([1.0, 2.0]))],
)
def test_a_number_is_the_same_key_in_every_dialect(pair, value):
    point = point_of("f", b"1.0")
    pair.steer(point * 1.001, split=Split("column", "x"))
    assert pair.assign(columns={"x": value}).arm == "challenger"


@pytest.mark.parametrize("town", [[None], [], Column(np.array(["Bern"], object), np.array([True]))])
def test_a_missing_value_splits_nobody(pair, town):
    pair.steer(point_of("f", b"i") * 1.001, split=Split("column", "town"))
    assert pair.assign("i", {"x": [1.0], "town": town}).arm == "challenger"


def test_bytes_are_a_key_as_they_are(pair):
    pair.steer(point_of("f", b"\xff") * 1.001, split=Split("column", "town"))
    assert pair.assign(columns={"town": [b"\xff"]}).arm == "challenger"


def test_nobody_has_the_challenger_when_the_lease_is_over(pair):
    pair.steer(1.0, 105.0)
    assert pair.assign().arm == "challenger"
    pair.now = 105.0
    assert pair.assign().arm == "champion"
    assert pair.arms.now().traffic == Traffic("f")
    pair.steer(1.0, 110.0)
    assert pair.assign().arm == "challenger"


def test_everybody_has_it_when_it_is_promoted_and_nothing_is_counted_any_more(pair):
    pair.steer(promoted=True)
    turn = pair.assign()
    assert (turn.arm, turn.counted) == ("challenger", False)
    turn.ended(200, 0.1)
    assert counts(pair).challenger.requests == 0


def test_arms_are_picked_by_name_and_by_revision_and_not_counted(pair):
    arms = pair.arms
    for turn, arm in (
        (pair.assign(x_trimtab_arm="challenger"), "challenger"),
        (pair.assign(revision=arms.challenger), "challenger"),
        (pair.assign(revision=arms.champion), "champion"),
        (pair.assign(revision=arms.challenger, x_trimtab_arm="champion"), "champion"),
    ):
        assert (turn.arm, turn.probability, turn.counted) == (arm, 1.0, False)
    assert arms.picked({}, arms.champion) is None  # as ever: nobody needs a right for that
    assert arms.picked({}, arms.challenger) == "challenger"
    with pytest.raises(UserError, match="P366"):
        pair.assign(x_trimtab_arm="captain")
    assert [arms.revision(version).version for version in ("old", "new", "none")] == ["old", "new", "old"]


@pytest.mark.parametrize(
    ("status", "requests", "errors"),
    [(200, 1, 0), (422, 0, 0), (429, 0, 0), (499, 0, 0), (500, 1, 1), (503, 1, 1), (504, 1, 1)],
)
def test_what_callers_do_wrong_is_no_evidence(pair, status, requests, errors):
    pair.assign().ended(status, 0.01)
    found = counts(pair).champion
    assert (found.requests, found.errors) == (requests, errors)


def test_what_only_the_challenger_refuses_is_its_error(pair):
    pair.steer(1.0)
    for columns, errors in (({"x": [1.0], "town": ["Bern"]}, 1), ({"x": ["no number"]}, 1)):
        turn = pair.assign(columns=columns)
        turn.refused(SignatureError([Fault("x", 0, "is not in its range")]))
        turn.ended(422, 0.01)
        assert counts(pair).challenger.errors == errors


def test_what_hangs_counts_once_and_before_it_ends(pair):
    turn, other = pair.assign("a"), pair.assign("b")
    for one in (turn, other):
        pair.arms.wait(one)
    pair.now += 1.9
    other.ended(200, 1.9)
    pair.arms.look()
    assert counts(pair).champion.errors == 0
    pair.now += 18.0  # ten times what the champion usually takes is not long yet: it has only begun to be known
    pair.arms.look()
    turn.ended(200, 19.9)
    found = counts(pair).champion
    assert (found.requests, found.errors) == (2, 1)
    assert not pair.arms.waiting


def test_late_is_ten_times_the_usual(pair):
    for at in range(200):
        pair.assign(f"{at}").ended(200, 1.0)
    assert 9.0 < pair.arms.late_s() <= 10.0
    assert pair.arms.late_s(20.0) == 20.0


@pytest.mark.parametrize(("seconds", "errors"), [(0.4, 0), (0.6, 1)])
def test_a_caller_who_has_left_after_a_long_wait_is_an_error(pair, seconds, errors):
    pair.assign().ended(499, seconds)
    assert counts(pair).champion.errors == errors


def test_all_endpoints_are_the_named_ones_and_their_challengers(pair):
    pair.arms.champion.arms = pair.arms
    pair.arms.challenger.arms = pair.arms
    assert everything({"m": pair.arms.champion}) == {"m": pair.arms.champion, "m@new": pair.arms.challenger}
