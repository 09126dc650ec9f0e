"""The checks of `check_target`, in their order: each leaves the endpoint as the next one wants it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from trimtab.core.deployment import Autoscale, Deployment, Resources, Secret
from trimtab.core.errors import RefusedError, TrimtabError, UserError
from trimtab.targets.honour import ALWAYS
from trimtab.targets.target import Status
from trimtab.testing.trial import Trial, must

__all__ = ["CHECKS"]

_DIGEST: Final = "sha256:" + "ab" * 32
_TIMES: Final = 20
# a value of each field that no deployment has by itself
_SAID: Final[Mapping[str, Any]] = {
    "challenger": _DIGEST, "image": "images.example/m", "host": "127.0.0.9", "port": 18999, "prefix": "/models",
    "replicas": 3, "autoscale": Autoscale(1, 4), "resources": Resources(2.0, 1 << 30), "concurrency": 7,
    "timeout_s": 11.0, "server": {"rows": 77}, "variables": {"CHECKED": "yes"},
    "secrets": (Secret("CHECKED", "env:CHECKED"),), "identity": "somebody", "public": True,
    "telemetry": "http://127.0.0.1:4318", "shadow": 0.5, "traffic": 0.25,
}  # fmt: skip
_WRONG: Final[Mapping[str, bytes]] = {
    "nothing": b"", "half of a JSON text": b'{"inputs": [', "no inputs": b'{"inputs": []}', "a list": b"[]",
    "an input that there is none of":
        b'{"inputs": [{"name": "no such", "shape": [1], "datatype": "FP64", "data": [1.0]}]}',
}  # fmt: skip


Check: TypeAlias = Callable[[Trial], None]


def check_where_nothing_is(trial: Trial) -> None:
    """Status says nothing, and remove takes nothing away."""
    found = trial.status()
    must(found == Status(), f"status of what is not there is {found}")
    trial.make().remove(trial.case.one.name, trial.case.one.environment)


def check_render_is_pure(trial: Trial) -> None:
    """The same files each time, relative paths, as the golden text."""
    one, other = (dict(trial.make().render(trial.case.one).files) for _ in range(2))
    differing = [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]
    must(not differing, f"rendered twice, these differ: {differing}")
    odd = [name for name in one if name.startswith("/") or ".." in name.split("/") or "\\" in name]
    must(not odd, f"these are no relative paths: {odd}")
    if (golden := trial.case.rendered) is not None:
        wrong = [name for name in golden.keys() | one.keys() if golden.get(name) != one.get(name)]
        must(not wrong, f"these are not as the golden text: {wrong}")


def check_every_field_is_kept_or_refused(trial: Trial) -> None:
    """What it cannot honour is refused by name, by render and by apply; what it honours is in the files."""
    target, one = trial.make(), trial.case.one
    plain = target.render(one)
    for name in sorted({one.name for one in fields(Deployment)} - ALWAYS):
        wanted = replace(one, **{name: _SAID[name]})
        honoured = any(part.partition(".")[0] == name for part in target.honours)
        for verb in (target.render, lambda said: target.apply(said, lambda *_: None)) if not honoured else ():
            refused = _refused(verb, wanted)
            must(name in refused, f"`{name}` is not honoured and was not refused by name")
        if honoured:
            try:
                differs = target.render(wanted) != plain
            except UserError as error:
                differs = all(problem.code != "P500" for problem in error.problems)
            must(differs, f"`{name}` is honoured, and what is rendered does not say it")
    must(trial.status().live is None, "what was refused was applied all the same")


def _refused(verb: Callable[[Deployment], object], wanted: Deployment) -> str:
    try:
        verb(wanted)
    except UserError as error:
        return " ".join(problem.what for problem in error.problems if problem.code == "P500")
    return ""


def check_what_is_applied_answers(trial: Trial) -> None:
    """Ready, live, and answering its golden rows."""
    trial.apply(trial.case.one)
    trial.answers(trial.case.one.bundle)


def check_wrong_input_is_the_callers_fault(trial: Trial) -> None:
    """4xx, and right input is answered afterwards."""
    at = trial.status().address
    for what, body in _WRONG.items():
        status = trial.ask(body, at=at).status
        must(_theirs(status), f"{what}: answered {status}, not 4xx")
    status = trial.ask(b"{}", name="no-such-model").status
    must(_theirs(status), f"a model that there is none of: answered {status}, not 4xx")
    trial.answers(trial.case.one.bundle)


def _theirs(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def check_the_same_again_changes_nothing(trial: Trial) -> None:
    """Status and platform stay."""
    same = trial.case.same
    before, was = trial.status(), same() if same is not None else None
    trial.apply(trial.case.one)
    must(trial.status() == before, "a second apply changed the status")
    if same is not None:
        must(same() == was, f"a second apply changed {was!r} to {same()!r}")


def check_a_challenger_is_asked_nothing(trial: Trial) -> None:
    """It is ready beside what answers, and goes away again."""
    case = trial.case
    if "challenger" not in trial.make().honours:
        return
    found = trial.apply(replace(case.one, challenger=case.other))
    beside = [one for one in found.revisions if one.bundle == case.other]
    must([(one.state, one.share) for one in beside] == [("ready", 0.0)], f"the challenger is {beside}")
    for _ in range(_TIMES):
        trial.answers(case.one.bundle, at=found.address)
    found = trial.apply(case.one)
    must(case.other not in [one.bundle for one in found.revisions], "the challenger is there still")


def check_what_does_not_come_up_changes_nothing(trial: Trial) -> None:
    """RefusedError P501, as bundle and as challenger; what answers stays."""
    case = trial.case
    if not case.broken:
        return
    before = trial.status()
    wanted = [replace(case.one, bundle=case.broken)]
    if "challenger" in trial.make().honours:
        wanted.append(replace(case.one, challenger=case.broken))
    for one in wanted:
        as_what = "challenger" if one.challenger else "bundle"
        try:
            trial.make().apply(one, lambda *_: None)
        except RefusedError as error:
            codes = [problem.code for problem in error.problems]
            must("P501" in codes, f"as {as_what}, it was refused with {codes}")
        else:
            raise AssertionError(f"as {as_what}, it was taken")
        found = trial.status()
        must(found == before, f"as {as_what}: status was {before}, and is {found}")
        trial.answers(case.one.bundle)


def check_another_bundle_while_asked(trial: Trial) -> None:
    """No request fails, and the other one answers; back again."""
    case = trial.case
    trial.while_asked(replace(case.one, bundle=case.other))
    trial.answers(case.other)
    trial.while_asked(case.one)
    trial.answers(case.one.bundle)


def check_other_settings_while_asked(trial: Trial) -> None:
    """No request fails, where the bundle is another one, too."""
    case = trial.case
    if case.changed is None:
        return
    trial.while_asked(replace(case.changed, bundle=case.other))
    trial.answers(case.other)


def check_a_killed_apply_is_ended_by_the_next(trial: Trial) -> None:
    """Whatever is left half done: the next apply gets there."""
    case, bundles = trial.case, (trial.case.other, trial.case.one.bundle)
    for number, kill in enumerate(case.kills):
        wanted = replace(case.one, bundle=bundles[number % 2])
        kill(wanted)
        try:
            trial.status()
        except TrimtabError as error:
            raise AssertionError(f"kill {number}: what is left cannot be asked: {error}") from error
        trial.apply(wanted)
        trial.answers(wanted.bundle)


def check_callers_are_asked_who_they_are(trial: Trial) -> None:
    """401 or 403 without a key, 200 with one."""
    case = trial.case
    if case.secured is None:
        return
    trial.apply(case.secured)
    request = case.rows[case.secured.bundle].request
    for what, headers in (("no key", {}), ("a wrong key", dict.fromkeys(case.headers, "Bearer wrong"))):
        status = trial.ask(request, headers).status
        must(status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN), f"with {what}: answered {status}")
    trial.answers(case.secured.bundle, case.headers)


def check_removed_there_is_nothing(trial: Trial) -> None:
    """Nothing runs and nothing answers; to remove it again is no fault."""
    case = trial.case
    if trial.status().live is None:
        trial.apply(case.one)
    address = trial.status().address
    for _ in range(2):
        trial.make().remove(case.one.name, case.one.environment)
    found = trial.status()
    must(found == Status(), f"removed, status is {found}")
    try:
        answered = case.ask(address, f"/v2/models/{case.one.name}/infer", case.rows[case.one.bundle].request, {})
    except OSError:
        return
    must(answered.status >= HTTPStatus.INTERNAL_SERVER_ERROR, f"removed, it answers {answered.status}")


CHECKS: Final[tuple[Check, ...]] = (
    check_where_nothing_is, check_render_is_pure, check_every_field_is_kept_or_refused, check_what_is_applied_answers,
    check_wrong_input_is_the_callers_fault, check_the_same_again_changes_nothing, check_a_challenger_is_asked_nothing,
    check_what_does_not_come_up_changes_nothing, check_another_bundle_while_asked, check_other_settings_while_asked,
    check_a_killed_apply_is_ended_by_the_next, check_callers_are_asked_who_they_are, check_removed_there_is_nothing,
)  # fmt: skip
