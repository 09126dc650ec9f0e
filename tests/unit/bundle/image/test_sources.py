"""What is typed for a base."""

import pytest

from trimtab.bundle.image.sources import source_of
from trimtab.core.errors import UserError


@pytest.mark.parametrize(
    ("typed", "wanted"), [("{}", ""), ("oci:{}", ""), ("{}:slim", "slim"), ("oci:{}:slim", "slim")]
)
def test_a_folder_with_a_tag_or_without(tmp_path, typed, wanted):
    source, reference, name = source_of(typed.format(tmp_path))
    assert (source.root, reference, name) == (tmp_path, wanted, "")


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match=r"P273.*there is no base"):
        source_of(f"{tmp_path}/none")
