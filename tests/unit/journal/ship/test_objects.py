"""What a store's errors come to: who reads them learns the reason, and nothing of addresses, bodies or who we are."""

from __future__ import annotations

import pytest

from trimtab.journal.ship.objects import refusal

# as obstore writes them, cut where nothing is looked for
STATUS = (
    "Generic S3 error: Error performing PUT http://h/b/x?sig=c4n4ry in 11.4ms - Server returned non-2xx status code: "
)
CONNECT = (
    "Generic S3 error: HTTP error: error sending request\n\nDebug source:\n HttpError {\n kind: Connect,\n c4n4ry }"
)


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        (
            STATUS + "403 Forbidden: <Error><Code>AccessDenied</Code> c4n4ry",
            "403 Forbidden (AccessDenied)",
            "right to put",
        ),
        (STATUS + "404 Not Found: <Code>NoSuchBucket</Code>", "404 Not Found (NoSuchBucket)", "never made"),
        (STATUS + "401 Unauthorized: c4n4ry", "401 Unauthorized", "does not know us"),
        (STATUS + "301 Moved Permanently: ", "301 Moved Permanently", "region="),
        (STATUS + "503 Service Unavailable: <Code>Slow c4n4ry</Code>", "503 Service Unavailable", ""),
        (STATUS + "599 c4n4ry-c4n4ry", "599", ""),
        (CONNECT, "cannot be connected to", ""),
        (CONNECT.replace("Connect", "Timeout"), "does not answer in time", "timeout=5m"),
        ("c4n4ry", "cannot be talked to", ""),
    ],
)
def test_an_error_in_plain_words(text, what, hint):
    said, helps = refusal(text)
    assert said.endswith(what)
    assert hint in helps
    assert "c4n4ry" not in said + helps
