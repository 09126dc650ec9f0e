"""Where a bundle came from is kept beside it."""

import pytest

from trimtab.bundle.trust.origin import Record, keep_origin, origin_of, record_of
from trimtab.core.errors import UserError

DIGEST = "sha256:" + "ab" * 32


def test_what_was_kept_is_found_and_what_was_not_is_nothing(tmp_path):
    assert (origin_of(tmp_path, DIGEST), record_of(tmp_path, DIGEST)) == ("", None)
    keep_origin(tmp_path, DIGEST, Record("received", ("ann",)))
    assert record_of(tmp_path, DIGEST) == Record("received", ("ann",))


def test_what_was_packaged_stays_so_and_what_is_packaged_later_becomes_so(tmp_path):
    keep_origin(tmp_path, DIGEST, Record("received"))
    keep_origin(tmp_path, DIGEST, Record("packaged"))
    keep_origin(tmp_path, DIGEST, Record("received", ("eve",)))
    assert origin_of(tmp_path, DIGEST) == "packaged"


@pytest.mark.parametrize("text", ["", "{}", '{"origin":"blessed"}', '{"origin":"packaged","more":1}', "\xff"])
def test_a_damaged_record_is_no_record(tmp_path, text):
    keep_origin(tmp_path, DIGEST, Record("received"))
    path = next((tmp_path / "origins").iterdir())
    path.write_text(text, "latin-1")
    with pytest.raises(UserError, match="P296"):
        origin_of(tmp_path, DIGEST)


def test_a_bundle_cannot_say_it_of_itself(make, tmp_path):
    said = make({"origins/record.json": b'{"origin":"packaged"}', "model/model.txt": b"tree"})
    assert origin_of(tmp_path, said.digest) == ""
