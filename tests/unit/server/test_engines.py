"""What comes out of an engine, as values."""

import pytest

from trimtab.server.engines import Done, Failed


def test_outcomes_are_values_that_nobody_edits():
    done, failed = Done({}, 0.5), Failed("raised", "why")
    assert (done.seconds, failed.trace) == (0.5, "")
    assert failed == Failed("raised", "why", "")
    for outcome, name in ((done, "seconds"), (failed, "how")):
        with pytest.raises(AttributeError):
            setattr(outcome, name, 1)
