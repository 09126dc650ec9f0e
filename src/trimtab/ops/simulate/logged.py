"""What a journal has of an endpoint, as a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trimtab.core.errors import Problem, UserError
from trimtab.journal.query.filter import Filter
from trimtab.journal.query.sources import Period
from trimtab.ops.simulate.recorded import Recording

if TYPE_CHECKING:
    from trimtab.journal.query.session import OpenJournal

__all__ = ["recording_of"]

_LEAST = 100


def recording_of(journal: OpenJournal, endpoint: str, period: Period) -> Recording:
    """When requests came, how long they took and which failed; what callers did wrong is left out.

    Answers of a challenger of an earlier flight are none of the champion's. UserError P432 for too little of it.
    """
    where = Filter(period, endpoint).sql()
    query = (
        "SELECT epoch(any_value(time)) AS time, any_value(seconds) AS seconds, any_value(status) >= 500 AS failed "  # noqa: S608 - quoted
        f"FROM interactions WHERE {where} AND arm <> 'challenger' AND (status < 400 OR status >= 500) "
        "GROUP BY id ORDER BY time, id"
    )
    found = journal.sql(query).arrow()
    if len(found) < _LEAST:
        what = f"{len(found)} answers of `{endpoint}` were recorded, and a simulation takes {_LEAST} at least"
        raise UserError(Problem("P432", what, str(journal.folder.path), "an earlier `--since`, or `--endpoint`"))
    times, seconds, failed = (found[name].to_numpy() for name in ("time", "seconds", "failed"))
    return Recording(np.asarray(times, float), np.asarray(seconds, float), np.asarray(failed, bool))
