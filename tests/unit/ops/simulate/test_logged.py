"""A recording out of a journal."""

import numpy as np
import pytest
from tests.doubles.flights_logged import flown_into

from trimtab.core.errors import UserError
from trimtab.journal.query.session import open_journal
from trimtab.journal.query.sources import EVER
from trimtab.ops.simulate.logged import recording_of


def test_it_is_what_the_champion_was_asked(tmp_path):
    own, failed = flown_into(tmp_path / "journal", 600)
    with open_journal(tmp_path / "journal") as journal:
        found = recording_of(journal, "churn", EVER)
        with pytest.raises(UserError, match="P432"):
            recording_of(journal, "other", EVER)
    assert len(found.times) == (~own).sum()
    assert found.failed.tolist() == failed[~own].tolist()
    assert set(found.seconds.tolist()) == {0.04}
    assert np.all(np.diff(found.times) >= 0)
    assert 50 < found.length_s < 70
