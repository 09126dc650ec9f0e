"""Units of systemd: nothing in a word is taken for a variable, a specifier or the end of it."""

from __future__ import annotations

import pytest

from trimtab.targets.units import Unit, command_line


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("/usr/bin/python3", "/usr/bin/python3"),
        ("a b", '"a b"'),
        ("50%", "50%%"),
        ("$HOME", "$$HOME"),
        ('say "x"\\', '"say \\"x\\"\\\\"'),
        ("", '""'),
        ("a;b", '"a;b"'),
        ("a\nb", '"a\\nb"'),
    ],
)
def test_a_word_stays_one(word: str, line: str) -> None:
    assert command_line([word]) == line
    assert command_line(["x", word]) == f"x {line}"


def test_a_setting_may_stand_several_times() -> None:
    unit = Unit({"Unit": {"Description": "x"}, "Service": {"Sockets": ("a.socket", "b.socket"), "Restart": "always"}})
    assert str(unit) == ("[Unit]\nDescription=x\n\n[Service]\nSockets=a.socket\nSockets=b.socket\nRestart=always\n")


@pytest.mark.parametrize("text", ["a\nExecStartPre=/bin/rm", "a\0"])
def test_a_setting_is_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        str(Unit({"Unit": {"Description": text}}))
