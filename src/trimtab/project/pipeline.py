"""`[pipeline]` of trimtab.toml as frozen values, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from trimtab.core.errors import did_you_mean
from trimtab.project.faults import Faults
from trimtab.project.wrong import Wrong
from trimtab.release.pipeline.wishes import KINDS, Wishes

__all__ = ["check_pipeline_keys", "wishes_of"]

# what a value may be made of, as it lands in a file that two services read, and in one command
_FORMS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "runner": (re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._,-]*"), "letters, digits, blanks, `.`, `_`, `-` and commas"),
    "python": (re.compile(r"3\.[0-9]{1,2}(\.[0-9]{1,2})?"), "a version such as `3.11`"),
    "requirements": (re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9._-]+)*"), "a path below this file's folder"),
    "key": (re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*"), "a name of letters, digits, `_`, `.` and `-`"),
    "connection": (re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()-]*"), "letters, digits, blanks, `.`, `_`, `-`, `(` and `)`"),
}


def wishes_of(plain: Mapping[str, Any]) -> Wishes:
    """The values; a file without the table has the defaults."""
    said = dict(plain.get("pipeline", {}))
    timeout = {"timeout_s": said.pop("timeout")} if "timeout" in said else {}
    return Wishes(**said, **timeout)


def check_pipeline_keys(plain: Mapping[str, Any], faults: Faults) -> None:
    """P105 of values that no pipeline can hold, and of environments that there are not."""
    said = plain.get("pipeline", {})
    if said.get("kinds") == ():
        faults.add(("pipeline", "kinds"), Wrong("P105", "it names no kind", "leave `kinds` out instead"))
    for kind in said.get("kinds", ()):
        if kind not in KINDS:
            faults.add(("pipeline", "kinds"), Wrong("P105", f"`{kind}` is no kind", did_you_mean(kind, KINDS)))
    for name in ("runner", "python", "requirements", "key"):
        faults.add_if(("pipeline", name), _form_fault(name, said.get(name)))
    for table, form in (("runners", "runner"), ("connections", "connection")):
        for name, value in said.get(table, {}).items():
            if name not in plain.get("env", {}):
                hint = did_you_mean(name, plain.get("env", {}))
                faults.add(("pipeline", table, name), Wrong("P105", f"no environment `{name}`", hint))
            faults.add_if(("pipeline", table, name), _form_fault(form, value))


def _form_fault(form: str, value: str | None) -> Wrong | None:
    pattern, words = _FORMS[form]
    if value is None or (pattern.fullmatch(value) and ".." not in value):
        return None
    return Wrong("P105", f"`{value}` is not of the form that a pipeline can hold", words)
