import pytest

from trimtab.bundle.sbom.document import LicenseChoice
from trimtab.ops.check.licences import denied, text_of

DENY = ("AGPL-*", "GPL-3.0-only")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("MIT", ""),
        ("", ""),
        ("GPL-3.0-only", "GPL-3.0-only"),
        ("gpl-3.0-ONLY", "gpl-3.0-ONLY"),
        ("AGPL-3.0-or-later", "AGPL-3.0-or-later"),
        ("MIT OR GPL-3.0-only", ""),
        ("MIT AND GPL-3.0-only", "GPL-3.0-only"),
        ("GPL-3.0-only OR AGPL-1.0", "GPL-3.0-only"),
        ("(MIT OR AGPL-3.0) AND BSD-3-Clause", ""),
        ("(MIT AND AGPL-3.0) OR GPL-3.0-only", "AGPL-3.0"),
        ("MIT OR BSD-3-Clause AND AGPL-3.0", ""),
        ("GPL-3.0-only WITH GCC-exception-3.1", "GPL-3.0-only WITH GCC-exception-3.1"),
        ("GNU Affero General Public License v3", ""),
        ("(MIT", ""),
        ("AGPL-3.0 and then words (", "AGPL-3.0 and then words ("),
    ],
)
def test_an_expression_is_denied_where_no_choice_is_left(text, word):
    found = denied(text, DENY)
    assert bool(found) == bool(word)
    if word:
        assert found == word


def test_a_name_that_is_no_identifier_can_be_denied_by_its_words():
    assert denied("GNU Affero General Public License v3", ("GNU Affero*",))


def test_all_that_is_declared_holds_together():
    assert text_of(()) == ""
    assert text_of((LicenseChoice.spdx("MIT"),)) == "MIT"
    assert text_of((LicenseChoice.spdx("MIT OR X"), LicenseChoice.named("Y"))) == "(MIT OR X) AND (Y)"
