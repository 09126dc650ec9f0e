"""The one path of every request: which model, whether it can answer, and whether the columns fit."""

import numpy as np
import pytest

from trimtab.core.check import SignatureError
from trimtab.core.errors import UserError
from trimtab.core.table import Column
from trimtab.server.batching.call import Call
from trimtab.server.dataplane import InferRequest
from trimtab.server.faults import NotReadyError, OverloadedError
from trimtab.server.settings import Settings


@pytest.fixture
def plane(endpoint, kit):
    return kit.plane(endpoint, settings=Settings(rows_limit=3))


def ask(plane, columns, **given):
    return plane.admit(InferRequest("churn", columns, "id-1", **given))


def problem(call, error=UserError):
    with pytest.raises(error) as caught:
        call()
    return caught.value.problems[0]


def test_a_request_that_fits_becomes_a_table_in_the_order_of_the_signature(plane, endpoint, kit):
    admitted = ask(plane, dict(reversed(kit.row.items())), outputs=("label",))
    assert admitted.endpoint is endpoint
    assert admitted.request.outputs == ("label",)
    assert [*admitted.table.columns] == ["age", "plan", "spend", "city"]
    assert (admitted.table.height, admitted.table.columns["age"].values.tolist()) == (1, [30])
    assert admitted.table.columns["city"].missing.tolist() == [True]


def test_an_endpoint_is_found_by_name_and_each_name_of_its_version(plane, endpoint):
    assert all(plane.endpoint("churn", version) is endpoint for version in ("", *endpoint.versions))


@pytest.mark.parametrize(
    ("model", "version", "what", "hint"),
    [
        ("chrun", "", "no model `chrun`", "did you mean `churn`?"),
        ("", "", "no model ``", "valid: `churn`"),
        ("x" * 5000, "", f"no model `{'x' * 256}`", "valid: `churn`"),
        ("churn", "abab", "model `churn` has no version `abab`", f"it serves `{'ab' * 6}`"),
        ("churn", "9" * 5000, f"model `churn` has no version `{'9' * 256}`", f"it serves `{'ab' * 6}`"),
    ],
)
def test_a_model_or_version_that_is_not_served_is_told_the_nearest(plane, model, version, what, hint):
    found = problem(lambda: plane.endpoint(model, version))
    assert (found.code, found.what, found.hint) == ("P312", what, hint)
    assert problem(lambda: plane.admit(InferRequest(model, {}, "id", version))) == found


def test_a_model_that_is_loading_is_refused_before_its_columns_are_looked_at(kit):
    plane = kit.plane(kit.endpoint(ready=False))
    with pytest.raises(NotReadyError) as caught:
        ask(plane, {"nonsense": [1]})
    (found,) = caught.value.problems
    assert (found.code, found.what, caught.value.detail) == ("P316", "model `churn` is not ready", "still loading")


def test_a_full_queue_is_refused_before_columns_are_looked_at(kit):
    endpoint = kit.endpoint(calls=2)
    plane = kit.plane(endpoint)
    table = ask(plane, kit.row).table
    for _ in range(2):
        endpoint.submit(Call(table, 1.0, lambda _result: None))
    found = problem(lambda: ask(plane, {"nonsense": [1]}), OverloadedError)
    assert (found.code, found.what) == ("P317", "2 requests wait for `churn` already")


def test_the_plane_is_ready_while_all_its_models_are_and_it_is_not_stopping(kit):
    ready, loading = kit.endpoint(name="a"), kit.endpoint(name="b", ready=False)
    assert (kit.plane(ready).ready, kit.plane(ready, loading).ready) == (True, False)
    stopping = kit.plane(ready)
    stopping.stopping = True
    assert not stopping.ready


def test_more_rows_than_allowed_are_refused_by_the_longest_column(plane, kit):
    rows = {name: list(values) * 3 for name, values in kit.row.items()}
    assert ask(plane, rows).table.height == 3
    for long in ([1.0] * 4, Column(np.zeros(4))):
        found = problem(lambda long=long: ask(plane, {**rows, "spend": long}))
        assert (found.code, found.what) == ("P315", "4 rows, at most 3 are taken in one request")
        assert found.where == "column `spend`"


def test_an_output_that_the_model_has_not_is_told_the_nearest(plane, kit):
    found = problem(lambda: ask(plane, kit.row, outputs=("score", "lable")))
    assert (found.code, found.what, found.hint) == ("P310", "no output `lable`", "did you mean `label`?")


def faults(plane, columns):
    with pytest.raises(SignatureError) as caught:
        ask(plane, columns)
    return [(fault.column, fault.row, fault.what, fault.hint) for fault in caught.value.faults]


def test_a_few_unknown_columns_are_named_with_everything_else_that_is_wrong(plane, kit):
    found = faults(plane, {**kit.row, "age": [130], "cty": [1]})
    assert found == [
        ("cty", None, "unknown column", "did you mean `city`?"),
        ("age", 0, "`130` is outside 0 to 120", ""),
    ]
    twenty = faults(plane, {**kit.row, **{f"x{count}": [1] for count in range(20)}})
    assert [(column, hint) for column, _, _, hint in twenty][:1] == [("x0", "valid: `age`, `city`, `plan`, `spend`")]
    assert len(twenty) == 20


def test_a_flood_of_unknown_columns_is_cut_short_and_compared_with_nothing(plane, kit):
    found = faults(plane, {**kit.row, "age": [130], **{f"agee{count}": [1] for count in range(5000)}})
    assert found == [(f"agee{count}", None, "unknown column", "") for count in range(21)]


def test_an_endless_unknown_name_is_cut_and_compared_with_nothing(plane, kit):
    just, over = "a" * 256, "a" * 257
    assert [hint[:6] for *_, hint in faults(plane, {**kit.row, just: [1]})] == ["valid:"]
    assert faults(plane, {**kit.row, over: [1]}) == [(just, None, "unknown column", "")]
