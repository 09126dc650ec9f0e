"""A condition is one expression about one row, or nothing at all."""

from __future__ import annotations

import pytest

from trimtab.core.errors import UserError
from trimtab.journal.query.where import parse_condition


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("in_age > 30 and out_p < 0.1", ("in_age", "out_p")),
        ("in_plan LIKE 'b%' OR in_plan ~ '^a' OR NOT in_paid", ("in_plan", "in_paid")),
        ("in_age BETWEEN 1 AND 2 AND in_age IN (1, 2, 3) AND in_age IS NOT NULL", ("in_age",)),
        ("CASE WHEN a THEN b ELSE c END", ("a", "b", "c")),
        ("CAST(a AS INTEGER) > 1 AND b::DOUBLE < 2 AND TRY_CAST(c AS DATE) IS NULL", ("a", "b", "c")),
        ("list_contains(list_transform(in_tags, one -> upper(one)), 'A')", ("in_tags",)),
        ("[one FOR one IN in_tags IF one > x][1] = 1", ("in_tags", "x")),
        ('"a column" = 1', ("a column",)),
        ("time > now() - INTERVAL 2 DAYS AND time < current_date", ("time",)),
        ("hash(id) % 10 = 0", ("id",)),
        ("a = 1 -- to the end of the line", ("a",)),
        ("a /* in between */ = 1", ("a",)),
        ("a\n=\n1", ("a",)),
        ("a = ';'", ("a",)),
        ("a = 'x) OR (1=1'", ("a",)),
    ],
)
def test_a_condition_names_its_columns(duck, text, columns):
    condition = parse_condition(duck, text)
    assert condition.columns == columns
    assert condition.sql == f"({text}\n)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "--",
        "/*",
        "a; DROP TABLE x",
        "1=1;",
        ";",
        "a) OR (b",
        "a) UNION SELECT 1 --",
        "a UNION SELECT 1",
        "a ORDER BY b",
        "a LIMIT 1",
        "a GROUP BY b",
        "a HAVING b",
        "a QUALIFY b",
        "a WINDOW w AS ()",
        "a USING SAMPLE 1",
        "a, b",
        "a AS b",
        "a FROM read_csv('/etc/passwd')",
        "* LIKE 'x'",
        "COLUMNS(*) > 1",
        "a > ?",
        "a > $1",
        "a > $name",
        "#1 > 1",
        "DEFAULT",
        "a IN (SELECT 1)",
        "a = ANY (SELECT 1)",
        "EXISTS (FROM x)",
        "a = (TABLE x)",
        "a = (VALUES (1))",
        "(SELECT content FROM read_text('/etc/passwd')) = ''",
        "list_filter([1], lambda one: one IN (SELECT 1)) = []",
        "row_number() OVER () > 1",
        "count(*) > 1",
        "sum(a) > 1",
        "unnest([1]) = 1",
        "read_text('/etc/passwd') = ''",
        "read_csv('/etc/passwd') IS NULL",
        "glob('/etc/*') IS NULL",
        "current_setting('temp_directory') = ''",
        "getvariable('x') = 1",
        "nextval('x') = 1",
        "random() < 0.1",
        "sleep_ms(1000) IS NULL",
        "pg_sleep(10) IS NULL",
        "main.sleep_ms(1000) IS NULL",
        "error('x')",
        "query('SELECT 1') = 1",
        "getenv('HOME') = ''",
        "no_such_function(a) = 1",
        "a = 'x\0'",
        "a = 'x\ud800'",
        "a =",
        "'a",
        "[1, 2",
        "PRAGMA database_list",
        "SELECT 1",
        "COPY x TO '/tmp/x'",
        "ATTACH '/tmp/x' AS y",
        "INSTALL httpfs",
        "a = '" + "x" * 10_000 + "'",
    ],
)
def test_anything_else_is_refused(duck, text):
    with pytest.raises(UserError) as caught:
        parse_condition(duck, text)
    (problem,) = caught.value.problems
    assert problem.code == "P932"
    assert len(problem.what) < 200
    assert "\n" not in problem.what


@pytest.mark.parametrize("text", ["(" * 2000 + "a" + ")" * 2000, "a" + " + a" * 2400, "NOT " * 2400 + "a"])
def test_however_deep_it_is_it_has_an_answer(duck, text):
    """Which one depends on the release of DuckDB."""

    def answer():
        try:
            return parse_condition(duck, text).columns
        except UserError as error:
            return error.problems[0].code

    assert answer() in {("a",), "P932"}


def test_functions_of_our_own_are_taken_when_they_are_said(duck):
    assert parse_condition(duck, "in_who = token('who', 'x')", ("token",)).columns == ("in_who",)
    with pytest.raises(UserError, match="no function `token`"):
        parse_condition(duck, "in_who = token('who', 'x')")


def test_a_refusal_says_what_is_in_the_way(duck):
    for text, word in (("a IN (SELECT 1)", "a query inside it"), ("sum(a) > 1", "`sum` is about several rows")):
        with pytest.raises(UserError, match=word):
            parse_condition(duck, text)
