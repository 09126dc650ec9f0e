from trimtab.core.signature import Field
from trimtab.release.compatible.categories import narrowed, shown, widened


def of(*values: str) -> Field:
    return Field("plan", "BYTES", categories=values or None)


def test_an_input_must_take_what_was_taken() -> None:
    assert narrowed(of("a", "b"), of("a")) == "`plan` does not take `b` any more"
    assert narrowed(of(), of("a")) == "`plan` took every value until now"
    assert narrowed(of("a"), of()) == narrowed(of("a"), of("b", "a")) == ""


def test_an_output_must_not_say_what_callers_do_not_know() -> None:
    assert widened(of("a"), of("a", "b")) == "callers know no `b` of `plan`"
    assert widened(of("a"), of()) == "`plan` may be any value from now on"
    assert widened(of("a", "b"), of("b")) == widened(of(), of("a")) == ""


def test_many_values_are_not_all_shown() -> None:
    assert shown(list(range(8))) == "`0`, `1`, `2`, `3`, `4`, `5` and 2 more"
    assert shown(None) == ""
