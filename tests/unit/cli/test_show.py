"""What trimtab prints, and how it looks."""

import io
import json

import pytest

from trimtab.cli.show import aligned, as_error_json, complain, fact, is_plain, out_json, painted, say, size_text
from trimtab.core.errors import Problem, RefusedError, UserError


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "plain"),
    [
        (Terminal(), {}, False),
        (Terminal(), {"TERM": "xterm"}, False),
        (Terminal(), {"NO_COLOR": ""}, False),
        (Terminal(), {"NO_COLOR": "1"}, True),
        (Terminal(), {"TERM": "dumb"}, True),
        (io.StringIO(), {}, True),
    ],
)
def test_colour_is_for_terminals_that_want_it(stream, environ, plain):
    assert is_plain(stream, environ) is plain


def test_data_go_to_stdout_and_talk_to_stderr(capsys):
    fact("golden", "20 rows")
    out_json({"name": "é"})
    say("next")
    assert capsys.readouterr() == ('golden     20 rows\n{"name": "é"}\n', "next\n")


def test_json_has_no_nan():
    with pytest.raises(ValueError, match="JSON compliant"):
        out_json(float("nan"))


ERROR = UserError(Problem("P101", "one", "a:1", "type this"), Problem("P102", "two"))


def test_an_error_for_a_person_and_for_a_program(capsys):
    complain(ERROR, as_json=False)
    assert capsys.readouterr() == ("", f"{ERROR}\n")
    complain(ERROR, as_json=True)
    out, err = capsys.readouterr()
    assert (out, json.loads(err)) == ("", as_error_json(ERROR))


def test_what_a_terminal_would_obey_is_shown_and_not_sent(capsys):
    odd = UserError(Problem("P201", "name `\x1b[2J\x1b]0;pwned\x07` \u202egnp.exe", "a\tb\r", "é 北 \ud800"))
    complain(odd, as_json=False)
    said = capsys.readouterr().err
    assert said.splitlines() == [
        r"error[P201]: name `\x1b[2J\x1b]0;pwned\x07` \u202egnp.exe", "  at a\tb\\r", "", r"hint: é 北 \ud800",
    ]  # fmt: skip


def test_an_error_as_plain_values_has_every_problem_and_the_exit_status():
    assert as_error_json(ERROR) == {
        "errors": [
            {"code": "P101", "what": "one", "where": "a:1", "hint": "type this"},
            {"code": "P102", "what": "two", "where": "", "hint": ""},
        ],
        "exit": 2,
    }
    assert as_error_json(RefusedError(Problem("P1", "no")))["exit"] == 1


def test_paint_is_on_the_first_words_of_a_problem_only():
    text = painted("error[P101]: an error[P1]: inside\n  at a\n\nhint: hint: b")
    assert text == "\x1b[1;31merror[P101]:\x1b[0m an error[P1]: inside\n  at a\n\n\x1b[1;36mhint:\x1b[0m hint: b"


@pytest.mark.parametrize(
    ("header", "rows", "text"),
    [
        (["name", "score"], [["a", 1.5], ["long", None]], "name  score\na       1.5\nlong      -"),
        (["n"], [[1], [100]], "  n\n  1\n100"),
        (["x"], [[0.123456789], [1e-9]], "       x\n0.123457\n   1e-09"),
        (["tags", "b"], [[["é"], "x"]], 'tags   b\n["é"]  x'),
        (["only"], [], "only"),
    ],
)
def test_a_table_is_aligned_with_numbers_to_the_right(header, rows, text):
    assert aligned(header, rows) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (11_400_000, "11.4 MB"), (2.5e9, "2.5 GB"), (3e12, "3000.0 GB")],
)
def test_a_size_is_read_in_decimal_units(size, text):
    assert size_text(size) == text
