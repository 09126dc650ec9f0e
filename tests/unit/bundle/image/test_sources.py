"""What is typed for a base."""

import pytest

from trimtab.bundle.image.sources import source_of
from trimtab.bundle.oci.opening import Terms
from trimtab.bundle.oci.registry import Registry
from trimtab.core.errors import UserError

TERMS = Terms({})


@pytest.mark.parametrize(
    ("typed", "wanted"), [("{}", ""), ("oci:{}", ""), ("{}:slim", "slim"), ("oci:{}:slim", "slim")]
)
def test_a_folder_with_a_tag_or_without(tmp_path, typed, wanted):
    source, reference, name = source_of(typed.format(tmp_path), TERMS)
    assert (source.root, reference, name) == (tmp_path, wanted, "")


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match=r"P273.*there is no base"):
        source_of(f"{tmp_path}/none", TERMS)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("registry.example/team/base:1.0", "1.0"),
        ("registry.example:5000/base", "latest"),
        (f"registry.example/base@sha256:{'0' * 64}", f"sha256:{'0' * 64}"),
    ],
)
def test_a_name_with_a_host_is_a_registry_s(typed, wanted):
    source, reference, name = source_of(typed, TERMS)
    assert isinstance(source, Registry)
    assert (reference, name) == (wanted, typed)


@pytest.mark.parametrize("typed", ["python:3.11", "library/python:3.11"])
def test_no_registry_is_guessed(typed):
    with pytest.raises(UserError, match=r"P273.*there is no base"):
        source_of(typed, TERMS)
