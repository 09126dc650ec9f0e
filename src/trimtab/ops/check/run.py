"""Makes checks one after another; what becomes of one hides none of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trimtab.core.attestations import Attestation, EvidenceKind, Measure
from trimtab.core.errors import Problem, RefusedError, TrimtabError
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.found import Found, verdict_of
from trimtab.ops.check.known import Check, check_of
from trimtab.ops.check.subject import Bench, CannotError, Subject

__all__ = ["require", "run_checks"]


def run_checks(
    kinds: Iterable[EvidenceKind],
    subject: Subject,
    bench: Bench,
    clock: Callable[[], float],
    tell: Callable[[Attestation], None] = lambda _: None,
    checks: Callable[[EvidenceKind], Check] = check_of,
) -> tuple[Attestation, ...]:
    """What each of them found. A check that cannot be made is UNKNOWN, with its reason in the measure `made`.

    tell: is told each as soon as it is there. checks: the check of a kind.
    """
    made = []
    for kind in kinds:
        found = _found(checks(kind), subject, bench)
        made.append(
            Attestation(
                kind,
                subject.bundle.digest,
                verdict_of(found.measures),
                clock(),
                against=found.against,
                environment=found.environment,
                measures=found.measures,
                facts=found.facts,
            )
        )
        tell(made[-1])
    return tuple(made)


def _found(check: Check, subject: Subject, bench: Bench) -> Found:
    try:
        return check(subject, bench)
    except CannotError as error:
        return _unmade(error.why, error.hint)
    except NoAnswerError as error:
        return Found((Measure("answers", None, "FAIL", says=str(error)),))
    except RefusedError as error:
        return Found(tuple(Measure(_name(one), None, "FAIL", says=_said(one)) for one in error.problems))
    except TrimtabError as error:
        return _unmade(_said(error.problems[0]), error.problems[0].hint)
    except Exception as error:  # noqa: BLE001  # a fault of ours must not hide what the other checks find
        return _unmade(f"the check itself failed: {type(error).__name__}: {error}")


def _unmade(why: str, hint: str = "") -> Found:
    return Found((Measure("made", None, "UNKNOWN", says=f"{why}: {hint}" if hint else why),))


def _name(problem: Problem) -> str:
    return problem.code


def _said(problem: Problem) -> str:
    return f"{problem.what}, at {problem.where}" if problem.where else problem.what


def require(made: Iterable[Attestation], required: Iterable[EvidenceKind]) -> None:
    """RefusedError (P401), a problem for each check that failed, and each required one that is not known to pass."""
    wanted = set(required)
    stands = [one for one in made if one.verdict == "FAIL" or (one.verdict == "UNKNOWN" and one.kind in wanted)]
    problems = [_problem(one) for one in stands]
    if problems:
        raise RefusedError(*problems)


def _problem(made: Attestation) -> Problem:
    """The first measure that it failed at, or that is not known."""
    reason = next(one for one in made.measures if one.verdict == made.verdict)
    word = "failed" if made.verdict == "FAIL" else "is not known to pass"
    what = f"the check `{made.kind}` {word}: {f'{reason.name}: {reason.says}' if reason.says else reason.name}"
    return Problem("P401", what, made.digest, f"`trimtab check --only {made.kind}` shows all of it")
