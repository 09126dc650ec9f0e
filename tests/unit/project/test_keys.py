from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

from trimtab.bundle.making.recipe import LOCKS, Recipe
from trimtab.bundle.manifest import NAME as BUNDLE_NAME
from trimtab.core.deployment import Autoscale
from trimtab.core.dtypes import DTYPES
from trimtab.core.signature import Field
from trimtab.project.check import CheckPart, Direction, Invariant, SbomPart, Severity
from trimtab.project.check_keys import CHECK_KEYS, DIRECTION_NAMES, SEVERITY_NAMES, UNKNOWN_NAMES
from trimtab.project.env_keys import ENV_KEYS
from trimtab.project.flight import STEPS, plan_of
from trimtab.project.flight_keys import FLIGHT_KEYS, KIND_NAMES
from trimtab.project.guard_keys import ALGORITHM_NAMES
from trimtab.project.journal import journal_of
from trimtab.project.journal_keys import FAULT_NAMES, JOURNAL_KEYS, MODE_NAMES, TRUTH_NAMES
from trimtab.project.keys import ANY, DTYPE_NAMES, KEYS
from trimtab.project.parse import NAME, parse
from trimtab.project.release import ReleasePart
from trimtab.project.values import ModelPart, ServerPart
from trimtab.project.wrong import Wrong
from trimtab.release.environments import Environment
from trimtab.release.flight.plan import KINDS, Plan
from trimtab.release.pipeline.wishes import Wishes
from trimtab.server.guard.settings import ALGORITHMS
from trimtab.server.journal.settings import FAULTS, MODES, TRUTHS


def test_the_spelled_out_names_are_those_of_their_rooms():
    assert tuple(DTYPES) == DTYPE_NAMES
    assert NAME.pattern == BUNDLE_NAME.pattern
    assert next(key for key in KEYS if key.path == "model.lock").choices == LOCKS


def test_the_algorithms_are_those_of_the_guard():
    assert ALGORITHM_NAMES == ALGORITHMS


def test_the_recipe_has_the_same_defaults():
    defaults = {name: Recipe.__dataclass_fields__[name].default for name in ("golden_rows", "rtol", "atol", "lock")}
    model = ModelPart(path="m:a")
    assert defaults == {"golden_rows": model.rows, "rtol": model.rtol, "atol": model.atol, "lock": model.lock}


def test_no_key_twice_and_fewer_than_two_hundred():
    assert len({key.path for key in KEYS}) == len(KEYS) < 200


def test_every_key_is_one_line_of_doc_and_shows_a_value():
    for key in KEYS:
        assert key.doc, key.path
        assert "\n" not in key.doc, key.path
        assert not key.doc.endswith("."), key.path
        assert key.example or key.default is not None, key.path


def test_every_default_is_a_value_that_the_key_takes():
    for key in KEYS:
        if key.default is not None:
            assert not isinstance(parse(key, key.default), Wrong), key.path


def test_the_defaults_of_the_table_are_those_of_the_values():
    values = {"model": ModelPart(path="m:a"), "server": ServerPart(), "release": ReleasePart(), "pipeline": Wishes()}
    for key in KEYS:
        if (
            key.default is not None
            and key.path != "server.port"
            and not key.path.startswith(("server.log.", "flight.", "env.", "check."))
        ):
            table, name = key.parts
            name = "timeout_s" if key.path == "pipeline.timeout" else name
            assert getattr(values[table], name) == parse(key, key.default), key.path


def test_the_defaults_of_the_journal_are_those_of_its_settings():
    settings = journal_of({"log": {}}, Path("/project"))
    names = {"folder": Path("/project/journal"), "rotate_s": 3600.0}
    for key in JOURNAL_KEYS:
        name = {"rotate": "rotate_s"}.get(key.parts[-1], key.parts[-1])
        if key.default is not None:
            assert getattr(settings, name) == names.get(name, parse(key, key.default)), key.path
    assert journal_of({}, Path("/project")) is None


def test_the_defaults_of_a_flight_are_those_of_its_plan():
    plan = Plan()
    names = {"watch": "watch_s", "give_up": "give_up_s", "keep": "keep_s", "by": "split"}
    for key in FLIGHT_KEYS:
        if key.default is not None:
            assert getattr(plan, names.get(key.parts[-1], key.parts[-1])) == parse(key, key.default), key.path
    assert plan_of({}) == plan
    assert STEPS["canary"] == plan.steps
    assert STEPS.keys() == set(KIND_NAMES) == set(KINDS)


def test_the_defaults_of_an_environment_are_those_of_its_values():
    for key in ENV_KEYS:
        if key.default is not None:
            of = Autoscale(1, 2) if "autoscale" in key.parts else Environment("prod")
            assert getattr(of, key.parts[-1]) == parse(key, key.default), key.path


def test_the_defaults_of_the_checks_are_those_of_their_part():
    part = CheckPart()
    for key in CHECK_KEYS:
        if key.default is not None:
            of = {"sbom": part.sbom, "invariant": Invariant("any", ("x",))}.get(key.parts[1], part)
            assert getattr(of, key.parts[-1]) == parse(key, key.default), key.path
    assert get_args(Direction) == DIRECTION_NAMES
    assert get_args(Severity) == SEVERITY_NAMES
    assert get_args(get_type_hints(SbomPart)["unknown"]) == UNKNOWN_NAMES


def test_the_names_are_those_of_the_server():
    assert (MODE_NAMES, FAULT_NAMES, TRUTH_NAMES) == (MODES, FAULTS, TRUTHS)


def test_a_column_has_a_key_for_everything_a_field_says():
    fields = {name for name in Field.__slots__ if name != "name"}
    for side in ("inputs", "outputs"):
        assert {key.parts[-1] for key in KEYS if key.parts[:-1] == ("signature", side, ANY)} == fields | {"log"}
