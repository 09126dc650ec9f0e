"""What of a registry's own words is repeated."""

import pytest

from trimtab.bundle.oci.remote.refusal import reasons


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"errors": [{"code": "DENIED", "message": "quota is used up"}]}', ": DENIED: quota is used up"),
        (b'{"errors": [{"code": "A"}, {"message": "b", "detail": {"x": 1}}]}', ": A; b"),
        (b'{"errors": [{"code": "A", "message": null}]}', ": A"),
        (b'{"errors": []}', ""),
        (b"<html>", ""),
        (b"", ""),
        (b'{"errors": "no"}', ""),
        (b'{"errors": [{"code": "A\\u001b[1m\\n"}]}', ": A [1m "),
        (b'{"errors": [{"code": "says hush to you"}]}', ""),
    ],
)
def test_codes_and_messages_in_one_line_without_a_secret(body, text):
    assert reasons(body, ["hush"]) == text


def test_it_is_cut():
    assert len(reasons(b'{"errors": [{"code": "%s"}]}' % (b"x" * 5000), [])) < 300
