from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.project import project_of
from trimtab.project.check import METRICS, CheckPart, Invariant, SbomPart
from trimtab.project.flight import HELD
from trimtab.release.flight.plan import Plan

HEAD = 'name = "churn"\n[model]\npath = "m:a"\n'


def check_in(text):
    return project_of(HEAD + text, Path("/project/trimtab.toml")).check


def test_what_is_held_is_every_metric_but_the_one_that_flights_know_too():
    assert set(METRICS) - set(HELD) == {"accuracy"}


def test_nothing_said_is_the_defaults():
    assert check_in("") == CheckPart()


def test_all_that_is_said_is_there():
    found = check_in(
        '[check]\ntests = "tests"\ntimeout = "1m"\nheld = "held.parquet"\ntruth = "was"\nmetric = "own:metric"\n'
        'baseline = 0.7\ngroups = ["region"]\nseconds = "2s"\nshared = ["telemetry"]\n'
        '[check.monotone]\ntenure = "down"\n[check.invariant.gender]\ncolumns = ["gender"]\nwithin = 0.01\n'
        '[check.sbom]\ndeny_licences = ["AGPL-*"]\nunknown = "deny"\n'
    )
    assert found == CheckPart(
        tests=Path("/project/tests"), timeout=60.0, held=Path("/project/held.parquet"), truth="was",
        metric="own:metric", baseline=0.7, groups=("region",), seconds=2.0, shared=("telemetry",),
        monotone={"tenure": "down"}, invariants=(Invariant("gender", ("gender",), 0.01),),
        sbom=SbomPart(deny_licences=("AGPL-*",), unknown="deny"),
    )  # fmt: skip
    assert check_in('[check]\nbaseline = "own:rule"\n').baseline == "own:rule"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('[check]\nmetric = "acu"\n', ["P105"]),
        ('[check]\nheld = "held.parquet"\n', ["P107", "P107"]),
        ("[check.invariant.gender]\nwithin = 0.1\n", ["P107"]),
        ('[check]\nbaseline = "no function"\n', ["P105"]),
        ("[check]\nbaseline = true\n", ["P104"]),
        ('[check.monotone]\nx = "sideways"\n', ["P105"]),
        ("[check]\nminimum = 1\nweak = -1\n", ["P105", "P105"]),
    ],
)
def test_every_fault_is_named(text, codes):
    with pytest.raises(UserError) as refused:
        check_in(text)
    assert [one.code for one in refused.value.problems] == codes


def test_a_limit_of_held_rows_is_one_of_checks_and_none_of_flights():
    project = project_of(HEAD + "[limits]\nauc = { at_least = 0.8 }\n", Path("/project/trimtab.toml"))
    assert [one.measure for one in project.limits] == ["auc"]
    assert project.flight == Plan()
    both = HEAD + "[limits]\nauc = { at_least = 0.8 }\naccuracy = { at_least = 0.7 }\n"
    assert [one.measure for one in project_of(both, Path("/project/trimtab.toml")).flight.limits] == ["accuracy"]


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(UserError, match="did you mean `auc`"):
        check_in('[check]\nmetric = "acu"\n')
