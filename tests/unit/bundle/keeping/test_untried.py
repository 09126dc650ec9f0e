"""The note that a bundle was taken without having been loaded."""

from trimtab.bundle.keeping.untried import mark, untried

DIGEST = f"sha256:{'ab' * 32}"


def test_a_reason_stays_until_the_bundle_was_tried(tmp_path):
    assert untried(tmp_path, DIGEST) == ""
    mark(tmp_path, DIGEST, "`torch` is not installed here")
    assert untried(tmp_path, DIGEST) == "`torch` is not installed here"
    mark(tmp_path, DIGEST, "")
    mark(tmp_path, DIGEST, "")
    assert untried(tmp_path, DIGEST) == ""
