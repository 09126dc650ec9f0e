"""The names of CycloneDX's JSON schema."""

import json

import msgspec

from trimtab.bundle.sbom.document import (
    Bom,
    Component,
    Dependency,
    ExternalReference,
    LicenseChoice,
    Metadata,
    Property,
    encode_bom,
    sha256,
)

DOCUMENT = Bom(
    Metadata(Component("machine-learning-model", "m", "bundle")),
    (
        Component(
            "library", "a", "pkg:pypi/a@1", "1", "pkg:pypi/a@1",
            licenses=(LicenseChoice.spdx("MIT"),),
            external_references=(ExternalReference("distribution", "pkg:pypi/a@1", (sha256("sha256:00"),)),),
            properties=(Property("x", "y"),),
        ),
    ),
    (Dependency("bundle", ("pkg:pypi/a@1",)),),
)  # fmt: skip


def test_what_is_not_known_is_left_out():
    assert json.loads(encode_bom(DOCUMENT))["metadata"] == {
        "component": {"type": "machine-learning-model", "name": "m", "bom-ref": "bundle"}
    }


def test_names_are_those_of_the_schema():
    document = json.loads(encode_bom(DOCUMENT))
    assert document["components"] == [
        {
            "type": "library", "name": "a", "bom-ref": "pkg:pypi/a@1", "version": "1", "purl": "pkg:pypi/a@1",
            "licenses": [{"expression": "MIT", "acknowledgement": "declared"}],
            "externalReferences": [
                {
                    "type": "distribution",
                    "url": "pkg:pypi/a@1",
                    "hashes": [{"alg": "SHA-256", "content": "00"}],
                }
            ],
            "properties": [{"name": "x", "value": "y"}],
        }
    ]  # fmt: skip
    assert document["dependencies"] == [{"ref": "bundle", "dependsOn": ["pkg:pypi/a@1"]}]


def test_what_is_written_is_read_as_it_was():
    assert msgspec.json.decode(encode_bom(DOCUMENT), type=Bom) == DOCUMENT


def test_a_licence_is_an_expression_or_a_name():
    assert msgspec.to_builtins(LicenseChoice.named("BSD License")) == {
        "license": {"name": "BSD License", "acknowledgement": "declared"}
    }
