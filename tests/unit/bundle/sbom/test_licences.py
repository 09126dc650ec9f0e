"""Licences as metadata declare them."""

from email.message import Message
from importlib import metadata

import pytest

from trimtab.bundle.sbom.document import LicenseChoice
from trimtab.bundle.sbom.licences import declared, installed_licence


def headers(*pairs):
    message = Message()
    for name, value in pairs:
        message[name] = value
    return message


@pytest.mark.parametrize(
    ("pairs", "licence"),
    [
        ([("License-Expression", "MIT OR Apache-2.0")], LicenseChoice.spdx("MIT OR Apache-2.0")),
        ([("Classifier", "License :: OSI Approved :: MIT License")], LicenseChoice.named("MIT License")),
        ([("Classifier", "License :: Public Domain")], LicenseChoice.named("Public Domain")),
        ([("Classifier", "License :: OSI Approved")], None),
        ([("Classifier", f"License :: OSI Approved :: {name}") for name in ("MIT License", "BSD License")], None),
        ([("License", "the whole text, and another one in another wheel")], None),
        ([("License-Expression", "MIT\n<script>")], None),
        ([], None),
    ],
)
def test_only_what_is_clear_and_the_same_in_every_file_of_a_release_counts(pairs, licence):
    assert declared(headers(*pairs)) == licence


def test_another_version_than_the_installed_one_has_no_known_licence():
    version = metadata.version("msgspec")
    assert installed_licence("msgspec", version) is not None
    assert installed_licence("msgspec", f"{version}.1") is None
    assert installed_licence("no-such-distribution", "1") is None
