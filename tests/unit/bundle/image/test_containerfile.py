"""No word of a user becomes an instruction: what is quoted comes back as it was, what cannot be quoted is refused."""

import json
import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.bundle.image.config import running_of
from trimtab.bundle.image.containerfile import Add, Exec, From, Pairs, Plain, containerfile_of
from trimtab.core.errors import UserError

NASTY = ["$(touch X)", "`touch X`", '" RUN touch X', "\\", "a\\", "${HOME}", "$HOME", "{{ x }}", "#", "' x", "é "]


def unquoted(text):
    """A word in double quotes as the parser of Dockerfiles reads it: a backslash takes the next character as it is."""
    assert re.fullmatch(r'"(?:[^"\\$]|\\["\\$])*"', text), text
    return re.sub(r"\\(.)", r"\1", text[1:-1])


@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=30).filter(str.isprintable))
def test_any_printable_value_is_one_quoted_word_that_expands_nothing(value):
    line = str(Pairs("LABEL", {"key": value}))
    head = 'LABEL "key"='
    assert line.startswith(head)
    assert unquoted(line.removeprefix(head)) == value
    assert shlex.split(line.removeprefix(head).replace("\\$", "$")) == [value]


@pytest.mark.parametrize("value", NASTY)
def test_an_array_holds_any_word(value):
    line = str(Exec("CMD", ["python", value]))
    assert json.loads(line.removeprefix("CMD ")) == ["python", value]
    assert "\n" not in line


@pytest.mark.parametrize("value", ["a\nRUN touch X", "\r", "\0", "\x1b[2J", "\u2028", "\x85"])
def test_a_line_break_or_a_control_character_is_refused(value):
    for one in (Pairs("LABEL", {"key": value}), Pairs("ENV", {value: "x"}), Exec("CMD", [value])):
        with pytest.raises(UserError, match="P278"):
            str(one)


@pytest.mark.parametrize("value", [*NASTY, "a b", "", "a\nb"])
def test_words_without_quotes_and_names_of_bases_take_no_such_thing(value):
    for one in (Plain("USER", value), Add(value), *([From(value)] if value else [])):
        with pytest.raises(UserError, match="P278"):
            str(one)


def test_the_whole_file_in_its_order():
    running = running_of("3.11", "churn", (8080, 9000), {"PATH": "/usr/bin", "PYTHONPATH": "/evil"}, {"a": "b"})
    lines = str(containerfile_of("registry.example/base@sha256:0", ["libraries.tar.gz", "model.tar.gz"], running))
    words = [line.split(" ", 1)[0] for line in lines.splitlines()]
    assert words == [
        "ARG", "FROM", "ADD", "ADD", "ENV", "ENV", "ENV", "ENV", "LABEL", "WORKDIR", "USER", "EXPOSE", "EXPOSE",
        "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD",
    ]  # fmt: skip
    assert 'ENV "PATH"="/opt/trimtab/bin:/usr/bin"' in lines
    assert "PYTHONPATH" not in lines
    assert "RUN" not in lines


def test_a_base_of_this_machine_alone_must_be_named_by_who_builds():
    assert str(From()) == "ARG BASE\nFROM ${BASE}"
