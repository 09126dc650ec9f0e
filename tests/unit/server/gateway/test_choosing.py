from __future__ import annotations

import pytest

from trimtab.core.errors import UserError
from trimtab.core.traffic import Split, Traffic
from trimtab.server.gateway.choosing import Choice, Choosing, check_split


def choosing(pin: str = "", **traffic) -> Choosing:
    made = Choosing(pin)
    made.traffic = Traffic("f", **traffic)
    return made


def test_without_a_share_the_champion_answers_for_sure():
    assert choosing().choose({}) == Choice("champion", 1.0, counted=True, mirrored=False)


def test_a_request_for_itself_is_divided_by_its_share():
    made = choosing(share=0.3)
    arms = [made.choose({}) for _ in range(2000)]
    assert 450 < sum(one.arm == "challenger" for one in arms) < 750
    assert {(one.arm, one.probability) for one in arms} == {("champion", 0.7), ("challenger", 0.3)}


@pytest.mark.parametrize(
    ("split", "name"),
    [
        (Split("header", "x-user"), b"x-user"),
        (Split("principal"), b"authorization"),
        (Split("principal"), b"x-api-key"),
    ],
)
def test_a_user_has_one_arm(split, name):
    made = choosing(share=0.5, split=split)
    users = [b"%d" % number for number in range(200)]
    first = [made.choose({name: user}).arm for user in users]
    assert [made.choose({name: user}).arm for user in users] == first
    assert set(first) == {"champion", "challenger"}
    assert len({made.choose({}).arm for _ in range(100)}) == 2  # who has no such header stands for each request


def test_an_ejected_challenger_has_no_users():
    made = choosing(share=1.0)
    made.ejected = True
    assert made.choose({}).arm == "champion"


@pytest.mark.parametrize(
    ("pin", "headers", "arm"),
    [
        ("", {b"x-trimtab-arm": b"challenger"}, "champion"),
        ("", {b"x-trimtab-arm": b"challenger", b"x-trimtab-pin": b""}, "champion"),
        ("s", {b"x-trimtab-arm": b"challenger"}, "champion"),
        ("s", {b"x-trimtab-arm": b"challenger", b"x-trimtab-pin": b"t"}, "champion"),
        ("s", {b"x-trimtab-arm": b"challenger", b"x-trimtab-pin": b"s"}, "challenger"),
        ("s", {b"x-trimtab-arm": b"nobody", b"x-trimtab-pin": b"s"}, "champion"),
    ],
)
def test_an_arm_is_chosen_by_name_with_the_right_pin_only(pin, headers, arm):
    found = choosing(pin).choose(headers)
    assert found.arm == arm
    assert found.counted is (arm == "champion")


def test_a_shadow_is_a_share_of_what_the_champion_answers():
    made = choosing(shadow=0.25)
    found = [made.choose({}) for _ in range(2000)]
    assert {one.arm for one in found} == {"champion"}
    assert 380 < sum(one.mirrored for one in found) < 620


def test_a_split_by_a_column_is_refused_by_its_name():
    for split in (Split(), Split("principal"), Split("header", "a")):
        check_split(split)
    with pytest.raises(UserError, match="`age`"):
        check_split(Split("column", "age"))
