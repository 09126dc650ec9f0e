import msgspec
import pytest

from trimtab.core.errors import OutsideError
from trimtab.ops.tune.measured import Level, Trial
from trimtab.ops.tune.setting import Setting
from trimtab.ops.tune.state import State, facts_of_machine, only_one, read_state, write_state

BOUND = {"bundle": "sha256:ab", "trimtab": "1"}
TRIAL = Trial(1, 0, (Level(1, 5, 2.0, 0.1, 0.2, 0.3),))
STATE = State(BOUND, {1: 0.5}, 0.02, (Setting("inline", 1, 0, 1, 0.05),) * 2, 0.25, trials=(TRIAL,))


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "churn.json"
    assert read_state(path, BOUND) == (None, "")
    write_state(path, STATE)
    assert read_state(path, BOUND) == (STATE, "")
    assert [one.name for one in tmp_path.iterdir()] == ["churn.json"]


def test_measurements_of_another_bundle_machine_or_version_are_refused_by_name(tmp_path):
    write_state(tmp_path / "s.json", STATE)
    found, why = read_state(tmp_path / "s.json", BOUND | {"bundle": "sha256:cd"})
    assert found is None
    assert "bundle was `sha256:ab`" in why
    assert "trimtab" not in why


@pytest.mark.parametrize("cut", [0, 1, 40])
def test_a_broken_file_is_refused(tmp_path, cut):
    write_state(tmp_path / "s.json", STATE)
    whole = (tmp_path / "s.json").read_bytes()
    (tmp_path / "s.json").write_bytes(whole[:cut])
    found, why = read_state(tmp_path / "s.json", BOUND)
    assert found is None
    assert "cannot be read" in why


def test_trials_of_settings_that_are_not_there_are_refused(tmp_path):
    write_state(tmp_path / "s.json", msgspec.structs.replace(STATE, space=STATE.space[:1]))
    assert read_state(tmp_path / "s.json", BOUND)[0] is None


def test_two_runs_at_once_are_one_too_many(tmp_path):
    with only_one(tmp_path / "a" / "s.json"):
        with pytest.raises(OutsideError, match="P804"), only_one(tmp_path / "a" / "s.json"):
            pass
        with only_one(tmp_path / "a" / "t.json"):
            pass
    with only_one(tmp_path / "a" / "s.json"):
        pass


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match="P804"), only_one(tmp_path / "file" / "s.json"):
        pass
    with pytest.raises(OutsideError, match="P804"):
        write_state(tmp_path / "none" / "s.json", STATE)


def test_the_machine_is_described():
    assert {"processor", "processors", "memory", "system", "python", "trimtab"} <= facts_of_machine().keys()
