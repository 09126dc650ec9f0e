from trimtab.core.errors import OutsideError, Problem, RefusedError, UserError, did_you_mean


def test_an_error_says_code_what_where_and_what_to_type():
    problem = Problem("P101", "unknown key `modle`", "trimtab.toml:3 modle", "did you mean `model`?")
    assert str(problem) == (
        "error[P101]: unknown key `modle`\n  at trimtab.toml:3 modle\n\nhint: did you mean `model`?"
    )


def test_all_problems_are_in_one_error():
    error = UserError(Problem("P101", "one"), Problem("P102", "two"))
    assert str(error) == "error[P101]: one\n\nerror[P102]: two"


def test_each_kind_has_its_exit_status():
    statuses = [kind(Problem("P999", "x")).exit_status for kind in (RefusedError, UserError, OutsideError)]
    assert statuses == [1, 2, 3]


def test_a_hint_names_the_nearest_or_all():
    assert did_you_mean("serv", ["serve", "score"]) == "did you mean `serve`?"
    assert did_you_mean("xyz", ["b", "a"]) == "valid: `a`, `b`"
    assert did_you_mean("xyz", []) == ""
