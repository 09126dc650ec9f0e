"""`scan`: no secret in the bundle, nothing in its pickles that no model needs, no known vulnerability in its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from trimtab.bundle.secrets.stage import search_stage
from trimtab.bundle.trust.formats import code_of, is_code
from trimtab.core.attestations import Measure
from trimtab.core.errors import UserError
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.found import Found, held_to
from trimtab.ops.check.pickles import dangerous, is_pickle, names_in
from trimtab.ops.check.subject import Bench, Subject
from trimtab.ops.check.vulnerabilities import RANKS, Known, read_known

__all__ = ["check"]

_SHOWN: Final = 5
_LARGEST: Final = 1 << 28


def check(subject: Subject, bench: Bench) -> Found:  # noqa: ARG001  # every check has this form
    """Vulnerabilities are judged where a scanner's file is given; else they are said to be unknown to this check."""
    code = code_of(subject.bundle)
    measures = [_secrets(subject), _pickles(subject.bundle.folder, code)]
    facts: dict[str, object] = {"code": list(code)}
    if subject.vulnerabilities is None:
        says = "no scanner's file is given: `--vulnerabilities FILE`"
        measures.append(Measure("vulnerabilities", None, "WARN", says=says))
    else:
        known = read_known(subject.vulnerabilities)
        measures.append(_vulnerabilities(known, subject.wanted.severity, subject.wanted.accept))
        facts["vulnerabilities"] = sorted({one.id for one in known})
    return Found(tuple(measures), facts)


def _secrets(subject: Subject) -> Measure:
    """As packaging searched it, with the rules of today."""
    try:
        searched = search_stage(subject.bundle.folder)
    except UserError as error:
        says = "; ".join(f"{one.what}, at {one.where}" for one in error.problems[:_SHOWN])
        return held_to("secrets", float(len(error.problems)), 0.0, says=says)
    if searched.cut:
        says = f"the search ended at `{searched.cut[0]}`, before its end"
        return Measure("secrets", None, "UNKNOWN", 0.0, count=len(searched.files), says=says)
    return held_to("secrets", 0.0, 0.0, count=len(searched.files))


def _pickles(folder: Path, code: tuple[str, ...]) -> Measure:
    """What the pickles name that runs programs, code or connections; those that cannot be read are said."""
    found, unread, read = [], [], 0
    for name in code:
        path = folder / name
        if not path.is_file() or path.suffix == ".py" or _is_data(name, path):
            continue
        if path.stat().st_size > _LARGEST or not is_pickle(path):
            unread.append(name)
            continue
        read += 1
        try:
            found += [f"{name} names {one}" for one in dangerous(names_in(path.read_bytes()))]
        except ValueError as error:
            unread.append(f"{name} ({error})")
    if found:
        return held_to("pickles", float(len(found)), 0.0, count=read, says="; ".join(found[:_SHOWN]))
    says = f"not read, as it is no plain pickle: {', '.join(unread[:_SHOWN])}" if unread else ""
    return Measure("pickles", 0.0, "WARN" if unread else "PASS", 0.0, count=read, says=says)


def _is_data(name: str, path: Path) -> bool:
    """A table, say, that the code reads: only what is code by its suffix or its first bytes may be a pickle."""
    with path.open("rb") as file:
        return name.startswith("code/") and not is_code(name, file.read(8))


def _vulnerabilities(known: tuple[Known, ...], severity: str, accept: tuple[str, ...]) -> Measure:
    least = RANKS.index(severity)
    open_ = [one for one in known if not {one.id, *one.aliases} & set(accept)]
    grave = [one for one in open_ if one.rank >= least]
    listed = grave[:_SHOWN] or open_[:_SHOWN]
    says = ", ".join(f"{one.id} of {one.package or 'a part'} ({one.severity or 'severity unknown'})" for one in listed)
    verdict: Verdict = "FAIL" if grave else "WARN" if open_ else "PASS"
    return Measure("vulnerabilities", float(len(grave)), verdict, 0.0, count=len(known), says=says)
