"""Finding secrets in a piece of a file."""

import pytest

from trimtab.bundle.secrets.scan import is_text, scan

KEY = b"AKIA" + b"Q3EGRTZ7" * 2
MARKER = b"  # pragma: allowlist secret"


def kinds(data, **how):
    return [hit.kind for hit in scan(data, **how)]


def test_hits_come_in_order_with_their_places():
    data = b"a\n" + KEY + b"\npassword = 'kT9-vault'\n" + KEY
    assert [data[hit.at : hit.at + 4] for hit in scan(data)] == [b"AKIA", b"pass", b"AKIA"]


def test_a_line_is_told_once_with_the_surest_kind():
    assert kinds(b'aws_secret_token = "' + KEY + b'"') == ["access key of AWS"]


@pytest.mark.parametrize("marker", [MARKER, b" # pragma:allowlist secret", b"  // Pragma: Allowlist Secret"])
def test_a_marker_allows_its_own_line_only(marker):
    assert kinds(KEY + marker) == []
    assert kinds(KEY + marker + b"\n" + KEY) == ["access key of AWS"]
    assert kinds(KEY + b"\n" + marker) == ["access key of AWS"]


def test_a_marker_does_not_allow_a_line_that_nobody_can_read():
    assert kinds(MARKER + b"a " * 2000 + KEY) == ["access key of AWS"]
    assert kinds(KEY + b" a" * 2000 + MARKER) == ["access key of AWS"]


def test_a_marker_means_nothing_among_bytes():
    assert kinds(KEY + MARKER, text=False) == ["access key of AWS"]


def test_values_stand_without_quotes_only_where_the_format_has_none():
    assert kinds(b"password: kT9-vault\n", bare=True) == ["password"]
    assert kinds(b"password: kT9-vault\n") == []


def test_among_bytes_nothing_is_guessed():
    assert kinds(b'password = "kT9-vault"', text=False) == []


def test_who_has_too_many_sees_the_first_hundred():
    assert len(scan((KEY + b"\n") * 500)) == 100


@pytest.mark.parametrize(("data", "text"), [(b"", True), ("ü".encode(), True), (b"a\0b", False)])
def test_a_byte_of_zero_makes_a_file_no_text(data, text):
    assert is_text(data) is text
