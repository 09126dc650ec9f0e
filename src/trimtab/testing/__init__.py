"""For the tests of whoever extends trimtab, and our own: what obeys our protocols in memory, and suites that check.

Nothing here needs pytest: what is wrong is an AssertionError that names all of it.
"""

from __future__ import annotations

from trimtab.testing.callers import Callers
from trimtab.testing.memory import Killed, MemoryTarget, Platform
from trimtab.testing.records import check_record
from trimtab.testing.rows import Answered, Ask, Rows, over_http, rows_of
from trimtab.testing.target import TargetCase, check_target

__all__ = [
    "Answered", "Ask", "Callers", "Killed", "MemoryTarget", "Platform", "Rows", "TargetCase", "check_record",
    "check_target", "over_http", "rows_of",
]  # fmt: skip
