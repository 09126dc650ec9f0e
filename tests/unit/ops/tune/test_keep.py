import os

import pytest

from trimtab.core.errors import OutsideError
from trimtab.ops.tune.keep import replace_file


def test_a_file_is_replaced_with_its_rights_and_through_its_link(tmp_path):
    real = tmp_path / "real.toml"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "link.toml").symlink_to(real)
    replace_file(tmp_path / "link.toml", "new\r\n")
    assert real.read_bytes() == b"new\r\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link.toml", "real.toml"]  # noqa: PTH208  # names are enough


def test_what_cannot_be_written_is_said(tmp_path):
    with pytest.raises(OutsideError, match="P807"):
        replace_file(tmp_path / "none" / "a.toml", "x")
