"""`trimtab serve`: what is refused before anything listens; serving itself is in tests/system."""

import pytest


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "P122"),
        (("gone",), "P230"),
        (("copy", "copy"), "P120"),
        (("copy", "./made"), "P120"),
        (("copy", "--port", "65536"), "P114"),
        (("copy", "--port", "-1"), "P114"),
    ],
)
def test_what_is_wrong_is_exit_2_before_anything_listens(type_in, answering, words, code):
    (answering.folder.parents[3] / "made").symlink_to(answering.folder)
    said = type_in("serve", *words)
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}]" in said.err


@pytest.mark.usefixtures("answering")
def test_a_port_in_the_environment_that_is_none_is_named(type_in, monkeypatch):
    monkeypatch.setenv("PORT", "http")
    said = type_in("serve", "copy")
    assert (said.status, said.out) == (2, "")
    assert "error[P114]: `http` is not a port" in said.err
