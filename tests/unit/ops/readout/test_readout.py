"""A whole read-out: its chance of being wrong is shared, and it is as JSON has it."""

import json

import pytest

from trimtab.core.errors import UserError
from trimtab.ops.readout.looks import looks_of_answers
from trimtab.ops.readout.readout import readout


def test_the_chance_of_being_wrong_is_shared_by_all_intervals(made_up):
    looks = looks_of_answers(made_up(2000), 4)
    found = readout("f", looks, 0.04)
    assert [one.alpha for one in found.effects] == [0.01] * 4
    parts = readout("f", looks, 0.04, {"one": looks, "other": looks})
    assert parts.effects[0].alpha == pytest.approx(0.04 / 12)
    assert [part.words for part in parts.parts] == ["one", "other"]
    assert parts.effects[0].high > found.effects[0].high


def test_nothing_to_compare_is_said(made_up):
    answers = made_up(50)
    with pytest.raises(UserError, match="P435"):
        readout("f", looks_of_answers(answers.of(answers.own)))
    with pytest.raises(UserError, match="P435"):
        readout("f", [])


def test_it_is_json_with_null_for_what_is_not_known(made_up):
    plain = json.loads(json.dumps(readout("f", looks_of_answers(made_up(60), 2)).plain(), allow_nan=False))
    assert plain["effects"][0]["high"] is None
    assert plain["effects"][0]["proved"] is None
    assert len(plain["effects"][0]["trace"]) == 2
