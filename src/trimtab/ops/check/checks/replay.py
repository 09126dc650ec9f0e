"""`replay`: what was asked of the live revision, asked of this one; at most so many decisions may change."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from trimtab.core.attestations import Measure
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.found import Found
from trimtab.ops.check.subject import Bench, CannotError, Subject

__all__ = ["check", "measure_of"]


def check(subject: Subject, bench: Bench) -> Found:  # noqa: ARG001  # every check has this form
    """The limit is `[limits] disagreement.at_most`; UNKNOWN without a journal, or without that.

    Where it is known what is live, that is asked too; else what was answered then is what counts.
    """
    if subject.journal is None or not subject.journal.is_dir():
        raise CannotError("there is no journal", "`--journal DIR` names one")
    limit = subject.limit("disagreement").at_most
    if limit is None:
        raise CannotError("nothing says how many decisions may change", "`[limits] disagreement.at_most = 0.01`")
    report = _replayed(subject)
    facts = {"revisions": [list(one) for one in report.revisions], "first": report.first, "last": report.last}
    return Found((measure_of(report, limit, warn_only=subject.limit("disagreement").warn_only),), facts,
                 subject.live.digest if subject.live is not None else "", subject.environment)  # fmt: skip


def measure_of(report: Any, limit: float, *, warn_only: bool) -> Measure:
    """The share of decisions that change."""
    from trimtab.ops.replay.report import verdict

    found: Verdict = verdict(report.changed, limit)
    if warn_only and found != "PASS":
        found = "WARN"
    share = report.changed
    worst = f", most where {report.groups[0].words}" if report.groups else ""
    says = f"{share.low:.4g} to {share.high:.4g}{worst}"
    return Measure("changed decisions", share.value, found, limit, count=share.rows, says=says)


def _replayed(subject: Subject) -> Any:
    from trimtab.journal.folder import open_folder
    from trimtab.ops.replay.replay import replay
    from trimtab.ops.replay.wishes import Wishes

    assert subject.journal is not None  # noqa: S101  # looked at before
    try:
        logged = import_module("trimtab.ops.replay.journal")  # it needs the extra `log` when it reads
        span = logged.Span(None, None)
        with logged.Logged(open_folder(subject.journal, create=False), span) as journal:
            return replay(subject.bundle, journal, Wishes(), subject.live)
    except ImportError as error:
        raise CannotError(f"a journal is asked with `{error.name}`", "pip install 'trimtab[log]'") from None
