"""How long an answer may be kept, and what is not even asked; the rest is in `tests/system/guard/test_fetching.py`."""

from pathlib import Path

import pytest

from trimtab.server.guard.tokens.fetching import fetch_document, max_age_s


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("max-age=60", 60), ("public, max-age=19845, must-revalidate, no-transform", 19845), ("Max-Age=5,public", 5),
        ('max-age="7"', 7), ("no-store, max-age=9", 0), ("No-Cache", 0), ("", None), ("public", None),
        ("s-maxage=9", None), ("x-max-age=9", None), ("max-age=-1", None), ("max-age=", None), ("max-age=1e9", 1),
        ("max-age=" + "9" * 100_000, None),
    ],
    ids=range(14),
)  # fmt: skip
def test_the_age_of_an_answer(said, seconds):
    assert max_age_s(said) == seconds


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "file:///etc/passwd", "https://u:p@127.0.0.1:1/", "ftp://a/"]
)
def test_what_is_not_https_is_not_asked(address):
    with pytest.raises(ValueError, match="https"):
        fetch_document(address, Path("nowhere.pem"))
