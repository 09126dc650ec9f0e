"""`trimtab tune` before anything is measured: what is refused, and how."""

import pytest


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--goal", "20ms"), "P801"),
        (("--budget", "1s"), "P801"),
        (("--price", "5"), "P801"),
        (("--write",), "P126"),
    ],
)
def test_what_cannot_be_understood_is_named(type_in, answering, words, code):
    said = type_in("tune", answering.name, *words)
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}]" in said.err


def test_a_bundle_that_is_not_there_is_named(type_in, answering):
    assert "P230" in type_in("tune", f"{answering.name}x").err
