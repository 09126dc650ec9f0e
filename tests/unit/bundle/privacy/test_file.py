"""`privacy.json` of a bundle."""

from __future__ import annotations

import pytest

from trimtab.bundle.privacy.file import PRIVACY, read_privacy, write_privacy
from trimtab.bundle.privacy.kinds import Suggestion
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature

SIGNATURE = Signature((Field("email", "BYTES"), Field("x", "FP64")))


def test_what_is_written_is_read(tmp_path):
    found = {"x": Suggestion("bucket 10", "said in trimtab.toml"), "é": Suggestion("drop", "values are IBANs")}
    write_privacy(found, tmp_path)
    assert read_privacy(tmp_path, SIGNATURE, there=True) == found
    assert (tmp_path / PRIVACY).read_text() == (
        '{"columns":{"x":{"policy":"bucket 10","reason":"said in trimtab.toml"},'
        '"é":{"policy":"drop","reason":"values are IBANs"}},"format":1}\n'
    )


def test_nothing_found_is_said_too(tmp_path):
    write_privacy({}, tmp_path)
    assert read_privacy(tmp_path, SIGNATURE, there=True) == {}


def test_in_a_bundle_without_the_file_names_decide(tmp_path):
    assert read_privacy(tmp_path, SIGNATURE, there=False) == {
        "email": Suggestion("drop", "named like an e-mail address")
    }


def test_what_a_later_version_adds_is_passed_over(tmp_path):
    (tmp_path / PRIVACY).write_text('{"format":1,"columns":{"x":{"policy":"mask","more":1}},"more":2}')
    assert read_privacy(tmp_path, SIGNATURE, there=True) == {"x": Suggestion("mask", "")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"format":2,"columns":[]}', "its format is 2, this trimtab reads 1"),
        ('{"format":1}', "cannot be read"),
        ('{"format":1,"columns":{"x":"drop"}}', "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        (" " * (4 * 2**20 + 1), "more than 4194304 bytes"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, text, said):
    (tmp_path / PRIVACY).write_text(text)
    with pytest.raises(UserError, match=said) as refused:
        read_privacy(tmp_path, SIGNATURE, there=True)
    assert refused.value.problems[0].code == "P200"


def test_a_file_that_is_gone_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_privacy(tmp_path, SIGNATURE, there=True)
